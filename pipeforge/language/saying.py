"""Messages that remember what they were made of, so that they can be told in another language."""

import re
from collections.abc import Mapping

_PART = re.compile(r"\{(\w+)\}")

_NO_PARTS: Mapping[str, object] = {}


class Said(str):
    """A message in English, with its template and what stands in its gaps."""

    __slots__ = ("parts", "template")

    template: str
    parts: Mapping[str, object]


def say(template: str, /, **parts: object) -> Said:
    """The template with each `{name}` replaced by that part; all other braces stay as they are.

    A part may itself have been said. Templates are literals where they are used: the catalogue's keys.
    """
    said = Said(_filled(template, parts))
    said.template, said.parts = template, parts or _NO_PARTS
    return said


def tell(message: str, catalogue: Mapping[str, str]) -> str:
    """The message by a catalogue of templates; what it does not hold stays as it was said."""
    if not isinstance(message, Said):
        return catalogue.get(message, message)
    parts = {
        name: tell(part, catalogue) if isinstance(part, Said) else part
        for name, part in message.parts.items()
    }
    return _filled(catalogue.get(message.template, message.template), parts)


def _filled(template: str, parts: Mapping[str, object]) -> str:
    if not parts:
        return template
    return _PART.sub(lambda gap: str(parts[gap[1]]) if gap[1] in parts else gap[0], template)
