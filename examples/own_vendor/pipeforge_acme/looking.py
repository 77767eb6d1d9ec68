"""What Acme tells of its reports: for `lint --online`, `pipeforge.lock` and `drift`, and to import them."""

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel

from pipeforge.adapter import Json
from pipeforge.adapters.calls import Call
from pipeforge.adapters.drafts import Draft, Ids, StepDraft, slug
from pipeforge.language.lock import Thing
from pipeforge_acme.client import AcmeClient


class Definition(BaseModel):
    """A report, as Acme tells it. It is read leniently."""

    name: str
    schedule: str | None = None
    """When Acme makes it by itself, in cron's words."""


async def definition(client: AcmeClient, name: str) -> Definition:
    return await client.http.fit(Call("GET", f"/definitions/{quote(name, safe='')}"), Definition)


async def inspect(client: AcmeClient, what: str, names: tuple[Json, ...]) -> Thing:
    """What a step names (`Traits.names`): a 404 becomes a finding, a schedule that is on another one."""
    found = await definition(client, str(names[0]))
    return Thing(name=found.name, schedules=[found.schedule] if found.schedule else [])


async def draft(client: AcmeClient, names: Sequence[str]) -> Draft:
    """A step for each report, side by side."""
    ids, found = Ids(), [await definition(client, name) for name in names]
    steps = tuple(
        StepDraft(ids.new(each.name, "report"), "acme.run_report", {"report": each.name}) for each in found
    )
    return Draft(slug(found[0].name, "reports"), "Imported from Acme.", steps)
