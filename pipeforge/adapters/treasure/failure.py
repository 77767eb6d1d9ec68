"""Says why an attempt failed: the failing tasks, their messages, and the end of the first one's log."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from pipeforge.adapters.treasure.choices import (
    ERRORS_SHOWN,
    EXPLAIN_SECONDS,
    LOG_FILE_BYTES,
    LOG_LINE_LENGTH,
    LOG_LINES,
)
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.logs import log_tail
from pipeforge.adapters.treasure.wire import LogFile, Task
from pipeforge.errors import AdapterError

Tell = Callable[[TreasureClient, str, Sequence[Task], list[str]], Awaitable[None]]

KILLED = "killed by a person, or by the server: attempts may take 7 days, their tasks 24 hours"


async def explain_failure(client: TreasureClient, attempt: str) -> str:
    """Never raises an AdapterError and never takes long: what cannot be read is said to be so."""
    told = await _told(client, attempt, _failed)
    return "\n".join(told) or "no task is in state error"


async def explain_kill(client: TreasureClient, attempt: str) -> str:
    """The same of an attempt that was killed: what it was at."""
    return "\n".join([KILLED, *await _told(client, attempt, _stopped)])


async def _told(client: TreasureClient, attempt: str, tell: Tell) -> list[str]:
    told: list[str] = []
    try:
        async with asyncio.timeout(EXPLAIN_SECONDS):
            await tell(client, attempt, await client.list_attempt_tasks(attempt), told)
    except TimeoutError:
        told.append(f"{'more' if told else 'its tasks'} could not be read in {EXPLAIN_SECONDS:g}s")
    except AdapterError as error:
        told.append(f"its tasks could not be read: {error.message}")
    return [client.redactor.text(line) for line in told]


async def _stopped(client: TreasureClient, attempt: str, tasks: Sequence[Task], told: list[str]) -> None:
    running = [task.full_name for task in tasks if task.state == "canceled" and task.ran()]
    told += [f"it was at {', '.join(running[:ERRORS_SHOWN])}"] if running else []


async def _failed(client: TreasureClient, attempt: str, tasks: Sequence[Task], told: list[str]) -> None:
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
    more = [_whole(attempt, newest)] if len(tail) == LOG_LINES else []
    return [f"log of {task.full_name}, the end:", *shown, *more] if shown else []


def _whole(attempt: str, file: LogFile) -> str:
    """How more of it is read."""
    return f"more of it: pipeforge call treasure.get_log_file attempt_id={attempt} file_name={file.file_name}"
