"""The work as a Prefect 3 flow: `python on_prefect.py STEPS BASE_URL FOLDER`, in an environment of its own.

Async tasks called in the flow's own loop, without results kept or retries: the cheapest form that it has. It
logs as it does by default. Its server runs beside it for the time of the flow, as when no other is set up.
"""

import asyncio
import sys

from prefect import flow, task
from work import Streams, layers


@task(persist_result=False)
async def step(number: int, streams: Streams) -> None:
    """One step."""
    await streams.step(number)


@flow(persist_result=False)
async def everything(steps: int, base_url: str) -> None:
    """Layer after layer."""
    streams = Streams(base_url)
    for layer in layers(steps):
        await asyncio.gather(*(step(number, streams) for number in layer))


if __name__ == "__main__":
    asyncio.run(everything(int(sys.argv[1]), sys.argv[2]))
