"""kintone records that krewData could not use."""

from collections.abc import Iterator
from typing import Literal

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.mending import of_record
from pipeforge.lint.rule import Check, Rule
from pipeforge.lint.subject import Subject


def _check(severity: Literal["error", "warning"]) -> Check:
    def check(subject: Subject) -> Iterator[Problem]:
        for record in subject.records:
            for fault in record.faults:
                if fault.severity == severity:
                    route = (*record.route, *fault.route)
                    fix = of_record(record.data, fault.route, record.route, fault.hint, on_key=fault.on_key)
                    yield Problem(route, fault.message, fault.hint, fault.on_key, fix=fix, path=record.path)
        if severity == "error":
            yield from subject.of("params", "record")

    return check


RULES = (
    Rule("PF431", "kintone-record", "error", say("a kintone record has the wrong form"), _check("error")),
    Rule("PF432", "kintone-no-value", "warning", say("a field of a record has no value"), _check("warning")),
)
