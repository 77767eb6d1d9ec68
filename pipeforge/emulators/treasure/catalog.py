"""Projects, their revisions and workflows: what can be started, and how a name or an id leads to it."""

from typing import TypedDict

from pipeforge.emulators.core import Desk
from pipeforge.emulators.treasure.refusing import missing
from pipeforge.emulators.treasure.world import TreasureWorld
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


class Workflow(TypedDict):
    """A workflow of one revision as it is kept: every push makes new ones."""

    id: int
    project: int
    name: str
    revision: str


class Catalog:
    """All projects and workflows. What the world does not list comes into being when asked for, if it may."""

    def __init__(self, world: TreasureWorld, desk: Desk) -> None:
        self._world = world
        self._desk = desk
        self._projects: dict[str, Project] = desk.shelf("projects")
        self._workflows: dict[str, Workflow] = desk.shelf("workflows")
        for name, listed in (world.projects or {}).items():
            project = self._by_name(name) or self._add_project(name, listed.revision if listed else "1")
            for workflow in (listed and listed.workflows) or ():
                self.workflow_named(project, workflow)

    def projects(self) -> list[Project]:
        """Those that stand, by id."""
        return [project for project in self._projects.values() if project["deleted"] is None]

    def project(self, project_id: str) -> Project:
        """404 if there is none or it was deleted."""
        found = self._projects.get(project_id)
        if found is None or found["deleted"] is not None:
            raise missing(f"project id={project_id}")
        return found

    def named(self, name: str) -> Project | None:
        """The project of that name, if there is one or may be one."""
        found = self._by_name(name)
        return self._add_project(name, "1") if found is None and self._world.may_exist(name) else found

    def demand(self, name: str) -> Project:
        """The project of that name, else 404."""
        found = self.named(name)
        if found is None:
            raise missing(f"project name={name}")
        return found

    def workflows(self, project: Project, revision: str | None = None) -> list[Workflow]:
        """Those of one revision, the latest by default; 404 for a revision that never was."""
        wanted = revision or project["revision"]
        found = [each for each in self._of(project) if each["revision"] == wanted]
        if not found and wanted != project["revision"]:
            raise missing(f"revision {wanted} of project id={project['id']}")
        return found

    def workflow(self, workflow_id: str) -> Workflow:
        """Of any revision; 404."""
        found = self._workflows.get(workflow_id)
        if found is None:
            raise missing(f"workflow id={workflow_id}")
        return found

    def workflow_named(self, project: Project, name: str) -> Workflow | None:
        """Of the latest revision, if there is one or may be one."""
        found = self._latest(project, name)
        if found is None and self._world.may_exist(project["name"], name):
            return self._add_workflow(project, name)
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

    def push(self, name: str, revision: str) -> Project:
        """What a person does with a new revision: the same workflows again, under new ids."""
        project = self.demand(name)
        names = [workflow["name"] for workflow in self.workflows(project)]
        project["revision"], project["updated"] = revision, self._desk.clock.now()
        for each in names:
            self._add_workflow(project, each)
        return project

    def recreate(self, name: str) -> Project:
        """What a person does who deletes a project and makes it anew: same names, new ids."""
        project = self.demand(name)
        names = [workflow["name"] for workflow in self.workflows(project)]
        project["deleted"] = self._desk.clock.now()
        again = self._add_project(name, "1")
        for each in names:
            self._add_workflow(again, each)
        return again

    def _by_name(self, name: str) -> Project | None:
        return next((each for each in self.projects() if each["name"] == name), None)

    def _of(self, project: Project) -> list[Workflow]:
        return [each for each in self._workflows.values() if each["project"] == project["id"]]

    def _latest(self, project: Project, name: str) -> Workflow | None:
        here = (each for each in self._of(project) if each["revision"] == project["revision"])
        return next((each for each in here if each["name"] == name), None)

    def _add_project(self, name: str, revision: str) -> Project:
        number, now = self._desk.number("project", FIRST_PROJECT), self._desk.clock.now()
        made = Project(id=number, name=name, revision=revision, created=now, updated=now, deleted=None)
        self._projects[str(number)] = made
        return made

    def _add_workflow(self, project: Project, name: str) -> Workflow:
        number = self._desk.number("workflow", FIRST_WORKFLOW)
        made = Workflow(id=number, project=project["id"], name=name, revision=project["revision"])
        self._workflows[str(number)] = made
        return made
