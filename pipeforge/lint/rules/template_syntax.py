"""Templates that cannot be read, and filters that are not there."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.rule import Check, Rule
from pipeforge.lint.subject import Subject


def _check(*, filters: bool) -> Check:
    def check(subject: Subject) -> Iterator[Problem]:
        for use in subject.uses:
            for error in use.errors:
                if bool(error.filter) == filters:
                    yield Problem(use.route, error.message, error.hint, within=error.within, path=use.path)

    return check


RULES = (
    Rule("PF301", "template-syntax", "error", "a template cannot be read", _check(filters=False)),
    Rule("PF303", "unknown-filter", "error", "a filter is not there", _check(filters=True)),
)
