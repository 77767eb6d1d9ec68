"""The Treasure Workflow API over HTTP: all routes, who may call, and the vendor's refusals."""

import re
from collections.abc import Callable, Sequence

from pipeforge.emulators.core import Asked, Desk, Handler, Refused, Reply, Route, Vendor
from pipeforge.emulators.treasure.parts import Parts, assemble
from pipeforge.emulators.treasure.refusing import error, invalid
from pipeforge.emulators.treasure.screen import Screen
from pipeforge.emulators.treasure.wire_archives import STORAGE, ArchiveWire
from pipeforge.emulators.treasure.wire_attempts import AttemptWire
from pipeforge.emulators.treasure.wire_projects import ProjectWire
from pipeforge.emulators.treasure.wire_schedules import ScheduleWire
from pipeforge.emulators.treasure.wire_secrets import SecretWire
from pipeforge.emulators.treasure.wire_workflows import WorkflowWire
from pipeforge.emulators.treasure.world import TreasureWorld

VERSION = "0.10.5.1"
OPEN_PATHS = ("/api/version", "/api/version/check")


def open_vendor(world: TreasureWorld, desk: Desk) -> Vendor:
    """The emulator, open."""
    parts = assemble(world, desk)
    screen = Screen(parts, desk)
    authorise = _authoriser(world)

    def before(asked: Asked) -> None:
        authorise(asked)
        parts.schedules.settle()

    routes = (
        Route("GET", OPEN_PATHS[0], lambda _: Reply(200, {"version": VERSION})),
        Route("GET", OPEN_PATHS[1], _checked),
        *AttemptWire(parts).routes(),
        *ArchiveWire(parts).routes(),
        *ProjectWire(parts).routes(),
        *WorkflowWire(parts).routes(),
        *ScheduleWire(parts).routes(),
        *SecretWire(parts, desk).routes(),
    )
    return Vendor(
        routes=routes,
        unmatched=lambda asked: _unmatched(routes, asked),
        refusals=_refusals(parts),
        status_key="status",
        first_word="queued" if world.hosted else "running",
        jobs=screen.jobs,
        acts=screen.acts(),
        authorise=before,
        secret_keys=frozenset({"value", "signature"}),
    )


def _checked(asked: Asked) -> Reply:
    """What digdag's own programs ask first; a server that was told nothing of versions takes every one."""
    if re.fullmatch(r"\d+\.\d+(\.\d+)*([-.]\w+)?", asked.one("client") or "") is None:
        raise invalid(f"Invalid version: {asked.one('client')}")
    return Reply(200, {"serverVersion": VERSION, "upgradeRecommended": False, "apiCompatible": True})


def _unmatched(routes: Sequence[Route], asked: Asked) -> Reply:
    """405 where another method is known, else 404."""
    if any(route.pattern.match(asked.path) for route in routes):
        return error(405, "HTTP 405 Method Not Allowed")
    return error(404, "HTTP 404 Not Found")


def _authoriser(world: TreasureWorld) -> Callable[[Asked], None]:
    keys = world.credentials

    def authorise(asked: Asked) -> None:
        """401 unless the header is `TD1 ` and a key that is known; the storage knows addresses alone.

        An open-source server asks nobody who they are until it is told of somebody.
        """
        if asked.path in OPEN_PATHS or asked.path.startswith(STORAGE) or not (world.hosted or keys):
            return
        given = asked.headers.get("authorization")
        if given is None:
            raise Refused(error(401, "Missing Authorization header"))
        word, _, rest = given.partition(" ")
        if word != "TD1" or not rest or (keys is not None and rest not in keys):
            raise Refused(error(401, "unauthorized"))

    return authorise


def _refusals(parts: Parts) -> dict[str, Handler]:
    places = parts.world.places
    limit = f"Too many attempts running. Limit: {places}, Current: {places}"
    return {
        "unauthorized": _saying(401, "unauthorized"),
        "forbidden": _saying(403, "forbidden"),
        "not_found": _saying(404, "Resource does not exist"),
        "rate_limited": _saying(429, "Too many requests"),
        "server_error": _saying(500, "Internal server error"),
        "bad_gateway": lambda _: Reply(502, b"Bad Gateway", {"Content-Type": "text/plain"}),
        "unavailable": lambda _: Reply(503, b"Service Unavailable", {"Content-Type": "text/plain"}),
        "gateway_timeout": lambda _: Reply(504, b"Gateway Timeout", {"Content-Type": "text/plain"}),
        "limit_reached": _saying(400, limit),
    }


def _saying(status: int, message: str) -> Handler:
    return lambda _: error(status, message)
