"""A server that goes away while runs go on: nothing is lost, and what may be there is not written twice."""

import asyncio
import signal
import time

import pytest
from journal_events import NOON, intended, keys, over, started
from postgres_server import END_ALL, need
from postgres_server import Server as Machine
from postgres_wire import Wire

from pipeforge.errors import JournalError
from pipeforge.journal import Claim, Wish
from pipeforge.journal.address import Server
from pipeforge.journal.postgres import PostgresJournal

pytestmark = pytest.mark.anyio

PLACE = Claim("unit", 1, place="a")


@pytest.fixture
def base(postgres):
    """A database's name."""
    with postgres.database() as name:
        yield name


@pytest.fixture
def wire(postgres):
    wire = Wire(postgres.port)
    yield wire
    wire.close()


@pytest.fixture
def far(postgres, wire, base):
    """A journal at the other end of the wire."""
    journal = PostgresJournal(Server(postgres.url(base).replace(f":{postgres.port}/", f":{wire.port}/")))
    yield journal
    journal.close()


@pytest.fixture
def near(postgres, base):
    """The same journal past the wire."""
    journal = PostgresJournal(Server(postgres.url(base)))
    yield journal
    journal.close()


@pytest.fixture
def own():
    """A server that a test may stop, and whose commits are durable."""
    need()
    server = Machine("fsync=on")
    yield server
    server.close()


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("times", [1, 3])
async def test_an_append_whose_commit_was_not_answered_is_there_once(far, near, wire, heard, times):
    writer = far.start(started())
    await writer.append(intended(0))
    wire.cut(heard=heard, times=times)
    writer.note(intended(1))
    await writer.append(intended(2))
    await asyncio.gather(*(writer.append(intended(number)) for number in range(3, 30)))
    await writer.append(over())
    await writer.close()
    assert wire.cuts == times
    assert keys(near.read("r1")) == list(range(30))
    assert near.runs()[0].outcome == "succeeded"


async def test_a_server_that_does_not_hear_of_a_dead_line_frees_what_it_locked(far, near, wire):
    writer = far.start(started())
    wire.cut(heard=False, silent=True)
    await writer.append(intended(1))
    await writer.append(intended(2))
    assert wire.cuts == 1
    assert keys(near.read("r1")) == [1, 2]


@pytest.mark.parametrize("heard", [False, True])
async def test_a_start_whose_commit_was_not_answered_is_made_once(far, near, wire, heard):
    far.start(started("r0", again=1))
    wire.cut(heard=heard)
    writer = far.start(started("r1"), PLACE)
    await writer.append(intended(1))
    assert wire.cuts == 1
    assert keys(near.read("r1")) == [1]
    assert len(near.runs()) == 2
    other = near.start(started("r2", again=2))
    assert (await other.claim(PLACE)).run == "r1"


@pytest.mark.parametrize("heard", [False, True])
async def test_a_run_is_taken_up_though_the_answer_was_lost(far, near, wire, heard):
    await far.start(started()).close()
    wire.cut(heard=heard)
    writer = far.open("r1")
    # of resolving, which only reads, no commit is in doubt
    wire.cut(heard=heard)
    await writer.append(intended(1))
    await writer.close()
    assert keys(near.read("r1")) == [1]


@pytest.mark.parametrize("heard", [False, True])
async def test_claims_and_wishes_whose_commit_was_not_answered_hold(far, near, wire, heard):
    writer, other = far.start(started("r1")), near.start(started("r2", again=1))
    wire.cut(heard=heard)
    assert await writer.claim(PLACE) is None
    assert (await other.claim(PLACE)).run == "r1"
    wire.cut(heard=heard)
    await writer.give_back(PLACE)
    assert await other.claim(PLACE) is None
    wire.cut(heard=heard)
    far.ask("r2", Wish("cancel", leave=False, by="me", at=NOON))
    assert near.wish("r2").by == "me"
    assert wire.cuts == 3


async def test_who_was_taken_over_while_the_line_was_dead_writes_nothing(far, near, wire, postgres, base):
    writer = far.start(started())
    await writer.append(intended(0))
    with postgres.connect(base) as connection:
        connection.execute("UPDATE pipeforge.leases SET beat = beat - 31")
    taken = near.open("r1")
    await taken.append(intended(1))
    wire.cut(heard=False)
    with pytest.raises(JournalError, match="taken over"):
        await writer.append(intended(2))
    assert keys(near.read("r1")) == [0, 1]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
async def test_a_run_goes_on_after_its_server_was_away(own, how):
    journal = PostgresJournal(Server(own.url("postgres")))
    writer = journal.start(started())
    for number in range(20):
        await writer.append(intended(number))
    own.stop(how)
    waiting = [asyncio.create_task(writer.append(intended(number))) for number in range(20, 40)]
    await asyncio.sleep(0.3)
    own.start()
    await asyncio.gather(*waiting)
    await writer.append(over())
    await writer.close()
    assert keys(journal.read("r1")) == list(range(40))
    journal.close()


async def test_it_is_told_once_that_a_server_is_away_and_once_that_it_is_back(own):
    journal, told = PostgresJournal(Server(own.url("postgres"))), []
    journal.heed(told.append)
    writer = journal.start(started())
    await writer.append(intended(0))
    assert told == []
    own.stop(signal.SIGQUIT)
    waiting = asyncio.create_task(writer.append(intended(1)))
    while not told:
        await asyncio.sleep(0.02)
    assert (len(told), told[0].until) == (1, None)
    own.start()
    await waiting
    assert [absence.since for absence in told] == [told[0].since] * 2
    assert told[1].until > told[1].since
    await writer.append(over())
    await writer.close()
    assert len(told) == 2
    journal.close()


async def test_of_a_line_that_was_cut_for_a_moment_nothing_is_told(far, wire):
    told = []
    far.heed(told.append)
    writer = far.start(started())
    wire.cut(heard=True)
    await writer.append(intended(0))
    await writer.close()
    assert told == []


async def test_a_server_that_stays_away_ends_all_writing_and_leaves_what_was_told(own):
    journal = PostgresJournal(Server(own.url("postgres")), window=0.3)
    writer = journal.start(started())
    await writer.append(intended(0))
    own.stop(signal.SIGQUIT)
    for _ in range(2):
        with pytest.raises(JournalError, match="lost, and did not come back") as caught:
            await writer.append(intended(1))
        assert "resume" in caught.value.hint
    began = time.monotonic()
    with pytest.raises(JournalError):
        journal.runs()
    journal.close()
    assert time.monotonic() - began < 10  # it is not waited for again and again
    own.start()
    later = PostgresJournal(Server(own.url("postgres")))
    assert keys(later.read("r1")) == [0]
    later.close()


async def test_a_session_that_the_server_ended_is_replaced(near, postgres, base):
    writer = near.start(started())
    near.runs()
    for number in range(5):
        with postgres.connect(base) as connection:
            connection.execute(END_ALL)
        await writer.append(intended(number))
        assert keys(near.read("r1")) == list(range(number + 1))
