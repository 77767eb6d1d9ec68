"""Projects, their revisions and workflows: what can be started, and how a name or an id leads to it."""

from typing import TypedDict

from pipeforge.emulators.core import Desk, Json, Refused
from pipeforge.emulators.treasure import dig
from pipeforge.emulators.treasure.refusing import error, missing
from pipeforge.emulators.treasure.world import TreasureCourse, TreasureWorld
from pipeforge.emulators.treasure.world import Workflow as Script

FIRST_PROJECT = 1_001
FIRST_WORKFLOW = 20_001
"""Every sort of thing counts from a number of its own, so that ids of two sorts are never equal by chance."""


class Project(TypedDict):
    """A project as it is kept."""

    id: int
    name: str
    revision: str
    created: float
    updated: float
    deleted: float | None
    pushed: bool
    """Whether it holds what an archive brought, and nothing besides."""


class Workflow(TypedDict):
    """A workflow of one revision as it is kept: every push makes new ones."""

    id: int
    project: int
    name: str
    revision: str
    config: dict[str, Json] | None
    """What its file defines; None for one that only the world tells of."""


class Catalog:
    """All projects and workflows. What the world does not list comes into being when asked for, if it may."""

    def __init__(self, world: TreasureWorld, desk: Desk) -> None:
        self._world = world
        self._desk = desk
        self._projects: dict[str, Project] = desk.shelf("projects")
        self._workflows: dict[str, Workflow] = desk.shelf("workflows")
        for kept in self._projects.values():
            kept.setdefault("pushed", False)  # of a state file from before there were pushes
        for made in self._workflows.values():
            made.setdefault("config", None)
        for name, listed in (world.projects or {}).items():
            project = self._by_name(name) or self.add_project(name, listed.revision if listed else "1")
            for workflow in (listed and listed.workflows) or ():
                self.workflow_named(project, workflow)

    def projects(self) -> list[Project]:
        """Those that stand, by id."""
        return [project for project in self._projects.values() if project["deleted"] is None]

    def project(self, project_id: str) -> Project:
        """404 if there is none or it was deleted."""
        found = self._projects.get(project_id)
        if found is None:
            raise missing(f"project id={project_id}")
        if found["deleted"] is not None:
            raise Refused(error(404, f"Project id={project_id} is already deleted"))
        return found

    def named(self, name: str) -> Project | None:
        """The project of that name, if there is one or may be one."""
        found = self._by_name(name)
        if found is not None or not self._world.may_exist(name):
            return found
        gone = any(project["name"] == name for project in self._projects.values())
        return None if gone else self.add_project(name, "1")

    def standing(self, name: str) -> Project | None:
        """The project of that name, if there is one; it does not come into being."""
        listed = self._world.projects or {}
        return self._by_name(name) if name not in listed else self.named(name)

    def demand(self, name: str) -> Project:
        """The project of that name, else 404."""
        found = self.named(name)
        if found is None:
            raise missing(f"project name={name}")
        return found

    def workflows(self, project: Project, revision: str | None = None) -> list[Workflow]:
        """Those of one revision, the latest by default; 404 for a revision that never was."""
        wanted = revision or project["revision"]
        found = self.in_revision(project, wanted)
        if not found and wanted != project["revision"]:
            raise missing(f"revision {wanted} of project id={project['id']}")
        return found

    def latest(self) -> list[Workflow]:
        """Those of the latest revisions of all projects that stand, by id."""
        revisions = {project["id"]: project["revision"] for project in self.projects()}
        rows = self._workflows.values()
        return [row for row in rows if revisions.get(row["project"]) == row["revision"]]

    def in_revision(self, project: Project, revision: str) -> list[Workflow]:
        """Those of one revision, which may have none."""
        return [each for each in self._of(project) if each["revision"] == revision]

    def workflow(self, workflow_id: str) -> Workflow:
        """Of any revision; 404."""
        found = self._workflows.get(workflow_id)
        if found is None:
            raise missing(f"workflow id={workflow_id}")
        return found

    def workflow_named(self, project: Project, name: str) -> Workflow | None:
        """Of the latest revision, if there is one or may be one."""
        found = self._latest(project, name)
        if found is None and not project["pushed"] and self._world.may_exist(project["name"], name):
            return self.add_workflow(project, name, None)
        return found

    def demand_workflow(self, project: Project, name: str) -> Workflow:
        """Of the latest revision, else 404."""
        found = self.workflow_named(project, name)
        if found is None:
            raise missing(f"workflow name={name} in project id={project['id']}")
        return found

    def owner(self, workflow: Workflow) -> Project:
        """The project of a workflow, deleted or not."""
        return self._projects[str(workflow["project"])]

    def script(self, workflow: Workflow) -> Script:
        """What the world says of a workflow."""
        return self._world.workflow(self.owner(workflow)["name"], workflow["name"])

    def definition(self, workflow: Workflow) -> tuple[dict[str, Json], str]:
        """What a workflow's file says, and the zone of its session times."""
        script, config = self.script(workflow), workflow["config"]
        if config is None:
            return dict(script.config), script.timezone
        own = {key: value for key, value in config.items() if key != "timezone"}
        return own, str(config.get("timezone", "UTC"))

    def course(self, workflow: Workflow, nth: int) -> TreasureCourse:
        """How the nth attempt goes: as the world says, else as the workflow's file."""
        config, told = workflow["config"], self.script(workflow).course
        tasks = dig.tasks(config) if config and told is None else []
        if tasks:
            return TreasureCourse(tasks=tasks, parallel=(config or {}).get("_parallel") is True)
        return self._world.nth_course(self.owner(workflow)["name"], workflow["name"], nth)

    def delete(self, project: Project) -> None:
        """It is listed no more; what it has run stays."""
        project["deleted"] = self._desk.clock.now()

    def _by_name(self, name: str) -> Project | None:
        return next((each for each in self.projects() if each["name"] == name), None)

    def _of(self, project: Project) -> list[Workflow]:
        return [each for each in self._workflows.values() if each["project"] == project["id"]]

    def _latest(self, project: Project, name: str) -> Workflow | None:
        here = (each for each in self._of(project) if each["revision"] == project["revision"])
        return next((each for each in here if each["name"] == name), None)

    def add_project(self, name: str, revision: str) -> Project:
        """A new one, without workflows."""
        number, now = self._desk.number("project", FIRST_PROJECT), self._desk.clock.now()
        made = Project(
            id=number, name=name, revision=revision, created=now, updated=now, deleted=None, pushed=False
        )
        self._projects[str(number)] = made
        return made

    def add_workflow(self, project: Project, name: str, config: dict[str, Json] | None) -> Workflow:
        """A new one, of the project's revision."""
        number = self._desk.number("workflow", FIRST_WORKFLOW)
        made = Workflow(
            id=number, project=project["id"], name=name, revision=project["revision"], config=config
        )
        self._workflows[str(number)] = made
        return made
