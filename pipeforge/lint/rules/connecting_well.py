"""Connections that work, but not as they should: outdated, unencrypted, twice the same, beyond the limits."""

import ipaddress
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.saying import say
from pipeforge.language.templating import OPEN
from pipeforge.lint.policies import connections, seconds, setting_place
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import ConnectionView, Subject

_INSIDE = (".local", ".internal", ".lan", ".test", ".localhost", ".example", ".invalid")
"""How names end that nothing outside a house's own network has."""
_RATE = r"([0-9]+)/(.+)"


def outdated(subject: Subject) -> Iterator[Problem]:
    for view in subject.connections.values():
        for (key, value), why in view.form.settings.outdated.items() if view.form else ():
            if view.data.get(key) == value:
                route, path = setting_place(subject, view, key)
                message = say("'{key}: {value}' is outdated: {why}", key=key, value=value, why=why)
                yield Problem(route, message, say("remove it and use a token of today's kind"), path=path)


def one_place(subject: Subject) -> Iterator[Problem]:
    first: dict[tuple[Any, ...], ConnectionView] = {}
    for view in {view.name: view for view in connections(subject).values()}.values():
        names = tuple(view.form.settings.one_place) if view.form else ()
        values = tuple(_setting(view, name) for name in names)
        if not names or None in values:
            continue
        other = first.setdefault((view.vendor, *values), view)
        if other is view:
            continue
        message = say(
            "connections '{one}' and '{other}' lead to the same place", one=other.name, other=view.name
        )
        hint = say("use '{one}' in all steps: the limits of the place are shared", one=other.name)
        route, path = setting_place(subject, view, names[-1])
        there, file = setting_place(subject, other, names[-1])
        also = ((Place(there), say("the same as here")),) if file == path else ()
        yield Problem(route, message, hint, see_also=also, path=path)


def _setting(view: ConnectionView, name: str) -> Any:
    value = view.data.get(name)
    if value is None and view.form is not None:
        value = view.form.settings.one_place[name]
    return value.rstrip("/") if isinstance(value, str) else None


def beyond(subject: Subject) -> Iterator[Problem]:
    for view in subject.connections.values():
        limits = view.data.get("limits")
        if not isinstance(limits, Mapping):
            continue
        for name, (most, window) in view.form.settings.strict.items() if view.form else ():
            given = limits.get(name)
            if isinstance(given, str) and _at_most(given, window) > most:
                route, path = setting_place(subject, view, "limits")
                message = say(
                    "'{given}' lets more than {most} {name} through in {window}, which the vendor forbids",
                    given=given,
                    most=most,
                    name=name,
                    window=f"{window:g}s",
                )
                yield Problem(
                    (*route, name), message, say("leave it out: pipeforge keeps to the limit"), path=path
                )


def _at_most(rate: str, window: float) -> float:
    """How many a rate lets through in a window at the most; none where it cannot be read."""
    found = re.fullmatch(_RATE, rate)
    length = seconds(found[2]) if found else None
    return int(found[1]) * math.ceil(window / length) if found and length else 0


def unencrypted(subject: Subject) -> Iterator[Problem]:
    for view in subject.connections.values():
        url = view.data.get("base_url")
        if view.form is not None and isinstance(url, str) and OPEN not in url and _open_to_all(url):
            route, path = setting_place(subject, view, "base_url")
            message = say("credentials travel to '{host}' unencrypted", host=urlsplit(url).hostname)
            yield Problem(route, message, say("write https://"), path=path)


def _open_to_all(url: str) -> bool:
    """Whether an address is plain HTTP to a host that need not be on this machine or in this house."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "http" or "." not in host or host.endswith(_INSIDE):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


RULES = (
    Rule("PF415", "outdated-setting", "warning", say("a connection's setting is outdated"), outdated),
    Rule("PF416", "same-place", "error", say("two connections lead to the same place"), one_place),
    Rule("PF512", "beyond-limits", "warning", say("a limit is above what the vendor stands"), beyond),
    Rule("PF525", "unencrypted", "warning", say("credentials travel unencrypted"), unencrypted),
)
