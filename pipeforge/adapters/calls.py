"""What goes over a connection and comes back: access, call, reply, and the refusal that carries a reply."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pipeforge.adapter import Json
from pipeforge.adapters.verdicts import Happened
from pipeforge.errors import Rejected

Pairs = Sequence[tuple[str, str]]


def plain_words(body: Json) -> str:
    """The vendor's error text in `error` or `message` with the texts of `errors`: the commonest form."""
    if not isinstance(body, dict):
        return ""
    words = body.get("error") or body.get("message") or body.get("description") or ""
    details = body.get("errors")
    for item in details if isinstance(details, list) else ():
        if isinstance(item, dict):
            words = f"{words}; {item.get('attribute', '')}: {item.get('message', '')}"
    return words if isinstance(words, str) else json.dumps(words, ensure_ascii=False)


PROBED = frozenset([400, 403, 404])
"""Refusals that tell all the same that a credential was recognised."""


@dataclass(frozen=True, slots=True)
class Access:
    """How one connection is reached. `words` finds the vendor's error text in a body; times in seconds."""

    name: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    requests: tuple[int, float] | None = None
    """How many requests in how many seconds."""
    words: Callable[[Json], str] = plain_words
    connect_timeout: float = 10.0
    read_timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `safe`: repeating it changes nothing; by default only GET and HEAD are."""

    method: str
    path: str
    """Below the base URL, percent-encoded."""
    query: Pairs = ()
    json: Json = None
    form: Pairs | None = None
    """Sent as application/x-www-form-urlencoded in this very order."""
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    safe: bool | None = None
    accept: frozenset[int] = frozenset()
    """Statuses that are handed back as a Reply although they are not 2xx: the caller judges them."""
    any_body: bool = False
    """A 2xx need not carry JSON (an empty body, a log file)."""
    quiet: bool = False
    """The answer brings a secret: what cannot be understood of it is never quoted."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `body` is the decoded JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes = field(repr=False)
    body: Json = field(repr=False)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


Witness = Callable[[Call, Happened, Reply | None], None]
"""Told of every request and its answer, None where none came, before anything is made of it.

Secrets are in it as they came.
"""


class Door(Protocol):
    """Where the requests of a connection leave."""

    witness: Witness | None
    """None where nobody listens."""


class Refused(Rejected):
    """A Rejected that carries the answer: its status (4xx or a redirect) and its JSON, secrets masked."""

    def __init__(self, message: str, hint: str, status: int, body: Json) -> None:
        super().__init__(message, hint)
        self.status = status
        self.body = body


def decode(content: bytes) -> Json:
    """JSON read leniently (raw control characters, a BOM); None when it is none."""
    if not content:
        return None
    try:
        return _LENIENT.decode(content.removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError):
        return None


_LENIENT = json.JSONDecoder(strict=False)
