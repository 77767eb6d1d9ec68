"""Templates that cannot be read, and filters that are not there."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Fix, Place, Problem
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
                    found = Problem(use.route, error.message, error.hint, fix=fix, path=use.path)
                    yield found._replace(within=error.within)

    return check


def _fix(use: Use, error: TemplateError) -> Fix | None:
    """The nearest filter. What the rest of the template has wrong is seen only then."""
    place = Place(use.route, within=error.within)
    return instead([place], nearest(error.filter, FILTERS), reveals=True) if error.within else None


RULES = (
    Rule("PF301", "template-syntax", "error", say("a template cannot be read"), _check(filters=False)),
    Rule("PF303", "unknown-filter", "error", say("a filter is not there"), _check(filters=True)),
)
