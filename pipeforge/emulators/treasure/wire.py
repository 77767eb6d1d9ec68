"""The Treasure Workflow API over HTTP: all routes, who may call, and the vendor's refusals."""

from collections.abc import Callable, Sequence

from pipeforge.emulators.core import Asked, Desk, Handler, Refused, Reply, Route, Vendor
from pipeforge.emulators.treasure.parts import Parts, assemble
from pipeforge.emulators.treasure.refusing import error
from pipeforge.emulators.treasure.screen import Screen
from pipeforge.emulators.treasure.wire_archives import STORAGE, ArchiveWire
from pipeforge.emulators.treasure.wire_attempts import AttemptWire
from pipeforge.emulators.treasure.wire_projects import ProjectWire
from pipeforge.emulators.treasure.wire_schedules import ScheduleWire
from pipeforge.emulators.treasure.wire_secrets import SecretWire
from pipeforge.emulators.treasure.wire_workflows import WorkflowWire
from pipeforge.emulators.treasure.world import TreasureWorld

VERSION = "0.10.5.1"
OPEN_PATH = "/api/version"


def open_vendor(world: TreasureWorld, desk: Desk) -> Vendor:
    """The emulator, open."""
    parts = assemble(world, desk)
    screen = Screen(parts, desk)
    authorise = _authoriser(world.credentials)

    def before(asked: Asked) -> None:
        authorise(asked)
        parts.schedules.settle()

    routes = (
        Route("GET", OPEN_PATH, lambda _: Reply(200, {"version": VERSION})),
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


def _unmatched(routes: Sequence[Route], asked: Asked) -> Reply:
    """405 where another method is known, else 404."""
    if any(route.pattern.match(asked.path) for route in routes):
        return error(405, "HTTP 405 Method Not Allowed")
    return error(404, "HTTP 404 Not Found")


def _authoriser(keys: Sequence[str] | None) -> Callable[[Asked], None]:
    def authorise(asked: Asked) -> None:
        """401 unless the header is `TD1 ` and a key that is known; the storage knows addresses alone."""
        if asked.path == OPEN_PATH or asked.path.startswith(STORAGE):
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
