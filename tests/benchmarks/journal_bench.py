"""Measures the journal: commits per step with many steps in flight, and a chain in place against the thread.

Run it by hand: `python tests/benchmarks/journal_bench.py [STEPS]`. Every step appends its intent, asks a stub
server in another process, appends its handle, asks again, and notes its end, as the engine does.
"""

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeforge.adapter import Outcome
from pipeforge.engine.events import RunStarted, StepFinished, StepIntended, StepTriggered
from pipeforge.journal import Writer, grouping
from pipeforge.journal.sqlite import SqliteJournal

_STUB = """
import asyncio
async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(b"ok\\n")
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one measurement found, for `steps` steps."""

    name: str
    steps: int
    commits: int
    wall: float
    cpu: float

    def line(self) -> str:
        """One row of the table."""
        per_step = 1000 / self.steps
        return (
            f"{self.name:<44}{self.steps:>7}{self.commits / self.steps:>14.2f}"
            f"{self.wall * per_step:>12.3f}{self.cpu * per_step:>12.3f}"
        )


def _now() -> datetime:
    return datetime.now(UTC)


async def _step(writer: Writer, number: int, port: int) -> None:
    name = f"step_{number}"
    await writer.append(StepIntended(at=_now(), step=name, attempt=1, key=name, fingerprint="f" * 64))
    await _ask(port)
    await writer.append(StepTriggered(at=_now(), step=name, attempt=1, handle={"id": number}))
    await _ask(port)
    writer.note(
        StepFinished(at=_now(), step=name, attempt=1, outcome=Outcome.SUCCEEDED, outputs={"id": number})
    )


_POOL: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []


async def _ask(port: int) -> None:
    if not port:
        return
    reader, writer = _POOL.pop() if _POOL else await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"go\n")
    await reader.readline()
    _POOL.append((reader, writer))


async def _run(journal: SqliteJournal, name: str, steps: int, in_flight: int, port: int) -> Figures:
    writer = journal.start(
        RunStarted(at=_now(), run=name, pipeline=name, path="p.yaml", digest="", context_time=_now())
    )
    numbers = iter(range(steps))

    async def worker() -> None:
        for number in numbers:
            await _step(writer, number, port)

    gc.collect()
    commits, wall, cpu = journal.commits, time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    await writer.close()
    for _, stream in _POOL:
        stream.close()
    _POOL.clear()
    return Figures(name, steps, journal.commits - commits, wall, cpu)


def _measure(folder: Path, name: str, steps: int, in_flight: int, port: int) -> Figures:
    journal = SqliteJournal(folder / f"{name}.db")
    try:
        return asyncio.run(_run(journal, name, steps, in_flight, port))
    finally:
        journal.close()


def _through_the_thread(folder: Path, name: str, steps: int) -> Figures:
    slow, grouping.SLOW = grouping.SLOW, -1.0  # type: ignore[misc]
    try:
        return _measure(folder, name, steps, 1, 0)
    finally:
        grouping.SLOW = slow  # type: ignore[misc]


def main() -> None:
    """Prints the table."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    stub = subprocess.Popen([sys.executable, "-c", _STUB], stdout=subprocess.PIPE, text=True)
    assert stub.stdout is not None
    try:
        port = int(stub.stdout.readline())
        # On the disk of this tree: the system's temporary folder may be memory, where commits cost nothing.
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", Path.cwd())) as place:
            folder = Path(place)
            rows = [
                _measure(folder, "64 in flight, two requests each", steps, 64, port),
                _measure(folder, "64 in flight, no requests", steps, 64, 0),
                _measure(folder, "8 in flight, two requests each", steps, 8, port),
                _measure(folder, "chain, two requests each", steps // 4, 1, port),
                _measure(folder, "chain in place, no requests", steps // 4, 1, 0),
                _through_the_thread(folder, "chain through the thread, no requests", steps // 4),
            ]
    finally:
        stub.kill()
        stub.wait()
    print(f"{'':<44}{'steps':>7}{'commits/step':>14}{'wall ms/step':>12}{'cpu ms/step':>12}")
    for row in rows:
        print(row.line())


if __name__ == "__main__":
    main()
