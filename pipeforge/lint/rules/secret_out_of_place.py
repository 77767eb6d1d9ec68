"""Secrets outside connections, where plans, journals and vendors' logs would show them."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for use in subject.uses:
        if use.section == "connections":
            continue
        for expression, path in use.names:
            if path[0] == "secrets":
                where = expression.place(path[:1])
                message = say(
                    "a secret cannot be used in {place}", place=_WHERE.get(use.section, use.section)
                )
                hint = say("secrets are for connections only: elsewhere they would be seen")
                yield Problem(use.route, message, hint, within=where, path=use.path)
                break


_WHERE = {
    "with": say("a step's parameters"),
    "if": say("a condition"),
    "foreach": say("a foreach"),
    "concurrency": say("a concurrency key"),
    "outputs": say("an output"),
}

RULE = Rule("PF305", "secret-out-of-place", "error", say("a secret is used outside connections"), check)
