"""Waits that share one timer: in order, none too soon, and nothing of them is left behind."""

import asyncio
import random

import pytest
from jumping_loop import JUMPING_BACKEND, run_jumping

from pipeforge.alarms import Alarms

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return JUMPING_BACKEND


def _now():
    return asyncio.get_running_loop().time()


async def test_sleepers_wake_in_order_and_none_too_soon():
    alarms, woken, rng = Alarms(), [], random.Random(7)

    async def sleeper(seconds):
        due = _now() + seconds
        await alarms.sleep(seconds)
        woken.append((due, _now()))

    waits = [rng.choice([0.0, -1.0, 0.5, rng.uniform(0, 100), rng.uniform(0, 0.01)]) for _ in range(500)]
    began = _now()
    await asyncio.gather(*map(sleeper, waits))
    assert len(woken) == len(waits)
    assert all(due <= at for due, at in woken)
    late = [due for due, _ in woken if due > began + 10]
    assert late == sorted(late)


async def test_a_sooner_one_is_not_kept_waiting_by_a_later_one():
    alarms, began = Alarms(), _now()
    later = asyncio.create_task(alarms.sleep(1000))
    await asyncio.sleep(0)
    await alarms.sleep(1)
    assert 1 <= _now() - began < 500
    await later
    assert _now() - began >= 1000


async def test_what_is_dropped_does_not_ring_and_leaves_no_timer():
    alarms, rung = Alarms(), []
    some = [alarms.at(_now() + 5 + number, lambda: rung.append(1)) for number in range(1000)]
    kept = alarms.at(_now() + 2000, lambda: rung.append("kept"))
    for alarm in some:
        alarms.drop(alarm)
        alarms.drop(alarm)
    assert len(alarms._waiting) < 300
    await asyncio.sleep(1999)
    assert not rung
    alarms.drop(kept)
    assert alarms._timer is None
    assert not alarms._waiting
    await asyncio.sleep(10)
    assert not rung


async def test_a_limit_ends_what_takes_too_long_by_a_timeout():
    alarms, began = Alarms(), _now()
    with pytest.raises(TimeoutError), alarms.until(began + 3):
        await asyncio.sleep(100)
    assert 3 <= _now() - began < 50
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
    with alarms.until(_now() + 3):
        await asyncio.sleep(1)
    await asyncio.sleep(10)  # it is over: nothing comes any more


async def test_a_limit_that_has_passed_ends_at_once():
    alarms, began = Alarms(), _now()
    with pytest.raises(TimeoutError), alarms.until(began - 5):
        await asyncio.sleep(100)
    assert _now() - began < 50


async def test_the_inner_of_two_limits_is_told_from_the_outer():
    alarms = Alarms()
    with pytest.raises(ValueError, match="inner"), alarms.until(_now() + 9):
        try:
            with alarms.until(_now() + 3):
                await asyncio.sleep(100)
        except TimeoutError:
            raise ValueError("inner") from None
    with pytest.raises(TimeoutError), alarms.until(_now() + 3), alarms.until(_now() + 9):
        await asyncio.sleep(100)


async def test_a_cancellation_from_elsewhere_goes_through_a_limit():
    alarms = Alarms()

    async def work():
        with alarms.until(_now() + 50):
            await asyncio.sleep(100)

    task = asyncio.create_task(work())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    both = asyncio.create_task(work())
    await asyncio.sleep(1)
    asyncio.get_running_loop().call_at(_now() + 49.0001, both.cancel)
    with pytest.raises((asyncio.CancelledError, TimeoutError)):
        await both


def test_in_another_loop_they_begin_afresh():
    alarms = Alarms()

    async def left_behind():
        alarms.at(_now() + 5, lambda: None)

    async def sleep():
        await alarms.sleep(1)
        return "woken"

    run_jumping(left_behind())
    assert run_jumping(sleep()) == "woken"
