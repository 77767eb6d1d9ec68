"""Instants given to a vendor without their offset: refused, or taken for another hour than was meant."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.filters import FilterError, zone
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN, TemplateError, template
from pipeforge.lint.rule import Check, Rule
from pipeforge.lint.subject import StepView, Subject

_FORMATTED = r"""\|\s*date\(\s*(?:'([^']*)'|"([^"]*)")\s*(?:,\s*tz\s*=\s*['"][^'"]*['"]\s*)?\)\s*$"""
_ZONED = r"""\btz\s*[=(]\s*['"]([^'"]+)['"]"""
_OFFSETS = ("%z", "%:z", "%s")
_SAMPLES = (datetime.fromisoformat("2024-01-15"), datetime.fromisoformat("2024-07-15"))
"""A day in winter and one in summer: zones that agree on both are the same for us."""


class _Naive(NamedTuple):
    """An instant without its offset."""

    route: Route
    zone: str
    """Whose clocks it was read from."""
    taken: str | None
    """Whose clocks the vendor takes it for; None where the vendor refuses it."""
    value: str
    filter: tuple[int, int] | None
    """Of a template: the filter that leaves the offset out and one character before it, if it is in it."""

    @property
    def template(self) -> bool:
        return OPEN in self.value


def _check(wanted: str) -> Check:
    def check(subject: Subject) -> Iterator[Problem]:
        for step in subject.steps.values():
            for found in _naive(subject, step):
                if found.taken is None and wanted == "refused" and found.template:
                    message = say(
                        "'{name}' gets a time without an offset, which is refused", name=found.route[-1]
                    )
                    yield Problem(found.route, message, _hint(found), fix=_without_filter(found))
                elif found.taken is not None and wanted == "misread" and _differ(found.zone, found.taken):
                    yield _misread(found, found.taken)

    return check


def _misread(found: _Naive, taken: str) -> Problem:
    message = say(
        "'{name}' gets the time of {zone} without an offset, and it is taken for the time of {taken}",
        name=found.route[-1],
        zone=found.zone,
        taken=taken,
    )
    fix = _without_filter(found)
    if not found.template and taken == "Asia/Tokyo" and len(found.value) > len("2024-05-01"):
        text = f"{found.value}+09:00"
        fix = Fix(say("write '{text}'", text=text), (Edit(Place(found.route), text, "text"),), safe=False)
    return Problem(found.route, message, _hint(found), fix=fix)


def _without_filter(found: _Naive) -> Fix | None:
    if found.filter is None:
        return None
    edit = Edit(Place(found.route, within=found.filter), found.value[found.filter[0]])
    return Fix(say("leave the filter `date` out"), (edit,), safe=False)


def _hint(found: _Naive) -> Said:
    if found.template:
        return say("give the instant itself: leave the filter `date` out")
    return say("add the offset, such as +09:00")


def _naive(subject: Subject, step: StepView) -> Iterator[_Naive]:
    instants = step.kind.traits.instants if step.kind else None
    params = subject.params.get(step.id) if instants else None
    if not instants or not isinstance(params, dict):
        return
    here = subject.data.get("timezone", "UTC")
    for name, taken in instants.items():
        value = params.get(name)
        if not isinstance(value, str) or not isinstance(here, str):
            continue
        route = (*step.route, "with", name)
        if OPEN in value:
            read = _read(subject, value, here)
            if read is not None:
                yield _Naive(route, read[0], taken, value, read[1])
        elif _without_offset(value):
            yield _Naive(route, here, taken, value, None)


def _without_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _read(
    subject: Subject, text: str, here: str, *, further: bool = True
) -> tuple[str, tuple[int, int] | None] | None:
    """The zone from whose clocks a template reads context_time without saying so, and by which filter.

    None where it does not. The filter has no place where it stands in a custom variable.
    """
    if "date" not in text and "custom_variables" not in text:
        return None
    try:
        found = template(text)
        if found is None or not found.whole:
            return None
        expression = found.expressions[0]
        paths = expression.paths
    except TemplateError:
        return None
    if len(paths) == 1 and paths[0][0] == "custom_variables" and len(paths[0]) == 2 and further:
        value: Any = subject.variables.get(paths[0][1])
        plain = not expression.filters and isinstance(value, str)
        read = _read(subject, value, here, further=False) if plain else None
        return (read[0], None) if read else None
    formatted = re.search(_FORMATTED, expression.source)
    if formatted is None or paths != (("context_time",),):
        return None
    if any(mark in (formatted[1] or formatted[2] or "") for mark in _OFFSETS):
        return None
    zones = re.findall(_ZONED, expression.source)
    shift = expression.start + len(OPEN)
    last = len(expression.source[: formatted.start()].rstrip()) - 1
    end = len(expression.source.rstrip())
    return zones[-1] if zones else here, (shift + last, shift + end)


def _differ(one: str, other: str) -> bool:
    try:
        pairs = [(zone(one).utcoffset(day), zone(other).utcoffset(day)) for day in _SAMPLES]
    except FilterError:
        return False
    return any(left != right for left, right in pairs)


RULES = (
    Rule(
        "PF406", "refused-time", "error", say("a time without an offset will be refused"), _check("refused")
    ),
    Rule(
        "PF407",
        "misread-time",
        "warning",
        say("a time without an offset is taken for another"),
        _check("misread"),
    ),
)
