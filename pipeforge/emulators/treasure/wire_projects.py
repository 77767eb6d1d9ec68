"""The groups Project and Workflow of the API, as far as a start needs them: routes and handlers."""

from collections.abc import Sequence

from pipeforge.emulators.core import Asked, Reply, Route
from pipeforge.emulators.treasure import asking
from pipeforge.emulators.treasure.catalog import Project, Workflow
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.refusing import missing


class ProjectWire:
    """Handlers around projects."""

    def __init__(self, parts: Parts) -> None:
        self._catalog = parts.catalog
        self._shapes = parts.shapes

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/projects", self._list),
            Route("GET", "/api/projects/{id}", self._get),
            Route("GET", "/api/projects/{id}/workflows", self._workflows),
            Route("GET", "/api/projects/{id}/workflows/{name}", self._workflow_named),
            Route("GET", "/api/workflows/{id}", self._workflow),
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
        return Reply(200, self._shapes.project(self._project(asked)))

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

    def _workflow(self, asked: Asked) -> Reply:
        return Reply(200, self._shapes.workflow(self._catalog.workflow(asked.params["id"])))

    def _project(self, asked: Asked) -> Project:
        return self._catalog.project(asked.params["id"])

    def _projects_reply(self, rows: Sequence[Project]) -> Reply:
        return Reply(200, {"projects": [self._shapes.project(row) for row in rows]})

    def _workflows_reply(self, rows: Sequence[Workflow]) -> Reply:
        return Reply(200, {"workflows": [self._shapes.workflow(row) for row in rows]})
