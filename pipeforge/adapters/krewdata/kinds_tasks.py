"""What a pipeline can ask about krewData's tasks."""

from typing import Annotated

from pydantic import BaseModel, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.krewdata.kinds import CONFIG, KrewdataConnection, RunUnitOutputs
from pipeforge.adapters.krewdata.naming import UNIT
from pipeforge.language.saying import say


class GetTaskStatusParams(BaseModel):
    """Parameters of krewdata.get_task_status."""

    model_config = CONFIG

    task_id: Annotated[str, Field(min_length=1, examples=["${{ steps.tell_shop_floor.outputs.id }}"])]
    """The task's id, an output of `krewdata.run_unit` on the same connection: the unit must be the task's."""


class GetTaskStatusOutputs(RunUnitOutputs):
    """Outputs of krewdata.get_task_status. `status` is krewData's word at the time of asking."""


GET_TASK_STATUS = Kind(
    name="krewdata.get_task_status",
    params=GetTaskStatusParams,
    outputs=GetTaskStatusOutputs,
    connection=KrewdataConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Asks how a task of the unit goes or ended. A task that failed or still goes is an answer like any "
    "other: the step succeeds, and `status` says `Running`. It is asked with an access token: that of the "
    "task itself where this process started it, else a new one, which counts against the unit's rate. "
    "krewData's documents ask for a token of the unit; whether one that did not start the task will do is "
    "not stated. `Specified taskId is invalid.` and `Specified accessToken is invalid.` fail the step.",
    recovery="asked again",
    traits=Traits(
        names=UNIT,
        called={"id": "task_id", "taskId": "task_id", "task": "task_id"},
        lacks={
            "accessToken": say("leave it out: a token is a secret, and is asked for"),
            "access_token": say("leave it out: a token is a secret, and is asked for"),
        },
    ),
)
