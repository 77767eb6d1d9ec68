"""What was found while the files were taken apart: vendors and record files that are not there."""

from collections.abc import Iterable

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def _rule(code: str, name: str, summary: str) -> Rule:
    def check(subject: Subject) -> Iterable[Problem]:
        return subject.problems.get(name, ())

    return Rule(code, name, "error", summary, check)


RULES = (
    _rule("PF411", "unknown-vendor", "a connection names a vendor that nobody knows"),
    _rule("PF433", "record-file", "a record's file cannot be read"),
)
