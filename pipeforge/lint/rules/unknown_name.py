"""Names in templates that stand for nothing. One missing name is one mistake, wherever it is used."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Fix, Place, Problem
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import Path
from pipeforge.lint.mending import instead, rename
from pipeforge.lint.misnamed import Miss, misses
from pipeforge.lint.other_names import NAMES
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject


def check(subject: Subject) -> Iterator[Problem]:
    missing_steps = {n.text for s in subject.steps.values() for n in s.needs if n.text not in subject.steps}
    grouped: dict[Path, list[Miss]] = {}
    for miss in misses(subject):
        # A step that is not there was named where it is needed.
        if not (miss.known == ("steps",) and miss.part in missing_steps):
            grouped.setdefault((*miss.known, miss.part), []).append(miss)
    for number, same in enumerate(grouped.values()):
        first = same[0]
        also = tuple(
            (Place(other.use.route, within=other.within), say("used here too"))
            for other in same[1:]
            if other.use.path == first.use.path
        )
        bounded = number < subject.suggestions
        fix = _fix(subject, [one for one in same if one.use.path == first.use.path]) if bounded else None
        yield _problem(subject, first, bounded=bounded)._replace(see_also=also, fix=fix)
    for step in subject.steps.values():
        if step.item is not None:
            yield from _in_items(subject, step)


def _in_items(subject: Subject, step: StepView) -> Iterator[Problem]:
    """Items that are written out and lack a key that others have and a template uses."""
    foreach = step.data.get("foreach")
    items = foreach.get("items") if isinstance(foreach, Mapping) else None
    items = items if isinstance(items, list) and all(isinstance(one, Mapping) for one in items) else []
    some = {key for one in items for key in one}
    lacking = [(index, one) for index, one in enumerate(items) if len(one) < len(some)]
    if not lacking:
        return
    used = {
        path[1]
        for use in subject.uses
        if use.step is step
        for expression, path in use.names
        if path[0] == step.item and len(path) > 1 and "default" not in expression.filters
    }
    for index, one in lacking:
        for key in sorted(used & (some - one.keys())):
            yield _lacks(step, index, one, key)


def _lacks(step: StepView, index: int, item: Mapping[str, Any], key: str) -> Problem:
    route = (*step.route, "foreach", "items", index)
    near = nearest(key, item)
    if near is not None:
        message, hint = say("unknown key '{key}'", key=near), say("did you mean '{near}'?", near=key)
        return Problem((*route, near), message, hint, on_key=True, fix=rename((*route, near), key))
    message = say("an item has no '{key}', which '{step}' uses", key=key, step=step.id)
    return Problem(route, message, say("add {key}: …", key=key))


def _problem(subject: Subject, miss: Miss, *, bounded: bool) -> Problem:
    names, part, known = miss.unknown.names, miss.part, ".".join(miss.known)
    if not names.noun:
        message, hint = say("'{known}' has no '{part}'", known=known, part=part), say("it has no parts")
        return Problem(miss.use.route, message, names.hint or hint, within=miss.within, path=miss.use.path)
    message = say("unknown {noun} '{key}'", noun=names.noun, key=part)
    if not names.children:
        hint = names.hint or say("there are no {what}", what=_many(names.noun))
    else:
        if len(miss.known) > 1:
            message = say("unknown {noun} '{key}' in '{known}'", noun=names.noun, key=part, known=known)
        hint = _hint(subject, miss) if bounded else say("look at the names in '{known}'", known=known)
    return Problem(miss.use.route, message, hint, within=miss.within, path=miss.use.path)


def _fix(subject: Subject, misses: list[Miss]) -> Fix | None:
    """The nearest name, or the section it stands in, wherever it is used."""
    first = misses[0]
    names, part = first.unknown.names, first.part
    near = nearest(part, names.children or ())
    if near is None and _item(first):
        near = _item(first)
    elif near is None and not first.known:
        section = _section(subject, part)
        word = NAMES.get(part)
        near = f"{section}.{part}" if section else word if word in _SECTIONS else None
    places = (Place(one.use.route, within=one.within) for one in misses)
    return instead(places, near, reveals=True)


_SECTIONS = frozenset(["custom_variables", "steps", "secrets", "env"])
"""Of what other tools' names are called here, that which means the same."""


def _section(subject: Subject, part: str) -> str | None:
    """Where a name without its section would be found."""
    for section in ("custom_variables", "records", "steps"):
        inner = subject.names.children[section].children if subject.names.children else None
        if inner and part in inner:
            return section
    return None


def _item(miss: Miss) -> str | None:
    """What the item is called in a step whose foreach gives it another name."""
    step = miss.use.step
    named = step is not None and miss.use.section != "foreach" and not miss.known
    return step.item if step and named and (miss.part == "item" or NAMES.get(miss.part) == "item") else None


def _many(noun: Said) -> Said:
    return say("{noun}s", noun=noun)


def _hint(subject: Subject, miss: Miss) -> Said:
    names, part = miss.unknown.names, miss.part
    assert names.children is not None
    near = nearest(part, names.children)
    if near is not None:
        return say("did you mean '{near}'?", near=near)
    if _item(miss):
        return say("the item is called '{item}' in this step", item=_item(miss))
    if not miss.known:
        section = _section(subject, part)
        if section is not None:
            return say("write {name}", name=f"{section}.{part}")
        if part == "item" or NAMES.get(part) == "item":
            return say("in a step with foreach, the item is called item, or what `as` says")
        if part in NAMES:
            return say("write {name}", name=NAMES[part])
    listed = suggest(part, names.children, _many(names.noun))
    return say("{first}; {then}", first=names.hint, then=listed) if names.hint else listed


RULE = Rule("PF302", "unknown-name", "error", say("a template names something that is not there"), check)
