"""The yardstick: a bare asyncio loop with the same requests, the same HTTP library, the same events written.

Run as `python bare.py SHAPE STEPS BASE_URL JOURNAL INTERVAL`. No file is read, nothing planned, nothing
checked, no answer judged, no error handled: what pipeforge costs beyond this is what it does for its user.
Requests go the way that pipeforge's own do, straight to the sockets; by way of httpx's client and its usual
bridge to aiohttp the loop would cost half as much again, and the yardstick be softer.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from shapes import BY_NAME, IN_FLIGHT, needs

from pipeforge.adapter import Outcome
from pipeforge.adapters.sockets import Request, Sockets, whole
from pipeforge.engine.events import (
    RunFinished,
    RunStarted,
    StepFinished,
    StepIntended,
    StepOutline,
    StepTriggered,
)
from pipeforge.journal import Writer
from pipeforge.journal.sqlite import open_journal

_KIND = "trocco.run_workflow"
_CONTEXT = {"context_time": "2026-01-31 02:00:00", "time_zone": "Asia/Tokyo"}
_HEADERS = {"user-agent": "bare", "accept": "application/json", "authorization": "Token benchmark"}


def _now() -> datetime:
    return datetime.now(UTC)


class Loop:
    """What every step of the bare loop shares."""

    def __init__(self, base_url: str, writer: Writer, interval: float) -> None:
        self.transport = Sockets(base_url, None, connect=10.0, read=60.0)
        self._base_url = base_url
        self._writer = writer
        self._interval = interval

    async def step(self, step: str, number: int) -> None:
        """Intent, trigger, handle, looks, end."""
        append, key = self._writer.append, f"pf-bare-{step}-1"
        fingerprint = "0123456789abcdef" * 2
        await append(StepIntended(at=_now(), step=step, attempt=1, key=key, fingerprint=fingerprint))
        job = await self._ask("POST", f"/api/pipeline_jobs?pipeline_definition_id={number}", _CONTEXT)
        handle = {"pipeline_job_id": job["id"], "pipeline_definition_id": number}
        await append(StepTriggered(at=_now(), step=step, attempt=1, handle=handle))
        path = f"/api/pipeline_jobs/{job['id']}"
        while (seen := await self._ask("GET", path))["status"] != "succeeded":
            await asyncio.sleep(self._interval)
        outputs = {**seen, "link": self._base_url + path}
        outcome, word = Outcome.SUCCEEDED, seen["status"]
        end = StepFinished(at=_now(), step=step, attempt=1, outcome=outcome, word=word, outputs=outputs)
        self._writer.note(end)

    async def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        headers, content = _HEADERS, b""
        if form is not None:
            headers = {**headers, "content-type": "application/x-www-form-urlencoded"}
            content = urlencode(form).encode()
        request = Request(method, self._base_url + path, headers, content)
        return json.loads(await whole(await self.transport.handle_async_request(request)))


async def _run(shape: str, steps: int, loop: Loop) -> None:
    async def worker(work: Iterator[str]) -> None:
        for step in work:
            await loop.step(step, int(step.removeprefix("step_")) + 1)

    for layer in BY_NAME[shape](steps):
        work = iter(layer)
        await asyncio.gather(*(worker(work) for _ in range(min(IN_FLIGHT, len(layer)))))


async def main(shape: str, steps: int, base_url: str, journal_path: str, interval: float) -> None:
    """One run from its first event to its last."""
    journal = open_journal(journal_path)
    graph = needs(BY_NAME[shape](steps))
    outlines = tuple(StepOutline(id=step, uses=_KIND, needs=tuple(needed)) for step, needed in graph.items())
    now = _now()
    started = RunStarted(
        at=now, run=f"{now:%H%M%S%f}", pipeline="bare", path="", digest="", context_time=now, steps=outlines
    )
    writer = journal.start(started)
    loop = Loop(base_url, writer, interval)
    await _run(shape, steps, loop)
    await writer.append(RunFinished(at=_now(), outcome=Outcome.SUCCEEDED))
    await writer.close()
    await loop.transport.aclose()
    journal.close()


if __name__ == "__main__":
    shape_, steps_, base_url_, journal_, interval_ = sys.argv[1:]
    asyncio.run(main(shape_, int(steps_), base_url_, journal_, float(interval_)))
