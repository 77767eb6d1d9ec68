"""Comments that suppress findings: those that do nothing, say no reason or name no rule."""

from collections.abc import Iterable

from pipeforge.language.diagnostics import Problem, Severity
from pipeforge.language.saying import Said, say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject

MARK = "pipeforge:"
"""What every such comment holds; in a file without it nobody looks for them."""


def _rule(code: str, name: str, severity: Severity, summary: Said) -> Rule:
    def check(subject: Subject) -> Iterable[Problem]:
        return subject.problems.get(name, ())

    return Rule(code, name, severity, summary, check)


RULES = (
    _rule("PF901", "unused-suppression", "warning", say("a comment suppresses what is not found")),
    _rule("PF902", "suppression-without-reason", "warning", say("a comment suppresses without saying why")),
    _rule("PF903", "unknown-suppression", "error", say("a comment suppresses a code that no rule has")),
    _rule("PF904", "bad-suppression", "error", say("a comment that should suppress cannot be read")),
)
"""Asked once all the others have been: what they find decides what is unused."""
