"""What becomes of the places of a run that died, by a clock that the test turns."""

import sqlite3
import time

import pytest
from journal_events import started

from pipeforge.errors import JournalError
from pipeforge.journal import Claim
from pipeforge.journal.holder import this_process
from pipeforge.journal.lease import EXPIRY
from pipeforge.journal.moments import Moment
from pipeforge.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.anyio

PLACE = Claim("unit", 1, place="a")
START = Claim("unit", 1, window=60.0, place="a")


class Clock:
    """Stands still until it is turned."""

    def __init__(self):
        self.boot, self.ticks, self.wall = this_process().boot, 1000.0, 1e9

    def __call__(self):
        return Moment(self.boot, self.ticks, self.wall)

    def turn(self, seconds):
        self.ticks += seconds
        self.wall += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ours(path, clock):
    journal = SqliteJournal(path, clock=clock)
    yield journal
    journal.close()


@pytest.fixture
def theirs(path, clock):
    journal = SqliteJournal(path, clock=clock)
    yield journal
    journal.close()


def silence(path, run="r1"):
    """The holder of a run was last heard of too long ago."""
    connection = sqlite3.connect(path)
    long_ago = (time.time() - EXPIRY - 1, time.monotonic() - EXPIRY - 1, run)
    connection.execute("UPDATE leases SET beat = ?, ticks = ? WHERE run = ?", long_ago)
    connection.commit()
    connection.close()


async def test_a_dead_runs_place_and_its_place_in_line_are_free(path, ours, theirs):
    dead, other = ours.start(started("r1")), theirs.start(started("r2", again=1))
    third = theirs.start(started("r3", again=2))
    await other.claim(PLACE)
    await dead.claim(PLACE)
    silence(path)
    assert (await third.claim(PLACE)).run == "r2"
    await other.give_back(PLACE)
    assert await third.claim(PLACE) is None

    await third.close()
    again = theirs.open("r1")
    await again.claim(PLACE)
    silence(path)
    assert await other.claim(PLACE) is None


async def test_a_dead_runs_start_counts_from_when_it_is_found_dead(path, clock, ours, theirs):
    dead, other = ours.start(started("r1")), theirs.start(started("r2", again=1))
    await dead.claim(START)
    clock.turn(500)
    assert (await other.claim(START)).seconds == 60
    silence(path)
    assert (await other.claim(START)).seconds == 60
    clock.turn(59)
    assert (await other.claim(START)).seconds == 1
    clock.turn(1)
    assert await other.claim(START) is None


async def test_whose_run_was_taken_over_claims_nothing_and_gives_nothing_back(path, ours, theirs):
    stalled = ours.start(started("r1"))
    silence(path)
    taker = theirs.open("r1")
    await taker.claim(PLACE)
    with pytest.raises(JournalError, match="taken over"):
        await stalled.claim(PLACE)
    await stalled.give_back(PLACE)
    await stalled.close()
    other = ours.start(started("r2", again=1))
    assert (await other.claim(PLACE)).run == "r1"


@pytest.mark.parametrize("back", [5.0, 1e8])
async def test_setting_the_clock_back_changes_nothing_within_a_boot(clock, ours, back):
    one, other = ours.start(started("r1")), ours.start(started("r2", again=1))
    await one.claim(START)
    await one.give_back(START)
    clock.turn(50)
    clock.wall -= back
    assert (await other.claim(START)).seconds == 10


async def test_a_start_from_the_future_of_another_boot_counts_from_now(clock, ours):
    one, other = ours.start(started("r1")), ours.start(started("r2", again=1))
    await one.claim(START)
    await one.give_back(START)
    clock.boot, clock.ticks, clock.wall = "another", 3.0, clock.wall - 1e8
    assert (await other.claim(START)).seconds == 60
    clock.turn(59)
    assert (await other.claim(START)).seconds == 1


async def test_the_wait_is_until_enough_of_the_starts_are_past(clock, ours):
    one, other = ours.start(started("r1")), ours.start(started("r2", again=1))
    for number in range(5):
        claim = Claim("unit", 9, window=60.0, place=f"s{number}")
        await one.claim(claim)
        await one.give_back(claim)
        clock.turn(10)
    assert (await other.claim(Claim("unit", 5, window=60.0))).seconds == 10
    assert (await other.claim(Claim("unit", 2, window=60.0))).seconds == 40
    assert (await other.claim(Claim("unit", 2, window=45.0))).seconds == 25


async def test_what_does_not_count_any_more_is_removed(path, clock, ours):
    one = ours.start(started("r1"))
    for number in range(20):
        clock.turn(100)
        claim = Claim("unit", 1, window=60.0, place=f"s{number}")
        assert await one.claim(PLACE, claim) is None
        await one.give_back(PLACE, claim)
    rows = sqlite3.connect(path).execute("SELECT count(*) FROM claims").fetchone()[0]
    assert rows == 1


async def test_what_lingers_is_free_after_its_time(path, clock, ours, theirs):
    dead, other = ours.start(started("r1")), theirs.start(started("r2", again=1))
    turn = Claim("object", 1, place="a", lingers=600.0)
    await dead.claim(turn)
    silence(path)
    assert (await other.claim(turn)).run == "r1"
    clock.turn(599)
    assert (await other.claim(turn)).run == "r1"
    clock.turn(1)
    assert await other.claim(turn) is None
