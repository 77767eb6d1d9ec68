"""Acme's API, one method an endpoint."""

from typing import Any

from pipeforge.adapters.calls import Access, Call, Reply
from pipeforge.adapters.http import Http
from pipeforge.redaction import Redactor
from pipeforge_acme.kinds import AcmeConnection, Report


class AcmeClient:
    """One account. Every method may raise what Http.send raises."""

    def __init__(self, name: str, settings: AcmeConnection, *, app: Any = None) -> None:
        headers = {"authorization": f"Bearer {settings.api_key.get_secret_value()}"}
        self.http = Http(Access(name, settings.base_url, headers, settings.secrets()), app=app)

    @property
    def redactor(self) -> Redactor:
        return self.http.redactor

    async def run(self, report: str, key: str) -> int:
        """Starts a run; of one `key` Acme makes one run only."""
        return (await self.http.fit(Call("POST", "/reports", json={"report": report, "key": key}), Report)).id

    async def find(self, key: str) -> dict[str, int] | None:
        """The run of a key, as a handle; None if there is none."""
        reply = await self.http.send(Call("GET", f"/keys/{key}", accept=frozenset([404])))
        return None if reply.status == 404 else {"id": self.http.read(reply, Report, safe=True).id}

    async def get(self, number: int) -> Report:
        """How a run stands."""
        return await self.http.fit(Call("GET", f"/reports/{number}"), Report)

    async def cancel(self, number: int) -> None:
        """Ends a run; one that has ended stays as it is."""
        await self.http.send(Call("DELETE", f"/reports/{number}", safe=True))

    async def probe(self) -> Reply:
        return await self.http.send(Call("GET", "/account"))

    async def aclose(self) -> None:
        await self.http.aclose()
