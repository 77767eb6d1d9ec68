"""What is PostgreSQL's own: who may use the database, how its tables come to be, its clock, its locks."""

import asyncio
import threading

import pytest
from journal_events import intended, keys, started
from postgres_server import IN_URL, PASSWORD, USER, need
from postgres_server import Server as Machine

from pipeforge.errors import Busy, JournalError, UsageError
from pipeforge.journal import Claim
from pipeforge.journal.address import Server, server
from pipeforge.journal.postgres import PostgresJournal
from pipeforge.journal.postgres.schema import VERSION

pytestmark = pytest.mark.anyio

PLACE = Claim("unit", 1, place="a")
START = Claim("unit", 1, window=60.0, place="a")


@pytest.fixture
def base(postgres):
    with postgres.database() as name:
        yield name


@pytest.fixture
def open_one(postgres, base):
    """Opens the journal once more; all are closed at the end."""
    there = []

    def more(url=None, **options):
        there.append(PostgresJournal(Server(url or postgres.url(base)), **options))
        return there[-1]

    yield more
    for journal in there:
        journal.close()


@pytest.fixture
def tell(postgres, base):
    """Tells the database something, past the journal."""
    with postgres.connect(base) as connection:
        yield connection.execute


def refused(journal, words):
    with pytest.raises(JournalError) as caught:
        journal.runs()
        journal.start(started())
    assert words in caught.value.message
    assert caught.value.hint
    every = f"{caught.value!r}{caught.value}{caught.value.__cause__!r}{caught.value.hint}"
    assert not any(secret in every for secret in (PASSWORD, IN_URL, "hush"))
    return caught.value


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: url.replace(IN_URL, "hush"), "refused the user or its password"),
        (lambda url: url.replace(f":{IN_URL}", ""), "refused the user or its password"),
        (lambda url: url.replace(USER, "nobody"), "refused the user or its password"),
        (lambda url: url + "0", "no such database"),
        (lambda url: "postgresql://u:hush@127.0.0.1:1/x", "no server, or it cannot be reached"),
        (lambda url: "postgresql://u:hush@nowhere.invalid/x", "no server, or it cannot be reached"),
        (lambda url: "postgresql://u:hush@/x?host=/nowhere", "no server, or it cannot be reached"),
        (lambda url: url + "?sslmode=require", "no secure connection"),
        (lambda url: url + "?nothing=1&password=hush", "cannot be understood"),
        (lambda url: url.replace(IN_URL, "%zzhush"), "cannot be understood"),
    ],
)
def test_what_keeps_one_from_the_database_is_told_with_its_mend(postgres, base, change, words):
    journal = PostgresJournal(Server(change(postgres.url(base))))
    refused(journal, words)
    journal.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:hush@h:5432/d?sslmode=require", "postgresql://u@h:5432/d?sslmode=require"),
        ("postgres://u:hush:hush@a:1,[::1]:2/d", "postgres://u@a:1,[::1]:2/d"),
        ("postgresql://h/d?password=hush&user=u", "postgresql://h/d?user=u"),
        ("postgresql://h/d?p%61ssword=hush&sslpassword=hush", "postgresql://h/d"),
        ("postgresql:///d?host=/run", "postgresql:///d?host=/run"),
        ("postgresql://", "postgresql://"),
    ],
)
def test_an_address_is_shown_without_its_password(url, shown):
    named = server(url)
    assert str(named) == f"{named}" == shown
    assert "hush" not in repr(named)
    assert named.has_password == ("hush" in url)


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:hush", "postgresql://u:hu/sh@h/d", "postgresql://u:h@hush@h/d", "mysql://u:hush@h/d",
     "postgresql://u:hush@h:x/d", "postgresql://u:#hush@h/d", "postgresql://u:hu?sh@h/d"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_repeating_it(url):
    with pytest.raises(UsageError) as caught:
        server(url)
    assert "hush" not in f"{caught.value!r}{caught.value.hint}"


def test_a_user_without_the_right_to_make_a_schema(postgres, tell, base, open_one):
    tell("DROP ROLE IF EXISTS guest")
    tell("CREATE ROLE guest LOGIN PASSWORD 'hush'")
    url = f"postgresql://guest:hush@127.0.0.1:{postgres.port}/{base}"
    assert "GRANT" in refused(open_one(url), "may not do that").hint
    assert open_one(url).runs() == []
    tell("CREATE SCHEMA pipeforge AUTHORIZATION guest")  # as an administrator may do instead
    open_one(url).start(started())
    assert len(open_one(url).runs()) == 1
    tell("DROP SCHEMA pipeforge CASCADE")
    tell("DROP ROLE guest")


def test_a_journal_of_before_is_read_as_it_is_and_brought_up_when_written_to(open_one, tell):
    made = open_one()
    made.start(started().model_copy(update={"timezone": "Asia/Tokyo"}))
    made.close()
    tell("ALTER TABLE pipeforge.runs DROP COLUMN timezone")
    tell("DELETE FROM pipeforge.version WHERE version > 1")
    journal = open_one()
    assert [(row.run, row.timezone) for row in journal.runs()] == [("r1", "UTC")]
    assert tell("SELECT max(version) FROM pipeforge.version").fetchone() == (1,)
    journal.start(started("r2", again=1).model_copy(update={"timezone": "Asia/Tokyo"}))
    assert [(row.run, row.timezone) for row in journal.runs()] == [("r2", "Asia/Tokyo"), ("r1", "UTC")]
    assert tell("SELECT max(version) FROM pipeforge.version").fetchone() == (VERSION,)


def test_a_newer_schema_is_refused_by_all_that_read_or_write(tell, open_one):
    open_one().start(started())
    tell("INSERT INTO pipeforge.version VALUES (99, now())")
    for ask in (PostgresJournal.runs, lambda journal: journal.start(started("r2"))):
        with pytest.raises(JournalError, match=r"newer pipeforge \(its schema is 99") as caught:
            ask(open_one())
        assert "upgrade" in caught.value.hint
    assert [one.state for one in open_one().health()] == ["fail"]


def test_a_schema_of_somebody_else_is_left_alone(tell, open_one):
    tell("CREATE SCHEMA pipeforge CREATE TABLE runs (x int)")
    refused(open_one(), "not a journal of pipeforge")


def test_a_database_that_cannot_keep_every_character(postgres):
    with postgres.connect("postgres") as connection:
        connection.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
        refused(PostgresJournal(Server(postgres.url("ascii"))), "keeps text as SQL_ASCII")
        connection.execute("DROP DATABASE ascii WITH (FORCE)")


def test_nothing_is_made_by_looking(tell, open_one):
    journal = open_one()
    assert journal.runs() == []
    with pytest.raises(UsageError, match="no run"):
        journal.open("r1")
    assert tell("SELECT 1 FROM pg_namespace WHERE nspname = 'pipeforge'").fetchone() is None
    assert {one.state for one in journal.health()} == {"ok"}


def test_tables_are_made_once_though_many_come_together(open_one):
    journals = [open_one() for _ in range(6)]
    failed = []

    def begin(number):
        try:
            journals[number].start(started(f"r{number}", again=number % 3))
        except UsageError as error:
            failed.append(error.message)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journals[0].runs()) == 3
    assert [message for message in failed if "already has a run" in message] == failed
    assert len(failed) == 3


async def test_what_an_append_returned_for_is_durable_whatever_the_database_is_set_to(tell, base, open_one):
    tell(f"ALTER DATABASE {base} SET synchronous_commit = off")
    tell(f"ALTER DATABASE {base} SET default_transaction_isolation = 'serializable'")
    tell(f"ALTER DATABASE {base} SET default_transaction_read_only = on")
    journal = open_one()
    writer = journal.start(started())
    await writer.append(intended(1))
    found = journal._store._writing.perform(
        lambda session: [
            session.execute(f"SHOW {name}").fetchone()[0]
            for name in ("synchronous_commit", "transaction_isolation")
        ]
    )
    tell(f"ALTER DATABASE {base} RESET ALL")
    assert found == ["on", "read committed"]


async def test_a_silent_holder_is_judged_by_the_databases_clock(tell, open_one):
    ours, theirs = open_one(), open_one()
    stalled = ours.start(started())
    tell("UPDATE pipeforge.leases SET host = 'elsewhere', boot = 'another', beat = beat - 29")
    with pytest.raises(Busy, match="on 'elsewhere'"):
        theirs.open("r1")
    tell("UPDATE pipeforge.leases SET beat = beat - 2")
    taken = theirs.open("r1")
    await taken.append(intended(1))
    with pytest.raises(JournalError, match="taken over"):
        await stalled.append(intended(2))
    with pytest.raises(JournalError, match="taken over"):
        await stalled.claim(PLACE)
    await stalled.close()
    assert keys(theirs.read("r1")) == [1]
    assert theirs.runs()[0].held_by


async def test_a_dead_runs_places_are_free_and_its_starts_count_from_then(tell, open_one):
    dead = open_one().start(started("r1"))
    other = open_one().start(started("r2", again=1))
    await dead.claim(PLACE, START)
    tell("UPDATE pipeforge.claims SET wall = wall - 500")
    assert (await other.claim(PLACE)).run == "r1"
    tell("UPDATE pipeforge.leases SET beat = beat - 31 WHERE run = 'r1'")
    assert await other.claim(PLACE) is None
    assert 59 < (await other.claim(START)).seconds <= 60
    tell("UPDATE pipeforge.claims SET wall = wall - 60 WHERE state = 'over'")
    assert await other.claim(START) is None


def beats(tell):
    return tell("SELECT beat, token FROM pipeforge.leases").fetchone()


async def test_the_heart_beats_by_the_databases_clock(tell, open_one):
    journal = open_one(heartbeat=0.02)
    journal.start(started())
    tell("UPDATE pipeforge.leases SET beat = 0")
    for _ in range(500):
        await asyncio.sleep(0.02)
        if beats(tell)[0]:
            break
    beat = beats(tell)[0]  # first, for another may follow at any time
    there = tell("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()[0]
    assert there - 10 < beat <= there


@pytest.fixture
def standby():
    """A server that only follows another, as after a failover."""
    need()
    machine = Machine()
    yield machine
    machine.close()


def test_a_standby_is_read_and_not_written(standby):
    journal = PostgresJournal(Server(standby.url("postgres")))
    journal.start(started())
    journal.close()
    standby.stop()
    (standby.folder / "data" / "standby.signal").touch()
    standby.start()
    journal = PostgresJournal(Server(standby.url("postgres")))
    assert len(journal.runs()) == 1
    with pytest.raises(JournalError, match="only be read") as caught:
        journal.open("r1")
    assert "primary" in caught.value.hint
    assert "fail" in {one.state for one in journal.health()}
    journal.close()
