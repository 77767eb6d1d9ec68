"""Says everything that is wrong with data for its model, as if misspelt keys had been right."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeforge.language.diagnostics import Edit, Fix, Place, Route
from pipeforge.language.kinds import Traits
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import Said, say
from pipeforge.lint.annotations import fields, models_at
from pipeforge.lint.examining import KEY, Examined
from pipeforge.lint.faults import Fault
from pipeforge.lint.mending import foreign_duration, rename
from pipeforge.lint.other_tools import RUN_WHEN, STANDS_FOR
from pipeforge.lint.translating import Raw, raw_errors, translate
from pipeforge.lint.words import OURS, Vocabulary

_T = TypeVar("_T", bound=str)

_STRAY = "\u3000 \t:："
"""What slips in around a key: ideographic spaces, full-width colons."""


def find(
    model: type[BaseModel],
    data: Any,
    *,
    templates: bool = False,
    noun: Said = KEY,
    traits: Traits | None = None,
) -> Examined:
    """All faults of `data`. `templates`: its texts may be templates, whose values nobody knows yet.

    `traits`: of the kind whose parameters they are; they tell what those are called elsewhere.
    """
    try:
        return Examined(data, is_right=True, valid=model.model_validate(data))
    except ValidationError as error:
        found = list(raw_errors(error, data))
    words = Vocabulary({model: traits.called}, {model: traits.lacks}) if traits else OURS
    repair = _Repair(model, data, noun, words)
    # What stands under a key that was renamed is looked at under its right name.
    while unknown := [
        one.route for one in found if one.type == "extra_forbidden" and one.route not in repair.taken
    ]:
        for route in unknown:
            repair.take(route)
        found = _again(model, repair.result.data) if repair.result.renamed else found
    examined = repair.result
    rest = [one for one in found if one.type != "extra_forbidden"]
    for fault in translate(model, examined.data, rest, templates=templates, noun=noun):
        foreign = repair.covering(fault.route)
        if fault.sort == "missing_key" and fault.route in repair.stood_for:
            continue
        if foreign is None:
            examined.faults.append(fault)
        else:
            repair.explain(foreign, fault)
    if noun != KEY:
        _pair(examined)
    return examined


def _pair(examined: Examined) -> None:
    """The one unknown key beside the one missing key is that one under another name: one mistake."""
    strange = [one for one in examined.faults if one.sort == "unknown_key" and one.fix is None]
    missing = [one for one in examined.faults if one.sort == "missing_key"]
    if len(strange) != 1 or len(missing) != 1 or strange[0].route[:-1] != missing[0].route[:-1]:
        return
    hint = say("'{key}' is missing; {hint}", key=missing[0].route[-1], hint=strange[0].hint)
    examined.faults[:] = [
        one._replace(hint=hint) if one is strange[0] else one
        for one in examined.faults
        if one is not missing[0]
    ]


def _again(model: type[BaseModel], data: Any) -> list[Raw]:
    try:
        model.model_validate(data)
    except ValidationError as error:
        return list(raw_errors(error, data))
    return []


_HOLDERS = frozenset(["steps", "custom_variables", "connections", "defaults"])
"""Keys that hold things of their own, each with its own mistakes."""


class _Repair:
    """Renames misspelt keys in a copy, level by level, and keeps what it found."""

    def __init__(self, model: type[BaseModel], data: Any, noun: Said, words: Vocabulary) -> None:
        self.result = Examined(data)
        self._model = model
        self._noun = noun
        self._words = words
        self._copied: set[Route] = set()
        self._foreign: set[Route] = set()
        self.taken: set[Route] = set()
        self.stood_for: set[Route] = set()
        """Keys that are not there because another tool's word stands in their place."""

    def take(self, route: Route) -> None:
        """Notes one unknown key, and renames it when it is clear what was meant."""
        self.taken.add(route)
        parent, key = route[:-1], str(route[-1])
        known = [name for one in models_at(self._model, parent) for name in fields(one)]
        absent = self._word(self._words.absent, parent, key)
        foreign = self._word(self._words.foreign, parent, key)
        if absent is None and foreign is None and len(key) > 1 and (key[0] == "+" or key[-1] == ">"):
            absent = self._word(self._words.absent, parent, "+" if key[0] == "+" else ">")
        if foreign in self._at(parent):
            foreign = None if nearest(key, known) else foreign  # what is there already was not meant
        ours = None if absent else foreign or nearest(key.strip(_STRAY), known)
        fault = Fault(
            "unknown_key",
            route,
            say("unknown {noun} '{key}'", noun=self._noun, key=key),
            self._hint(key, known),
            True,
        )
        if absent:
            fault = fault._replace(sort="foreign_word", hint=absent)
            if absent in STANDS_FOR:
                self.stood_for.add((*parent, STANDS_FOR[absent]))
        elif foreign:
            fault = Fault(
                "foreign_word",
                route,
                say("'{key}' is called '{ours}' here", key=key, ours=ours),
                say("write {ours}:", ours=ours),
                True,
            )
        if ours is None:
            self.result.faults.append(fault)
        elif ours in self._at(parent):
            self.result.faults.append(
                fault._replace(hint=say("'{ours}' is given already; keep one of the two", ours=ours))
            )
        else:
            self._rename(parent, key, ours)
            if foreign:
                self._foreign.add((*parent, ours))
            self.result.faults.append(
                fault._replace(route=(*parent, ours), fix=rename((*parent, ours), ours))
            )

    def _hint(self, key: str, known: list[str]) -> Said:
        if key.strip(_STRAY) != key and key.strip(_STRAY) in known:
            return say(
                "write '{key}': something stands before or behind it that YAML takes for text",
                key=key.strip(_STRAY),
            )
        return suggest(key, known, say("{noun}s", noun=self._noun))

    def covering(self, route: Route) -> Route | None:
        """The renamed key of another tool that a fault follows from: that one was named already."""
        if not self._foreign:
            return None
        if route in self._foreign:
            return route
        above = (route[: n + 1] for n in range(len(route) - 1))
        return next((one for one in above if one in self._foreign and one[-1] not in _HOLDERS), None)

    def explain(self, foreign: Route, fault: Fault) -> None:
        """Another tool's key whose value would not do here: renaming alone is no mend."""
        faults = self.result.faults
        for number, one in enumerate(faults):
            if one.route == foreign and one.fix is not None:
                hint, fix = self._mend(foreign, one.fix, fault)
                hint = hint or say("{hint}, but {message}", hint=one.hint, message=fault.message)
                faults[number] = one._replace(hint=hint, fix=fix)

    def _mend(self, foreign: Route, renamed: Fix, fault: Fault) -> tuple[Said | None, Fix | None]:
        """A key's new name together with what becomes of its value, where that is clear."""
        key, value = str(foreign[-1]), self._at(foreign[:-1])[str(foreign[-1])]
        if fault.sort == "duration":
            return None, foreign_duration(renamed, foreign, self.result.renamed[foreign], value)
        if key == "run_when" and value in RUN_WHEN:
            hint = say("write {key}: {value}", key=key, value=RUN_WHEN[value])
            edit = Edit(Place(foreign), RUN_WHEN[value], "text")
            return hint, Fix(hint, (*renamed.edits, edit), safe=False)
        if fault.sort == "type" and fault.route == foreign and fault.hint.startswith(f"write {key}: {{"):
            edits = (*renamed.edits, *fault.fix.edits) if fault.fix else ()
            return fault.hint, Fix(fault.hint, edits, safe=False) if edits else None
        return None, None

    def _word(self, table: Mapping[type[BaseModel], Mapping[str, _T]], parent: Route, key: str) -> _T | None:
        found = (table.get(model, {}).get(key) for model in models_at(self._model, parent))
        return next((word for word in found if word), None)

    def _at(self, route: Route) -> Mapping[str, Any]:
        value = self.result.data
        for part in route:
            value = value[part]
        assert isinstance(value, Mapping)
        return value

    def _rename(self, parent: Route, key: str, ours: str) -> None:
        holder = self._copy(parent)
        holder[ours] = holder.pop(key)
        self.result.renamed[(*parent, ours)] = key

    def _copy(self, route: Route) -> Any:
        """The collection at a route of the result's data, ours to change."""
        if route in self._copied:
            return self._at(route)
        above = self._copy(route[:-1]) if route else None
        original = self.result.data if above is None else above[route[-1]]
        copy = dict(original) if isinstance(original, Mapping) else list(original)
        if above is None:
            self.result.data = copy
        else:
            above[route[-1]] = copy
        self._copied.add(route)
        return copy
