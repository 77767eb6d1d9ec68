"""krewData's kind as an adapter: token, run, look, and ask again with the same token."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation
from pipeforge.adapters.calls import Refused
from pipeforge.adapters.krewdata import kinds
from pipeforge.adapters.krewdata.asking import get_task_status
from pipeforge.adapters.krewdata.client import Conflict, Held, KrewdataClient
from pipeforge.adapters.krewdata.kinds_tasks import GET_TASK_STATUS
from pipeforge.adapters.krewdata.reading import seen
from pipeforge.adapters.krewdata.wire import (
    EXPIRED,
    INVALID,
    UNREADABLE,
    USED,
    code_of,
    error_words,
    is_about_content,
)
from pipeforge.adapters.operations import Read
from pipeforge.adapters.pointing import named
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient

_CONFLICT_INTERVAL = 60.0  # seconds; the unit's rate is counted per minute
_RESEND_INTERVAL = 20.0  # chosen: seconds between two questions of a recovery: 3 a minute
_UNREADABLE_INTERVAL = 60.0  # chosen: seconds until a task that cannot be read is looked at again
_LOOK = "look at the unit's log app in kintone before starting it again"


class RunUnit:
    """krewdata.run_unit.

    The token is the key of an at-most-once start: krewData takes it for one run and refuses it afterwards. It
    is journaled, sealed, before the run is asked for; a lost answer is settled by asking again with it.
    """

    kind: ClassVar[Kind] = kinds.RUN_UNIT

    def __init__(self, client: KrewdataClient) -> None:
        self._client = client

    async def prepare(self, params: kinds.RunUnitParams) -> Evidence:
        """A one-shot token, good for ten minutes. A 429 is final: the unit is now disabled."""
        return {"token": self._client.seal.close(await self._client.token())}

    async def trigger(self, params: kinds.RunUnitParams, key: str, evidence: Evidence) -> Handle:
        """Starts the unit.

        Transient when this certainly started nothing and a new token may do better: `prepare` gives one. So
        it is with `on_conflict: wait` while the unit runs for somebody else: whether a 409 spends the token
        is not documented.
        """
        sealed = str(evidence["token"])
        token = self._open(sealed)
        try:
            return await self._run(params, token, sealed)
        except Conflict as conflict:
            if params.on_conflict == "fail":
                raise
            failure: Exception = Transient(conflict.message, conflict.hint, retry_after=_CONFLICT_INTERVAL)
        except Refused as refusal:
            failure = self._trigger_refused(refusal)
        raise failure

    async def observe(self, handle: Handle) -> Observation:
        task_id = str(handle["task_id"])
        token = self._client.status_tokens.get(task_id) or self._open(str(handle["token"]))
        try:
            task = await self._client.status(token, task_id)
        except Refused as refusal:
            words = error_words(refusal.body)
            if words not in UNREADABLE:
                raise
        else:
            return seen(task_id, task, self._client.link, self._client.redactor)
        if words == UNREADABLE[0] and await self._another_token(task_id):
            return Observation(outcome=None, word="", look_again=1.0)
        return Observation(
            outcome=None,
            word="unreadable",
            detail=_LOOK,
            look_again=_UNREADABLE_INTERVAL,
            warning=f"krewData does not show task {task_id}: {words} {_LOOK}",
        )

    async def cancel(self, handle: Handle) -> None:
        """krewData has no way to stop a run."""
        raise Rejected("krewData cannot stop a run", "it goes on to its end; nothing of it can be undone")

    async def recover(self, params: kinds.RunUnitParams, key: str, evidence: Evidence) -> Handle | None:
        """Asks again with the same token: 200 is the first start, `used` means that there was one before."""
        sealed = str(evidence["token"])
        token = self._open(sealed)
        loop = asyncio.get_running_loop()
        until = loop.time() + self._client.settings.recovery_window
        last = InDoubt("the unit may have been started, and could not be asked", _LOOK)
        while True:
            try:
                return await self._run(params, token, sealed)
            except Held:
                pass  # nothing was asked
            except Refused as refusal:
                if is_about_content(error_words(refusal.body)):
                    return None  # as the first one was
                last = _doubt(refusal)
            except (InDoubt, Transient) as lost:  # the token starts one run at most: asking again is safe
                last = InDoubt(lost.message, _LOOK)
            left = until - loop.time()
            if left <= 0 or isinstance(last, _Settled):
                raise last
            await asyncio.sleep(min(_RESEND_INTERVAL, left))

    def link(self, params: kinds.RunUnitParams) -> str:
        """The krewData app, which holds the unit and its log."""
        return self._client.link

    def handle_of(self, given: Json, params: kinds.RunUnitParams, evidence: Evidence) -> Handle:
        """A task is read with the token that started it."""
        whole = isinstance(given, Mapping) and "token" in given
        token = (given if whole else evidence).get("token")
        if not token:
            raise ValueError("the token that it was started with is not in the journal")
        if not isinstance(token, str):
            raise ValueError("its token is no text")
        return {"task_id": named(given, "task_id"), "token": token}

    async def _another_token(self, task_id: str) -> bool:
        """Whether there is one more token to read the task with; asked for once, whatever becomes of it.

        Whether another token than the task's own may look at it is not documented.
        """
        if task_id in self._client.status_tokens:
            return False
        try:
            token = await self._client.token()
        except Held:
            raise
        except AdapterError:
            token = ""
        self._client.status_tokens[task_id] = token
        return token != ""

    async def _run(self, params: kinds.RunUnitParams, token: str, sealed: str) -> Handle:
        started = await self._client.run(token, params.app_id, params.user, params.record)
        self._client.token_distrusted = False
        self._client.run_tokens[started.task_id] = token
        return {"task_id": started.task_id, "token": sealed}

    def _open(self, sealed: str) -> str:
        try:
            token = self._client.seal.open(sealed)
        except ValueError as error:
            trouble = f"the journaled token cannot be read: {error}"
        else:
            self._client.redactor.learn(token)
            return token
        raise InDoubt(trouble, f"use the serial number of the start; or {_LOOK}")

    def _trigger_refused(self, refusal: Refused) -> Exception:
        """A token of ours that was never answered for and is used is a riddle; one grown old is none."""
        words = error_words(refusal.body)
        if words == USED:
            return InDoubt(f"{refusal.message} A run may have been started with it", _LOOK)
        unknown = words == INVALID and not self._client.token_distrusted
        self._client.token_distrusted = words == INVALID
        if words == EXPIRED or unknown:
            return Transient(f"{refusal.message} Nothing was started", "a new token is needed")
        return refusal


class _Settled(InDoubt):
    """Asking again would not tell more."""


def _doubt(refusal: Refused) -> InDoubt:
    """What a refusal of the same request tells of the first one: at most that there was one."""
    words = error_words(refusal.body)
    if isinstance(refusal, Conflict) or code_of(refusal.body) is None:
        # ours may be what runs (the order of the checks is not documented), or it was not krewData that spoke
        return InDoubt(refusal.message, _LOOK)
    if words == USED:
        return _Settled(f"{refusal.message} The unit was started and its task is lost", _LOOK)
    # whether a used token is first found used or first found old is not documented; a unit that was disabled
    # since, or a licence that ended, is no word about the first request at all
    return _Settled(f"{refusal.message} Whether it had started the unit cannot be told", _LOOK)


ADAPTERS: dict[str, Callable[[KrewdataClient], Any]] = {
    "krewdata.run_unit": RunUnit,
    "krewdata.get_task_status": lambda client: Read(GET_TASK_STATUS, client, get_task_status),
}
