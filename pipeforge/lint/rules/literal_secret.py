"""Credentials written into the file, where everyone who can read it can use them."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.rules.weak_secret import keeps_place
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for path, route in subject.literals:
        if route in ((fault.area == "connection" and fault.route) for fault in subject.faults):
            continue  # of the wrong type: said by the rule for settings
        if keeps_place(subject, path, route):
            continue  # said by the rule for placeholders
        name = "_".join(str(part) for part in route[-2:]).upper()
        hint = say('write "${{ secrets.{name} }}", and revoke this one: it has been seen', name=name)
        yield Problem(
            route, say("'{key}' is a secret, written out in the file", key=route[-1]), hint, path=path
        )


RULE = Rule("PF501", "literal-secret", "error", say("a credential is written out in the file"), check)
