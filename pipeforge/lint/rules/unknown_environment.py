"""An environment was asked for that the project file does not have."""

from collections.abc import Iterator, Mapping

from pipeforge.language.diagnostics import Problem
from pipeforge.language.nearest import suggest
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    environments = subject.project_data.get("environments", {})
    if subject.environment is None or subject.project_document.broken:
        return
    if not isinstance(environments, Mapping) or subject.environment in environments:
        return
    hint = suggest(subject.environment, environments, say("environments in pipeforge.yaml"))
    path = subject.project_document.path if environments else None
    route = ("environments",) if environments else ()
    message = say("unknown environment '{environment}'", environment=subject.environment)
    yield Problem(route, message, hint, on_key=True, path=path)


RULE = Rule("PF110", "unknown-environment", "error", say("--env names no environment of the project"), check)
