"""What a pipeline declares and nothing in it uses: custom variables, records, connections."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pipeforge.language import subpipeline
from pipeforge.language.diagnostics import Edit, Fix, Place, Problem
from pipeforge.language.saying import Said, say
from pipeforge.language.scope import resolve
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject

_Root = Literal["custom_variables", "records"]


def variables(subject: Subject) -> Iterator[Problem]:
    for name in _unused(subject, "custom_variables"):
        message = say("custom variable '{name}' is never used", name=name)
        hint = say("use it as custom_variables.{name}, or remove it", name=name)
        yield _problem(subject, "custom_variables", name, message, hint)


def records(subject: Subject) -> Iterator[Problem]:
    if "record-file" in subject.problems or any(record.faults for record in subject.records):
        return  # one mistake at a time
    for name in _unused(subject, "records"):
        message = say("record '{name}' is never used", name=name)
        hint = say("use it as records.{name}, or remove it", name=name)
        yield _problem(subject, "records", name, message, hint)


def connections(subject: Subject) -> Iterator[Problem]:
    own = subject.data.get("connections")
    used = _connections_used(subject)
    if used is None or not isinstance(own, Mapping):
        return
    names, vendors = used
    for name in own:
        view = subject.connections.get(name)
        if view is not None and view.form is not None and name not in names and view.vendor not in vendors:
            message = say("connection '{name}' is never used", name=name)
            hint = say("remove it, or move it to pipeforge.yaml if other pipelines use it")
            yield _problem(subject, "connections", name, message, hint)


def _connections_used(subject: Subject) -> tuple[set[str], set[str | None]] | None:
    """The names that steps give, and the vendors of steps that give none; None where it is not clear."""
    names: set[str] = set()
    vendors: set[str | None] = set()
    for step in subject.steps.values():
        name = step.data.get("connection")
        if step.kind is not None and step.kind.name == subpipeline.NAME:
            continue
        if step.kind is None or (name is not None and not _fits(subject, name, step.kind.vendor)):
            return None
        if name is None:
            vendors.add(step.kind.vendor)
        else:
            names.add(name)
    return names, vendors


def _fits(subject: Subject, name: Any, vendor: str) -> bool:
    view = subject.connections.get(name) if isinstance(name, str) else None
    return view is not None and view.vendor == vendor


def _unused(subject: Subject, root: _Root) -> list[str]:
    """What no template names; nothing at all while some name is not clear."""
    declared = subject.data.get(root)
    if not isinstance(declared, Mapping) or not declared or not _whole(subject):
        return []
    used: set[str] = set()
    for use in subject.uses:
        for _, path in use.names:
            if path == (root,) or (resolve(subject.names, path[:2]) and not _item(use.step, path[0])):
                return []  # all of them at once, or by a name that was misspelt
            if path[0] == root:
                used.add(path[1])
        if use.errors:
            return []
    return [name for name in declared if name not in used and not _written(subject, root, name)]


def _written(subject: Subject, root: _Root, name: str) -> bool:
    """Whether the file names it where no template is read, which another rule tells."""
    pattern = rf"{root}\s*(?:\.|\[\s*['\"])\s*{re.escape(name)}(?!\w)"
    return re.search(pattern, subject.document.text) is not None


def _whole(subject: Subject) -> bool:
    """Whether every step could be read: what is used in a part that could not is not known."""
    if any(document.faults for document in subject.documents.values()):
        return False
    return bool(subject.steps) and all(step.data for step in subject.steps.values())


def _item(step: StepView | None, name: str) -> bool:
    return step is not None and step.item == name


def _problem(subject: Subject, root: str, name: str, message: Said, hint: Said) -> Problem:
    # Removing the last one leaves no mapping, so the whole key goes.
    route = (root, name) if len(subject.data[root]) > 1 else (root,)
    fix = Fix(say("remove it"), (Edit(Place(route), how="remove"),), safe=False)
    return Problem((root, name), message, hint, on_key=True, fix=fix)


RULES = (
    Rule("PF207", "unused-variable", "warning", say("a custom variable is never used"), variables),
    Rule("PF208", "unused-record", "warning", say("a record is never used"), records),
    Rule(
        "PF209", "unused-connection", "warning", say("a pipeline's own connection is never used"), connections
    ),
)
