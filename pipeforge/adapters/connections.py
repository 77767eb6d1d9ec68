"""Makes a vendor's client from a connection's settings, and an adapter from a kind and a client."""

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from pipeforge.adapter import Adapter, Kind
from pipeforge.adapters.calls import Door, Reply
from pipeforge.adapters.settings import ConnectionSettings
from pipeforge.errors import UsageError
from pipeforge.loading import load
from pipeforge.redaction import Redactor

_CLIENTS = {
    "trocco": "pipeforge.adapters.trocco.client:connect",
    "treasure": "pipeforge.adapters.treasure.client:connect",
    "workato": "pipeforge.adapters.workato.client:connect",
    "krewdata": "pipeforge.adapters.krewdata.client:connect",
    "reckoner": "pipeforge.adapters.reckoner.client:connect",
}

_ADAPTERS = {
    "trocco": "pipeforge.adapters.trocco.steps:ADAPTERS",
    "treasure": "pipeforge.adapters.treasure.steps:ADAPTERS",
    "workato": "pipeforge.adapters.workato.steps:ADAPTERS",
    "krewdata": "pipeforge.adapters.krewdata.steps:ADAPTERS",
    "reckoner": "pipeforge.adapters.reckoner.steps:ADAPTERS",
}

_FOREIGN = "pipeforge.adapters.foreign"


class Client(Protocol):
    """A vendor's client: one open connection with its limits, shared by all steps that name it."""

    @property
    def redactor(self) -> Redactor:
        """Masks the connection's secrets, and those learned on the way (one-shot and refreshed tokens)."""

    @property
    def http(self) -> Door:
        """Where its requests leave."""

    async def probe(self) -> Reply | None:
        """Asks the cheapest harmless thing there is; None where no question is free.

        An answer, also a 403 or a 404, says that the credential is known. Raises what `Http.send` raises.
        """

    async def aclose(self) -> None:
        """Gives the sockets back."""


def connect(name: str, settings: BaseModel, *, app: Any = None) -> Client:
    """A client for the connection called `name`. `app`: an ASGI application that stands in for the vendor.

    Opens nothing yet. `settings` is an instance of the vendor's connection model.
    """
    vendor: str = getattr(settings, "vendor")  # noqa: B009 (every connection model has it, the base cannot)
    make = load(_CLIENTS[vendor]) if vendor in _CLIENTS else load(_FOREIGN).connect(vendor)
    client: Client = make(name, settings, app=app)
    return client


def refuse_twins(connections: Mapping[str, ConnectionSettings]) -> None:
    """Raises UsageError when two of these share what a vendor's limits are counted by.

    Limits hold for each connection by itself: two to one execution unit would start it twice as often as the
    vendor stands.
    """
    names: dict[tuple[str, ...], str] = {}
    for name, settings in connections.items():
        thing = settings.limited()
        if thing and names.setdefault(thing, name) != name:
            raise UsageError(
                f"connections '{names[thing]}' and '{name}' lead to the same place, whose limits they share",
                f"use '{names[thing]}' in the steps that name '{name}', or give '{name}' a place of its own",
            )


def resource(settings: ConnectionSettings) -> str:
    """What a connection shares with every other that leads to the same place, in whatever pipeline.

    Fit for a journal: without the credential, which is its key, nobody can tell what it stands for.
    """
    address, credential = settings.account()
    key = blake2b(credential.encode(), digest_size=32).digest()
    return blake2b(address.encode(), key=key, digest_size=16, person=b"pipeforge place").hexdigest()


def adapter(kind: Kind, client: Client, folder: Path | None = None) -> Adapter[Any]:
    """The adapter of `kind` over `client`, which must be of the same vendor.

    `folder`: where relative paths in parameters begin, the pipeline's folder; by default the working one.
    """
    ours = _ADAPTERS.get(kind.vendor)
    make = load(ours)[kind.name] if ours else load(_FOREIGN).adapter(kind)
    made: Adapter[Any] = make(client, folder or Path()) if kind.traits.paths else make(client)
    return made
