"""Draws up a pipeline from what there is at a vendor: reads only, each vendor in its own module."""

from collections.abc import Sequence

from pipeforge.adapters.connections import Client
from pipeforge.adapters.drafts import Draft
from pipeforge.loading import load

IMPORTERS = {
    "trocco": "pipeforge.adapters.trocco.importing:draft",
    "treasure": "pipeforge.adapters.treasure.importing:draft",
    "workato": "pipeforge.adapters.workato.importing:draft",
    "reckoner": "pipeforge.adapters.reckoner.importing:draft",
}
"""krewData has no list of its flows."""


async def draft(vendor: str, client: Client, names: Sequence[str]) -> Draft:
    """A pipeline from the things of these names. Raises UsageError, AdapterError."""
    found: Draft = await load(IMPORTERS[vendor])(client, names)
    return found
