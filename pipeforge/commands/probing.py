"""Asks each vendor one harmless thing: whether it answers, knows the credential, and has our time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from pipeforge.adapters import connections
from pipeforge.adapters.limiter import told_time
from pipeforge.commands.linking import Emulation, Source, settings_of
from pipeforge.errors import PipeforgeError
from pipeforge.journal import Health
from pipeforge.language.secrets import Secrets

PATIENCE = 20.0
"""Seconds for a vendor to answer. chosen: a person waits for it."""
_SKEW = 30.0
"""Seconds that clocks may differ. chosen: times of a start are compared with the vendor's, loosely."""
_UNASKED = "not asked: krewData has no question that costs nothing (a token counts against the unit's rate)"


def ask(source: Source, names: Sequence[str], secrets: Secrets, emulated: Emulation | None) -> list[Health]:
    """How the connections of these names stand, and the clock, by what their vendors say."""
    return asyncio.run(_ask(source, names, secrets, emulated))


async def _ask(
    source: Source, names: Sequence[str], secrets: Secrets, emulated: Emulation | None
) -> list[Health]:
    asked = await asyncio.gather(*(_one(source, name, secrets, emulated) for name in names))
    told = [(name, clock) for name, (_, clock) in zip(names, asked, strict=True) if clock is not None]
    return [*(health for health, _ in asked), *([] if emulated else _clock(told))]


async def _one(
    source: Source, name: str, secrets: Secrets, emulated: Emulation | None
) -> tuple[Health, float | None]:
    """How one connection stands, and by how many seconds our clock is ahead of its vendor's."""
    what = f"connection {name}"
    try:
        settings = settings_of(name, source, secrets, emulated)
        client = connections.connect(name, settings, app=emulated.app if emulated else None)
    except PipeforgeError as error:
        return Health(what, "fail", error.message, error.hint), None
    try:
        async with asyncio.timeout(PATIENCE):
            reply = await client.probe()
    except PipeforgeError as error:
        mask = client.redactor.text
        return Health(what, "fail", mask(error.message), mask(error.hint)), None
    except TimeoutError:
        return Health(
            what, "fail", f"no answer within {PATIENCE:g}s", "check the network and `base_url`"
        ), None
    finally:
        await client.aclose()
    if reply is None:
        return Health(what, "ok", _UNASKED), None
    at = told_time(reply.headers)
    ahead = (datetime.now(UTC) - at).total_seconds() if at else None
    if reply.status == 403:
        mend = "give it the right in the vendor's settings, unless it is only to start things"
        return Health(what, "warn", "the vendor knows the credential, which may not list things", mend), ahead
    return Health(what, "ok", "the vendor answers and knows the credential"), ahead


def _clock(told: Sequence[tuple[str, float]]) -> list[Health]:
    """One line, for the vendor whose clock is farthest from ours."""
    if not told:
        return []
    name, ahead = max(told, key=lambda one: abs(one[1]))
    if abs(ahead) <= _SKEW:
        return [Health("clock", "ok", f"within {_SKEW:g}s of what the vendors' clocks say")]
    where = "ahead of" if ahead > 0 else "behind"
    said = f"{abs(ahead):.0f}s {where} that of connection {name}'s vendor"
    return [Health("clock", "warn", said, "set this machine's clock by the network (NTP)")]
