"""What Treasure's kinds that ask or change have in common."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.treasure.kinds import TreasureConnection
from pipeforge.adapters.treasure.naming import BY_KIND
from pipeforge.language.saying import Said, say

OUTPUTS = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

CALLED: Mapping[str, str] = {
    "projectName": "project",
    "project_name": "project",
    "projectId": "project_id",
    "workflowName": "workflow",
    "workflow_name": "workflow",
    "workflowId": "workflow_id",
    "attempt": "attempt_id",
    "attemptId": "attempt_id",
    "session": "session_id",
    "sessionId": "session_id",
    "schedule": "schedule_id",
    "scheduleId": "schedule_id",
    "sessionTime": "session_time",
    "page_size": "limit",
    "max_items": "limit",
}
"""Words of the vendor and of its clients for parameters, and their names here."""

LACKS: Mapping[str, Said] = {"last_id": say("leave it out: all pages are read")}


class Outputs(BaseModel):
    """Base of outputs."""

    model_config = OUTPUTS


def called(params: type[BaseModel], more: Mapping[str, str] | None = None) -> Traits:
    """The words that authors may use for the parameters of a kind."""
    words = {**CALLED, **(more or {})}
    fields = params.model_fields
    known = {word: name for word, name in words.items() if name in fields and word not in fields}
    return Traits(called=known, lacks=LACKS if "limit" in fields else {})


def reading(name: str, params: type[BaseModel], outputs: type[BaseModel], doc: str) -> Kind:
    """A kind that only asks."""
    return Kind(
        name=f"treasure.{name}",
        params=params,
        outputs=outputs,
        connection=TreasureConnection,
        guarantee=Guarantee.IDEMPOTENT,
        cancellable=False,
        doc=doc,
        recovery="it is asked again",
        traits=called(params)._replace(names=BY_KIND.get(name, ())),
        role=Role.READS,
    )


def changing(
    name: str,
    params: type[BaseModel],
    outputs: type[BaseModel],
    doc: str,
    recovery: str,
    traits: Traits | None = None,
) -> Kind:
    """A kind that changes something, and may do it again without harm."""
    return Kind(
        name=f"treasure.{name}",
        params=params,
        outputs=outputs,
        connection=TreasureConnection,
        guarantee=Guarantee.IDEMPOTENT,
        cancellable=False,
        doc=doc,
        recovery=recovery,
        traits=(traits or called(params))._replace(names=BY_KIND.get(name, ())),
        role=Role.CHANGES,
    )
