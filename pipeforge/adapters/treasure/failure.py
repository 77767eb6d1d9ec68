"""Says why an attempt failed: the failing tasks, their messages, and the end of the first one's log."""

from pipeforge.adapters.treasure.choices import ERRORS_SHOWN, LOG_FILE_BYTES
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.logs import log_tail
from pipeforge.adapters.treasure.wire import Task
from pipeforge.errors import AdapterError


async def explain_failure(client: TreasureClient, attempt: str) -> str:
    """Never raises an AdapterError: what cannot be read is said to be so."""
    try:
        tasks = await client.list_attempt_tasks(attempt)
    except AdapterError as error:
        return f"its tasks could not be read: {error.message}"
    failed = [task for task in tasks if task.state == "error"]
    lines = [f"{task.full_name}: {task.message() or 'no message'}" for task in failed[:ERRORS_SHOWN]]
    if len(failed) > ERRORS_SHOWN:
        lines.append(f"and {len(failed) - ERRORS_SHOWN} more failing tasks")
    if failed:
        lines += await _log(client, attempt, failed[0])
    return client.redactor.text("\n".join(lines)) or "no task is in state error"


async def _log(client: TreasureClient, attempt: str, task: Task) -> list[str]:
    try:
        files = await client.list_log_files(attempt, task.full_name)
        mine = [file for file in files if file.task_name in ("", task.full_name)]
        if not mine:
            return []
        newest = max(mine, key=lambda file: file.file_name)
        if (newest.file_size or 0) > LOG_FILE_BYTES:
            return [f"its log is too large to show: {newest.file_name}"]
        tail = log_tail(await client.get_log_file(attempt, newest.file_name))
    except AdapterError as error:
        return [f"its log could not be read: {error.message}"]
    return [f"log of {task.full_name}, the end:", *(f"  {line}" for line in tail)] if tail else []
