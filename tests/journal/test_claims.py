"""Places that processes share: counted for whoever lives, in the order asked, free again after any end."""

import asyncio

import pytest
from journal_events import intended, started

from pipeforge.errors import Busy, JournalError
from pipeforge.journal import Claim, Taken
from pipeforge.journal.grouping import SOON

pytestmark = pytest.mark.anyio

ONE = Claim("unit", 1, place="a")
TWO = Claim("unit", 2)


@pytest.fixture
def first(journal):
    return journal.start(started("r1"))


@pytest.fixture
def second(another):
    return another.start(started("r2", again=1))


async def test_a_place_is_had_by_one_and_told_to_the_other(first, second):
    assert await first.claim(ONE) is None
    wait = await second.claim(ONE)
    assert (wait.run, wait.place, wait.claim, wait.seconds) == ("r1", "a", ONE, 0.0)
    assert wait.holder.startswith("process ")
    await first.give_back(ONE)
    assert await second.claim(ONE) is None


async def test_a_place_let_go_is_free_when_the_next_event_is_on_disk(first, second):
    assert await first.claim(ONE) is None
    assert await second.claim(ONE) is not None
    first.let_go(ONE)
    await first.append(intended(1))
    assert await second.claim(ONE) is None


async def test_a_place_let_go_is_free_soon_though_nothing_else_comes(first, second):
    assert await first.claim(ONE) is None
    first.let_go(ONE)
    async with asyncio.timeout(10):
        while await second.claim(ONE) is not None:
            await asyncio.sleep(SOON / 5)


async def test_a_place_let_go_by_who_claims_at_once_is_had_again(first):
    for place in "abcde":
        assert await first.claim(Claim("unit", 1, place=place)) is None
        first.let_go(Claim("unit", 1, place=place))


async def test_as_many_places_as_there_are(first, second):
    assert await first.claim(Claim("unit", 2, place="a")) is None
    assert await second.claim(Claim("unit", 2, place="a")) is None
    assert await first.claim(Claim("unit", 2, place="b")) is not None
    assert await first.claim(Claim("other", 2, place="b")) is None


async def test_a_place_asked_for_again_is_the_same_place(first, second):
    for _ in range(3):
        assert await first.claim(TWO) is None
    assert await second.claim(TWO) is None


async def test_who_asked_first_is_served_first_in_whatever_process(first, second, journal, another):
    third = journal.start(started("r3", again=2))
    await first.claim(ONE)
    assert (await second.claim(ONE)).run == "r1"
    assert (await third.claim(ONE)).run == "r1"
    await first.give_back(ONE)
    wait = await third.claim(ONE)
    assert wait.run == "r2"  # which stands before it in line
    assert await first.claim(Claim("unit", 1, place="b")) is not None
    assert await second.claim(ONE) is None
    await second.give_back(ONE)
    assert await third.claim(ONE) is None


async def test_who_leaves_the_line_is_not_waited_for(first, second, journal):
    third = journal.start(started("r3", again=2))
    await first.claim(ONE)
    await second.claim(ONE)
    await third.claim(ONE)
    await second.give_back(ONE)
    await first.give_back(ONE)
    assert await third.claim(ONE) is None


async def test_room_that_is_left_beyond_those_in_line_is_given(first, second):
    big = [Claim("unit", 3, place=name) for name in "abcd"]
    assert await first.claim(big[0]) is None
    assert await first.claim(big[1]) is None
    assert await second.claim(Claim("unit", 2, place="x")) is not None  # content with less
    assert await first.claim(big[2]) is not None  # the third place is the other's
    await second.give_back(Claim("unit", 2, place="x"))
    assert await first.claim(big[2]) is None


async def test_all_or_none(first, second):
    other = Claim("other", 1)
    await first.claim(ONE)
    assert (await second.claim(other, ONE)).claim == ONE
    await second.give_back(other, ONE)
    assert await first.claim(other) is None


async def test_what_goes_on_anyway_takes_its_place_though_there_is_none(first, second):
    await first.claim(ONE)
    assert await second.claim(ONE, force=True) is None
    await first.give_back(ONE)
    assert await first.claim(Claim("unit", 1, place="b")) is not None


async def test_a_closed_run_holds_nothing(first, second):
    await first.claim(ONE)
    await second.claim(ONE)
    await first.close()
    assert await second.claim(ONE) is None


async def test_an_opened_run_holds_nothing_of_what_it_held(first, journal, another):
    await first.claim(ONE)
    await first.close()
    opened = another.open("r1")
    assert await opened.claim(Claim("unit", 1, place="b")) is None


async def test_a_run_is_started_with_its_place_or_not_at_all(journal, another):
    key = Claim("key", 1)
    writer = journal.start(started("r1"), key)
    with pytest.raises(Taken) as caught:
        another.start(started("r2", again=1), key)
    assert isinstance(caught.value, Busy)
    assert caught.value.wait.run == "r1"
    assert [row.run for row in journal.runs()] == ["r1"]
    await writer.close()
    another.start(started("r2", again=1), key)


async def test_starts_count_after_they_are_given_back_and_after_their_run(first, second):
    start = Claim("unit", 2, window=60.0, place="a")
    assert await first.claim(start) is None
    await first.give_back(start)
    assert await first.claim(start) is None
    wait = await second.claim(start)
    assert 0 < wait.seconds <= 60
    await first.close()
    wait = await second.claim(start)
    assert 0 < wait.seconds <= 60
    assert wait.run == "r1"


async def test_a_start_is_past_when_its_window_is(first, second):
    start = Claim("unit", 1, window=0.1, place="a")
    assert await first.claim(start) is None
    assert 0 < (await second.claim(start)).seconds <= 0.1
    await first.give_back(start)
    await asyncio.sleep(0.11)
    assert await second.claim(start) is None


async def test_starts_and_places_on_one_thing_are_counted_apart(first, second):
    start = Claim("unit", 4, window=60.0, place="a")
    assert await first.claim(ONE, start) is None
    wait = await second.claim(ONE, start)
    assert wait.claim == ONE
    await first.give_back(ONE)
    assert await second.claim(ONE, start) is None


async def test_nothing_is_claimed_by_a_writer_that_closed(first):
    await first.close()
    with pytest.raises(JournalError):
        await first.claim(ONE)
    await first.give_back(ONE)


TURN = Claim("object", 1, place="a", lingers=600.0)


async def test_what_lingers_stays_taken_when_its_run_left_without_giving_it_back(first, second):
    assert await first.claim(TURN) is None
    await first.close()
    wait = await second.claim(TURN)
    assert (wait.run, wait.place, wait.holder, wait.seconds) == ("r1", "a", "", 0.0)


async def test_what_lingers_is_free_once_it_was_given_back(first, second):
    assert await first.claim(TURN) is None
    await first.give_back(TURN)
    await first.close()
    assert await second.claim(TURN) is None


@pytest.mark.parametrize("force", [False, True])
async def test_the_run_that_left_it_has_it_as_before_and_nobody_else_of_it(first, second, journal, force):
    await first.claim(TURN)
    await first.close()
    assert await second.claim(TURN) is not None
    again = journal.open("r1")
    assert await again.claim(Claim("object", 1, place="b", lingers=600.0)) is not None
    assert await again.claim(TURN, force=force) is None
    await again.give_back(TURN)
    assert await second.claim(TURN) is None


async def test_who_only_waited_leaves_nothing_that_lingers(first, second, journal):
    await first.claim(TURN)
    await second.claim(TURN)
    await second.close()
    await first.give_back(TURN)
    third = journal.start(started("r3", again=2))
    assert await third.claim(TURN) is None
