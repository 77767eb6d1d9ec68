"""Templates that cannot be read, and filters that are not there."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.filters import FILTERS
from pipeforge.language.nearest import nearest
from pipeforge.language.saying import say
from pipeforge.language.templating import TemplateError
from pipeforge.lint.mending import instead
from pipeforge.lint.rule import Check, Rule
from pipeforge.lint.subject import Subject, Use


def _check(*, filters: bool) -> Check:
    def check(subject: Subject) -> Iterator[Problem]:
        for use in subject.uses:
            for error in use.errors:
                if bool(error.filter) == filters:
                    fix = _fix(use, error) if filters else None
                    odd = None if filters else _odd_sign(use, error)
                    found = odd or Problem(use.route, error.message, error.hint, fix=fix, path=use.path)
                    yield found if odd else found._replace(within=error.within)

    return check


def _fix(use: Use, error: TemplateError) -> Fix | None:
    """The nearest filter. What the rest of the template has wrong is seen only then."""
    place = Place(use.route, within=error.within)
    return instead([place], nearest(error.filter, FILTERS), reveals=True) if error.within else None


_HALF = {
    **{chr(wide): chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F) if not chr(wide).isalnum()},
    **dict.fromkeys("“”‘’＂", "'"),
    "、": ",",
}
"""Full-width signs, and the half-width ones that expressions are made of."""


def _odd_sign(use: Use, error: TemplateError) -> Problem | None:
    """The full-width sign for which an expression cannot be read, and all those in it mended."""
    start, end = error.within or (0, 0)
    odd = [at for at in _outside_quotes(use.text, start, end) if use.text[at] in _HALF]
    if not odd:
        return None
    edits = tuple(Edit(Place(use.route, within=(at, at + 1)), _HALF[use.text[at]]) for at in odd)
    sign, half = use.text[odd[0]], _HALF[use.text[odd[0]]]
    hint = say("write {sign}, half-width", sign=half)
    fix = Fix(say("write half-width signs"), edits, safe=False, reveals=True)
    message = say("'{sign}' means nothing in an expression", sign=sign)
    return Problem(use.route, message, hint, within=(odd[0], odd[0] + 1), fix=fix, path=use.path)


def _outside_quotes(text: str, start: int, end: int) -> Iterator[int]:
    quote = ""
    for at in range(start, end):
        if quote:
            quote = "" if text[at] == quote else quote
        elif text[at] in "'\"":
            quote = text[at]
        else:
            yield at


RULES = (
    Rule("PF301", "template-syntax", "error", say("a template cannot be read"), _check(filters=False)),
    Rule("PF303", "unknown-filter", "error", say("a filter is not there"), _check(filters=True)),
)
