"""The Workato API over HTTP: the routes of both families over one workspace, and the vendor's refusals."""

from uuid import NAMESPACE_URL, uuid5

from pipeforge.emulators.core import Asked, Desk, Handler, Reply, Route, Vendor
from pipeforge.emulators.workato import refusing
from pipeforge.emulators.workato.access import authoriser
from pipeforge.emulators.workato.editing import Editor
from pipeforge.emulators.workato.neighbours import neighbours
from pipeforge.emulators.workato.screen import Screen
from pipeforge.emulators.workato.shapes import Shapes, minute
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.state import Recipes
from pipeforge.emulators.workato.wire_changes import ChangeWire
from pipeforge.emulators.workato.wire_jobs import JobWire
from pipeforge.emulators.workato.wire_recipes import RecipeWire
from pipeforge.emulators.workato.wire_search import SearchWire
from pipeforge.emulators.workato.world import WorkatoWorld

EMBEDDED = "/managed_users/{mu}/recipes"
DEVELOPER = "/recipes"
BACK_OFF = 30.0


def open_vendor(world: WorkatoWorld, desk: Desk) -> Vendor:
    """The emulator, open."""
    shelf = Shelf(world, desk)
    recipes = Recipes(world, shelf, desk)
    shapes = Shapes(shelf, recipes, world.statusless)
    editor = Editor(world, shelf, desk)
    wire = RecipeWire(world, shelf, recipes, shapes, editor)
    jobs, changes = JobWire(world, shelf, shapes, wire), ChangeWire(world, editor, wire)
    screen = Screen(shelf, recipes, shapes, desk)
    return Vendor(
        routes=(
            Route("GET", f"{DEVELOPER}/search", SearchWire(world).search),
            Route("GET", EMBEDDED, wire.list_embedded),
            Route("GET", f"{EMBEDDED}/{{id}}", wire.get_embedded),
            *_shared(EMBEDDED, wire, jobs, changes),
            Route("GET", DEVELOPER, wire.list_developer),
            Route("GET", f"{DEVELOPER}/{{id}}", wire.get_developer),
            *_shared(DEVELOPER, wire, jobs, changes),
            *neighbours(world, shelf, recipes, editor, desk),
        ),
        unmatched=lambda _: refusing.saying(404, "Not found"),
        refusals=REFUSALS,
        status_key="status",
        first_word="pending",
        jobs=screen.jobs,
        acts=screen.acts(),
        authorise=authoriser(world, desk),
        secret_keys=frozenset({"user_token", "user_email"}),
    )


def _shared(base: str, wire: RecipeWire, jobs: JobWire, changes: ChangeWire) -> tuple[Route, ...]:
    """Routes that answer alike in both families."""
    one = f"{base}/{{id}}"
    return (
        Route("POST", base, changes.create),
        Route("PUT", one, changes.update),
        Route("DELETE", one, changes.delete),
        Route("POST", f"{one}/copy", changes.copy),
        Route("PUT", f"{one}/connect", changes.connect),
        Route("PUT", f"{one}/start", wire.start),
        Route("PUT", f"{one}/stop", wire.stop),
        Route("POST", f"{one}/reset_trigger", wire.reset_trigger),
        Route("POST", f"{one}/poll_now", wire.poll_now),
        Route("GET", f"{one}/jobs", jobs.list_jobs),
        Route("GET", f"{one}/jobs/{{job}}", jobs.get_job),
    )


def _fixed(reply: Reply) -> Handler:
    return lambda _: reply


def _server_error(asked: Asked) -> Reply:
    return refusing.saying(500, "Server error", id=str(uuid5(NAMESPACE_URL, f"{asked.path} {asked.now}")))


def _back_off(status: int) -> Handler:
    return lambda asked: refusing.back_off(minute(asked.now + BACK_OFF), status, BACK_OFF)


REFUSALS: dict[str, Handler] = {
    "unauthorized": _fixed(refusing.saying(401, "Unauthorized")),
    "forbidden": _fixed(refusing.saying(403, "Forbidden")),
    "not_found": _fixed(refusing.saying(404, "Not found")),
    "rate_limited": _fixed(refusing.saying(429, "Too many requests")),
    "server_error": _server_error,
    "bad_request": _fixed(refusing.saying(400, "Bad request")),
    "back_off": _back_off(429),
    "back_off_as_success": _back_off(200),
    "no_credit": _fixed(refusing.NO_CREDIT),
    "no_quota": _fixed(refusing.NO_QUOTA),
    "trial_expired": _fixed(refusing.TRIAL_EXPIRED),
    "not_started": _fixed(refusing.not_started(refusing.BLANK_STEP, [])),
}
