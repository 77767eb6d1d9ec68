"""What a vendor's emulator is made of: request, reply, routes on the raw path, clock, memory, package.

A vendor is a package with three parts, all synchronous, none of which knows HTTP sockets, faults or files:

    wire.py        ROUTES and the shapes of requests and replies: handlers `(Asked) -> Reply`
    state.py       behaviour over `desk.memory` and `desk.clock`; jobs are functions of (start, course, now)
    __init__.py    PACKAGE = Package(name, base, Section, open_vendor, BEHAVIOURS)

`Package.open(section, desk)` gives a `Vendor`: its routes and the little that the core must know of it.
The core does all the rest for every vendor alike: routing on the raw path, scripted faults, cut connections,
the record of calls with secrets masked, the admin endpoints, the state file. The vendors are mounted by the
literal table in `vendors.py`.

Rules for a vendor
- `desk.memory` is a dict that the core keeps (and writes to the state file): JSON only, so keys are strings.
- Raise `Refused(reply)` to answer early from any depth. Any other exception is a defect and is let through.
- A call that starts a job says so with `Reply(started=identity)`; tests count triggers by it.
- `asked.now` is the moment of the call in UNIX seconds; never ask the system for the time.
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

from pydantic import BaseModel

Json = Any
"""A JSON value."""


class Clock:
    """The emulators' time, in UNIX seconds: a source (the system's by default) plus what was jumped."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self.jumped = 0.0

    def now(self) -> float:
        return self._source() + self.jumped

    def jump(self, seconds: float) -> None:
        self.jumped += seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a vendor sees it."""

    method: str
    path: str
    """Below the vendor's base URL and still percent-encoded."""
    params: Mapping[str, str]
    """The path's `{names}`, percent-decoded (a raw `+` stays a `+`)."""
    query: tuple[tuple[str, str], ...]
    """Decoded pairs in the order sent."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    now: float

    def one(self, name: str, default: str | None = None) -> str | None:
        """The last value of a query parameter."""
        return dict(self.query).get(name, default)

    def json(self) -> Json:
        """The body as JSON; ValueError (also for text that is not UTF-8) if it is not."""
        return json.loads(self.body)

    def form(self) -> list[tuple[str, str]]:
        """The body as form pairs in order, `+` and `%20` as a space."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `body`: None is no body at all, bytes go out as they are, anything else as JSON."""

    status: int = 200
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    started: Json = None
    """Identity of the job that this call started, if it started one."""

    def payload(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Refused(Exception):
    """Raised by a vendor to answer with `reply` at once."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"refused with {reply.status}")
        self.reply = reply


Handler = Callable[[Asked], Reply]


def compile_path(pattern: str) -> re.Pattern[str]:
    """`/jobs/{id}` as an expression over raw paths: `{x}` one segment, `{x:path}` the rest, `*` anything."""
    parts = re.split(r"(\{\w+(?::path)?\}|\*)", pattern)
    return re.compile("".join(_path_part(part) for part in parts) + r"\Z")


def _path_part(part: str) -> str:
    if part == "*":
        return ".*"
    if part.endswith(":path}"):
        return f"(?P<{part[1:-6]}>.+)"
    if part.startswith("{"):
        return f"(?P<{part[1:-1]}>[^/]+)"
    return re.escape(part)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of a vendor: method, path below the base URL with `{names}`, and what answers it."""

    method: str
    path: str
    handler: Handler
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", compile_path(self.path))

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The path's parameters, decoded, if this route takes the request."""
        found = self.pattern.match(path) if method == self.method else None
        return None if found is None else {name: unquote(value) for name, value in found.groupdict().items()}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One line of `pipeforge emulate --explain`: what the emulator does and how well that is known.

    `stated`: the vendor's own documents say so. `inferred`: it follows from them. `chosen`: nobody says.
    """

    what: str
    evidence: Literal["stated", "inferred", "chosen"]
    source: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What the core hands to a vendor when it opens: the time, and a memory that survives a restart."""

    clock: Clock
    memory: dict[str, Json]
    """JSON only (string keys): it is written to the state file after every call."""

    def number(self, sequence: str = "id", first: int = 1) -> int:
        """The next whole number of a sequence that is kept in the memory."""
        numbers: dict[str, int] = self.memory.setdefault("numbers", {})
        numbers[sequence] = numbers.get(sequence, first - 1) + 1
        return numbers[sequence]

    def shelf(self, name: str) -> dict[str, Json]:
        """A dict of its own in the memory, made when first asked for."""
        shelf: dict[str, Json] = self.memory.setdefault(name, {})
        return shelf


def _let_through(_: Asked) -> None:
    return None


def _as_it_is(_: Asked, reply: Reply) -> Reply:
    return reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """An open vendor: its routes, and what the core must know to script faults and keep secrets."""

    routes: Sequence[Route]
    unmatched: Handler
    """The answer where no route takes the request."""
    refusals: Mapping[str, Handler]
    """Replies for faults by name, in the vendor's own shape. Must hold `unauthorized`, `forbidden`,
    `not_found`, `rate_limited`, `server_error`; a vendor adds its own (`token_expired`, ...)."""
    status_key: str
    """The key of a job's status word in the answers, for the faults `unknown_status` and `backwards`."""
    first_word: str
    """The word of a job that has just been made."""
    jobs: Callable[[], list[dict[str, Json]]]
    """All jobs, each a dict with at least `id`, `of` (what it runs), `status`, `by` (`api` or `hand`)."""
    acts: Mapping[str, Callable[[Mapping[str, Json]], Json]] = field(default_factory=dict)
    """What a person can do in the vendor's screen, by name; ValueError if the arguments are wrong."""
    authorise: Callable[[Asked], None] = _let_through
    """Called before every matched route; raises Refused."""
    finish: Callable[[Asked, Reply], Reply] = _as_it_is
    """The last touch on every reply, scripted refusals included (rate-limit headers, status modes)."""
    secret_keys: frozenset[str] = frozenset()
    """Keys of bodies and queries whose values are masked in the record of calls."""
    secret_params: frozenset[str] = frozenset()
    """Names of path parameters that are shown as a fingerprint in the record of calls."""


@dataclass(frozen=True, slots=True)
class Package:
    """A vendor's package, as the table in `vendors.py` names it."""

    name: str
    base: str
    """What follows `/{name}` in the vendor's base URL: empty, or `/api`, `/trigger/v1`, ..."""
    section: type[BaseModel]
    """The vendor's part of a world file; with no arguments, everything exists and succeeds."""
    open: Callable[[Any, Desk], Vendor]
    behaviours: tuple[Behaviour, ...]


def fingerprint(secret: str) -> str:
    """A short stable name for something secret, so that records can tell two apart without showing either."""
    return "#" + sha256(secret.encode()).hexdigest()[:8]
