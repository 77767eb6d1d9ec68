"""Full-width punctuation where YAML wants its half-width twin: the traps of a Japanese keyboard."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Problem, Route, Span
from pipeforge.language.document import Document

_COLON = re.compile(r"^[ \t]*(?:- +)?(?P<key>[^\s:：'\"#{}\[\],&*!|>%@`][^:：'\"#\r\n]{0,100}?)(?P<bad>：)")
_SPACE = re.compile(r"^[ \t]*(?P<bad>\u3000+)[ \t\u3000]*\S")
_COLON_SAYS = ("full-width colon '：' after '{0}'", "write ': ', half-width and with a space after it")
_SPACE_SAYS = ("ideographic space (U+3000) in the indentation", "indent with half-width spaces")
_LINES_BACK = 3


def in_text(document: Document, fault: Problem) -> Problem | None:
    """The full-width character that a syntax error comes from: on its line or little above."""
    if fault.span is None:
        return None
    lines = re.split(r"\r\n|\n|\r", document.text)
    for number in range(fault.span.line, max(0, fault.span.line - 1 - _LINES_BACK), -1):
        line = lines[number - 1] if number <= len(lines) else ""
        for pattern, (message, hint) in ((_COLON, _COLON_SAYS), (_SPACE, _SPACE_SAYS)):
            found = pattern.match(line)
            if found:
                start, end = found.span("bad")
                key = found.groupdict().get("key", "")
                span = Span(number, start + 1, number, end + 1)
                return Problem((), message.format(key), hint, span=span)
    return None


def in_data(text: str, data: Any) -> list[Problem]:
    """Keys that swallowed an ideographic space or a colon: their structure is not what was meant."""
    if "\u3000" not in text and "：" not in text:
        return []
    return list(_keys(data, ()))


def _keys(value: Any, route: Route) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = (*route, key)
            if key.startswith("\u3000"):
                yield Problem(here, *_SPACE_SAYS, on_key=True)
            elif "：" in key and inner is None:
                yield Problem(
                    here, _COLON_SAYS[0].format(key.partition("：")[0]), _COLON_SAYS[1], on_key=True
                )
            else:
                yield from _keys(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _keys(inner, (*route, index))
