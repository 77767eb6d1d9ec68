"""The turns in which the same workflow or definition is started: in order, never lost, never long."""

import anyio
import pytest

from pipeforge.adapters.limiter import PATIENCE
from pipeforge.adapters.turns import PREPARED, SETTLING, Turns
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]


def giving(value, seconds=0.0):
    async def give():
        await anyio.sleep(seconds)
        return value

    return give


def failing(error):
    async def fail():
        raise error

    return fail


async def all_of(*functions):
    async with anyio.create_task_group() as group:
        for function in functions:
            group.start_soon(function)


async def test_starts_follow_each_other_in_the_order_asked_and_leave_nothing_behind():
    turns, began = Turns("workflow"), []

    async def start(number):
        ticket, _ = await turns.prepare(1, giving(number, 0.5))
        await anyio.sleep(0.5)
        await turns.start(1, ticket, giving(began.append(number), 0.5))

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(start, number)
    assert began == list(range(8))
    assert not turns._turns and not turns._changed


async def test_one_that_waits_in_vain_is_told_so_in_time():
    turns = Turns("workflow")
    await turns.prepare(1, giving(None))
    begin = anyio.current_time()
    with pytest.raises(Transient, match="workflow 1 is under way") as caught:
        await turns.prepare(1, giving(None))
    assert anyio.current_time() - begin == pytest.approx(PATIENCE, abs=0.1)
    assert caught.value.retry_after


@pytest.mark.parametrize("error", [Transient("x"), Rejected("x")])
async def test_a_start_that_certainly_did_not_happen_frees_the_turn(error):
    turns = Turns("workflow")
    ticket, _ = await turns.prepare(1, giving(None))
    with pytest.raises(type(error)):
        await turns.start(1, ticket, failing(error))
    begin = anyio.current_time()
    await turns.prepare(1, giving(None))
    assert anyio.current_time() - begin < 1.0


async def test_a_lost_start_keeps_the_turn_until_it_is_settled_however_long_that_takes():
    turns, told = Turns("workflow"), []
    ticket, _ = await turns.prepare(1, giving(None))
    with pytest.raises(InDoubt):
        await turns.start(1, ticket, failing(InDoubt("x")))

    async def settle():
        with pytest.raises(Transient):
            await turns.settle(1, 0.0, failing(Transient("the question failed")))
        await anyio.sleep(60)
        await turns.settle(1, 3 * SETTLING, giving(None, 3 * SETTLING))
        told.append("settled")

    async def prepare():
        while True:
            try:
                await turns.prepare(1, giving(None))
                return told.append("prepared")
            except Transient as error:
                await anyio.sleep(error.retry_after)

    await all_of(settle, prepare)
    assert told == ["settled", "prepared"]


async def test_settling_takes_the_turn_from_one_that_prepared_and_waits_for_one_that_started():
    turns = Turns("workflow")
    ticket, _ = await turns.prepare(1, giving(None))
    await turns.settle(1, 0.0, giving(None))
    with pytest.raises(Transient, match="out of date"):
        await turns.start(1, ticket, giving(None))
    told = []
    ticket, _ = await turns.prepare(1, giving(None))

    async def start():
        told.append(await turns.start(1, ticket, giving("started", 5)))

    async def settle():
        await anyio.sleep(1)
        told.append(await turns.settle(1, 0.0, giving("settled")))

    await all_of(start, settle)
    assert told == ["started", "settled"]


async def test_settling_does_not_wait_for_ever_behind_a_start_that_hangs():
    turns = Turns("workflow")
    ticket, _ = await turns.prepare(1, giving(None))
    async with anyio.create_task_group() as group:
        group.start_soon(turns.start, 1, ticket, giving(None, 1e6))
        await anyio.sleep(1)
        begin = anyio.current_time()
        with pytest.raises(Transient):
            await turns.settle(1, 0.0, giving(None))
        assert anyio.current_time() - begin <= PATIENCE + 0.1
        group.cancel_scope.cancel()


async def test_a_forgotten_turn_runs_out_and_a_late_start_is_refused():
    turns = Turns("workflow")
    ticket, _ = await turns.prepare(1, giving(None))
    await anyio.sleep(PREPARED + 1)
    with pytest.raises(Transient, match="out of date"):
        await turns.start(1, ticket, giving(None))
    await turns.prepare(1, giving(None))


async def test_a_preparation_that_is_cut_off_frees_the_turn():
    turns = Turns("workflow")
    with anyio.move_on_after(1):
        await turns.prepare(1, giving(None, 100))
    begin = anyio.current_time()
    await turns.prepare(1, giving(None))
    assert anyio.current_time() - begin < 1.0


async def test_a_crowd_waits_without_waking_each_other():
    """A thousand items over one definition: each start wakes the next one alone."""
    turns, done = Turns("workflow"), []

    async def start(number):
        while True:
            try:
                ticket, _ = await turns.prepare(1, giving(None, 0.2))
                break
            except Transient as error:
                await anyio.sleep(error.retry_after)
        await turns.start(1, ticket, giving(done.append(number), 0.2))

    async with anyio.create_task_group() as group:
        for number in range(1000):
            group.start_soon(start, number)
    assert sorted(done) == list(range(1000))
