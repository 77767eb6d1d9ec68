"""Names that are used before they have a value."""

from collections.abc import Iterator, Mapping

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import Said, say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Section, Subject, Use

EARLY: Mapping[Section, tuple[frozenset[str], Said, Said]] = {
    "custom_variables": (
        frozenset(["context_time", "custom_variables", "env", "secrets"]),
        say("custom variables are computed before anything runs"),
        say("use it in the with of a step"),
    ),
    "records": (
        frozenset(["context_time", "custom_variables", "env", "secrets"]),
        say("records are made before anything runs"),
        say("write the record in the with of the step"),
    ),
    "concurrency": (
        frozenset(["context_time", "custom_variables", "records", "env", "secrets"]),
        say("a run's place is taken before anything runs"),
        say("use custom_variables, context_time or env"),
    ),
    "connections": (
        frozenset(["secrets", "env"]),
        say("connections are made before anything else"),
        say("use secrets.NAME or env.NAME"),
    ),
}
"""By section, the names that have a value there, and why the others have none."""


def too_early(use: Use) -> bool:
    """Whether it names what has no value in its section."""
    return use.section in EARLY and any(path[0] not in EARLY[use.section][0] for _, path in use.names)


def check(subject: Subject) -> Iterator[Problem]:
    for use in subject.uses:
        if use.section not in EARLY:
            continue
        allowed, why, hint = EARLY[use.section]
        for expression, path in use.names:
            if path[0] in (subject.names.children or {}) and path[0] not in allowed:
                within = expression.place(path[:1])
                message = say("'{name}' cannot be used here: {why}", name=path[0], why=why)
                yield Problem(use.route, message, hint, within=within, path=use.path)
                break


RULE = Rule("PF307", "too-early", "error", say("a name is used before it has a value"), check)
