"""Draws up a pipeline from what there is at a vendor: reads only, each vendor in its own module."""

from collections.abc import Iterator, Sequence
from functools import partial

from pipeforge import adapters
from pipeforge.adapter import Kind
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

_KINDS = {
    "trocco": "trocco.run_workflow",
    "treasure": "treasure.run_workflow",
    "workato": "workato.deploy_recipe",
    "reckoner": "reckoner.run_workflow",
}
"""By vendor, a kind whose connection is asked."""

_OURS = (*IMPORTERS, "kintone")
_FOREIGN = "pipeforge.adapters.foreign"


async def draft(vendor: str, client: Client, names: Sequence[str]) -> Draft:
    """A pipeline from the things of these names. Raises UsageError, AdapterError."""
    ours = IMPORTERS.get(vendor)
    draw = load(ours) if ours else partial(load(f"{_FOREIGN}:drafted"), vendor)
    found: Draft = await draw(client, names)
    return found


def kind(vendor: str) -> Kind:
    """A kind of the vendor, whose connection is asked. Raises as `adapters.kinds` and its lookup do."""
    return adapters.kinds()[_KINDS.get(vendor) or next(iter(load(f"{_FOREIGN}:vendor")(vendor).kinds))]


class Importable:
    """The vendors that `import` takes: ours, `kintone`, and those of packages, looked for when ours end."""

    def __contains__(self, name: str) -> bool:
        return name in _OURS or name in load(f"{_FOREIGN}:entries")()

    def __iter__(self) -> Iterator[str]:
        yield from _OURS
        yield from load(f"{_FOREIGN}:importable")()
