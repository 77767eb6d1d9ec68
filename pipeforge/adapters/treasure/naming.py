"""What steps name in Treasure Workflow and what can be looked up there."""

from collections.abc import Mapping

from pipeforge.language.kinds import Json, Named
from pipeforge.language.saying import Said, say

_PUSH = frozenset({"treasure.push_project"})
_WORKFLOW, _SCHEDULE = say("workflow"), say("schedule of workflow")


def _projects(repeated: str = "", *, new: bool = False) -> tuple[Named, ...]:
    """A project, by its name or by its id."""
    by_name = Named("project", say("project"), ("project",), repeated=repeated, new=new, brought_by=_PUSH)
    return (by_name, Named("project_id", say("project"), ("project_id",), repeated=repeated))


def _belonging(what: str, noun: Said) -> tuple[Named, ...]:
    """What belongs to a project's workflow, by the names of both or by the project's id."""
    return (
        Named(what, noun, ("project", "workflow"), brought_by=_PUSH, unless=("revision",)),
        Named(f"{what}_of_project_id", noun, ("project_id", "workflow"), unless=("revision",)),
    )


def same_attempt(params: Mapping[str, Json]) -> tuple[Json, ...] | None:
    """An attempt is one per session and name; without a name of the author's own, ours makes each one new."""
    name, shared = params.get("retry_attempt_name"), params.get("session") == "shared"
    if name is None and not shared:
        return None
    return params.get("project"), params.get("workflow"), params.get("session_time"), name


PROJECT = _projects()
PUSHED = _projects(new=True)[:1]
DELETED = _projects("confirm")
WORKFLOW_RUN = _belonging("workflow", _WORKFLOW)[:1]
LISTED = (*PROJECT[:1], *WORKFLOW_RUN)
IN_PROJECT = (*PROJECT, *_belonging("workflow", _WORKFLOW))
WORKFLOW = (*IN_PROJECT, Named("workflow_id", say("workflow"), ("workflow_id",)))
REVISION = (
    Named("revision", say("revision"), ("project", "revision"), brought_by=_PUSH),
    Named("revision_of_project_id", say("revision"), ("project_id", "revision")),
)
SCHEDULE = (
    *PROJECT,
    *_belonging("schedule", _SCHEDULE),
    Named("schedule_id", say("schedule"), ("schedule_id",)),
)
ATTEMPT = (Named("attempt", say("attempt"), ("attempt_id",)),)
SESSION = (Named("session", say("session"), ("session_id",)),)

BY_KIND = {
    "list_attempts": LISTED,
    "get_attempt": ATTEMPT,
    "kill_attempt": ATTEMPT,
    "list_attempt_retries": ATTEMPT,
    "list_attempt_tasks": ATTEMPT,
    "list_log_files": ATTEMPT,
    "get_log_file": ATTEMPT,
    "get_session": SESSION,
    "list_session_attempts": SESSION,
    "get_project": PROJECT,
    "get_project_archive": (*PROJECT, *REVISION),
    "list_project_revisions": PROJECT,
    "list_project_schedules": IN_PROJECT,
    "list_project_sessions": IN_PROJECT,
    "list_secrets": PROJECT,
    "list_project_workflows": (*PROJECT, *REVISION),
    "get_project_workflow": (*IN_PROJECT, *REVISION),
    "get_workflow": WORKFLOW,
    "get_truncated_session_time": WORKFLOW,
    "put_secret": PROJECT,
    "delete_secret": PROJECT,
    "delete_project": DELETED,
    "push_project": PUSHED,
    "get_schedule": SCHEDULE,
    "enable_schedule": SCHEDULE,
    "disable_schedule": SCHEDULE,
    "skip_schedule": SCHEDULE,
}
"""By the kind's name; those that are not here name nothing that is there already."""
