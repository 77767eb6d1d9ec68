"""Secrets outside connections, where plans, journals and vendors' logs would show them."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for use in subject.uses:
        if use.section == "connections":
            continue
        for expression, path in use.names:
            if path[0] == "secrets":
                where = expression.place(path[:1])
                message = f"a secret cannot be used in {_WHERE.get(use.section, use.section)}"
                hint = "secrets are for connections only: elsewhere they would be seen"
                yield Problem(use.route, message, hint, within=where, path=use.path)
                break


_WHERE = {"with": "a step's parameters", "if": "a condition", "foreach": "a foreach"}

RULE = Rule("PF305", "secret-out-of-place", "error", "a secret is used outside connections", check)
