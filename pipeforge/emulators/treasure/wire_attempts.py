"""The groups Attempt, Log and Session of the API: routes and handlers."""

from collections.abc import Sequence

from pipeforge.emulators.core import Asked, Reply, Route
from pipeforge.emulators.treasure import asking, logs
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.records import Attempt, Session
from pipeforge.emulators.treasure.refusing import missing
from pipeforge.emulators.treasure.timeline import Life


class AttemptWire:
    """Handlers around attempts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/attempts", self._list),
            Route("PUT", "/api/attempts", self._start),
            Route("GET", "/api/attempts/{id}", self._get),
            Route("GET", "/api/attempts/{id}/retries", self._retries),
            Route("GET", "/api/attempts/{id}/tasks", self._tasks),
            Route("POST", "/api/attempts/{id}/kill", self._kill),
            Route("GET", "/api/logs/{id}/files", self._log_files),
            Route("GET", "/api/logs/{id}/files/{file}", self._log_file),
            Route("GET", "/api/sessions", self._list_sessions),
            Route("GET", "/api/sessions/{id}", self._get_session),
            Route("GET", "/api/sessions/{id}/attempts", self._session_attempts),
            Route("GET", "/api/projects/{id}/sessions", self._project_sessions),
        )

    def _start(self, asked: Asked) -> Reply:
        ask = asking.start(asked, self._parts.world, self._parts.catalog)
        attempt, new = self._parts.attempts.start(ask)
        shown = self._parts.shapes.attempt(attempt, asked.now)
        return Reply(200, shown, started=shown["id"]) if new else Reply(409, shown)

    def _kill(self, asked: Asked) -> Reply:
        before = self._parts.attempts.kill(asked.params["id"])
        return Reply(200, self._parts.shapes.attempt(before, asked.now))

    def _get(self, asked: Asked) -> Reply:
        return Reply(200, self._parts.shapes.attempt(self._attempt(asked), asked.now))

    def _list(self, asked: Asked) -> Reply:
        catalog, rows = self._parts.catalog, self._parts.ledger.attempts()
        project, workflow = asked.one("project"), asked.one("workflow")
        if project is not None:
            found = catalog.demand(project)
            rows = [row for row in rows if self._session(row)["project"] == found["id"]]
            if workflow is not None:
                rows = [row for row in rows if self._session(row)["workflow"] == workflow]
        if not asking.truth(asked, "include_retried"):
            rows = [row for row in rows if self._session(row)["attempts"][-1] == row["id"]]
        return self._attempt_page(asked, rows)

    def _retries(self, asked: Asked) -> Reply:
        rows = self._parts.ledger.siblings(self._session(self._attempt(asked)))
        return Reply(200, {"attempts": [self._parts.shapes.attempt(row, asked.now) for row in rows]})

    def _tasks(self, asked: Asked) -> Reply:
        return Reply(200, {"tasks": self._parts.shapes.tasks(self._attempt(asked), asked.now)})

    def _log_files(self, asked: Asked) -> Reply:
        prefix, hosted = asked.one("task") or "", self._parts.world.hosted
        return Reply(200, {"files": logs.files(self._life(asked), asked.now, prefix=prefix, hosted=hosted)})

    def _log_file(self, asked: Asked) -> Reply:
        found = logs.content(self._life(asked), asked.now, asked.params["file"])
        if found is None:
            raise missing(f"log file {asked.params['file']}")
        return Reply(200, found, {"Content-Type": "application/gzip"})

    def _list_sessions(self, asked: Asked) -> Reply:
        return self._session_page(asked, self._parts.ledger.sessions())

    def _get_session(self, asked: Asked) -> Reply:
        self._parts.attempts.settle()
        session = self._parts.ledger.session(asked.params["id"])
        return Reply(200, self._parts.shapes.session(session, asked.now))

    def _session_attempts(self, asked: Asked) -> Reply:
        session = self._parts.ledger.session(asked.params["id"])
        return self._attempt_page(asked, self._parts.ledger.siblings(session))

    def _project_sessions(self, asked: Asked) -> Reply:
        project, workflow = self._parts.catalog.project(asked.params["id"]), asked.one("workflow")
        rows = [row for row in self._parts.ledger.sessions() if row["project"] == project["id"]]
        return self._session_page(asked, [row for row in rows if workflow in (None, row["workflow"])])

    def _attempt(self, asked: Asked) -> Attempt:
        return self._parts.attempts.attempt(asked.params["id"])

    def _life(self, asked: Asked) -> Life:
        return self._parts.attempts.life(self._attempt(asked))

    def _session(self, attempt: Attempt) -> Session:
        return self._parts.ledger.session(str(attempt["session"]))

    def _attempt_page(self, asked: Asked, rows: Sequence[Attempt]) -> Reply:
        """Newest first, ids smaller than `last_id`."""
        self._parts.attempts.settle()
        last_id, size = asking.page(asked)
        chosen = [row for row in reversed(rows) if last_id is None or row["id"] < last_id][:size]
        return Reply(200, {"attempts": [self._parts.shapes.attempt(row, asked.now) for row in chosen]})

    def _session_page(self, asked: Asked, rows: Sequence[Session]) -> Reply:
        """Newest first, ids smaller than `last_id`."""
        self._parts.attempts.settle()
        last_id, size = asking.page(asked)
        chosen = [row for row in reversed(rows) if last_id is None or row["id"] < last_id][:size]
        return Reply(200, {"sessions": [self._parts.shapes.session(row, asked.now) for row in chosen]})
