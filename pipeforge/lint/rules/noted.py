"""What was found while the files were taken apart: vendors and files that are not there."""

from collections.abc import Iterable

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import Said, say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def _rule(code: str, name: str, summary: Said) -> Rule:
    def check(subject: Subject) -> Iterable[Problem]:
        return subject.problems.get(name, ())

    return Rule(code, name, "error", summary, check)


RULES = (
    _rule("PF411", "unknown-vendor", say("a connection names a vendor that nobody knows")),
    _rule("PF112", "joined-needs", say("several needs stand in one text")),
    _rule("PF433", "record-file", say("a record's file cannot be read")),
    _rule("PF434", "parameter-file", say("a parameter's file cannot be read, or holds something else")),
)
