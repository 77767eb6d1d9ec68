"""Slips of the keyboard that leave a text no YAML: found line by line, each tried before it is told."""

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pipeforge.language.diagnostics import Fix, Problem, Span
from pipeforge.language.document import Document, parse
from pipeforge.language.model import (
    ConcurrencyPolicy,
    Defaults,
    ForeachPolicy,
    Pipeline,
    PollPace,
    RetryPolicy,
    Step,
    Variable,
)
from pipeforge.language.nearest import nearest
from pipeforge.language.project_model import Project
from pipeforge.language.saying import Said, say
from pipeforge.lint.annotations import fields
from pipeforge.lint.editing import spanned
from pipeforge.lint.full_width import ODD_BLANKS

_LINES_BACK = 4
"""chosen: how many lines with a text are looked at, from where the parser gave up."""
_MOST, _TRIALS, _LONGEST = 20, 100, 1_000_000
"""chosen: how many slips of a text are told, how many mends are tried for each, and in texts of what size."""

ZERO_WIDTH = frozenset("\u200b\u2060\ufeff")

_ODD = "".join(ODD_BLANKS)
_BEFORE = r"(?P<before>[ ]*(?:- +)*)"
_KEY = r"(?P<key>[A-Za-z_][\w-]*)"


_Edit = tuple[int, int, str]
"""From one offset up to another, and the characters that belong there."""


class Slip(NamedTuple):
    """What may have slipped in or been left out: characters of the text, and those that were meant."""

    rule: str
    message: Said
    hint: Said
    start: int
    end: int
    text: str
    safe: bool = True
    shown: tuple[int, int] | None = None
    """What to point at, where that is not what is replaced."""


def explain(document: Document) -> None:
    """Puts the slips behind a document's syntax error in its place, as far as they account for it."""
    before = [(rule, problem) for rule, problem in document.faults if rule != "syntax"]
    syntax = next((problem for rule, problem in document.faults if rule == "syntax"), None)
    if syntax is None or len(document.text) > _LONGEST:
        return
    trial = Document(document.path, document.text)
    edits: list[_Edit] = []
    found: list[tuple[str, Problem]] = []
    while syntax is not None and len(found) < _MOST:
        slips = _together(trial, syntax)
        if not slips:
            found.append(("syntax", syntax._replace(span=_original(document, trial, syntax, edits))))
            break
        found += [(slip.rule, _told(document, slip, edits)) for slip in slips]
        edits += [(slip.start, slip.end, slip.text) for slip in slips]
        trial, syntax = _mended(trial, slips)
    document.faults[:] = before + found


def _told(document: Document, slip: Slip, edits: list[_Edit]) -> Problem:
    """A slip in a text that was mended so far, as a problem of the text as it stands."""
    bad = (_back(slip.start, edits), _back(slip.end, edits))
    shown = (_back(slip.shown[0], edits), _back(slip.shown[1], edits)) if slip.shown else bad
    fix = Fix(slip.hint, (spanned(document.span(bad), slip.text),), slip.safe, reveals=True)
    return Problem((), slip.message, slip.hint, span=document.span(shown), fix=fix)


def _original(document: Document, trial: Document, problem: Problem, edits: list[_Edit]) -> Span:
    span = problem.span or trial.span((0, 0))
    offset = _back(trial.offset(span.line, span.column), edits)
    return document.span((offset, min(offset + 1, len(document.text))))


def _back(offset: int, edits: list[_Edit]) -> int:
    """An offset of a mended text as one of the text before its mends."""
    for start, end, text in reversed(edits):
        if offset >= start + len(text):
            offset += end - start - len(text)
        elif offset > start:
            offset = min(offset, end)
    return offset


def _mended(trial: Document, slips: tuple[Slip, ...]) -> tuple[Document, Problem | None]:
    """The text with its slips mended, those further back last, and what is then wrong with it."""
    text = trial.text
    for slip in slips:
        text = text[: slip.start] + slip.text + text[slip.end :]
    parsed = parse(trial.path, text)
    return parsed, next((problem for rule, problem in parsed.faults if rule == "syntax"), None)


def _together(trial: Document, fault: Problem) -> tuple[Slip, ...]:
    """The one slip, or the few, nearest to where the parser gave up whose mend lets it read on."""
    at = fault.span or Span(1, 1, 1, 1)
    candidates = list(_candidates(trial, at.line))
    trials = (some for number in (1, 2, 3) for some in itertools.combinations(candidates, number))
    for slips in itertools.islice(trials, min(_TRIALS, 6 + _LONGEST // (1 + len(trial.text)))):
        if all("\n" in trial.text[b.end : a.start] for a, b in itertools.pairwise(slips)):
            mended, left = _mended(trial, slips)
            grown = len(mended.text) - len(trial.text)
            if left is None or _offset(mended, left) > _offset(trial, fault) + grown:
                return slips
    return ()


def _offset(document: Document, fault: Problem) -> int:
    return document.offset(*fault.span[:2]) if fault.span else 0


def _candidates(trial: Document, line: int) -> Iterator[Slip]:
    lines = re.split(r"\r\n|\n|\r", trial.text)
    seen = 0
    for number in range(min(line, len(lines)), 0, -1):
        text = lines[number - 1]
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        seen += 1
        if seen > _LINES_BACK:
            return
        offset = trial.offset(number, 1)
        slips = [look(text) for look in _LOOKS]
        for slip in (*slips, _no_colon(text, lines[number:])):
            if slip is not None:
                yield _moved(slip, offset)


def _moved(slip: Slip, by: int) -> Slip:
    shown = (slip.shown[0] + by, slip.shown[1] + by) if slip.shown else None
    return slip._replace(start=slip.start + by, end=slip.end + by, shown=shown)


def _odd_blank(line: str) -> Slip | None:
    """Odd blanks in the indentation, after a colon, or before a comment."""
    found = re.match(rf"[ ]*(?P<bad>[{_ODD}][ {_ODD}]*)(?=\S)", line) or re.match(
        rf"[^'\"#]*?[:\-,\[{{}}\]](?P<bad> *[{_ODD}][ {_ODD}]*)", line
    )
    found = found or re.search(rf"(?P<bad>[ ]*[{_ODD}][ {_ODD}]*)(?=#|$)", line)
    if found is None:
        return None
    bad = found["bad"]
    char = next(one for one in bad if one in ODD_BLANKS)
    rule = "full-width" if char == "\u3000" else "odd-blank"
    name = ODD_BLANKS[char]
    if not line[: found.start("bad")].strip():
        widths = [0 if one in ZERO_WIDTH else 2 if one == "\u3000" else 1 for one in bad]
        message = say("{name} in the indentation", name=name)
        text, hint = " " * sum(widths), say("indent with half-width spaces")
        return Slip(rule, message, hint, *found.span("bad"), text, char != "\u3000")
    message = say("{name} where YAML wants a blank", name=name)
    return Slip(rule, message, say("write a half-width space"), *found.span("bad"), " ")


_BRACKETS = str.maketrans({"｛": "{", "｝": "}", "［": "[", "］": "]", "，": ", ", "、": ", ", "：": ": "})


def _odd_mark(line: str) -> Slip | None:
    """A full-width colon after a key, hyphen before an item, or number sign before a comment."""
    colon = re.match(
        rf"{_BEFORE}(?P<key>[^\s:：'\"#{{}}\[\],&*!|>%@`][^:：'\"#]{{0,100}}?)(?P<bad>：[ {_ODD}]*)", line
    )
    if colon is not None:
        message = say("full-width colon '：' after '{key}'", key=colon["key"])
        last = not line[colon.end() :]
        hint = say("write ': ', half-width and with a space after it")
        return Slip("full-width", message, hint, *colon.span("bad"), ":" if last else ": ")
    dash = re.match(rf"[ ]*(?P<bad>[－ー―—–−][ {_ODD}]*)(?=\S)", line)
    if dash is not None:
        mark = dash["bad"][0]
        message = say("'{mark}' begins no item of a list", mark=mark)
        return Slip(
            "full-width",
            message,
            say("write '- ', half-width and with a space after it"),
            *dash.span("bad"),
            "- ",
        )
    comment = re.search(rf"[ {_ODD}](?P<bad>＃)|^(?P<first>＃)", line)
    if comment is not None:
        name = "bad" if comment["bad"] else "first"
        message = say("full-width '＃' begins no comment")
        return Slip("full-width", message, say("write a half-width #"), *comment.span(name), "#")
    return None


def _odd_quotes(line: str) -> Slip | None:
    """Typographic quotes around a value."""
    found = re.search(r"(?<=[:\-,\[{]) *(?P<bad>[“”＂„](?P<inner>[^“”＂\"]*)[“”＂])", line)
    if found is None:
        return None
    message = say("{quotes} quote nothing in YAML", quotes=f"{found['bad'][0]} {found['bad'][-1]}")
    return Slip("full-width", message, say('write "…"'), *found.span("bad"), f'"{found["inner"]}"')


def _odd_brackets(line: str) -> Slip | None:
    """Full-width brackets around a list or a mapping."""
    found = re.search(r"(?<=[:\-]) +(?P<bad>[｛［{\[].*[｝］}\]])", line)
    if found is None or not re.search(r"[｛｝［］]", found["bad"]):
        return None
    message = say("full-width brackets hold no list and no mapping")
    text = re.sub(" +", " ", found["bad"].translate(_BRACKETS))
    return Slip("full-width", message, say("write half-width brackets"), *found.span("bad"), text, safe=False)


def _no_blank(line: str) -> Slip | None:
    """A colon without a blank behind it."""
    for found in re.finditer(r"(?:^|(?<=[\s{,]))(?P<key>[A-Za-z_][\w-]*):(?=[^\s:/])", line):
        if re.search(r"(^|\s)#", line[: found.start()]) or line[: found.start()].count('"') % 2:
            continue
        message = say("no space after the colon of '{key}'", key=found["key"])
        end = found.end()
        return Slip(
            "no-colon", message, say("write a space after the colon"), end, end, " ", shown=found.span()
        )
    return None


_LOOKS = (_odd_blank, _odd_brackets, _odd_mark, _odd_quotes, _no_blank)


def _no_colon(line: str, below: list[str]) -> Slip | None:
    """A key without its colon: a known one before a value, or any alone above deeper lines."""
    found = re.match(rf"{_BEFORE}{_KEY}(?P<gap>[ \t]*)(?P<rest>[^\s#].*?)?\s*(?:\s#.*)?$", line)
    if found is None:
        return None
    key, rest = found["key"], found["rest"] or ""
    if rest.startswith((":", "=")) or (rest and not found["gap"]):
        return _equals(line, found)
    if rest and not _is_key(key, rest):
        return None
    if not rest and not (key in known_keys() or _deeper(line, below)):
        return None
    start, shown = found.end("key"), found.span("key")
    message = say("no colon after '{key}'", key=key)
    if not rest:
        return Slip("no-colon", message, say("write '{key}:'", key=key), start, start, ":", shown=shown)
    hint = say("write '{key}: '", key=key)
    return Slip("no-colon", message, hint, start, found.start("rest"), ": ", shown=shown)


def _equals(line: str, found: re.Match[str]) -> Slip | None:
    """`key = value`, as other formats write it."""
    sign = re.compile(r"\s*[=＝]\s*").match(line, found.end("key"))
    if sign is None or found["key"] not in known_keys():
        return None
    message = say("'=' after '{key}', where YAML wants a colon", key=found["key"])
    return Slip("no-colon", message, say("write '{key}: '", key=found["key"]), *sign.span(), ": ")


def _is_key(word: str, rest: str) -> bool:
    """Whether a word before a value was meant as a key, and is not the beginning of a sentence."""
    if re.search(r":(\s|$)", rest):
        return False
    plainly = re.fullmatch(r"[0-9.]+[smhd]?|true|false|'.*'|\".*\"|\{.*\}|\[.*\]|\$\{\{.*", rest)
    return (
        word in known_keys()
        or (("_" in word or bool(plainly)) and " " not in rest)
        or (bool(plainly) and nearest(word, known_keys()) is not None)
    )


def _deeper(line: str, below: list[str]) -> bool:
    """Whether the next line with a text is indented further."""
    following = next((one for one in below if one.strip() and not one.lstrip().startswith("#")), "")
    return len(following) - len(following.lstrip(" ")) > len(line) - len(line.lstrip(" "))


@lru_cache(maxsize=1)
def known_keys() -> frozenset[str]:
    """Every key of the language."""
    models = (
        Pipeline,
        Step,
        RetryPolicy,
        ForeachPolicy,
        PollPace,
        ConcurrencyPolicy,
        Defaults,
        Variable,
        Project,
    )
    return frozenset(key for model in models for key in fields(model)) | {"vendor", "api_key", "file"}
