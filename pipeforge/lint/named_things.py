"""What steps name at their vendors, and what is known of it: looked up just now, or kept in a lock."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.kinds import Named
from pipeforge.language.lock import Thing, key, read
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.language.values import record_file
from pipeforge.lint.policies import connections
from pipeforge.lint.subject import StepView, Subject

_NOTHING: Mapping[str, Any] = {}


class Mention(NamedTuple):
    """A step that names a thing."""

    step: StepView
    connection: str
    named: Named
    names: tuple[Any, ...]
    """What names it, none of it a template."""
    params: Mapping[str, Any]
    """The step's."""
    route: Route
    """Where it is named: the last of the parameters that do, or the step's kind."""
    brought: bool
    """An earlier step may make it, start it or stop it: what is so now need not be so by then."""

    @property
    def key(self) -> str:
        return key(self.named.what, self.names)

    @property
    def given(self) -> Mapping[str, Any]:
        """The values that the thing is given, by name."""
        given = self.params.get(self.named.given)
        return given if isinstance(given, Mapping) else _NOTHING


def mentions(subject: Subject) -> Iterator[Mention]:
    """Every thing that a step names in plain words; what a narrower name says already is left out."""
    used = connections(subject)
    for step in subject.steps.values():
        view, params = used.get(step.id), subject.params.get(step.id)
        if step.kind is None or view is None or not isinstance(params, Mapping):
            continue
        found = [
            Mention(step, view.name, named, names, params, route, _brought(subject, step, named, params))
            for named in step.kind.traits.names
            for names, route in _named(subject, step, named, params)
        ]
        for mention in found:
            narrower = (other.named for other in found if not other.named.new)
            if not any(set(mention.named.params) < set(named.params) for named in narrower):
                yield mention


def _named(
    subject: Subject, step: StepView, named: Named, params: Mapping[str, Any]
) -> Iterator[tuple[tuple[Any, ...], Route]]:
    """Each thing with the place where it is named."""
    if any(params.get(name) is not None for name in named.unless):
        return
    if named.lines:
        yield from _in_lines(subject, step, named, params)
        return
    names = tuple(params.get(name) for name in named.params)
    if all(_plain(value) for value in names):
        place = ("with", named.params[-1]) if named.params else ("uses",)
        yield names, (*step.route, *place)


def _in_lines(
    subject: Subject, step: StepView, named: Named, params: Mapping[str, Any]
) -> Iterator[tuple[tuple[Any, ...], Route]]:
    """Those of a list, which may stand in a file of its own, bare or below the parameter's name."""
    parameter, route = named.params[0], (*step.route, "with", named.params[0])
    lines, file = params.get(parameter), record_file(params.get(parameter))
    if file is not None:
        document = subject.documents.get(subject.document.path.parent / file)
        lines = document.data if document else None
        lines = lines.get(parameter) if isinstance(lines, Mapping) else lines
    for number, line in enumerate(lines if isinstance(lines, list) else ()):
        names = tuple(_called(line.get(name)) for name in named.lines) if isinstance(line, Mapping) else ()
        if names and all(_plain(value) for value in names):
            last = (*route, "file") if file is not None else (*route, number, named.lines[-1])
            yield names, last


def _called(value: Any) -> Any:
    """What a vendor exported may stand there whole: it is known by its name."""
    return value.get("name") if isinstance(value, Mapping) else value


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return value != "" and OPEN not in value
    return isinstance(value, int) and not isinstance(value, bool)


def _brought(subject: Subject, step: StepView, named: Named, params: Mapping[str, Any]) -> bool:
    """Whether a step before this one may have made, started or stopped the thing."""
    others = {
        other.id
        for other in (subject.steps.values() if named.brought_by else ())
        if other.kind is not None and other.kind.name in named.brought_by
        if other.id != step.id and _same(named, params, subject.params.get(other.id))
    }
    if not others:
        return False
    edges, seen, waiting = subject.edges(), set[str](), [step.id]
    while waiting:
        new = [need for need in edges.get(waiting.pop(), ()) if need not in seen]
        seen.update(new)
        waiting += new
    return not seen.isdisjoint(others)


def _same(named: Named, params: Mapping[str, Any], others: Any) -> bool:
    """Whether two steps may be about one thing, going by what both of them name."""
    if not isinstance(others, Mapping):
        return False
    both = [(params[name], others[name]) for name in named.params if name in params and name in others]
    return bool(both) and all(mine == other or not (_plain(mine) and _plain(other)) for mine, other in both)


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
