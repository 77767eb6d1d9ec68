"""Runs tests of pipelines: finds their files, rehearses each test, and says how it stands."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeforge.commands import opening
from pipeforge.commands.comparing import differences
from pipeforge.commands.rehearsing import rehearse
from pipeforge.engine.events import Event
from pipeforge.errors import InvalidPipeline, PipeforgeError, UsageError
from pipeforge.language.diagnostics import Diagnostic, Place, Route
from pipeforge.language.document import Document
from pipeforge.language.trials import Trials, given, is_test, pipeline_of, within_reach
from pipeforge.lint import trials as checking
from pipeforge.lint.tongues import Language
from pipeforge.reports.trials import Difference, Result, Tried


def files(paths: Iterable[Path]) -> list[Path]:
    """The test files that are named, those in folders sorted. Raises UsageError where there is none."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            below = sorted(one for one in path.rglob("*") if is_test(one) and not _hidden(one, path))
            if not below:
                raise UsageError(f"no tests in '{path}'", "a test file is called NAME.test.yaml")
            found |= dict.fromkeys(below)
        elif not path.is_file():
            raise UsageError(f"no such file: '{path}'", "check the spelling")
        elif not is_test(path):
            raise UsageError(f"'{path}' is not a test file", "it must be called NAME.test.yaml")
        else:
            found[path] = None
    return list(found)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def tried(
    path: Path,
    words: Sequence[str],
    language: Language,
    ended: Callable[[Result], None],
    *,
    stop: bool = False,
) -> Tried:
    """The tests of one file whose names hold one of `words`. Each is told to `ended` as it ends.

    `stop`: at the first that fails.
    """
    checked = checking.check(path, language)
    text = checked.document.text if checked.document else ""
    if checked.file is None or checked.document is None:
        return Tried(path, text, diagnostics=checked.diagnostics)
    results: list[Result] = []
    for name in checked.file.tests:
        if not words or any(word in name for word in words):
            results.append(result(checked.document, checked.file, name, language))
            ended(results[-1])
            if stop and not results[-1].passed:
                break
    return Tried(path, text, tuple(results))


def result(document: Document, file: Trials, name: str, language: Language) -> Result:
    """How one test of a file stands."""
    test, began = file.tests[name], time.perf_counter()
    base: Route = ("tests", name)
    wrong: list[tuple[Route, Difference]] = []
    events: Sequence[Event] = ()
    timezone = "UTC"
    try:
        situation = given(file, test)
        manner = opening.Manner(language, quiet=True, silent=True)
        pipeline = within_reach(pipeline_of(document.path, file), document.path.parent)
        source = opening.opened(pipeline, situation.environment, manner)
        found = rehearse(source, situation, document.path.parent)
        events, timezone = found.events, found.state.timezone
        wrong = [((*base, "expect", *one.route), one) for one in differences(test.expect, found)]
    except PipeforgeError as error:
        wrong = [(base, Difference((), error.message, _why(error)))]
    spans = tuple((document.locate(Place(route, on_key=route == base)), one) for route, one in wrong)
    line = document.locate(Place(base, on_key=True)).line
    return Result(document.path, name, line, spans, events, timezone, time.perf_counter() - began)


def _why(error: PipeforgeError) -> str:
    """Of a pipeline with findings the first of them: the others are for lint to tell."""
    if isinstance(error, InvalidPipeline):
        first = next(one for one in error.diagnostics if isinstance(one, Diagnostic))
        return f"{first.path}:{first.span.line}: {first.message}; `pipeforge lint` tells all"
    return error.hint
