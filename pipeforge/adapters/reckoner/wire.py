"""What Reckoner says and how it wants to be asked: answers read leniently, requests written strictly."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeforge.adapter import Json, Outcome
from pipeforge.adapters.texts import LenientText


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Started(_Answer):
    """A run that was taken."""

    job_id: int


class JobError(_Answer):
    """What went wrong in one task."""

    task_name: LenientText | None = None
    category: LenientText | None = None
    subcategory: LenientText | None = None
    message: LenientText | None = None


def _readable(errors: Any) -> list[Any]:
    """Odd errors must not keep a job's end from being seen; a bare text is kept as the message."""
    listed = errors if isinstance(errors, list) else [errors]
    told = [{"message": error} if isinstance(error, str) else error for error in listed]
    return [error for error in told if isinstance(error, dict)]


class Job(_Answer):
    """One job's result; it repeats neither its number nor its parameters."""

    status: LenientText
    trigger: LenientText | None = None
    started_at: LenientText | None = None
    ended_at: LenientText | None = None
    errors: Annotated[list[JobError], BeforeValidator(_readable)] = Field(default_factory=list)


class ListedJob(_Answer):
    """One item of a workflow's job list. A job that is being submitted may have no start."""

    id: int
    status: LenientText = ""
    trigger: LenientText = ""
    started_at: LenientText | None = None
    ended_at: LenientText | None = None


class JobPage(_Answer):
    """One page. Its order is not stated."""

    total: int | None = None
    jobs: list[ListedJob] = Field(default_factory=list)


class Refreshed(_Answer):
    """A new access token."""

    access_token: str = Field(repr=False)


OURS = "external_api"
"""The `trigger` of a job that the API started; others are button, scheduled, webhook."""

STATUS: dict[str, Outcome | None] = {
    "SUBMITTING": None,
    "RUNNABLE": None,
    "RUNNING": None,
    "CANCEL_STARTED": None,
    "COMPLETED": Outcome.SUCCEEDED,
    "FAILED": Outcome.FAILED,
    "CANCELED": Outcome.CANCELED,
    "SERVER_ERROR": Outcome.FAILED,  # inferred: nothing says that it recovers
}
"""Reckoner's words; None is still going. An unseen word is still going too, with a warning."""

PATHS: dict[str, str] = {
    "runWorkflow": "POST /workflows/{workflow_id}/run",
    "getWorkflowJob": "GET /workflows/{workflow_id}/jobs/{job_id}",
    "listWorkflowJobs": "GET /workflows/{workflow_id}/jobs",
    "cancelWorkflowJobs": "PUT /workflows/{workflow_id}/jobs/{job_id}/cancel",
    "getWorkflow": "GET /workflows/{workflow_id}",
    "listWorkflows": "GET /workflows/projects/{project_id}",
    "exportWorkflow": "GET /workflows/{workflow_id}/export",
    "listIntegrations": "GET /integrations/projects/{project_id}",
    "deleteIntegration": "DELETE /integrations/{service}/{integration_id}",
    "authTokenRefresh": "POST /auth/token/refresh",
}
"""Method and path by the vendor's operation id."""


def run_request(parameters: Mapping[str, str]) -> Json:
    """None where there is nothing to replace: the body is optional."""
    if not parameters:
        return None
    return {"parameters": [{"name": name, "value": value} for name, value in parameters.items()]}


def error_words(body: Json) -> str:
    """`code` and `message`; some messages are Japanese, so the code tells. A conflict names workflows."""
    if not isinstance(body, dict):
        return ""
    said = ": ".join(str(body[key]) for key in ("code", "message") if body.get(key))
    users = body.get("workflows")
    named = [each for each in users if isinstance(each, dict)] if isinstance(users, list) else []
    used_by = ", ".join(f"{each.get('id')} {each.get('name')}" for each in named)
    return f"{said} (used by {used_by})" if used_by else said


def error_code(body: Json) -> str:
    """The `code` of an error body."""
    return str(body.get("code") or "") if isinstance(body, dict) else ""
