"""Credentials written into the file, where everyone who can read it can use them."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    for path, route in subject.literals:
        if route in ((fault.area == "connection" and fault.route) for fault in subject.faults):
            continue  # of the wrong type: said by the rule for settings
        name = "_".join(str(part) for part in route[-2:]).upper()
        hint = f'write "${{{{ secrets.{name} }}}}", and revoke this one: it has been seen'
        yield Problem(route, f"'{route[-1]}' is a secret, written out in the file", hint, path=path)


RULE = Rule("PF501", "literal-secret", "error", "a credential is written out in the file", check)
