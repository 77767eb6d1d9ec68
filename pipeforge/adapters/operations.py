"""Kinds that are a question or a change rather than a job: asked once, and over with the answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from pipeforge.adapter import Evidence, Guarantee, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.calls import Refused
from pipeforge.errors import InDoubt, Rejected, Transient
from pipeforge.redaction import Redactor


class Known(Protocol):
    """A client whose secrets can be masked."""

    @property
    def redactor(self) -> Redactor:
        """Masks what the connection keeps secret."""


C = TypeVar("C", bound=Known)
C_contra = TypeVar("C_contra", contravariant=True)
P = TypeVar("P", bound=BaseModel)
P_contra = TypeVar("P_contra", bound=BaseModel, contravariant=True)

_AT_ONCE = "it is over with its answer: there is nothing to stop"


class Act(Protocol[C_contra, P_contra]):
    """The change itself. `evidence` is what was read before it.

    Raises what `Http.send` raises.
    """

    def __call__(self, client: C_contra, params: P_contra, evidence: Evidence, /) -> Awaitable[BaseModel]:
        """The outputs."""


async def nothing(client: object, params: BaseModel, /) -> Evidence:
    """For changes that need to know nothing beforehand."""
    return {}


def no_page(client: object, params: BaseModel, /) -> str:
    """Where no address in the vendor's screen is known."""
    return ""


@dataclass(frozen=True, slots=True)
class Read(Generic[C, P]):
    """A question: the trigger only keeps it, each look asks it."""

    kind: Kind
    client: C
    ask: Callable[[C, P], Awaitable[BaseModel]]
    """Reads only, and all pages of it. What it hands back has the fields of the kind's outputs."""
    page: Callable[[C, P], str] = no_page

    async def prepare(self, params: P) -> Evidence:
        return {}

    async def trigger(self, params: P, key: str, evidence: Evidence) -> Handle:
        return {"asked": params.model_dump(mode="json", by_alias=True, exclude_unset=True)}

    async def observe(self, handle: Handle) -> Observation:
        """A clear refusal is the answer; any other error means that this look failed."""
        params: Any = self.kind.params.model_validate(handle["asked"])
        try:
            found = await self.ask(self.client, params)
        except Rejected as refusal:
            return Observation(Outcome.FAILED, _word(refusal), _said(refusal))
        return Observation(Outcome.SUCCEEDED, "read", outputs=_json(found))

    async def cancel(self, handle: Handle) -> None:
        raise Rejected("a question cannot be canceled", _AT_ONCE)

    async def recover(self, params: P, key: str, evidence: Evidence) -> Handle | None:
        return None

    def link(self, params: P) -> str:
        return self.page(self.client, params)

    def handle_of(self, given: Json, params: P, evidence: Evidence) -> Handle:
        raise ValueError("a question starts no job that could be pointed at")


@dataclass(frozen=True, slots=True)
class Change(Generic[C, P]):
    """A change: done by the trigger, over when its answer came.

    One whose answer was lost is done again where the kind is idempotent, and is in doubt where it is not.
    """

    kind: Kind
    client: C
    act: Act[C, P]
    before: Callable[[C, P], Awaitable[Evidence]] = nothing
    """Reads what is there, so that a second try can tell what the first has done. Raises Rejected."""
    page: Callable[[C, P], str] = no_page

    async def prepare(self, params: P) -> Evidence:
        return await self.before(self.client, params)

    async def trigger(self, params: P, key: str, evidence: Evidence) -> Handle:
        outputs = _json(await self.act(self.client, params, evidence))
        return {"outputs": self.client.redactor.json(outputs)}

    async def observe(self, handle: Handle) -> Observation:
        return Observation(Outcome.SUCCEEDED, "done", outputs=handle["outputs"])

    async def cancel(self, handle: Handle) -> None:
        raise Rejected("a change cannot be canceled", _AT_ONCE)

    async def recover(self, params: P, key: str, evidence: Evidence) -> Handle | None:
        if self.kind.guarantee is Guarantee.IDEMPOTENT:
            return await self._again(params, key, evidence)
        where = self.link(params)
        look = f"look at {where}" if where else "look at it in the vendor's screen"
        raise InDoubt(f"the answer to {self.kind.name} was lost: it may have been done", look)

    async def _again(self, params: P, key: str, evidence: Evidence) -> Handle:
        """Here, and not by another start: that would look anew at what the lost request has changed."""
        try:
            return await self.trigger(params, key, evidence)
        except InDoubt as doubt:
            lost = Transient(doubt.message, doubt.hint)
        raise lost

    def link(self, params: P) -> str:
        return self.page(self.client, params)

    def handle_of(self, given: Json, params: P, evidence: Evidence) -> Handle:
        raise ValueError("a change starts no job that could be pointed at")


def _word(refusal: Rejected) -> str:
    return str(refusal.status) if isinstance(refusal, Refused) else "refused"


def _said(refusal: Rejected) -> str:
    return "; ".join(filter(None, (refusal.message, refusal.hint)))


def _json(found: BaseModel) -> dict[str, Json]:
    kept: dict[str, Json] = found.model_dump(mode="json")
    return kept
