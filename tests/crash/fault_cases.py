"""Which faults there are and where each can strike: from the emulators' own list, and a play without any."""

from dataclasses import dataclass
from functools import cache

from fault_plays import SCENES, play, route_of

from pipeforge.emulators.core import Asked, Clock, Desk
from pipeforge.emulators.faults import GENERIC
from pipeforge.emulators.vendors import PACKAGES

READS = ("GET", "HEAD")

WAYS = {
    "slow": ({"seconds": 1_000.0}, {"seconds": 100.0, "after": False}),
    "html": (
        {},
        {"after": True},
        {"status": 200},
        {"status": 200, "after": True},
        {"status": 403},
    ),
    "server_error": tuple(
        {"status": status, "after": done} for status in (500, 502, 503, 504) for done in (False, True)
    ),
    "rate_limited": ({}, {"retry_after": 5}, {"retry_after": 90}),
    "rewrite": ({"values": {"status": None, "taskStatus": 7, "next_cursor": "x"}},),
}
"""By fault: the ways in which it comes, where not one. `slow`: longer than any client waits."""


@cache
def _vendor(name):
    package = PACKAGES[name]
    return package.open(package.section(), Desk(Clock(), {}))


@cache
def status_of(vendor, do):
    """The status of a vendor's refusal; None for what is none."""
    refusal = _vendor(vendor).refusals.get(do)
    asked = Asked("POST", "/", {"unit": "u", "id": "1"}, (), {}, b"", 0.0)
    return None if refusal is None else refusal(asked).status


def faults(vendor):
    """Every fault of a vendor in every way."""
    names = (*GENERIC, *_vendor(vendor).refusals)
    names = tuple(do for do in names if do != "answer")  # says what its body says: no fault by itself
    return [{"do": do, **way} for do in names for way in WAYS.get(do, ({},))]


@dataclass(frozen=True)
class Base:
    """A scene that meets no fault, by which the others are judged."""

    name: str
    scene: object
    start: str
    """The route that starts the job."""
    played: object

    @property
    def vendor(self):
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Case:
    """One fault at one request."""

    base: Base
    route: str
    fault: dict
    nth: int | None
    """Which call of the route; None for each of them."""
    first: int | None = None
    """So many calls of the route."""

    @property
    def aim(self):
        when = {"nth": self.nth} if self.nth else {"first": self.first} if self.first else {}
        return {"route": self.route, **self.fault, **when}

    @property
    def place(self):
        """`before` the start, the `start` itself, or `later`; of each call: where the first one is."""
        mine = [n for n, call in enumerate(self.base.played.calls) if route_of(call) == self.route]
        at = mine[(self.nth or 1) - 1]
        if self.route == self.base.start:
            return "start"
        starts = [n for n, call in enumerate(self.base.played.calls) if route_of(call) == self.base.start]
        return "before" if starts and at < starts[0] else "later"

    @property
    def everywhere_later(self):
        """Whether no call of the route comes before the job is started."""
        mine = [n for n, call in enumerate(self.base.played.calls) if route_of(call) == self.route]
        starts = [n for n, call in enumerate(self.base.played.calls) if route_of(call) == self.base.start]
        return self.route != self.base.start and not (starts and mine[0] < starts[-1])

    def __str__(self):
        when = f"call {self.nth}" if self.nth else f"{self.first} calls" if self.first else "each call"
        how = ", ".join(f"{key} {value}" for key, value in self.fault.items() if key != "do")
        return f"{self.fault['do']}{f' ({how})' if how else ''} at {when} of {self.route}"


@cache
def base(name, scene):
    """A scene without a fault; the start's route is found in the first one."""
    start = "" if scene is SCENES[0] else base(name, SCENES[0]).start
    played = play(name, scene, start)
    if not start:
        changes = [call for call in played.calls if call["method"] not in READS]
        start = route_of(
            next((call for call in played.calls if call["started"]), (changes or played.calls)[0])
        )
    return Base(name, scene, start, played)


def cases(name, scene):
    """Every fault at every request: the first and the last of a route, a few, and each."""
    there = base(name, scene)
    routes = [route_of(call) for call in there.played.calls]
    for route in dict.fromkeys(routes):
        count = routes.count(route)
        numbers = {1, min(2, count), count}
        for fault in faults(there.vendor):
            yield from (Case(there, route, fault, nth) for nth in sorted(numbers))
            yield Case(there, route, fault, None, first=3)
            yield Case(there, route, fault, None)
