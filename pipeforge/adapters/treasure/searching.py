"""Looks among the attempts of a session for the one that is ours."""

from pipeforge.adapter import Evidence
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.kinds import RunWorkflowParams
from pipeforge.adapters.treasure.wire import Attempt
from pipeforge.errors import InDoubt, Rejected

_NOT_FOUND = 404


async def find_attempt(
    client: TreasureClient, params: RunWorkflowParams, name: str | None, evidence: Evidence
) -> Attempt | None:
    """Our attempt, None if there is none. Raises Rejected or InDoubt where that cannot be seen.

    The project is the one that was there before the start, by id: one made anew under its name since then
    would show an empty list.
    """
    project = evidence.get("project_id") or await client.find_project(params.project)
    async for page in client.project_sessions(project, params.workflow):
        for session in page:
            if session.is_of(params.workflow) and session.is_at(params.session_time):
                return await _attempt_of(client, session.id, params, name)
    return None


async def _attempt_of(
    client: TreasureClient, session: str, params: RunWorkflowParams, name: str | None
) -> Attempt | None:
    async for page in client.session_attempts(session):
        for attempt in page:
            if is_ours(attempt, params, name):
                return attempt
    return None


def is_gone(blind: Rejected | InDoubt, evidence: Evidence) -> bool:
    """Whether the search failed because the project, or the workflow, that was started is there no more."""
    return bool(evidence.get("project_id")) and isinstance(blind, Refused) and blind.status == _NOT_FOUND


def is_ours(attempt: Attempt, params: RunWorkflowParams, name: str | None) -> bool:
    """Whether an attempt that is already there is the one we mean.

    A shared session takes any. A name made from our key can be nobody else's; a name the author wrote can,
    and then the session parameters tell: the vendor hands back the attempt's, not those of the refused start.
    """
    if name is None:
        return True
    if attempt.retry_attempt_name != name:
        return False
    if params.retry_attempt_name is None:
        return True
    return all(key in attempt.params and attempt.params[key] == value for key, value in params.params.items())
