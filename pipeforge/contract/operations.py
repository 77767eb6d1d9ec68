"""What is asked of every kind that asks or changes: an answer, or an error that says what was done."""

import json
from typing import Any, ClassVar

import pytest

from pipeforge.adapter import Guarantee, Json, Kind, Outcome, Role
from pipeforge.contract.cases import KEY, Asked, Contract, clean, of
from pipeforge.contract.driving import settle, watched
from pipeforge.contract.emulated import Emulated
from pipeforge.errors import AdapterError, InDoubt, Rejected, Transient

BLIND = ("drop", "lose_answer", "slow", "html", "empty", "truncated", "rate_limited", "server_error")
REFUSALS = ("unauthorized", "forbidden", "not_found")
LOST = ("lose_answer", "empty", "truncated")
"""Faults of an answer: the work was done before."""


def _reads(case: Asked, kind: Kind) -> bool:
    return kind.role is Role.READS


def _changes(case: Asked, kind: Kind) -> bool:
    return kind.role is Role.CHANGES


class OperationContract(Contract):
    """For kinds that ask or change: derive a class, and give it `cases` of `Asked`."""

    cases: ClassVar[dict[str, Asked]] = {}

    async def _done(self, there: Emulated, name: str) -> int:
        """How many requests of the route were answered well, whether or not the answer came."""
        route = self.cases[name].route
        return sum(f"{row['method']} {row['route']}" == route and _well(row) for row in await there.rows())

    async def test_it_is_asked_and_answers(self, name: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            evidence = clean(there, await adapter.prepare(params))
            handle = clean(there, await adapter.trigger(params, KEY, evidence))
            seen = await adapter.observe(handle)
            assert (seen.outcome, seen.warning) == (Outcome.SUCCEEDED, "")
            found = clean(there, dict(seen.outputs))
            adapter.kind.outputs.model_validate_json(json.dumps(found))
            for expected, value in self.cases[name].gives.items():
                assert found[expected] == value, (expected, found)

    @of(_reads)
    @pytest.mark.parametrize("fault", BLIND)
    async def test_a_question_that_was_not_answered_is_asked_again(self, name: str, fault: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            handle = await adapter.trigger(params, KEY, {})
            await there.fault(route=self.cases[name].route, do=fault, seconds=1000.0)
            with pytest.raises(AdapterError) as caught:
                await adapter.observe(handle)
            clean(there, str(caught.value) + caught.value.hint)
            await there.clear_faults()
            seen, _, _ = await watched(adapter, handle)
            assert seen.outcome is Outcome.SUCCEEDED

    @of(_reads)
    @pytest.mark.parametrize("fault", REFUSALS)
    async def test_a_refused_question_fails_and_says_why(self, name: str, fault: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(route=self.cases[name].route, do=fault)
            seen = await adapter.observe(await adapter.trigger(params, KEY, {}))
            assert seen.outcome is Outcome.FAILED
            assert clean(there, seen.detail)

    async def test_wrong_types_end_in_an_answer_or_an_error_of_ours(self, name: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(do="wrong_types")
            try:
                handle = await adapter.trigger(params, KEY, await adapter.prepare(params))
                seen = await adapter.observe(handle)
            except AdapterError as error:
                clean(there, str(error) + error.hint)
            else:
                found: Any = clean(there, dict(seen.outputs))
                adapter.kind.outputs.model_validate_json(json.dumps(found))

    @of(_changes)
    @pytest.mark.parametrize("fault", REFUSALS)
    async def test_a_refused_change_is_final_and_changes_nothing(self, name: str, fault: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            evidence = await adapter.prepare(params)
            await there.fault(route=self.cases[name].route, do=fault)
            with pytest.raises(Rejected) as caught:
                await adapter.trigger(params, KEY, evidence)
            assert clean(there, str(caught.value) + caught.value.hint)
            assert await self._done(there, name) == 0

    @of(_changes)
    async def test_a_change_that_was_put_off_was_not_made(self, name: str) -> None:
        async with self.opened(name) as (there, adapter, params):
            evidence = await adapter.prepare(params)
            await there.fault(route=self.cases[name].route, do="rate_limited", nth=1, retry_after=3)
            try:
                await adapter.trigger(params, KEY, evidence)
            except Transient as error:
                clean(there, str(error))
                assert await self._done(there, name) == 0
            else:
                assert adapter.kind.guarantee is Guarantee.IDEMPOTENT

    @of(_changes)
    @pytest.mark.parametrize("fault", LOST)
    async def test_a_lost_change_is_repeated_only_where_that_does_no_harm(
        self, name: str, fault: str
    ) -> None:
        async with self.opened(name) as (there, adapter, params):
            await there.fault(route=self.cases[name].route, do=fault, nth=1)
            try:
                handle, _ = await settle(adapter, params, KEY)
            except InDoubt as doubt:
                assert adapter.kind.guarantee is not Guarantee.IDEMPOTENT
                assert clean(there, doubt.hint)
                assert await self._done(there, name) == 1
                return
            seen, _, _ = await watched(adapter, clean(there, handle))
            assert seen.outcome is Outcome.SUCCEEDED
            assert adapter.kind.guarantee is Guarantee.IDEMPOTENT or await self._done(there, name) == 1


def _well(row: dict[str, Json]) -> bool:
    return row["worked"] is not None and 200 <= row["worked"] < 300
