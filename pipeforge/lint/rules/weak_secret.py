"""Credentials of connections that cannot be right, or come from where credentials should not."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject, Use
from pipeforge.lint.tokens import defaults

_PLACEHOLDER = (
    r"(?i)x{3,}|\*{3,}|\.{3}|…|<.*>|\[.*\]|change[-_ ]?me|replace[-_ ]?me|todo|tbd|fixme|dummy|sample|example"
    r"|none|null|secret|password|passw0rd|token|test|foo|bar|your[-_ ].*|insert[-_ ].*|0+|1234\d*"
    r"|abc123?|qwerty|(?:my|api|the)[-_ ]?(?:key|token|secret|password)"
)


def keeps_place(subject: Subject, path: Path | None, route: Route) -> bool:
    """Whether a written-out credential only keeps the place of one."""
    data: Any = subject.data if path is None else subject.project_data
    for part in route:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data is not None and re.fullmatch(_PLACEHOLDER, str(data).strip()) is not None


def weak(subject: Subject) -> Iterator[Problem]:
    wrong = {fault.route for fault in subject.faults if fault.area == "connection"}
    for path, route in subject.literals:
        if route not in wrong and keeps_place(subject, path, route):
            name = "_".join(str(part) for part in route[-2:]).upper()
            message = say("'{key}' only has a placeholder", key=route[-1])
            hint = say(
                'write "${{ secrets.{name} }}", and put the real one into the environment or .env', name=name
            )
            yield Problem(route, message, hint, path=path)


def defaulted(subject: Subject) -> Iterator[Problem]:
    for use, expression in defaults(subject):
        message = say("a secret has no default: what stands here is never used, and everyone can read it")
        within = (expression.start, expression.end)
        yield Problem(use.route, message, say("remove the filter `default`"), within=within, path=use.path)


def elsewhere(subject: Subject) -> Iterator[Problem]:
    for use in subject.uses:
        if use.section != "connections" or not _credential(subject, use):
            continue
        for expression, path in use.names:
            if path[0] == "env" and len(path) > 1 and path[1] in subject.shared.get("env", ()):
                within = expression.place(("env",))
                message = say("a credential is read from env, which is for what may be seen")
                hint = say("write secrets.{name}: it is read from the environment too", name=path[1])
                edit = Edit(Place(use.route, within=within), "secrets")
                fix = Fix(say("write 'secrets'"), (edit,), safe=False)
                yield Problem(use.route, message, hint, within=within, fix=fix, path=use.path)


def _credential(subject: Subject, use: Use) -> bool:
    """Whether a text of a connection is a credential, by itself or among others of a setting."""
    below = use.route[use.route.index("connections") + 1 :] if "connections" in use.route else ()
    keys = below[1:]
    view = subject.connections.get(str(below[0])) if keys else None
    if view is None or view.form is None:
        return False
    secret = view.form.settings.secrets if len(keys) == 1 else view.form.settings.secret_maps
    return len(keys) <= 2 and keys[0] in secret


RULES = (
    Rule("PF522", "placeholder-secret", "error", say("a credential is only a placeholder"), weak),
    Rule("PF526", "secret-default", "error", say("a secret is given a default"), defaulted),
    Rule("PF523", "secret-from-env", "warning", say("a credential does not come from secrets"), elsewhere),
)
