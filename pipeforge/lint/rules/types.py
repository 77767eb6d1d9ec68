"""Templates whose types cannot be right: what filters take, what is compared, what parameters are given."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.comparing import Wrong
from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.kintone_types import TYPES
from pipeforge.language.saying import say
from pipeforge.language.templating import CLOSE, OPEN, Expression, Template, TemplateError, template
from pipeforge.language.types import NOUNS, Type
from pipeforge.lint.fitting import fits
from pipeforge.lint.known_types import KnownTypes
from pipeforge.lint.rule import Rule
from pipeforge.lint.rules.too_early import too_early
from pipeforge.lint.subject import StepView, Subject, Use
from pipeforge.loading import load


def mismatches(subject: Subject) -> Iterator[Problem]:
    types = KnownTypes(subject)
    wanted: dict[str, list[tuple[Use, Expression, Type]]] = {}
    for use, found in _templates(subject):
        for expression in found.expressions:
            inferred = types.infer(expression.source, use.step)
            yield from (_problem(use, expression, one) for one in inferred.wrong if one.sort == "type")
        if found.whole and not inferred.wrong and inferred.type.known:
            if use.section in ("if", "foreach"):
                yield from _unlike(use, found.expressions[0], inferred.type)
            elif use.route[-1:] == ("value",) and _is_text_of_kintone(subject, use):
                yield from _unlike_text(use, found.expressions[0], inferred.type)
            elif use.section == "with" and use.step is not None and not _fits(use, use.step, inferred.type):
                wanted.setdefault(use.step.id, []).append((use, found.expressions[0], inferred.type))
    for id_, given in wanted.items():
        yield from _parameters(subject, id_, given)


def _fits(use: Use, step: StepView, given: Type) -> bool:
    """Whether what is a template as a whole certainly takes what that gives: so it is for most."""
    return step.kind is not None and fits(step.kind.params, use.route[len(step.route) + 1 :], given)


def never(subject: Subject) -> Iterator[Problem]:
    if not any(sign in use.text for use in subject.uses for sign in _COMPARING):
        return
    types = KnownTypes(subject)
    for use, found in _templates(subject):
        for expression in found.expressions:
            if not any(sign in expression.source for sign in _COMPARING):
                continue
            wrong = types.infer(expression.source, use.step).wrong
            yield from (_problem(use, expression, one) for one in wrong if one.sort == "never")


_COMPARING = ("==", "!=", " in")


def _templates(subject: Subject) -> Iterator[tuple[Use, Template]]:
    """Every text whose templates can all be read, and whose names have a value there."""
    for use in subject.uses:
        if use.section != "connections" and not use.errors and not too_early(use):
            try:
                found = template(use.text)
            except TemplateError:
                continue
            if found is not None:
                yield use, found


def _problem(use: Use, expression: Expression, wrong: Wrong) -> Problem:
    within = _at(expression, wrong.near)
    fix = None
    if wrong.instead:
        edit = Edit(Place(use.route, within=within), wrong.instead)
        fix = Fix(say("write '{word}'", word=wrong.instead), (edit,), safe=False)
    return Problem(use.route, wrong.message, wrong.hint, within=within, fix=fix, path=use.path)


def _at(expression: Expression, near: str) -> tuple[int, int]:
    """Where a piece of an expression's source stands in the text around it."""
    pattern = rf"(?<!\w){re.escape(near)}(?!\w)" if near.isidentifier() else re.escape(near)
    piped = re.search(rf"\|\s*({pattern})", expression.source)
    found = piped or re.search(rf"({pattern})", expression.source)
    if found is None:
        return expression.start, expression.end
    shift = expression.start + len(OPEN)
    return shift + found.start(1), shift + found.end(1)


def _unlike(use: Use, expression: Expression, given: Type) -> Iterator[Problem]:
    """A condition that is not true or false, items that are no list."""
    if given.sort == ("bool" if use.section == "if" else "list"):
        return
    wanted = NOUNS["bool" if use.section == "if" else "list"]
    hint = (
        say("compare it with something, as in x == 1")
        if use.section == "if"
        else say("make a list of it, as in [x], or split a text with | split(',')")
    )
    key = use.route[-1]
    message = say(
        "'{key}' wants {wanted}, and this gives {given}", key=key, wanted=wanted, given=NOUNS[given.sort]
    )
    yield Problem(use.route, message, hint, within=(expression.start, expression.end))


def _is_text_of_kintone(subject: Subject, use: Use) -> bool:
    """Whether a value is that of a record's field that kintone takes as text."""
    data: Any = subject.documents[use.path].data if use.path else subject.data
    for part in use.route[:-1]:
        data = data[part] if isinstance(data, list) and isinstance(part, int) else data
        data = data.get(part) if isinstance(data, Mapping) else data
    name = data.get("type") if isinstance(data, Mapping) else None
    type_ = TYPES.get(name) if isinstance(name, str) else None
    return type_ is not None and type_.shape == "text"


def _unlike_text(use: Use, expression: Expression, given: Type) -> Iterator[Problem]:
    """A number where kintone takes the digits as text."""
    if given.sort not in ("int", "number", "bool"):
        return
    message = say(
        "'{key}' wants {wanted}, and this gives {given}",
        key="value",
        wanted=NOUNS["text"],
        given=NOUNS[given.sort],
    )
    within = (expression.start, expression.end)
    fix = _filtered(use, expression, "string")
    yield Problem(use.route, message, say("add | string"), within=within, fix=fix, path=use.path)


def _filtered(use: Use, expression: Expression, name: str) -> Fix:
    """One more filter at the end of an expression."""
    at = expression.end - len(CLOSE)
    blank = "" if use.text[at - 1 : at] == " " else " "
    source = f"{use.text[expression.start : at]}{blank}| {name} {CLOSE}"
    edit = Edit(Place(use.route, within=(expression.start, expression.end)), source)
    return Fix(say("add | {filter}", filter=name), (edit,), safe=False)


def _parameters(subject: Subject, id_: str, given: list[tuple[Use, Expression, Type]]) -> Iterator[Problem]:
    view = subject.steps[id_]
    if view.kind is None or id_ not in subject.params:
        return
    base = len(view.route) + 1
    types = {use.route[base:]: type_ for use, _, type_ in given}
    found = load("pipeforge.lint.unfitting:unfit")(view.kind.params.model, subject.params[id_], types)
    for use, expression, type_ in given:
        one = found.get(use.route[base:])
        if one is None:
            continue
        within = (expression.start, expression.end)
        fix = _filtered(use, expression, one.filter) if one.filter else None
        yield Problem(use.route, one.message(_key(use), type_), one.hint, within=within, fix=fix)


def _key(use: Use) -> Any:
    return next((part for part in reversed(use.route) if isinstance(part, str)), "")


RULES = (
    Rule("PF313", "type-mismatch", "error", say("a template gives what cannot be used there"), mismatches),
    Rule("PF314", "never-true", "warning", say("a comparison always comes out the same"), never),
)
