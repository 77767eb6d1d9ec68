"""Where in a pipeline the cursor is, read from the lines before it alone: the rest need not be YAML yet."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeforge.language.diagnostics import Route
from pipeforge.language.templating import CLOSE, OPEN

_LINE = re.compile(r"(?P<indent> *)(?P<dashes>(?:-(?: +|$))*)(?P<rest>.*)")
_KEY = re.compile(r"(?P<key>\"[^\"]*\"|'[^']*'|[^\s#\"'\[\]{},&*!|>%@`][^#]*?|\$[^\s:]*)[ \t]*:(?=[ \t]|$)")
_WORD = re.compile(r"[^\s:#,\[\]{}\"'|]*")
_BLOCK = re.compile(r"[|>][+-]?[0-9]?[+-]?[ \t]*(?:#.*)?$")
_LONGEST = 2_000  # chosen: characters; an expression that is longer gets no completion


class Cursor(NamedTuple):
    """What stands around a cursor. Offsets are those of the text."""

    route: Route
    """The mapping or list it is in; with `key`, that key's mapping."""
    key: str | None
    """The key whose value is written; None where a key or an item of a list is."""
    word: str
    """What is written of the key, item or value before the cursor."""
    start: int
    end: int
    """From the beginning of that word to the end of what completion replaces."""
    flow: bool = False
    """Inside brackets or braces."""
    quoted: bool = False
    expression: str | None = None
    """What stands between the last ${{ and the cursor."""
    comment: str | None = None
    """What stands between a `#` and the cursor."""
    followed: bool = False
    """A colon stands behind it already."""
    text: bool = False
    """Inside a block scalar: nothing but a template can be meant."""


@dataclass(slots=True)
class _Frame:
    """One open bracket: what is before the cursor in it."""

    opener: str
    key: str | None = None
    index: int = 0
    token: int = 0


@dataclass(slots=True)
class _State:
    """What the lines so far have left open."""

    stack: list[tuple[int, str | int]] = field(default_factory=list)
    """By column, keys and indexes, the outermost first."""
    counts: dict[Route, int] = field(default_factory=dict)
    frames: list[_Frame] = field(default_factory=list)
    opened: int = 0
    """The column of the line on which the outermost bracket or the quote was opened."""
    quote: str = ""
    block: int | None = None
    """The column of the key whose block scalar this is."""
    value: int = -1
    """Where the value of this line begins; -1 where no key stands on it."""

    @property
    def route(self) -> Route:
        return tuple(part for _, part in self.stack)


def locate(text: str, at: int) -> Cursor:
    """What stands around an offset. Never raises, whatever the text."""
    begin = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    state, start = _State(), 0
    for line in re.split(r"\r\n|\n|\r", text[:begin])[:-1]:
        _take(state, line)
    state.value = -1
    start = begin
    line = text[begin:at]
    hash_ = _comment(line) if not state.quote and state.block is None else -1
    if hash_ >= 0:
        return Cursor(state.route, None, line[hash_ + 1 :], at, at, comment=line[hash_ + 1 :])
    _take(state, line)
    found = _cursor(state, text, start, at)
    opened = text.rfind(OPEN, max(start if not (state.quote or found.text) else 0, at - _LONGEST), at)
    if opened >= 0 and CLOSE not in text[opened:at]:
        found = found._replace(expression=text[opened + len(OPEN) : at])
    return found


def _take(state: _State, line: str) -> None:
    """Folds one line, or the part of one before the cursor."""
    found = _LINE.match(line)
    assert found is not None
    indent, at = len(found["indent"]), found.start("rest")
    if state.block is not None:
        if indent > state.block or not line.strip():
            return
        state.block = None
    key = _KEY.match(found["rest"])
    if (state.frames or state.quote) and not (key and indent <= state.opened):
        _inside(state, line, 0)
        return
    state.frames, state.quote = [], ""
    if not line.strip():
        _pop(state, indent)
    elif not line.lstrip().startswith("#"):
        _outside(state, line, found, key, at)


def _outside(state: _State, line: str, found: re.Match[str], key: re.Match[str] | None, at: int) -> None:
    column = len(found["indent"])
    for dash in re.finditer("-", found["dashes"]):
        _dash(state, column + dash.start())
    _pop(state, at)
    state.opened, state.value = column, -1
    if key is None:
        _inside(state, line, at)
        return
    state.stack.append((at, key["key"].strip("\"'") or key["key"]))
    state.value = at + key.end()
    value = line[state.value :].lstrip()
    if _BLOCK.match(value):
        state.block = column
    else:
        _inside(state, line, len(line) - len(value))


def _dash(state: _State, column: int) -> None:
    while state.stack and (
        state.stack[-1][0] > column or (state.stack[-1][0] == column and isinstance(state.stack[-1][1], int))
    ):
        state.stack.pop()
    route = state.route
    state.counts[route] = index = state.counts.get(route, -1) + 1
    state.stack.append((column, index))


def _pop(state: _State, column: int) -> None:
    while state.stack and state.stack[-1][0] >= column:
        state.stack.pop()


def _inside(state: _State, line: str, at: int) -> None:
    """Steps over quotes, brackets and templates of a value, from an offset of its line."""
    while at < len(line):
        char = line[at]
        if state.quote:
            at += 1 if char == "\\" and state.quote == '"' else 0
            state.quote = "" if char == state.quote else state.quote
        elif line.startswith(OPEN, at):
            end = line.find(CLOSE, at)
            at = end + 1 if end >= 0 else len(line)
        elif char in "'\"" and _begins(state, line, at):
            state.quote = char
        elif char == "#" and line[:at].endswith((" ", "\t", "")) and (at == 0 or line[at - 1] in " \t"):
            return
        else:
            _bracket(state, line, at)
        at += 1


def _begins(state: _State, line: str, at: int) -> bool:
    """Whether a quote opens a text here, rather than standing inside a plain one."""
    before = line[:at].rstrip()
    return not before or before[-1] in ":,[{-" or (not state.frames and at == state.value)


def _bracket(state: _State, line: str, at: int) -> None:
    char, top = line[at], state.frames[-1] if state.frames else None
    if char in "[{" and (top is not None or not line[:at].rstrip() or line[:at].rstrip()[-1] in ":-"):
        state.frames.append(_Frame(char, token=at + 1))
    elif top is None:
        return
    elif char in "]}":
        state.frames.pop()
    elif char == ",":
        top.key, top.index, top.token = None, top.index + 1, at + 1
    elif (
        char == ":" and top.opener == "{" and top.key is None and line[at + 1 : at + 2] in ("", " ", '"', "'")
    ):
        top.key, top.token = line[min(top.token, at) : at].strip(" \t\"'"), at + 1


def _cursor(state: _State, text: str, start: int, at: int) -> Cursor:
    line = text[start:at]
    route = state.route
    if state.block is not None:
        return Cursor(route, None, "", at, at, text=True)
    begin = state.value
    if state.frames:
        for outer in state.frames[:-1]:
            route = (*route, outer.key if outer.key is not None else outer.index)
        begin = min(state.frames[-1].token, len(line))
        key = state.frames[-1].key
    else:
        key = str(state.stack[-1][1]) if begin >= 0 else None
        route = route[:-1] if begin >= 0 else route
    if begin < 0:
        found = _LINE.match(line)
        begin = found.start("rest") if found else len(line)
    begin += len(line[begin:]) - len(line[begin:].lstrip())
    quoted = bool(state.quote)
    begin += 1 if quoted and line[begin : begin + 1] == state.quote else 0
    rest = _WORD.match(text, at)
    end = rest.end() if rest else at
    return Cursor(
        route,
        key,
        line[begin:],
        start + begin,
        end,
        bool(state.frames),
        quoted,
        followed=text[end : end + 1] == ":",
    )


def _comment(line: str) -> int:
    """Where a comment begins on a line; -1 where none does."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and (not line[:at].strip() or line[:at].rstrip()[-1:] in tuple(":,[{-")):
            quote = char
        elif char == "#" and (at == 0 or line[at - 1] in " \t"):
            return at
    return -1
