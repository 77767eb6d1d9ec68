"""Reading what a client asks: instants, pages, the body of a start; refusals as the vendor gives them."""

from datetime import datetime
from math import floor

from pipeforge.emulators.core import Asked, Json
from pipeforge.emulators.treasure.catalog import Catalog
from pipeforge.emulators.treasure.records import Resume, Start
from pipeforge.emulators.treasure.refusing import invalid, unread
from pipeforge.emulators.treasure.world import TreasureWorld

NAME_LENGTH = 255
PAGE = 100


def page(asked: Asked, size_name: str = "page_size") -> tuple[int | None, int]:
    """`last_id` and the page's size, fixed where it has no name; 400 if it is over the maximum.

    404 for what is no number: so digdag's framework takes a query that it cannot read.
    """
    last_id, size = _whole(asked, "last_id"), _whole(asked, size_name) if size_name else None
    if size is not None and size > PAGE:
        raise invalid(f"{size_name} must be less than or equal to {PAGE}")
    return last_id, PAGE if size is None else size


def truth(asked: Asked, name: str) -> bool:
    """A flag of the query: only `true`, in any case, is true."""
    return (asked.one(name) or "").lower() == "true"


def whole_second(text: Json) -> int:
    """UNIX seconds of an instant with `Z` or an offset; fractions are dropped, as the vendor's key does."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise invalid(f"Invalid time format: {text}") from None
    if moment.tzinfo is None:
        raise invalid(f"Invalid time format, an offset is missing: {text}")
    return floor(moment.timestamp())


def start(asked: Asked, world: TreasureWorld, catalog: Catalog) -> Start:
    """The body of `PUT /api/attempts`. Fields that nobody knows are ignored."""
    body = json_object(asked)
    absent = [name for name in ("sessionTime", "params") if body.get(name) is None]
    if absent:
        raise invalid(
            f"Cannot read the attempt request, required attributes are not set [{', '.join(absent)}]"
        )
    if not isinstance(body["params"], dict):
        raise invalid("Cannot read the attempt request, params is not an object")
    return Start(
        workflow=_workflow(body, world, catalog),
        time=whole_second(body["sessionTime"]),
        name=attempt_name(body.get("retryAttemptName")),
        params=body["params"],
        resume=_resume(body.get("resume")),
        may_wait=world.hosted and body.get("allowQueueing") is True,
    )


def json_object(asked: Asked, *, optional: bool = False) -> dict[str, Json]:
    """The body, which must be a JSON object; where it is `optional`, none is an empty one."""
    if optional and not asked.body:
        return {}
    kind = asked.headers.get("content-type", "application/json")
    if not kind.startswith("application/json"):
        raise invalid(f"Unsupported content type: {kind}")
    try:
        body = asked.json()
    except ValueError:
        raise invalid("Malformed JSON") from None
    if not isinstance(body, dict):
        raise invalid("Malformed JSON: an object is expected")
    return body


def _workflow(body: dict[str, Json], world: TreasureWorld, catalog: Catalog) -> str:
    """A workflow id; the hosted service also takes two names, which mean the latest revision."""
    given = body.get("workflowId")
    if given is not None:
        return str(given)
    project, workflow = body.get("projectName"), body.get("workflowName")
    if not world.hosted:
        raise invalid("Cannot read the attempt request, required attributes are not set [workflowId]")
    if not isinstance(project, str) or not isinstance(workflow, str):
        raise invalid("Either workflowId or both of projectName and workflowName are required")
    return str(catalog.demand_workflow(catalog.demand(project), workflow)["id"])


def attempt_name(given: Json) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or not given:
        raise invalid("Validating SessionAttempt failed: retryAttemptName must not be blank")
    if len(given) > NAME_LENGTH:
        raise invalid(f"Validating SessionAttempt failed: retryAttemptName is longer than {NAME_LENGTH}")
    return given


def _resume(given: Json) -> Resume | None:
    if given is None:
        return None
    mode = given.get("mode") if isinstance(given, dict) else None
    if mode not in ("failed", "from") or given.get("attemptId") is None:
        raise invalid("Cannot read resume: mode failed or from and attemptId are required")
    if mode == "failed":
        return Resume(str(given["attemptId"]))
    if not isinstance(given.get("from"), str):
        raise invalid("Cannot read resume: from is required")
    return Resume(str(given["attemptId"]), given["from"])


def _whole(asked: Asked, name: str) -> int | None:
    text = asked.one(name)
    if text is None or text == "":
        return None
    try:
        return int(text)
    except ValueError:
        raise unread(name, text) from None


def cursor(asked: Asked) -> tuple[int, int]:
    """Where a page of revisions begins, and its size. chosen: the cursor is a number."""
    after, size = _whole(asked, "page[after]"), _whole(asked, "page[size]")
    if size is not None and not 0 < size <= PAGE:
        raise invalid(f"page[size] must be from 1 to {PAGE}")
    return after or 0, PAGE if size is None else size
