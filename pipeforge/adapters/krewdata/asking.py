"""krewData's one question: how a task goes, asked with a token that the connection has or takes."""

from pipeforge.adapters.calls import Refused
from pipeforge.adapters.krewdata.client import KrewdataClient
from pipeforge.adapters.krewdata.kinds_tasks import GetTaskStatusOutputs, GetTaskStatusParams
from pipeforge.adapters.krewdata.reading import outputs
from pipeforge.adapters.krewdata.wire import UNREADABLE, Task, error_words
from pipeforge.errors import Rejected

_LOOK = "krewData may show a task only to the token that started it: look at the unit's log app in kintone"


async def get_task_status(client: KrewdataClient, params: GetTaskStatusParams) -> GetTaskStatusOutputs:
    """The task."""
    try:
        task = await _task(client, params.task_id)
    except Refused as refusal:
        if error_words(refusal.body) not in UNREADABLE:
            raise
        refused = Rejected(refusal.message, _LOOK)
    else:
        told = outputs(params.task_id, task, client.link, client.redactor)
        return GetTaskStatusOutputs.model_validate(told)
    raise refused


async def _task(client: KrewdataClient, task_id: str) -> Task:
    """Asks with a token that is known; one that krewData does not take any more is replaced once."""
    kept = client.run_tokens.get(task_id) or client.asking_token
    if kept:
        try:
            return await client.status(kept, task_id)
        except Refused as refusal:
            if error_words(refusal.body) != UNREADABLE[0]:
                raise
    client.asking_token = await client.token()
    return await client.status(client.asking_token, task_id)
