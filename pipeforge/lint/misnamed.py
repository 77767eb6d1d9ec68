"""Names in templates that stand for nothing, and the steps of which for that reason little can be said."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pipeforge.language.diagnostics import Problem
from pipeforge.language.expressions import chain_of
from pipeforge.language.scope import Names, Unknown, of_items, resolve, within_foreach
from pipeforge.language.templating import OPEN, Expression, Path
from pipeforge.lint.subject import StepView, Subject, Use


class Miss(NamedTuple):
    """One use of a name that stands for nothing."""

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


def misses(subject: Subject) -> Iterator[Miss]:
    """In the order of the texts."""
    trees: dict[str, Names] = {}
    for use in subject.uses:
        names = subject.names
        if use.step is not None and use.step.item is not None and use.section != "foreach":
            step = use.step
            if step.id not in trees:
                trees[step.id] = within_foreach(subject.names, use.step.item, item_names(subject, step))
            names = trees[step.id]
        for expression, path in use.names:
            unknown = resolve(names, path)
            if unknown is not None:
                yield Miss(use, expression, path, unknown)


def item_names(subject: Subject, step: StepView) -> Names:
    """What can follow the item of a step's foreach."""
    foreach = step.data.get("foreach")
    items = foreach.get("items") if isinstance(foreach, Mapping) else None
    if isinstance(items, str) and items.startswith(OPEN):
        chain = chain_of(items.removeprefix(OPEN).removesuffix("}}"))
        if chain is not None and chain.path[0] == "custom_variables" and not chain.filters:
            items = subject.variables.get(".".join(chain.path[1:]))
    return of_items(items)


def of_clear_steps(subject: Subject, found: Iterable[Problem]) -> Iterator[Problem]:
    """Without those of steps with a template that cannot be read or names what is not there.

    What was meant there may be the very thing that was found missing: that would be one mistake told twice.
    """
    problems = list(found)
    if not problems:
        return
    unclear = {use.step.id for use in subject.uses if use.step is not None and use.errors}
    unclear |= {miss.use.step.id for miss in misses(subject) if miss.use.step is not None}
    yield from (one for one in problems if one.route[1] not in unclear)
