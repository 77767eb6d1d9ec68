"""Processes that write to one database and claim the same places, in whatever order they come."""

import subprocess
import sys

from pipeforge.journal.address import Server
from pipeforge.journal.postgres import PostgresJournal

RIVAL = """
import asyncio, sys
from datetime import UTC, datetime
from pipeforge.engine.events import RunStarted, RunFinished, StepIntended
from pipeforge.adapter import Outcome
from pipeforge.journal import Claim
from pipeforge.journal.address import Server
from pipeforge.journal.postgres import PostgresJournal
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
me = sys.argv[2]
claims = [Claim(name, 1, place="x") for name in "ab"]
async def one(journal, number):
    run = f"{me}-{number}"
    started = RunStarted(at=NOON, run=run, pipeline=run, path="p", digest="d", context_time=NOON)
    writer = journal.start(started)
    for turn in range(6):
        wanted = claims if (number + turn) % 2 else claims[::-1]
        for _ in range(2000):
            if await writer.claim(*wanted) is None:
                break
            await asyncio.sleep(0.002)
        else:
            raise SystemExit("no turn")
        await writer.append(StepIntended(at=NOON, step=f"s{turn}", attempt=1, key="k"))
        await writer.give_back(*wanted)
    await writer.append(RunFinished(at=NOON, outcome=Outcome.SUCCEEDED))
    await writer.close()
async def main():
    journal = PostgresJournal(Server(sys.argv[1]))
    await asyncio.gather(*(one(journal, number) for number in range(4)))
    journal.close()
asyncio.run(main())
"""


def test_processes_that_write_and_claim_at_once_never_block_each_other_for_good(postgres):
    with postgres.database() as name:
        _rivals(postgres.url(name))


def _rivals(url):
    rivals = [
        subprocess.Popen([sys.executable, "-c", RIVAL, url, f"p{number}"], stderr=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    assert [rival.communicate()[1] for rival in rivals] == [""] * 3
    journal = PostgresJournal(Server(url))
    assert [run.outcome for run in journal.runs()] == ["succeeded"] * 12
    assert all(len(journal.read(run.run)) == 8 for run in journal.runs())
    journal.close()
