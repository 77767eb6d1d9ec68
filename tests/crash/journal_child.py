"""A process that writes to a journal until it is killed, and tells on stdout what is durable.

Called as `journal_child.py PATH MODE`.

Modes: `chain` one append after another · `group` 32 at once · `hold` one append, then wait for a line, then
another · `fight` open the run and say what came of it · `quota` append until the file may not grow.
"""

import asyncio
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeforge.engine.events import RunStarted, StepIntended
from pipeforge.errors import JournalError
from pipeforge.journal import Journal, Writer
from pipeforge.journal.sqlite import open_journal

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
QUOTA = 200_000


def started() -> RunStarted:
    return RunStarted(at=NOON, run="r1", pipeline="nightly", path="p.yaml", digest="d", context_time=NOON)


async def append(writer: Writer, number: int) -> None:
    await writer.append(StepIntended(at=NOON, step=f"s{number}", attempt=1, key="k" * 100))
    print(number, flush=True)


async def chain(journal: Journal) -> None:
    writer = journal.start(started())
    for number in range(1_000_000):
        await append(writer, number)


async def group(journal: Journal) -> None:
    writer = journal.start(started())
    numbers = iter(range(1_000_000))

    async def worker() -> None:
        for number in numbers:
            await append(writer, number)

    await asyncio.gather(*(worker() for _ in range(32)))


async def hold(journal: Journal) -> None:
    writer = journal.start(started())
    await append(writer, 0)
    sys.stdin.readline()
    try:
        await append(writer, 1)
    except JournalError as error:
        print(error.message, flush=True)
    await writer.close()


async def fight(journal: Journal) -> None:
    sys.stdin.readline()
    try:
        journal.open("r1")
    except JournalError as error:
        print(type(error).__name__, error.message, flush=True)
    else:
        print("won", flush=True)
    sys.stdin.readline()


async def quota(journal: Journal) -> None:
    writer = journal.start(started())
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (QUOTA, hard))
    try:
        for number in range(1_000_000):
            await append(writer, number)
    except JournalError as error:
        print(f"{error.message} | {error.hint}", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    try:
        await append(writer, -1)
    except JournalError as error:
        print(error.message, flush=True)
    await writer.close()


MODES = {"chain": chain, "group": group, "hold": hold, "fight": fight, "quota": quota}


if __name__ == "__main__":
    asyncio.run(MODES[sys.argv[2]](open_journal(Path(sys.argv[1]))))
