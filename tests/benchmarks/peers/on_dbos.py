"""The work as a DBOS workflow on SQLite: `python on_dbos.py STEPS BASE_URL FOLDER`, where DBOS is installed.

Async steps of one workflow, side by side within a layer.
"""

import asyncio
import logging
import sys

from dbos import DBOS, DBOSConfig
from work import Streams, layers


@DBOS.step()
async def step(number: int) -> str:
    """One step."""
    return str((await _streams[0].step(number))["status"])


@DBOS.workflow()
async def everything(steps: int) -> None:
    """Layer after layer."""
    for layer in layers(steps):
        await asyncio.gather(*(step(number) for number in layer))


_streams: list[Streams] = []


async def main(steps: int, base_url: str) -> None:
    """One workflow, from its start to its end."""
    _streams.append(Streams(base_url))
    await everything(steps)


if __name__ == "__main__":
    config: DBOSConfig = {
        "name": "benchmark",
        "system_database_url": f"sqlite:///{sys.argv[3]}/dbos.sqlite",
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    DBOS(config=config)
    logging.disable(logging.WARNING)
    DBOS.launch()
    try:
        asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
    finally:
        DBOS.destroy()
