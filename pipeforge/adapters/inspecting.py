"""Asks a vendor about the things that steps name: reads only, each vendor in its own module."""

from functools import partial
from typing import Literal

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.connections import Client
from pipeforge.language.lock import Thing
from pipeforge.loading import load

_INSPECTORS = {
    "trocco": "pipeforge.adapters.trocco.inspecting:inspect",
    "treasure": "pipeforge.adapters.treasure.inspecting:inspect",
    "workato": "pipeforge.adapters.workato.inspecting:inspect",
    "krewdata": "pipeforge.adapters.krewdata.inspecting:inspect",
    "reckoner": "pipeforge.adapters.reckoner.inspecting:inspect",
}


async def inspect(vendor: str, client: Client, what: str, names: tuple[Json, ...]) -> Thing:
    """What a vendor says of a thing that `Traits.names` speaks of. Raises AdapterError.

    Raises UsageError where an installed package's vendor cannot look things up.
    """
    ours = _INSPECTORS.get(vendor)
    look = load(ours) if ours else partial(load("pipeforge.adapters.foreign:inspected"), vendor)
    try:
        found: Thing = await look(client, what, names)
    except Refused as refusal:
        if refusal.status not in (403, 404):  # with a credential that is not accepted nothing is seen
            raise
        state: Literal["absent", "barred"] = "absent" if refusal.status == 404 else "barred"
        return Thing(state=state, detail=client.redactor.text(refusal.message))
    return found
