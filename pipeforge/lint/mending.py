"""Which fix mends which mistake: safe where only one thing can have been meant."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Route
from pipeforge.language.nearest import nearest
from pipeforge.language.saying import say

_DURATION = r"write ([0-9]+[smhd])"
_UNIT = r"(?i)(?P<s>sec|second|retry_delay)|(?P<m>min|minute)"
"""How other tools' keys tell the unit of bare numbers. inferred: Airflow's retry_delay is in seconds."""
_SLASHED = r"([0-9]{4})(?:[/.]|-|年)([0-9]{1,2})(?:[/.]|-|月)([0-9]{1,2})日?"
_HALF = str.maketrans("０１２３４５６７８９．－：／", "0123456789.-:/")


def rename(route: Route, name: str) -> Fix:
    """A key under its right name."""
    return Fix(say("rename to '{name}'", name=name), (Edit(Place(route, on_key=True), name),))


def instead(
    places: Iterable[Place], text: str | None, *, safe: bool = False, reveals: bool = False
) -> Fix | None:
    """A text in place of another, wherever that stands; None where nothing is known to be near."""
    if text is None:
        return None
    edits = tuple(Edit(place, text, "replace" if place.within else "text") for place in places)
    return Fix(say("write '{text}'", text=text), edits, safe, reveals)


def quote(route: Route) -> Fix:
    return Fix(say("put it in quotes"), (Edit(Place(route), how="quote"),))


def choice(route: Route, value: Any, choices: Iterable[str]) -> Fix | None:
    """The nearest of the allowed values."""
    return instead([Place(route)], nearest(value, choices)) if isinstance(value, str) else None


def of_type(route: Route, wanted: str, value: Any) -> Fix | None:
    """For a value of the wrong type: quotes put around it, a list made of its only item."""
    place = Place(route)
    if "text" in wanted and isinstance(value, bool | int | float):
        return quote(route)
    single = isinstance(value, str | int | float) and not re.search(r"[,\s]", str(value))
    if wanted == "a list" and single:
        return Fix(say("make it a list"), (Edit(place, how="wrap"),))
    return None


def duration(route: Route, hint: str) -> Fix | None:
    """A duration in other words, such as `5 minutes` or `PT5M`, in ours."""
    found = re.fullmatch(_DURATION, hint)
    return instead([Place(route)], found[1], safe=True) if found else None


def foreign_duration(fix: Fix, route: Route, written: str, value: Any) -> Fix | None:
    """Another tool's key whose name told the unit of its number: renamed, and the number given that unit."""
    unit = re.search(_UNIT, written)
    if unit is None or isinstance(value, bool) or not isinstance(value, int):
        return None
    text = f"{value}{unit.lastgroup}"
    return Fix(
        say("{title} and write {text}", title=fix.title, text=text),
        (*fix.edits, Edit(Place(route), text, "text")),
        safe=False,
    )


def of_record(fields: Any, route: Route, base: Route, hint: str, *, on_key: bool) -> Fix | None:
    """For a mistake at `route` of a kintone record that stands at `base`."""
    holder, here = _at(fields, route[:-1]), (*base, *route)
    if not isinstance(holder, Mapping | list) or not route:
        return None
    meant = re.fullmatch(r"did you mean '(type|value|code|fileKey)'\?", hint)
    if on_key and meant and meant[1] not in holder:
        return rename(here, meant[1])._replace(reveals=True)
    value = _at(fields, route)
    if not on_key and isinstance(value, bool | int | float):
        return quote(here) if hint.startswith("put it in quotes") else None
    if not on_key and isinstance(value, str) and isinstance(holder, Mapping) and route[-1] == "value":
        return instead([Place(here)], _normal(holder.get("type"), value), safe=True)
    return None


def _normal(type_: Any, value: str) -> str | None:
    """The same value as kintone writes it, half-width and with all zeros; None where that is unclear."""
    half = value.translate(_HALF)
    if type_ == "NUMBER" and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", half):
        return half
    if type_ == "TIME" and (time := re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", half)):
        return f"{time[1].zfill(2)}:{time[2]}" if int(time[1]) < 24 and int(time[2]) < 60 else None
    if type_ == "DATE" and (day := re.fullmatch(_SLASHED, half)):
        try:
            return date(int(day[1]), int(day[2]), int(day[3])).isoformat()
        except ValueError:
            return None
    return None


def _at(data: Any, route: Route) -> Any:
    for part in route:
        if isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            data = data.get(part) if isinstance(data, Mapping) else None
    return data
