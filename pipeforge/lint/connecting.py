"""The connections of a pipeline: shared, own, and what each environment lays over them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeforge.language.diagnostics import Place, Problem, Route
from pipeforge.language.forms import Form
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN
from pipeforge.lint.examining import examine, examine_part
from pipeforge.lint.faults import Fault
from pipeforge.lint.mending import instead
from pipeforge.lint.subject import ConnectionView, Subject
from pipeforge.lint.wording import said, wrong_type

_SETTING = say("setting")


def connect(subject: Subject) -> None:
    """Notes what is wrong with any connection, and keeps those that are there."""
    views = {}
    for name, route, path, settings in _bases(subject):
        view = _view(subject, name, route, path, settings)
        if view is not None:
            views[name] = view
    subject.connections = views
    for environment, overlays in _overlays(subject):
        for name, overlay in overlays.items():
            _overlay(subject, environment, name, overlay)


def _bases(subject: Subject) -> Iterator[tuple[str, Route, Path | None, Any]]:
    own, shared = subject.data.get("connections"), subject.project_data.get("connections")
    own = own if isinstance(own, Mapping) else {}
    for name, settings in shared.items() if isinstance(shared, Mapping) else ():
        if name not in own:
            yield name, ("connections", name), subject.project_document.path, settings
    for name, settings in own.items():
        yield name, ("connections", name), None, settings


def _overlays(subject: Subject) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """By environment: the chosen one, or all where none is."""
    environments = subject.project_data.get("environments")
    for name, environment in environments.items() if isinstance(environments, Mapping) else ():
        connections = environment.get("connections") if isinstance(environment, Mapping) else None
        if isinstance(connections, Mapping) and subject.environment in (None, name):
            yield name, {key: value for key, value in connections.items() if isinstance(value, Mapping)}


def _view(
    subject: Subject, name: str, route: Route, path: Path | None, settings: Any
) -> ConnectionView | None:
    if not isinstance(settings, Mapping):
        message, hint = wrong_type(route, ["dict_type"], settings, secret=True)
        subject.faults.append(Fault("type", route, message, hint, path=path))
        return None
    overlays = [overlay for _, named in _overlays(subject) if (overlay := named.get(name)) is not None]
    changed = overlays[0] if overlays and subject.environment is not None else {}
    merged = {**settings, **changed}
    vendor = _vendor(subject, route, path, merged)
    if vendor is None or vendor not in subject.catalog.vendors:
        forms = map(subject.catalog.connection, subject.catalog.vendors)
        secret = {keys for form in forms for keys in _literals(form, settings)}  # to whomever they belong
        subject.literals += [(path, (*route, *keys)) for keys in sorted(secret)]
        return ConnectionView(name, route, path, merged, vendor, None)
    form = subject.catalog.connection(vendor)
    changed = examine_part(form, changed).data if changed else changed  # under their right names
    merged = {**settings, **changed}
    examined = examine(form, merged, templates=True, noun=_SETTING)
    open_ = bool(overlays) and subject.environment is None
    for fault in examined.faults:
        if not (open_ and _whole(fault)) and fault.route[:1] not in [(key,) for key in changed]:
            subject.faults.append(fault.below(route, "connection", path))
    subject.keep(path, route, examined.renamed)
    own = {key: value for key, value in examined.data.items() if key not in changed}
    subject.literals += [(path, (*route, *keys)) for keys in _literals(form, own)]
    return ConnectionView(name, route, path, examined.data, vendor, form)


def _literals(form: Form, settings: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The credentials that are written out, each by its keys."""
    for key in sorted(form.settings.secrets & settings.keys()):
        if _written_out(settings[key]):
            yield (key,)
    for key in sorted(form.settings.secret_maps & settings.keys()):
        inner = settings[key]
        for name in inner if isinstance(inner, Mapping) else ():
            if _written_out(inner[name]):
                yield key, name


def _written_out(value: Any) -> bool:
    return isinstance(value, str | int | float) and OPEN not in str(value) and value != ""


def _vendor(subject: Subject, route: Route, path: Path | None, settings: Mapping[str, Any]) -> str | None:
    """The vendor, also under a misspelt key; noted when there is none or nobody knows it."""
    key = "vendor" if "vendor" in settings else next((k for k in settings if nearest(k, ["vendor"])), None)
    if key is None:
        hint = say("add vendor: with one of {known}", known=", ".join(subject.catalog.vendors))
        subject.faults.append(
            Fault(
                "missing_key",
                (*route, "vendor"),
                say("missing {noun} '{key}'", noun=say("setting"), key="vendor"),
                hint,
            ).below((), "connection", path)
        )
        return None
    vendor = settings[key]
    if not isinstance(vendor, str):
        known = ", ".join(subject.catalog.vendors)
        subject.note(
            "unknown-vendor",
            _no_vendor((*route, key), said(vendor), say("give one of {known}", known=known), path),
        )
        return None
    if vendor not in subject.catalog.vendors:
        hint = suggest(vendor, subject.catalog.vendors, say("vendors"))
        near = nearest(vendor, subject.catalog.vendors)
        fix = instead([Place((*route, "vendor"))], near, reveals=True)
        problem = _no_vendor((*route, key), say("'{name}'", name=vendor), hint, path)
        subject.note("unknown-vendor", problem._replace(fix=fix))
    return vendor


def _no_vendor(route: Route, given: Said, hint: Said, path: Path | None) -> Problem:
    return Problem(route, say("unknown vendor {given}", given=given), hint, path=path)


def _whole(fault: Fault) -> bool:
    """Whether a fault is about what is not there: an environment may still bring it."""
    return fault.sort == "missing_key" or not fault.route


def _overlay(subject: Subject, environment: str, name: str, overlay: Mapping[str, Any]) -> None:
    """What an environment changes, checked as it would be used."""
    path = subject.project_document.path
    route: Route = ("environments", environment, "connections", name)
    base = subject.connections.get(name)
    if base is None:
        hint = suggest(name, subject.connections, say("connections"))
        problem = Problem(
            route, say("no connection '{name}' to change", name=name), hint, on_key=True, path=path
        )
        subject.note("unknown-connection", problem)
        return
    if base.form is None:
        return
    alone = examine_part(base.form, overlay, noun=_SETTING)
    misspelt = [fault for fault in alone.faults if fault.sort == "unknown_key"]
    subject.keep(path, route, alone.renamed)
    subject.literals += [(path, (*route, *keys)) for keys in _literals(base.form, alone.data)]
    whole = {**base.data, **alone.data} if subject.environment is None else base.data
    examined = examine(base.form, whole, templates=True, noun=_SETTING)
    found = [fault for fault in examined.faults if fault.sort != "unknown_key"]
    for fault in misspelt + found:
        inside = bool(fault.route) and fault.route[0] in alone.data
        if inside or (_whole(fault) and subject.environment is None):
            subject.faults.append(fault.below(route, "connection", path))
