"""Names in templates that stand for nothing. One missing name is one mistake, wherever it is used."""

from collections.abc import Iterator
from typing import NamedTuple

from pipeforge.language.diagnostics import Fix, Place, Problem
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.scope import Names, Unknown, resolve, within_foreach
from pipeforge.language.templating import Expression, Path
from pipeforge.lint.mending import instead
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject, Use
from pipeforge.lint.words import NAMES


class _Miss(NamedTuple):
    use: Use
    expression: Expression
    path: Path
    unknown: Unknown

    @property
    def known(self) -> Path:
        return self.path[: self.unknown.position]

    @property
    def part(self) -> str:
        return self.path[self.unknown.position]

    @property
    def within(self) -> tuple[int, int]:
        return self.expression.place(self.path[: self.unknown.position + 1])


def check(subject: Subject) -> Iterator[Problem]:
    missing_steps = {n.text for s in subject.steps.values() for n in s.needs if n.text not in subject.steps}
    grouped: dict[Path, list[_Miss]] = {}
    for miss in _misses(subject):
        # A step that is not there was named where it is needed.
        if not (miss.known == ("steps",) and miss.part in missing_steps):
            grouped.setdefault((*miss.known, miss.part), []).append(miss)
    for number, misses in enumerate(grouped.values()):
        first = misses[0]
        also = tuple(
            (Place(other.use.route, within=other.within), say("used here too"))
            for other in misses[1:]
            if other.use.path == first.use.path
        )
        bounded = number < subject.suggestions
        fix = _fix(subject, [one for one in misses if one.use.path == first.use.path]) if bounded else None
        yield _problem(subject, first, bounded=bounded)._replace(see_also=also, fix=fix)


def _misses(subject: Subject) -> Iterator[_Miss]:
    trees: dict[str, Names] = {}
    for use in subject.uses:
        names = subject.names
        if use.step is not None and use.step.item is not None and use.section != "foreach":
            item = use.step.item
            names = trees.setdefault(item, within_foreach(subject.names, item))
        for expression, path in use.names:
            unknown = resolve(names, path)
            if unknown is not None:
                yield _Miss(use, expression, path, unknown)


def _problem(subject: Subject, miss: _Miss, *, bounded: bool) -> Problem:
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


def _fix(subject: Subject, misses: list[_Miss]) -> Fix | None:
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


def _item(miss: _Miss) -> str | None:
    """What the item is called in a step whose foreach gives it another name."""
    step = miss.use.step
    named = step is not None and miss.use.section != "foreach" and not miss.known
    return step.item if step and named and (miss.part == "item" or NAMES.get(miss.part) == "item") else None


def _many(noun: Said) -> Said:
    return say("{noun}s", noun=noun)


def _hint(subject: Subject, miss: _Miss) -> Said:
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
