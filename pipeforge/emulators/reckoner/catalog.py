"""Reckoner's routes for what is defined there: workflows, their export, integrations, projects."""

from collections.abc import Iterable
from urllib.parse import quote

from pipeforge.emulators.core import Asked, Json, Refused, Reply
from pipeforge.emulators.reckoner.definitions import Definition, Integration, Parameter, Project
from pipeforge.emulators.reckoner.reading import choice, number, refused, stamp, switch, window
from pipeforge.emulators.reckoner.state import Reckoner

MASK = "********"
LONGEST_PAGE = 100
SORTS = tuple(f"{key}:{way}" for key in ("name", "updated_at", "last_started_at") for way in ("asc", "desc"))
IN_USE = "この接続情報はワークフローで利用されているため削除できません"


class Catalog:
    """Handlers over one team."""

    def __init__(self, team: Reckoner) -> None:
        self._team = team
        self._world = team.world

    def get_workflow(self, asked: Asked) -> Reply:
        workflow, found = self._workflow(asked)
        body = {
            "id": workflow,
            "name": found.called(workflow),
            "description": found.description,
            "tasks": [task.model_dump(exclude_none=True) for task in found.tasks],
            "task_dependencies": found.edges(),
            "parameters": [_parameter(each) for each in found.variables()],
            "webhooks": found.webhooks,
            "labels": [label.model_dump() for label in found.labels],
        }
        if found.schedule is not None:
            body["schedule"] = found.schedule.model_dump()
        if found.notifications is not None:
            body["notifications"] = found.notifications.model_dump()
        return Reply(200, body)

    def export_workflow(self, asked: Asked) -> Reply:
        """A secret parameter is masked and no secret any more."""
        workflow, found = self._workflow(asked)
        name = found.called(workflow)
        body = {
            "name": name,
            "description": found.description,
            "type": found.type,
            "tasks": [
                {
                    **task.model_dump(exclude={"integration_name"}),
                    "position": {"x": 200 * index, "y": 0},
                }
                for index, task in enumerate(found.tasks)
            ],
            "dependencies": found.edges(),
            "parameters": [
                {key: value for key, value in _parameter(each).items() if key != "is_secret"}
                for each in found.variables()
            ],
        }
        disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}.json"
        return Reply(200, body, {"Content-Disposition": disposition})

    def list_workflows(self, asked: Asked) -> Reply:
        project = self._project(asked)
        limit, page = window(asked, LONGEST_PAGE)
        words = asked.one("search_words") or ""
        labels = {number(text, "label_ids") for text in (asked.one("label_ids") or "").split(",") if text}
        scheduled = choice(asked, "schedule_filtering_by", ("active", "inactive", "all"))
        sort = choice(asked, "sort", SORTS) or "updated_at:desc"
        rows = [
            self._row(workflow, found)
            for workflow, found in self._workflows()
            if found.project_id == project
            and words in found.called(workflow)
            and (not labels or labels & {label.id for label in found.labels})
            and _fits(found, scheduled)
        ]
        key, _, way = sort.partition(":")
        rows.sort(key=lambda row: str(row.get(key, "")), reverse=way == "desc")
        return Reply(200, {"total": len(rows), "workflows": rows[(page - 1) * limit : page * limit]})

    def list_integrations(self, asked: Asked) -> Reply:
        project, service = self._project(asked), asked.one("service")
        listed = {
            name: [
                _integration(each, index) for index, each in enumerate(those, 1) if each.project_id == project
            ]
            for name, those in self._team.integrations().items()
            if service in (None, name)
        }
        total = sum(map(len, listed.values()))
        nested = self._world.integrations_shape == "nested"
        return Reply(200, {"total": total, **({"integrations": listed} if nested else listed)})

    def delete_integration(self, asked: Asked) -> Reply:
        wanted = number(asked.params["integrationId"], "integrationId")
        force = switch(asked, "force")
        those = self._team.integrations().get(asked.params["serviceName"], [])
        found = next((each for each in those if each.integration_id == wanted), None)
        if found is None:
            raise refused(404, "NOT_FOUND", "the integration was not found")
        users = [
            {"id": workflow, "name": each.called(workflow)}
            for workflow, each in self._workflows()
            if found.name in {task.integration_name for task in each.tasks}
        ]
        if users and not force:
            raise Refused(Reply(409, {"code": "CONFLICT", "message": IN_USE, "workflows": users}))
        self._team.delete(wanted)
        return Reply(200)

    def list_projects(self, _: Asked) -> Reply:
        shown = [_shown(*each) for each in (self._world.projects or {}).items()]
        return Reply(200, {"total": len(shown), "projects": shown})

    def get_project(self, asked: Asked) -> Reply:
        project = self._project(asked)
        found = (self._world.projects or {}).get(project) or Project(
            name=f"project {project}", saves_job_result=self._world.saves_job_result
        )
        return Reply(200, _shown(project, found))

    def _workflow(self, asked: Asked) -> tuple[int, Definition]:
        workflow = number(asked.params["workflowId"], "workflowId")
        found = self._team.workflow(workflow)
        if found is None:
            raise refused(404, "NOT_FOUND", "the workflow was not found")
        return workflow, found

    def _workflows(self) -> Iterable[tuple[int, Definition]]:
        """Those of the world; where every one exists, those that have run."""
        if self._world.workflows is not None:
            return self._world.workflows.items()
        return {job["of"]: Definition() for job in self._team.jobs()}.items()

    def _project(self, asked: Asked) -> int:
        project = number(asked.params["projectId"], "projectId")
        if self._world.projects is not None and project not in self._world.projects:
            raise refused(404, "NOT_FOUND", "the project was not found")
        return project

    def _row(self, workflow: int, found: Definition) -> dict[str, Json]:
        starts = [self._team.started_at(job) for job in self._team.jobs(workflow)]
        last = max((start for start in starts if start is not None), default=None)
        return {
            "id": workflow,
            "name": found.called(workflow),
            "description": found.description,
            "updated_at": found.updated_at,
            **({} if last is None else {"last_started_at": stamp(last)}),
            "is_scheduled": found.schedule is not None and found.schedule.is_enabled,
            "labels": [label.model_dump() for label in found.labels],
        }


def _parameter(variable: Parameter) -> dict[str, Json]:
    value = MASK if variable.is_secret else variable.value
    return {"name": variable.name, "value": value, "is_secret": variable.is_secret}


def _integration(found: Integration, index: int) -> dict[str, Json]:
    """With an `id` of its own beside `integration_id`, as the example has it."""
    return {"id": index, **found.model_dump(exclude_none=True)}


def _shown(number: int, project: Project) -> dict[str, Json]:
    return {"id": number, **project.model_dump()}


def _fits(found: Definition, scheduled: str | None) -> bool:
    if scheduled in (None, "all"):
        return True
    return (found.schedule is not None and found.schedule.is_enabled) == (scheduled == "active")
