"""Whether krewData knows the execution unit that a connection leads to."""

from pipeforge.adapter import Json
from pipeforge.adapters.krewdata.client import KrewdataClient
from pipeforge.language.lock import Thing


async def inspect(client: KrewdataClient, what: str, names: tuple[Json, ...]) -> Thing:
    """Takes a token and throws it away: the only question there is, and it counts against the unit's rate."""
    await client.token()
    return Thing()
