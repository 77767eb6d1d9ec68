"""What the API shows of attempts, sessions, tasks, projects, workflows, in both shapes; no key too many."""

from datetime import UTC, datetime
from math import floor
from uuid import NAMESPACE_URL, uuid5

from pipeforge.emulators.core import Json
from pipeforge.emulators.treasure.catalog import Catalog, Project, Workflow
from pipeforge.emulators.treasure.ledger import Ledger
from pipeforge.emulators.treasure.records import Attempt, Session
from pipeforge.emulators.treasure.state import Attempts
from pipeforge.emulators.treasure.timeline import Life, Span
from pipeforge.emulators.treasure.world import TreasureWorld
from pipeforge.emulators.treasure.zones import time_zone

POOL = "1"
"""chosen: the id of the account's only pool."""


def instant(moment: float | None) -> str | None:
    """UTC to the whole second, or null."""
    return (
        None if moment is None else datetime.fromtimestamp(floor(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )


def session_time(moment: int, timezone: str) -> str:
    """With the offset of the workflow's zone; UTC is `+00:00`."""
    return datetime.fromtimestamp(moment, time_zone(timezone)).isoformat()


class Shapes:
    """Renders what is kept as the API shows it at a moment."""

    def __init__(self, world: TreasureWorld, catalog: Catalog, ledger: Ledger, attempts: Attempts) -> None:
        self._world = world
        self._catalog = catalog
        self._ledger = ledger
        self._attempts = attempts

    def status(self, attempt: Attempt, life: Life, now: float) -> str:
        """The status word: one of seven (hosted) or of four (oss)."""
        if life.success(now):
            return "success"
        flagged = life.cancel_requested(now)
        if life.done(now):
            return "killed" if flagged else "error"
        if not self._world.hosted:
            return "running"
        if flagged:
            return "canceling"
        if attempt["begun"] is None:
            return "queued"
        if now < life.starts and attempt["after"] is not None:
            return "blocked"
        return "running" if now >= life.starts else self._attempts.course(attempt).waits_as

    def attempt(self, attempt: Attempt, now: float) -> dict[str, Json]:
        """In full."""
        session = self._ledger.session(str(attempt["session"]))
        workflow = self._catalog.workflow(str(attempt["workflow"]))
        life = self._attempts.life(attempt)
        return {
            "status": self.status(attempt, life, now),
            "id": str(attempt["id"]),
            "index": attempt["index"],
            "project": self._project_name(workflow),
            "workflow": {"name": workflow["name"], "id": str(workflow["id"])},
            "sessionId": str(session["id"]),
            "sessionUuid": _uuid(session),
            "sessionTime": self._session_time(session, workflow),
            **self._progress(attempt, life, now),
            **self._pool(),
        }

    def session(self, session: Session, now: float) -> dict[str, Json]:
        """With its last attempt."""
        last = self._ledger.siblings(session)[-1]
        workflow = self._catalog.workflow(str(last["workflow"]))
        life = self._attempts.life(last)
        status = {"status": self.status(last, life, now)} if self._world.hosted else {}
        return {
            "id": str(session["id"]),
            "project": self._project_name(workflow),
            "workflow": {"name": workflow["name"], "id": str(workflow["id"])},
            "sessionUuid": _uuid(session),
            "sessionTime": self._session_time(session, workflow),
            "lastAttempt": {
                "id": str(last["id"]),
                **self._progress(last, life, now),
                **status,
                **self._pool(),
            },
        }

    def tasks(self, attempt: Attempt, now: float) -> list[dict[str, Json]]:
        """By id; a task that the server adds itself is there only once it has begun."""
        first, life = attempt["first_task"], self._attempts.life(attempt)
        shown = [span for span in life.spans if "^" not in span.node.name or _appeared(span) <= now]
        rows = [_task(span, first, now, life.flagged) for span in shown]
        unmoved = instant(attempt["created"])
        return [{**row, "updatedAt": row["updatedAt"] or unmoved} for row in rows]

    def project(self, project: Project, md5: str) -> dict[str, Json]:
        """`md5`: of its latest archive."""
        extra: dict[str, Json] = {"metadata": []} if self._world.hosted else {}
        return {
            "id": str(project["id"]),
            "name": project["name"],
            "revision": project["revision"],
            "createdAt": instant(project["created"]),
            "updatedAt": instant(project["updated"]),
            "deletedAt": instant(project["deleted"]),
            "archiveType": "db",
            "archiveMd5": md5,
            **extra,
        }

    def workflow(self, workflow: Workflow) -> dict[str, Json]:
        config, zone = self._catalog.definition(workflow)
        return {
            "id": str(workflow["id"]),
            "name": workflow["name"],
            "project": self._project_name(workflow),
            "revision": workflow["revision"],
            "timezone": zone,
            "config": config,
        }

    def _project_name(self, workflow: Workflow) -> dict[str, Json]:
        project = self._catalog.owner(workflow)
        return {"id": str(project["id"]), "name": project["name"]}

    def _session_time(self, session: Session, workflow: Workflow) -> str:
        return session_time(session["time"], self._catalog.definition(workflow)[1])

    def _progress(self, attempt: Attempt, life: Life, now: float) -> dict[str, Json]:
        done = life.done(now)
        return {
            "retryAttemptName": attempt["name"],
            "done": done,
            "success": life.success(now),
            "cancelRequested": life.cancel_requested(now),
            "params": attempt["params"],
            "createdAt": instant(attempt["created"]),
            "finishedAt": instant(life.ended) if done else None,
        }

    def _pool(self) -> dict[str, Json]:
        return {"poolId": POOL} if self._world.hosted else {}


def _uuid(session: Session) -> str:
    return str(uuid5(NAMESPACE_URL, f"session {session['id']}"))


def _appeared(span: Span) -> float:
    """When a task that the server adds itself came into being."""
    return span.ended if span.begun is None else span.begun


def _task(span: Span, first: int, now: float, flagged: float) -> dict[str, Json]:
    node, state = span.node, span.state_at(now)
    begun = span.begun if span.begun is not None and span.begun <= now else None
    failed = state == "error"
    return {
        "id": str(first + node.index),
        "fullName": node.name,
        "parentId": None if node.parent is None else str(first + node.parent),
        "config": node.script.config,
        "upstreams": [str(first + index) for index in node.upstreams],
        "state": state,
        "cancelRequested": flagged <= now and flagged < span.ended,
        "exportParams": node.script.config.get("_export") or {},
        "storeParams": {},
        "stateParams": {},
        "updatedAt": instant(span.ended if now >= span.ended else begun),
        "retryAt": None,
        "startedAt": None if node.is_group else instant(begun),
        "error": {"message": node.script.message} if failed else {},
        "isGroup": node.is_group,
    }
