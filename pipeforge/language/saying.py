"""Messages that remember what they were made of, so that they can be told in another language."""

import re
from collections.abc import Mapping, Sequence

_PART = re.compile(r"\{(\w+)\}")

_NO_PARTS: Mapping[str, object] = {}


class Said(str):
    """A message in English, with its template and what stands in its gaps."""

    __slots__ = ("parts", "template")

    template: str
    parts: Mapping[str, object]

    def fill(self, **parts: object) -> "Said":
        """The same template with these in its gaps: for messages that wait in a table."""
        return _said(self.template, {**self.parts, **parts})


def say(template: str, /, **parts: object) -> Said:
    """The template with each `{name}` replaced by that part; all other braces stay as they are.

    A part may itself have been said. Templates are literals where they are used: the catalogue's keys.
    """
    return _said(template, parts or _NO_PARTS)


def overheard(text: str) -> Said:
    """The words of a library, told by the catalogue where it knows them."""
    return _said(text, _NO_PARTS)


def _said(template: str, parts: Mapping[str, object]) -> Said:
    said = Said(_filled(template, parts))
    said.template, said.parts = template, parts
    return said


def _filled(template: str, parts: Mapping[str, object]) -> str:
    if not parts:
        return template
    return _PART.sub(lambda gap: str(parts[gap[1]]) if gap[1] in parts else gap[0], template)


UNSAID = _said("", _NO_PARTS)
"""Where nothing is to be said."""


def either(choices: Sequence[Said]) -> Said:
    """`a`, `a or b`, `a or b or c`."""
    said = choices[0]
    for other in choices[1:]:
        said = say("{one} or {other}", one=said, other=other)
    return said


def tell(message: str, catalogue: Mapping[str, str]) -> str:
    """The message by a catalogue of templates; what it does not hold stays as it was said."""
    if not isinstance(message, Said):
        return catalogue.get(message, message)
    if not catalogue:
        return str(message)
    parts = {
        name: tell(part, catalogue) if isinstance(part, Said) else part
        for name, part in message.parts.items()
    }
    template = catalogue.get(message.template, message.template)
    return _PART.sub(lambda gap: _spaced(gap, parts), template) if parts else template


def _spaced(gap: re.Match[str], parts: Mapping[str, object]) -> str:
    """What stands in a gap, with a blank where a word in Latin letters meets a Japanese one."""
    if gap[1] not in parts:
        return gap[0]
    text = str(parts[gap[1]])
    before = gap.string[gap.start() - 1 : gap.start()]
    after = gap.string[gap.end() : gap.end() + 1]
    left = " " if _meet(before, text[:1]) else ""
    return f"{left}{text} " if _meet(after, text[-1:]) else f"{left}{text}"


def _meet(letter: str, other: str) -> bool:
    """Whether a Japanese letter stands beside something that is not."""
    return letter.isalpha() and not letter.isascii() and other.isascii() and other.strip() != ""
