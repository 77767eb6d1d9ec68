"""What the models find: keys, types and values of the envelope, of parameters and of connections."""

from collections.abc import Iterable

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import Said, say
from pipeforge.lint.faults import Area, Sort
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def _rule(code: str, name: str, summary: Said, area: Area, *sorts: Sort) -> Rule:
    def check(subject: Subject) -> Iterable[Problem]:
        return [problem for sort in sorts for problem in subject.of(area, sort)]

    return Rule(code, name, "error", summary, check)


RULES = (
    _rule("PF101", "unknown-key", say("a key is not part of the language"), "envelope", "unknown_key"),
    _rule("PF102", "missing-key", say("a required key is not there"), "envelope", "missing_key"),
    _rule("PF103", "wrong-type", say("a value has the wrong type"), "envelope", "type"),
    _rule("PF104", "bad-value", say("a value is of the right type, but not allowed"), "envelope", "value"),
    _rule("PF105", "bad-duration", say("a duration cannot be read"), "envelope", "duration"),
    _rule("PF106", "foreign-word", say("a key is called otherwise here"), "envelope", "foreign_word"),
    _rule(
        "PF310", "template-out-of-place", say("a template stands where none is read"), "envelope", "template"
    ),
    _rule("PF402", "unknown-parameter", say("no such parameter"), "params", "unknown_key", "foreign_word"),
    _rule("PF403", "missing-parameter", say("a required parameter is not there"), "params", "missing_key"),
    _rule("PF404", "wrong-parameter", say("a parameter has the wrong type"), "params", "type"),
    _rule("PF405", "bad-parameter", say("a parameter's value is not allowed"), "params", "value", "duration"),
    _rule("PF412", "unknown-setting", say("a connection has no such setting"), "connection", "unknown_key"),
    _rule("PF413", "missing-setting", say("a connection lacks a setting"), "connection", "missing_key"),
    _rule(
        "PF414",
        "bad-setting",
        say("a connection's setting is wrong"),
        "connection",
        "type",
        "value",
        "duration",
    ),
)
