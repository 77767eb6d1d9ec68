"""The group Project of the API, but for archives, schedules and secrets: routes and handlers."""

from collections.abc import Sequence

from pipeforge.emulators.core import Asked, Json, Reply, Route
from pipeforge.emulators.treasure import asking
from pipeforge.emulators.treasure.catalog import Project, Workflow
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.refusing import missing
from pipeforge.emulators.treasure.shapes import instant
from pipeforge.emulators.treasure.shelves import Revision

USER = {"id": "1", "name": "emulated user"}
"""chosen: who pushed a revision."""


class ProjectWire:
    """Handlers around projects."""

    def __init__(self, parts: Parts) -> None:
        self._catalog = parts.catalog
        self._shapes = parts.shapes
        self._pushes = parts.pushes
        self._world = parts.world

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/projects", self._list),
            Route("GET", "/api/projects/{id}", self._get),
            Route("DELETE", "/api/projects/{id}", self._delete),
            Route("GET", "/api/projects/{id}/revisions", self._revisions),
            Route("GET", "/api/projects/{id}/workflows", self._workflows),
            Route("GET", "/api/projects/{id}/workflows/{name}", self._workflow_named),
        )

    def _list(self, asked: Asked) -> Reply:
        """By exact name (unknown: an empty list), or by id from the smallest on."""
        name = asked.one("name")
        if name is not None:
            found = self._catalog.named(name)
            return self._projects_reply([found] if found else [])
        last_id, size = asking.page(asked, "count")
        pattern = asked.one("name_pattern") or ""
        rows = [row for row in self._catalog.projects() if pattern in row["name"]]
        return self._projects_reply([row for row in rows if row["id"] > (last_id or 0)][:size])

    def _get(self, asked: Asked) -> Reply:
        return Reply(200, self._shown(self._project(asked)))

    def _delete(self, asked: Asked) -> Reply:
        project = self._project(asked)
        self._catalog.delete(project)
        return Reply(200, self._shown(project))

    def _revisions(self, asked: Asked) -> Reply:
        """Newest first. digdag gives 100 and no more; the hosted service goes on by a cursor."""
        project, name = self._project(asked), asked.one("name")
        rows = [row for row in self._pushes.of(project) if name in (None, row["revision"])]
        if not self._world.hosted:
            return Reply(200, {"revisions": [self._revision(project, row) for row in rows[: asking.PAGE]]})
        begin, size = asking.cursor(asked)
        shown = [self._revision(project, row) for row in rows[begin : begin + size]]
        more = str(begin + size) if begin + size < len(rows) else None
        return Reply(200, {"revisions": shown, "pagination": {"nextPage": more}})

    def _revision(self, project: Project, row: Revision) -> dict[str, Json]:
        return {
            "revision": row["revision"],
            "createdAt": instant(row["created"]),
            "archiveType": "db",
            "archiveMd5": self._pushes.shown_md5(project, row),
            "userInfo": {"td": {"user": USER}} if self._world.hosted else {},
        }

    def _workflows(self, asked: Asked) -> Reply:
        """One revision's, all in one page; `name` keeps one (unknown: none), `workflow` is no filter."""
        project, name, revision = self._project(asked), asked.one("name"), asked.one("revision")
        rows = self._catalog.workflows(project, revision)
        if name is not None and revision is None:
            found = self._catalog.workflow_named(project, name)
            rows = [found] if found else []
        return self._workflows_reply([row for row in rows if name in (None, row["name"])])

    def _workflow_named(self, asked: Asked) -> Reply:
        project, name, revision = self._project(asked), asked.params["name"], asked.one("revision")
        if revision is None:
            return Reply(200, self._shapes.workflow(self._catalog.demand_workflow(project, name)))
        for row in self._catalog.workflows(project, revision):
            if row["name"] == name:
                return Reply(200, self._shapes.workflow(row))
        raise missing(f"workflow name={name} in revision {revision} of project id={project['id']}")

    def _project(self, asked: Asked) -> Project:
        return self._catalog.project(asked.params["id"])

    def _shown(self, project: Project) -> dict[str, Json]:
        return self._shapes.project(project, self._pushes.md5(project))

    def _projects_reply(self, rows: Sequence[Project]) -> Reply:
        return Reply(200, {"projects": [self._shown(row) for row in rows]})

    def _workflows_reply(self, rows: Sequence[Workflow]) -> Reply:
        return Reply(200, {"workflows": [self._shapes.workflow(row) for row in rows]})
