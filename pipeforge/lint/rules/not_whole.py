"""Conditions and foreach items, which want a value and not a text."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem, Route
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN, TemplateError, template
from pipeforge.lint.readings import parts
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject
from pipeforge.lint.wording import said


def check(subject: Subject) -> Iterator[Problem]:
    if not subject.may_have("if") and not subject.may_have("foreach"):
        return
    for step in subject.steps.values():
        condition = step.data.get("if")
        if subject.foreign((*step.route, "if")):
            continue
        if isinstance(condition, str) and not _whole(condition):
            yield _problem(condition, (*step.route, "if"), say("true, false or one whole template"))
        foreach = step.data.get("foreach")
        if not isinstance(foreach, Mapping) or "items" not in foreach:
            continue
        items = foreach["items"]
        if not isinstance(items, list) and not (isinstance(items, str) and _whole(items)):
            yield _problem(items, (*step.route, "foreach", "items"), say("a list or one whole template"))


def _whole(text: str) -> bool:
    try:
        found = template(text)
    except TemplateError:
        return True  # said by the rule for syntax
    return found is not None and found.whole


def _problem(value: Any, route: Route, wanted: str) -> Problem:
    message = say("'{key}' wants {wanted}, got {got}", key=route[-1], wanted=wanted, got=said(value))
    if not isinstance(value, str):
        return Problem(route, message, say("give {wanted}", wanted=wanted))
    if OPEN in value:
        return Problem(route, message, say("put all of it into one ${{ }}"))
    if "\n" in value:
        return Problem(route, message, say("put ${{ }} around the expression"))
    hint, edits = _mend(value.strip(), route)
    return Problem(route, message, hint, fix=Fix(hint, edits, safe=False))


def _mend(text: str, route: Route) -> tuple[Said, tuple[Edit, ...]]:
    """What was meant by a text that is no template: a call of other tools, a word, a list, an expression."""
    call = re.fullmatch(_CALL, text)
    if call and route[-1] == "if":
        word = call[1] if call[1] in ("always", "success") else "failure"
        key = Edit(Place(route, on_key=True), "run_when")
        return say("write run_when: {word}, in place of the if", word=word), (key, Edit(Place(route), word))
    if route[-1] == "if" and text.casefold() in ("true", "false", "yes", "no", "on", "off"):
        word = "true" if text.casefold() in ("true", "yes", "on") else "false"
        return say("write {word}, without quotes", word=word), (Edit(Place(route), word),)
    several = parts(text)
    if route[-1] == "items" and all(re.fullmatch(_WORD, part) for part in several):
        listed = f"[{', '.join(several)}]"
        return say("write {listed}", listed=listed), (Edit(Place(route), listed),)
    foreign = re.fullmatch(_FOREIGN, text)
    wrapped = f"${{{{ {foreign['inside'] if foreign else text} }}}}"
    return say("write {wrapped}", wrapped=wrapped), (Edit(Place(route), wrapped, "text"),)


_FOREIGN = r"(?:\$?[ \u3000]*(?:\{\{|｛｛)|\$\{|\$\(|%\{|<%=?)\s*(?P<inside>.*?)\s*(?:\}\}|｝｝|\}|\)|%>)"
"""A template of another tool."""
_CALL = r"!?\s*(always|success|failure|cancelled|canceled)\(\)"
"""GitHub Actions' words for what run_when says."""
_WORD = r"(?!(?:custom_variables|steps|records|env|context_time|item)\b)\w[\w-]*"


RULE = Rule(
    "PF308", "not-whole", "error", say("a condition or a foreach's items is no whole template"), check
)
