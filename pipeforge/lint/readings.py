"""What a value of the wrong type was meant as, where that can be told from the value itself."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pipeforge.language.diagnostics import Edit, Fix, Place, Route
from pipeforge.language.saying import Said, say
from pipeforge.language.scalars import resolve
from pipeforge.language.templating import OPEN


class Reading(NamedTuple):
    """The mend of a value, and how a machine makes it."""

    hint: Said
    fix: Fix | None = None


_SHORT: Mapping[str, tuple[str, str]] = {
    "retry": ("max_attempts", r"[1-9][0-9]{0,2}"),
    "poll": ("interval", r"[0-9]+(?:\.[0-9]+)?[smhd]"),
}
"""Keys that others give a bare value: under which key of the mapping it belongs, and how it looks."""
_PLAIN = re.compile(r"[\w$.-]+(?: [\w$.-]+)*")
_BOUND = re.compile(r"(?P<key>[A-Za-z_][\w-]*)(?::| +)(?P<value>\S+)")
_SEPARATOR = re.compile(r"[ \u3000]*[,，、;；|][ \u3000]*|[ \u3000]+")


def reading(route: Route, wanted: str, value: Any) -> Reading | None:
    """The mend of a value that should have been `wanted` (in the words of messages); None where unclear."""
    key = next((part for part in reversed(route) if isinstance(part, str)), "")
    for words, read in _READINGS:
        if words in wanted:
            return read(route, key, value)
    return None


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones; blanks at the ends gone."""
    return unicodedata.normalize("NFKC", text).strip()


def parts(text: str) -> list[str]:
    """What a text lists: `a, b`, `a，b`, `a、b` or `a b`, with or without full-width brackets."""
    return [part for part in _SEPARATOR.split(half_width(text).strip("[]")) if part]


def _replace(route: Route, text: str, *, safe: bool = False) -> Reading:
    hint = say("write {text}", text=text)
    return Reading(hint, Fix(hint, (Edit(Place(route), text),), safe))


def _mapping(route: Route, key: str, value: Any) -> Reading | None:
    if key == "foreach" and route[-1:] == (key,):
        return _foreach(route, value)
    if key in _SHORT and route[-1:] == (key,):
        inner, looks = _SHORT[key]
        text = f"{{{inner}: {value}}}"
        if re.fullmatch(looks, str(value)) and not isinstance(value, bool):
            return Reading(say("write {key}: {text}", key=key, text=text), _replace(route, text).fix)
        example = "3" if key == "retry" else "10s"
        return Reading(say("write {key}: {text}", key=key, text=f"{{{inner}: {example}}}"))
    bound = _BOUND.fullmatch(value) if isinstance(value, str) else None
    if bound is None or "://" in value:
        return None
    text = f"{bound['key']}: {bound['value']}"
    return Reading(say("a key wants a colon and a space after it: {text}", text=text))


def _foreach(route: Route, value: Any) -> Reading | None:
    if isinstance(value, list):
        return Reading(say("write foreach: {items: [ … ]}"))
    if isinstance(value, str) and OPEN in value and '"' not in value:
        text = f'{{items: "{value}"}}'
        return Reading(say("write foreach: {text}", text=text), _replace(route, text).fix)
    return None


def _number(route: Route, _: str, value: Any) -> Reading | None:
    if not isinstance(value, str):
        return None
    if type(resolve(value)) in (int, float):
        hint = say("remove the quotes")
        return Reading(hint, Fix(hint, (Edit(Place(route), how="unquote"),)))
    half = half_width(value)
    if re.fullmatch(r"[-+]?[0-9]{1,3}(?:[,_' ][0-9]{3})+|[0-9]+(?:_[0-9]+)+", half):
        half = re.sub(r"[,_' ]", "", half)
    digits = re.fullmatch(r"([-+]?)0*([0-9]{1,18}(?:\.[0-9]+)?)", half)
    if digits is None:
        return None
    text = f"{digits[1].replace('+', '')}{digits[2]}"
    safe = half_width(value) != value and half == text
    if not safe and re.match(r"[-+]?0[0-9]", half):
        hint = say("write {text}, without the leading zero", text=text)
        return Reading(hint, _replace(route, text).fix)
    return _replace(route, text, safe=safe)


_WORDS = {
    "true": "true", "yes": "true", "on": "true", "y": "true", "1": "true", "はい": "true",
    "false": "false", "no": "false", "off": "false", "n": "false", "0": "false", "いいえ": "false",
}  # fmt: skip


def _truth(route: Route, _: str, value: Any) -> Reading | None:
    if isinstance(value, str) and isinstance(resolve(value), bool):
        hint = say("remove the quotes")
        return Reading(hint, Fix(hint, (Edit(Place(route), how="unquote"),)))
    text = half_width(str(value)).casefold() if isinstance(value, str | int) else ""
    if text not in _WORDS:
        return None
    return _replace(route, _WORDS[text], safe=text in ("yes", "no", "on", "off", "true", "false"))


def _list(route: Route, _: str, value: Any) -> Reading | None:
    if not isinstance(value, str):
        return None
    several = parts(value)
    if len(several) < 2 or not re.search(r"[,，、;；|]", value):
        return None
    if not all(_PLAIN.fullmatch(part) and isinstance(resolve(part), str) for part in several):
        return None
    return _replace(route, f"[{', '.join(several)}]")


_READINGS: tuple[tuple[str, Callable[[Route, str, Any], Reading | None]], ...] = (
    ("a mapping", _mapping),
    ("number", _number),
    ("true or false", _truth),
    ("a list", _list),
)
