"""Parameters that name something which the connection's settings do not have."""

from collections.abc import Iterator, Mapping

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.lint.mending import instead
from pipeforge.lint.policies import connections
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    used = connections(subject)
    for step in subject.steps.values():
        named = step.kind.traits.named_in if step.kind else None
        params, view = subject.params.get(step.id) if named else None, used.get(step.id)
        if not named or not isinstance(params, Mapping) or view is None or view.form is None:
            continue
        for key, setting in named.items():
            name, known = params.get(key), view.data.get(setting, {})
            if not isinstance(name, str) or OPEN in name or not isinstance(known, Mapping) or name in known:
                continue
            route = (*step.route, "with", key)
            message = say(
                "connection '{connection}' has no '{name}' among its '{setting}'",
                connection=view.name,
                name=name,
                setting=setting,
            )
            hint = (
                suggest(name, known, say("names"))
                if known
                else say(
                    "add {setting}: with a value for {name} to the connection", setting=setting, name=name
                )
            )
            yield Problem(route, message, hint, fix=instead([Place(route)], nearest(name, known)))


RULE = Rule(
    "PF425",
    "not-in-connection",
    "error",
    say("a parameter names something that the connection does not have"),
    check,
)
