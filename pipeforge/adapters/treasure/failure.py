"""Says why an attempt failed: the failing tasks, their messages, and the end of the first one's log."""

import asyncio

from pipeforge.adapters.treasure.choices import (
    ERRORS_SHOWN,
    EXPLAIN_SECONDS,
    LOG_FILE_BYTES,
    LOG_LINE_LENGTH,
)
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.logs import log_tail
from pipeforge.adapters.treasure.wire import Task
from pipeforge.errors import AdapterError


async def explain_failure(client: TreasureClient, attempt: str) -> str:
    """Never raises an AdapterError and never takes long: what cannot be read is said to be so."""
    told: list[str] = []
    try:
        async with asyncio.timeout(EXPLAIN_SECONDS):
            await _explain(client, attempt, told)
    except TimeoutError:
        told.append(f"{'more' if told else 'its tasks'} could not be read in {EXPLAIN_SECONDS:g}s")
    return client.redactor.text("\n".join(told)) or "no task is in state error"


async def _explain(client: TreasureClient, attempt: str, told: list[str]) -> None:
    try:
        tasks = await client.list_attempt_tasks(attempt)
    except AdapterError as error:
        told.append(f"its tasks could not be read: {error.message}")
        return
    failed = [task for task in tasks if task.state == "error"]
    told += [f"{task.full_name}: {task.message() or 'no message'}" for task in failed[:ERRORS_SHOWN]]
    if len(failed) > ERRORS_SHOWN:
        told.append(f"and {len(failed) - ERRORS_SHOWN} more failing tasks")
    if failed:
        told += await _log(client, attempt, failed[0])


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
    # Masked before it is shortened: half a secret is not known for one.
    shown = [f"  {client.redactor.text(line)[:LOG_LINE_LENGTH]}" for line in tail]
    return [f"log of {task.full_name}, the end:", *shown] if shown else []
