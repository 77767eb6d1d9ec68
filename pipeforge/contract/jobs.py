"""What is asked of every kind that starts something: once or said so, and watched to its end."""

import json
from typing import Any, ClassVar

import pytest

from pipeforge import adapters
from pipeforge.adapter import Guarantee, Kind, Outcome
from pipeforge.adapters import connections
from pipeforge.contract.cases import KEY, Case, Contract, clean, of
from pipeforge.contract.driving import settle, watched
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient

LOST = ("lose_answer", "drop", "html", "empty", "truncated", "server_error")
"""Faults on a start that tell nothing; `html` and `server_error` with the work done and not done."""

ALWAYS_DONE = ("lose_answer", "empty", "truncated")
"""These faults strike an answer: the work was done before."""

BLIND = (
    "drop",
    "html",
    "empty",
    "truncated",
    "slow",
    "server_error",
    "rate_limited",
    "unknown_status",
    "backwards",
)
"""Faults on a look that must not end a job."""

MAY_DOUBT = {
    True: (Guarantee.AT_MOST_ONCE, Guarantee.JOURNALED),
    False: (Guarantee.RECONCILABLE, Guarantee.JOURNALED),
}
"""By whether the work was done: the guarantees under which a lost answer may end in doubt."""


def _once(case: Case, kind: Kind) -> bool:
    """Whether its start is never repeated unasked."""
    return kind.guarantee is not Guarantee.IDEMPOTENT


def _can_fail(case: Case, kind: Kind) -> bool:
    return bool(case.failing)


def _prepares(case: Case, kind: Kind) -> bool:
    return case.prepares is not None


class Starts(Contract):
    """How it starts, and what becomes of a start whose answer was lost."""

    async def test_it_starts_is_watched_and_succeeds(self, name: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            evidence = clean(there, await adapter.prepare(params))
            handle = clean(there, await adapter.trigger(params, KEY, json.loads(json.dumps(evidence))))
            seen, _, warnings = await watched(adapter, json.loads(json.dumps(handle)))
            assert (seen.outcome, warnings) == (Outcome.SUCCEEDED, [])
            adapter.kind.outputs.model_validate(clean(there, dict(seen.outputs)))
            if self.cases[name].counted:
                assert await there.started() == 1

    @pytest.mark.parametrize(
        ("fault", "done"),
        [(fault, done) for fault in LOST for done in (True, False) if done or fault not in ALWAYS_DONE],
    )
    async def test_a_lost_answer_never_starts_a_second_job(self, name: str, fault: str, done: bool) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(route=self.cases[name].start, do=fault, nth=1, after=done)
            try:
                handle, ways = await settle(adapter, params, KEY)
            except InDoubt as doubt:
                assert adapter.kind.guarantee in MAY_DOUBT[done]
                assert doubt.hint
                clean(there, doubt.message + doubt.hint)
            else:
                assert ways[-1] in ("triggered", "recovered")
                seen, _, _ = await watched(adapter, handle)
                assert seen.outcome is Outcome.SUCCEEDED
            if self.cases[name].counted:
                assert await there.started() <= 1

    @of(_once)
    async def test_a_start_that_certainly_did_not_happen_is_said_to_be_so(self, name: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(route=self.cases[name].start, do="rate_limited", nth=1, retry_after=3)
            evidence = await adapter.prepare(params)
            with pytest.raises((Transient, Rejected)) as caught:
                await adapter.trigger(params, KEY, evidence)
            clean(there, str(caught.value))
            assert await there.started() == 0

    @pytest.mark.parametrize("fault", ["unauthorized", "forbidden", "not_found"])
    async def test_a_clear_refusal_of_a_start_is_final(self, name: str, fault: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(route=self.cases[name].start, do=fault)
            evidence = await adapter.prepare(params)
            with pytest.raises(Rejected) as caught:
                await adapter.trigger(params, KEY, evidence)
            clean(there, str(caught.value) + caught.value.hint)
            assert await there.started() == 0

    @of(_prepares)
    @pytest.mark.parametrize("fault", ["drop", "html", "empty", "truncated", "server_error", "forbidden"])
    async def test_a_preparation_that_fails_starts_nothing(self, name: str, fault: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(route=self.cases[name].prepares, do=fault)
            try:
                evidence = await adapter.prepare(params)
            except (Transient, Rejected) as error:
                clean(there, str(error))
                assert await there.started() == 0
                await there.clear_faults()
                evidence = await adapter.prepare(params)
            json.dumps(evidence)

    @of(_once)
    async def test_another_process_can_settle_a_lost_start(self, name: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            evidence = json.loads(json.dumps(await adapter.prepare(params)))
            await there.fault(route=self.cases[name].start, do="lose_answer", nth=1)
            with pytest.raises(InDoubt):
                await adapter.trigger(params, KEY, evidence)
            client = connections.connect("conn", there.settings, app=there.app)
            fresh: Any = connections.adapter(adapters.kinds()[name], client)
            try:
                handle = await fresh.recover(params, KEY, evidence)
            except InDoubt:
                assert adapter.kind.guarantee in (Guarantee.AT_MOST_ONCE, Guarantee.JOURNALED)
                return
            finally:
                await client.aclose()
            assert handle is not None
            seen, _, _ = await watched(adapter, json.loads(json.dumps(handle)))
            assert seen.outcome is Outcome.SUCCEEDED


class Looks(Contract):
    """How it is watched, fails and is canceled."""

    @of(_can_fail)
    async def test_a_failure_is_a_failure_and_says_why(self, name: str) -> None:
        async with self.opened(name, self.cases[name].failing) as (there, adapter, params):
            handle, _ = await settle(adapter, params, KEY)
            seen, _, _ = await watched(adapter, handle)
            assert seen.outcome is Outcome.FAILED
            assert clean(there, seen.detail)

    @pytest.mark.parametrize("fault", BLIND)
    async def test_a_look_that_fails_ends_nothing(self, name: str, fault: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            handle, _ = await settle(adapter, params, KEY)
            await there.fault(route=self.cases[name].look, do=fault, seconds=1000.0)
            for _ in range(3):
                try:
                    seen = await adapter.observe(handle)
                except AdapterError as error:
                    clean(there, str(error))
                else:
                    assert seen.outcome is None or fault in ("unknown_status", "backwards", "slow")
                    assert seen.outcome in (None, Outcome.SUCCEEDED)
            await there.clear_faults()
            seen, _, _ = await watched(adapter, handle)
            assert seen.outcome is Outcome.SUCCEEDED

    async def test_wrong_types_in_every_answer_do_no_harm(self, name: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(do="wrong_types")
            handle, _ = await settle(adapter, params, KEY)
            seen, _, _ = await watched(adapter, handle)
            assert seen.outcome is Outcome.SUCCEEDED

    async def test_canceling_ends_it_or_is_refused_with_a_hint(self, name: str) -> None:
        async with self.opened(name) as (_, adapter, params):
            handle, _ways = await settle(adapter, params, KEY)
            if not adapter.kind.cancellable:
                with pytest.raises(Rejected) as caught:
                    await adapter.cancel(handle)
                assert caught.value.hint
                return
            await adapter.cancel(handle)
            await adapter.cancel(handle)
            seen, _, _ = await watched(adapter, handle)
            assert seen.outcome in (Outcome.CANCELED, Outcome.SUCCEEDED)
            await adapter.cancel(handle)


class JobContract(Starts, Looks):
    """For kinds that start something and await it: derive a class, and give it `cases` of `Case`."""

    cases: ClassVar[dict[str, Case]] = {}
