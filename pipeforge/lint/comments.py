"""Comments that tell lint to be silent: `# pipeforge: ignore[PF203] why`, found where YAML has comments."""

import bisect
import re
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeforge.language.document import Document
from pipeforge.language.nearest import nearest
from pipeforge.language.parsing import opaque
from pipeforge.language.saying import UNSAID, Said, say
from pipeforge.lint.rules.suppression import MARK

WORDS = ("ignore", "ignore-file")

# Patterns are texts here: only a file with such comments pays for making them.
_BEGIN = r"#[ \t]*pipeforge:[ \t]*"
_FORM = r"(ignore|ignore-file)[ \t]*\[([^\[\]]*)\][ \t]*(.*)"
_WORD = r"([\w-]+)[ \t]*(\[)?"
_COMMENT = r"(?:^|(?<=[ \t]))#"

Raw = tuple[int, int]


class Code(NamedTuple):
    """One code of a comment, and its offsets in the text."""

    text: str
    raw: Raw


class Directive(NamedTuple):
    """One comment of ours. Lines are 1-based."""

    raw: Raw
    """From its `#` to its end."""
    codes: tuple[Code, ...]
    reason: str
    whole_file: bool
    covers: Raw
    """The first and the last line it speaks for."""
    alone: bool
    """Nothing else stands on its line."""
    fault: Said = UNSAID
    """Why it cannot be read; empty when it can."""
    hint: Said = UNSAID


class Lines:
    """The lines of a document, which of them comments can end, and where blocks begin."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.opaque = opaque(document.text)
        self._starts = [raw[0] for raw in self.opaque]
        self.spans = list(_lines(document.text))
        self._ends: dict[int, int] | None = None
        self._content: list[int] | None = None

    def hidden(self, at: int) -> bool:
        """Whether an offset lies inside a text of several characters that can hold no comment."""
        number = bisect.bisect_left(self._starts, at) - 1
        return number >= 0 and at < self.opaque[number][1]

    def block_end(self, line: int) -> int:
        """The last line of what begins on a line; the line itself when that is all."""
        if self._ends is None:
            self._ends = {}
            for start, end in self.document.blocks():
                span = self.document.span((start, end))
                self._ends[span.line] = max(self._ends.get(span.line, 0), span.end_line)
        return max(line, self._ends.get(line, line))

    def comment(self, line: int) -> int | None:
        """Where the comment of a line begins."""
        start, end = self.spans[line - 1]
        for found in re.finditer(_COMMENT, self.document.text[start:end]):
            if not self.hidden(start + found.start()):
                return start + found.start()
        return None

    def content_after(self, line: int) -> int:
        """The next line that holds more than a comment; the last one when none does."""
        if self._content is None:
            texts = (self.document.text[slice(*span)].lstrip() for span in self.spans)
            self._content = [n for n, text in enumerate(texts, 1) if text and not text.startswith("#")]
        following = bisect.bisect_right(self._content, line)
        return self._content[following] if following < len(self._content) else len(self.spans)


def _lines(text: str) -> Iterator[Raw]:
    """Each line without its end."""
    start = 0
    for found in re.finditer(r"\r\n|[\r\n]", text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def directives(document: Document) -> list[Directive]:
    """Every comment of ours in a document, in its order; those that cannot be read carry a fault."""
    if MARK not in document.text:
        return []
    lines = Lines(document)
    top = True
    found = []
    for number, (start, end) in enumerate(lines.spans, 1):
        text = document.text[start:end]
        if MARK in text and (at := lines.comment(number)) is not None:
            alone = not document.text[start:at].strip()
            found += list(_in_comment(lines, number, (at, end), alone=alone, top=top and alone))
        top = top and (not text.strip() or text.lstrip().startswith(("#", "%", "---")))
    return found


def _in_comment(lines: Lines, number: int, raw: Raw, *, alone: bool, top: bool) -> Iterator[Directive]:
    """The directives of one comment: there may be words before the first, and there may be two."""
    text = lines.document.text[slice(*raw)]
    begins = list(re.finditer(_BEGIN, text))
    for order, begin in enumerate(begins):
        following = begins[order + 1] if order + 1 < len(begins) else None
        end = following.start() if following else len(text)
        body = text[begin.end() : end].rstrip()
        whole = (raw[0] + begin.start(), raw[0] + begin.end() + len(body))
        own = alone and begin.start() == 0 and following is None
        line = lines.content_after(number) if alone else number
        found = Directive(whole, (), "", False, (line, lines.block_end(line)), own)
        form = re.fullmatch(_FORM, body)
        if form is not None:
            yield _read(found, form, whole[0] + len(begin[0]), top=top)
        elif (fault := _fault(body)) is not None:
            yield found._replace(fault=fault[0], hint=fault[1])


def _read(found: Directive, form: re.Match[str], shift: int, *, top: bool) -> Directive:
    codes, at = [], shift + form.start(2)
    for part in form[2].split(","):
        text = part.strip()
        begin = at + len(part) - len(part.lstrip())
        codes.append(Code(text, (begin, begin + len(text))))
        at += len(part) + 1
    whole_file = form[1] == "ignore-file"
    found = found._replace(codes=tuple(codes), reason=form[3].strip(), whole_file=whole_file)
    if not all(code.text for code in codes):
        return found._replace(
            fault=say("a suppression names no code"), hint=say("write ignore[PF203] and the reason")
        )
    if whole_file and not top:
        hint = say("move it above everything else, or write ignore[…] on the line it is for")
        return found._replace(fault=say("'ignore-file' stands below the top of the file"), hint=hint)
    return found


def _fault(body: str) -> tuple[Said, Said] | None:
    """What a comment that begins like ours has wrong; None for one that only speaks of pipeforge."""
    word = re.match(_WORD, body)
    if word is None:
        return None
    if word[1] in WORDS:
        return say("'{word}' names no code", word=word[1]), say(
            "write {word}[PF203] and the reason", word=word[1]
        )
    near = nearest(word[1], WORDS)
    if near is None and not word[2]:
        return None
    return say("unknown word '{word}' in a suppression", word=word[1]), say(
        "did you mean '{near}'?", near=near or WORDS[0]
    )


class Coverage:
    """Which codes are suppressed on which lines, by which comments; asked in the order of the lines."""

    def __init__(self, found: Sequence[Directive]) -> None:
        # Comments for the same lines are one here: a line has as many of these as it is nested, at most.
        self._codes: dict[Raw, dict[str, list[Code]]] = {}
        for one in found:
            if not one.fault:
                named = self._codes.setdefault((0, sys.maxsize) if one.whole_file else one.covers, {})
                for code in one.codes:
                    named.setdefault(code.text, []).append(code)
        self._waiting = sorted(self._codes, reverse=True)
        self._open: list[Raw] = []

    def matches(self, code: str, line: int) -> list[list[Code]]:
        """The codes of comments that suppress `code` on a line."""
        while self._waiting and self._waiting[-1][0] <= line:
            self._open.append(self._waiting.pop())
        self._open = [covers for covers in self._open if line <= covers[1]]
        beginnings = [code[:length] for length in range(1, len(code) + 1)]
        named = [self._codes[covers] for covers in self._open]
        return [codes[begin] for codes in named for begin in beginnings if begin in codes]
