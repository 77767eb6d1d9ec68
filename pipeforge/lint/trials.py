"""Checks a test file: its text, its keys, its values, and that every test can fail."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Diagnostic, Problem, Route
from pipeforge.language.document import Document, read
from pipeforge.language.saying import say
from pipeforge.language.trials import Trials
from pipeforge.lint.finding import find
from pipeforge.lint.linter import written
from pipeforge.lint.rules import file as file_rules
from pipeforge.lint.rules import shape
from pipeforge.lint.telling import told
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.lint.unchecked import unchecked

_CODES = {rule.name: rule.code for rule in (*file_rules.RULES, *shape.RULES)}
_SORTS = {
    "unknown_key": "unknown-key",
    "foreign_word": "foreign-word",
    "missing_key": "missing-key",
    "type": "wrong-type",
    "duration": "bad-duration",
    "template": "template-out-of-place",
}
"""The rules that say of a pipeline what a model finds wrong; of a value it is `bad-value`."""


class Checked(NamedTuple):
    """A test file that was read."""

    document: Document | None
    """None where there is nothing to read."""
    file: Trials | None
    """None where something is wrong with it."""
    diagnostics: tuple[Diagnostic, ...]


def check(path: Path, language: Language = "en") -> Checked:
    """Everything that is wrong with a test file, as lint says it of a pipeline."""
    tongue = catalogue(language)
    try:
        document = read(path)
    except UsageError as error:
        return Checked(None, None, (told(unchecked(path, error), tongue),))
    faults, file, renamed = [*document.faults], None, {}
    if not faults:
        examined = find(Trials, document.data)
        renamed = examined.renamed
        file = examined.valid if isinstance(examined.valid, Trials) else None
        faults = [(_SORTS.get(one.sort, "bad-value"), one.problem()) for one in examined.faults]
        faults += [("missing-key", problem) for problem in _cannot_fail(file)]
    found = tuple(told(_diagnostic(document, rule, problem, renamed), tongue) for rule, problem in faults)
    return Checked(document, None if found else file, tuple(sorted(found, key=lambda one: one.order)))


def _cannot_fail(file: Trials | None) -> Iterator[Problem]:
    for name, test in file.tests.items() if file else ():
        if not test.expect.model_fields_set:
            message = say("test '{name}' expects nothing: it cannot fail", name=name)
            hint = say("say what must come of it, such as outcome: succeeded")
            yield Problem(("tests", name, "expect"), message, hint, on_key=True)


def _diagnostic(document: Document, rule: str, problem: Problem, renamed: Mapping[Route, str]) -> Diagnostic:
    return Diagnostic(
        path=document.path,
        span=problem.span or document.locate(written(problem.place, renamed)),
        code=_CODES[rule],
        rule=rule,
        severity="error",
        message=problem.message,
        hint=problem.hint or None,
    )
