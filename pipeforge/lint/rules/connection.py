"""Which connection a step uses: one that is there, of the right vendor, and only one."""

from collections.abc import Iterable, Iterator

from pipeforge.language import subpipeline
from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import say
from pipeforge.lint.mending import instead
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import ConnectionView, StepView, Subject


def unknown(subject: Subject) -> Iterator[Problem]:
    yield from subject.problems.get("unknown-connection", ())
    missing: dict[str, list[StepView]] = {}
    for step in subject.steps.values():
        name = step.data.get("connection")
        if isinstance(name, str) and name not in subject.connections:
            missing.setdefault(name, []).append(step)
    for name, steps in missing.items():
        # A connection that is not a mapping was named where it stands.
        if name in _broken(subject) or _torn(subject):
            continue
        also = tuple((Place((*step.route, "connection")), say("used here too")) for step in steps[1:])
        hint = suggest(name, subject.connections, say("connections"))
        route, message = (*steps[0].route, "connection"), say("no connection is called '{name}'", name=name)
        places = [Place((*step.route, "connection")) for step in steps]
        fix = instead(places, nearest(name, subject.connections))
        yield Problem(route, message, hint, see_also=also, fix=fix)


def _broken(subject: Subject) -> set[str]:
    named = {**subject.project_data, **subject.data}.get(say("connections"))
    return set(named) if isinstance(named, dict) else set()


def _torn(subject: Subject) -> bool:
    """Whether connections may stand in a file, or a part of one, that could not be read."""
    for document in (subject.document, subject.project_document):
        data = document.data
        if document.broken or not isinstance(data, dict | None):
            return True
        if isinstance(data, dict) and not isinstance(data.get("connections"), dict | None):
            return True
    return False


def absent(subject: Subject) -> Iterator[Problem]:
    first: dict[str, StepView] = {}
    for step, candidates in _free(subject):
        vendor = step.kind.vendor if step.kind and not candidates else ""
        if vendor and not _unreadable(subject):
            first.setdefault(vendor, step)
    for vendor, step in first.items():
        message = say("no connection has vendor '{vendor}', which '{id}' needs", vendor=vendor, id=step.id)
        hint = say("add one under connections: {vendor}: {vendor: {vendor}, …}", vendor=vendor)
        yield Problem((*step.route, "uses"), message, hint)


def ambiguous(subject: Subject) -> Iterator[Problem]:
    for step, candidates in _free(subject):
        if len(candidates) > 1:
            names = ", ".join(view.name for view in candidates)
            vendor = candidates[0].vendor
            message = say(
                "{count} connections have vendor '{vendor}', so '{id}' must name one",
                count=len(candidates),
                vendor=vendor,
                id=step.id,
            )
            yield Problem(
                (*step.route, "uses"), message, say("add connection: with one of {names}", names=names)
            )


def wrong_vendor(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        name = step.data.get("connection")
        view = subject.connections.get(name) if isinstance(name, str) else None
        if view is None or view.form is None or step.kind is None or view.vendor == step.kind.vendor:
            continue
        if step.kind.name == subpipeline.NAME:
            continue  # it has none at all: said elsewhere
        right = [other for other in subject.connections.values() if other.vendor == step.kind.vendor]
        message = say(
            "connection '{name}' is of vendor '{vendor}', not '{vendor2}'",
            name=name,
            vendor=view.vendor,
            vendor2=step.kind.vendor,
        )
        names = ", ".join(f"'{other.name}'" for other in right)
        hint = (
            say("use {names}", names=names)
            if right
            else say("add a connection of vendor {vendor}", vendor=step.kind.vendor)
        )
        route = (*step.route, "connection")
        fix = instead([Place(route)], right[0].name) if len(right) == 1 else None
        yield Problem(route, message, hint, fix=fix)


def _free(subject: Subject) -> Iterable[tuple[StepView, list[ConnectionView]]]:
    """Steps that leave the connection to be found, with those it could be."""
    by_vendor: dict[str, list[ConnectionView]] = {}
    for view in subject.connections.values():
        by_vendor.setdefault(view.vendor or "", []).append(view)
    for step in subject.steps.values():
        if step.kind is None or step.kind.name == subpipeline.NAME:
            continue
        if "connection" not in step.data:
            yield step, by_vendor.get(step.kind.vendor, [])


def _unreadable(subject: Subject) -> bool:
    """Whether some connection could be of any vendor, since its own is not known."""
    known = _broken(subject)
    return (
        _torn(subject)
        or any(view.form is None for view in subject.connections.values())
        or bool(known - set(subject.connections))
    )


RULES = (
    Rule("PF421", "unknown-connection", "error", say("a connection is named that is not there"), unknown),
    Rule("PF422", "no-connection", "error", say("no connection has the vendor of a step's kind"), absent),
    Rule("PF423", "ambiguous-connection", "error", say("more than one connection could be meant"), ambiguous),
    Rule("PF424", "wrong-vendor", "error", say("a step's connection is of another vendor"), wrong_vendor),
)
