"""What a look at krewData's task means: pure functions from an answer to an observation."""

from typing import Any

from pipeforge.adapter import Observation, Outcome
from pipeforge.adapters.krewdata.wire import CONCURRENT, STATUS, Task
from pipeforge.redaction import Redactor


def outputs(task_id: str, task: Task, page: str, redactor: Redactor) -> dict[str, Any]:
    """What is told of a task, with secrets masked."""
    told: dict[str, Any] = redactor.json(
        {
            "id": task_id,
            "status": task.status,
            "link": page,
            "flows": [flow.model_dump() for flow in task.flows],
            "error_code": task.error_code,
            "error_message": task.error_message,
        }
    )
    return told


def seen(task_id: str, task: Task, page: str, redactor: Redactor) -> Observation:
    """The observation; `page` is where a person looks."""
    word = task.status.strip().casefold()
    outcome = STATUS.get(word)
    return Observation(
        outcome=outcome,
        word=task.status,
        detail=redactor.text(_detail(task)) if outcome is Outcome.FAILED else "",
        outputs=outputs(task_id, task, page, redactor) if outcome else {},
        warning=""
        if word in STATUS
        else f"unknown status '{task.status}' is taken as still running; see {page}",
    )


def _detail(task: Task) -> str:
    """The vendor's words, the flow that failed, and what a late conflict means."""
    said = f"{task.error_message or 'no message'} (error {task.error_code or 'without a code'})"
    failed = [flow.name or flow.key or "?" for flow in task.flows if flow.status == "Failure"]
    if failed:
        said += f"; failed flow: {', '.join(failed)}"
    if task.error_code == CONCURRENT:
        said += (
            "; nothing was executed, because somebody else was running the unit:"
            " `retry` with a delay of a minute starts it again"
        )
    return said
