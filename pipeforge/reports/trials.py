"""How tests of pipelines stand: marks and failures for people, JUnit and JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from pipeforge.engine.events import Event
from pipeforge.language.diagnostics import Diagnostic, Route, Span
from pipeforge.reports.display import shown, width
from pipeforge.reports.junit import legal, written
from pipeforge.reports.moments import zone_of
from pipeforge.reports.progress import line
from pipeforge.reports.snippets import Mark, rows, split

VERSION = 1


class Difference(NamedTuple):
    """One thing that is otherwise than a test expects."""

    route: Route
    """Where it is expected, below the test's `expect`."""
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """How one test stands."""

    path: Path
    name: str
    line: int
    differences: tuple[tuple[Span, Difference], ...] = ()
    """None of them: it passed. Each with its place in the file."""
    events: Sequence[Event] = ()
    """Of the run; none where it could not be run."""
    timezone: str = "UTC"
    """In which their times are told."""
    seconds: float = 0.0
    """Of real time."""

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Tried:
    """How the tests of one file stand."""

    path: Path
    text: str
    results: tuple[Result, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong with the file: then none of its tests was run."""


def mark(result: Result) -> str:
    """One character, as the test ends."""
    return "." if result.passed else "F"


def row(result: Result) -> str:
    """One line, where each test is to be named."""
    return f"{shown(str(result.path))}::{shown(result.name)} {'passed' if result.passed else 'FAILED'}\n"


def failure(result: Result, text: str) -> str:
    """What is otherwise than expected, where it stands in the file, and what happened in the run."""
    out = [f"FAILED {shown(str(result.path))}:{result.line}: {shown(result.name)}"]
    lines = split(text)
    for span, one in sorted(result.differences, key=lambda pair: pair[0]):
        first, *more = (shown(said) for said in one.message.split("\n"))
        out += ["", f"  line {span.line}: {first}", *(f"    {said}" for said in more)]
        drawn = rows(lines, [Mark(span, primary=True)])[1:]
        out += [f"    {part.gutter} | {part.text}".rstrip() for part in drawn]
        out += [f"    {' ' * len(drawn[0].gutter)} = {shown(one.hint)}"] if one.hint else []
    if result.events:
        out += ["", "  what happened:", *(f"    {told}" for told in _log(result))]
    return "\n".join(out) + "\n"


def _log(result: Result) -> list[str]:
    zone = zone_of(result.timezone)
    across = max(width(getattr(event, "step", "")) for event in result.events)
    return [line(event, zone, across) for event in result.events]


def closing(tried: Sequence[Tried], seconds: float) -> str:
    """The last line."""
    results = [result for one in tried for result in one.results]
    broken = sum(bool(one.diagnostics) for one in tried)
    failed = sum(not result.passed for result in results)
    counts = [(failed, "failed"), (len(results) - failed, "passed")]
    told = [f"{number} {word}" for number, word in counts if number]
    told += [f"{broken} {'file' if broken == 1 else 'files'} not read"] if broken else []
    return f"{', '.join(told)} in {seconds:.2f}s\n"


def junit(tried: Sequence[Tried]) -> str:
    """As CI services take it: a suite a file, a case a test."""
    root = ElementTree.Element("testsuites", name="pipeforge test")
    for one in tried:
        root.append(_suite(one))
    return written(root)


def _suite(tried: Tried) -> ElementTree.Element:
    name = legal(tried.path.as_posix())
    bad = sum(not result.passed for result in tried.results)
    counts = {
        "tests": len(tried.results) or len(tried.diagnostics),
        "failures": bad,
        "errors": len(tried.diagnostics),
    }
    suite = ElementTree.Element("testsuite", {"name": name, **{key: str(n) for key, n in counts.items()}})
    for result in tried.results:
        suite.append(_case(result, name))
    for one in tried.diagnostics:
        case = ElementTree.SubElement(suite, "testcase", classname=name, name=one.rule, file=name)
        text = f"{name}:{one.span.line}:{one.span.column}: {one.message}"
        ElementTree.SubElement(case, "error", type=one.code, message=legal(one.message)).text = legal(text)
    return suite


def _case(result: Result, name: str) -> ElementTree.Element:
    told = {"classname": name, "name": legal(result.name), "file": name, "line": str(result.line)}
    case = ElementTree.Element("testcase", told | {"time": f"{result.seconds:.3f}"})
    if result.differences:
        first = result.differences[0][1].message
        texts = [_plain(result.path, span, one) for span, one in result.differences]
        failed = ElementTree.SubElement(case, "failure", type="difference", message=legal(first))
        failed.text = legal("\n".join(texts))
    if result.differences and result.events:
        ElementTree.SubElement(case, "system-out").text = legal("\n".join(_log(result)))
    return case


def _plain(path: Path, span: Span, one: Difference) -> str:
    hint = f"; {one.hint}" if one.hint else ""
    return f"{path.as_posix()}:{span.line}:{span.column}: {one.message}{hint}"


def as_json(tried: Sequence[Tried]) -> str:
    """For programs; versioned."""
    files = [{"path": one.path.as_posix(), "tests": [_json(test) for test in one.results]} for one in tried]
    problems = [_problem(one) for file in tried for one in file.diagnostics]
    return json.dumps({"version": VERSION, "files": files, "problems": problems}, ensure_ascii=False) + "\n"


def _json(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "line": result.line,
        "passed": result.passed,
        "seconds": round(result.seconds, 3),
        "differences": [
            {
                "line": span.line,
                "column": span.column,
                "route": list(one.route),
                "message": one.message,
                "hint": one.hint,
            }
            for span, one in result.differences
        ],
    }


def _problem(one: Diagnostic) -> dict[str, Any]:
    return {
        "path": one.path.as_posix(),
        "line": one.span.line,
        "column": one.span.column,
        "code": one.code,
        "message": one.message,
        "hint": one.hint or "",
    }
