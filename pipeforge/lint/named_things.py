"""What steps name at their vendors, and what is known of it: looked up just now, or kept in a lock."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.adapter import Named
from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.lock import Thing, key, read
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.lint.policies import connections
from pipeforge.lint.subject import StepView, Subject


class Mention(NamedTuple):
    """A step that names a thing."""

    step: StepView
    connection: str
    named: Named
    names: tuple[Any, ...]
    """The values of `named.params`, none of them a template."""
    given: Mapping[str, Any]
    """The values that the thing is given, by name."""

    @property
    def key(self) -> str:
        return key(self.named.what, self.names)

    @property
    def route(self) -> Route:
        """Where it is named: the last of the parameters that do, or the step's kind."""
        if not self.named.params:
            return (*self.step.route, "uses")
        return (*self.step.route, "with", self.named.params[-1])


def mentions(subject: Subject) -> Iterator[Mention]:
    """Every thing that a step names in plain words."""
    used = connections(subject)
    for step in subject.steps.values():
        named = step.kind.traits.names if step.kind else None
        view, params = used.get(step.id), subject.params.get(step.id)
        if named is None or view is None or not isinstance(params, Mapping):
            continue
        names = tuple(params.get(name) for name in named.params)
        if all(_plain(value) for value in names):
            given = params.get(named.given)
            yield Mention(step, view.name, named, names, given if isinstance(given, Mapping) else {})


def _plain(value: Any) -> bool:
    return isinstance(value, str | int) and not (isinstance(value, str) and OPEN in value)


def known(subject: Subject) -> Iterator[tuple[Mention, Thing]]:
    """The same with what is known of each, as far as it is."""
    if subject.lock is None:
        return
    for mention in mentions(subject):
        thing = subject.lock.of(subject.environment, mention.connection, mention.key)
        if thing is not None:
            yield mention, thing


def take(subject: Subject, path: Path) -> None:
    """Takes the lock from its file. Never raises: what is wrong with it is noted."""
    try:
        subject.lock = read(path)
    except UsageError as error:
        subject.note(
            "broken-lock", Problem((), say("{told}", told=error.message), say("{mend}", mend=error.hint))
        )
