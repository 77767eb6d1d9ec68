"""What a check of one pipeline comes to, small enough to hand to another process or to keep on disk."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.language.diagnostics import Diagnostic, Edit, Fix, Place, Span

Plain = dict[str, Any]
"""What JSON can hold."""


ABSENT = ""
"""The digest of a file that is not there, and the path of a project file that does not exist."""


class Inputs(NamedTuple):
    """All that a result depends on, beside the settings: paths and digests of the bytes that were read."""

    pipeline: str
    project: tuple[str, str] = (ABSENT, ABSENT)
    """Its path without links, and its digest."""
    records: tuple[tuple[str, str], ...] = ()
    """Of each file: its path as it was read, and its digest."""


class Result(NamedTuple):
    """What was found, and what it was found in."""

    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[Path, str]
    """Of the files with findings: credentials masked; for showing lines of them."""
    inputs: Inputs | None = None
    """None where it depends on more than can be told: it is not to be kept."""


class NotAResult(Exception):
    """Not what `plain` makes of a result."""


def plain(result: Result) -> Plain:
    """The findings and texts of a result as values that JSON can hold."""
    return {
        "found": [_found(one) for one in result.diagnostics],
        "texts": {str(path): text for path, text in result.texts.items()},
    }


def _found(one: Diagnostic) -> list[Any]:
    fix = one.fix and [str(one.fix.title), one.fix.edits, one.fix.safe, one.fix.reveals]
    return [str(one.path), *one[1:-1], fix]


def revived(value: Plain) -> Result:
    """The result again. Raises NotAResult for anything that `plain` has not made."""
    try:
        found = tuple(_diagnostic(*one) for one in value["found"])
        texts = {Path(path): _is(str, text) for path, text in value["texts"].items()}
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise NotAResult(str(error)) from None
    return Result(found, texts)


def _diagnostic(path: Any, span: Any, *rest: Any) -> Diagnostic:
    code, rule, severity, message, hint, see_also, fix = rest
    if severity not in ("error", "warning", "info"):
        raise ValueError(severity)
    return Diagnostic(
        Path(_is(str, path)),
        _span(span),
        _is(str, code),
        _is(str, rule),
        severity,
        _is(str, message),
        _or_none(str, hint),
        tuple((_span(where), _is(str, label)) for where, label in see_also),
        _or_none(_fix, fix),
    )


def _fix(value: Any) -> Fix:
    title, edits, safe, reveals = value
    return Fix(_is(str, title), tuple(_edit(*edit) for edit in edits), _is(bool, safe), _is(bool, reveals))


def _edit(place: Any, text: Any, how: Any, span: Any, source: Any) -> Edit:
    return Edit(_place(*place), _is(str, text), how, _or_none(_span, span), _is(str, source))


def _place(route: Any, on_key: Any, within: Any) -> Place:
    parts = tuple(part if type(part) is int else _is(str, part) for part in route)
    return Place(parts, _is(bool, on_key), within and (_is(int, within[0]), _is(int, within[1])))


def _span(value: Any) -> Span:
    line, column, end_line, end_column = value
    return Span(_is(int, line), _is(int, column), _is(int, end_line), _is(int, end_column))


def _is(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _or_none(kind: Callable[[Any], Any] | type, value: Any) -> Any:
    if value is None:
        return None
    return _is(kind, value) if kind is str else kind(value)
