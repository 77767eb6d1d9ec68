"""Who may write: leases that end with their process, by silence, or by being taken."""

import os
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from journal_events import intended, keys, started

from pipeforge.errors import Busy, JournalError
from pipeforge.journal.holder import this_process
from pipeforge.journal.lease import EXPIRY
from pipeforge.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.anyio


def edit(path, **columns):
    connection = sqlite3.connect(path)
    settings = ", ".join(f"{name} = :{name}" for name in columns)
    assert connection.execute(f"UPDATE leases SET {settings} WHERE run = 'r1'", columns).rowcount == 1
    connection.commit()
    connection.close()


def beats(path):
    connection = sqlite3.connect(path)
    row = connection.execute("SELECT beat, ticks, token FROM leases WHERE run = 'r1'").fetchone()
    connection.close()
    return row


@pytest.fixture
def held(sqlite_journal):
    """The writer of run r1."""
    return sqlite_journal.start(started())


@pytest.fixture
def rival(path):
    journal = SqliteJournal(path)
    yield journal
    journal.close()


async def test_whose_lease_was_taken_can_never_append_again(sqlite_journal, held, rival, path):
    await held.append(intended(1))
    edit(path, ticks=time.monotonic() - EXPIRY - 1)
    taken = rival.open("r1")
    await taken.append(intended(2))

    for _ in range(2):
        with pytest.raises(JournalError, match="'r1' was taken over by another process"):
            await held.append(intended(3))
    with pytest.raises(JournalError, match="taken over"):
        held.note(intended(4))
    await held.close()

    await taken.append(intended(5))
    assert keys(rival.read("r1")) == [1, 2, 5]
    assert rival.runs()[0].held_by is not None


async def test_a_lost_lease_harms_no_other_run_of_the_same_process(sqlite_journal, held, rival, path):
    other = sqlite_journal.start(started("r2", again=1))
    edit(path, ticks=0.0)
    rival.open("r1")
    with pytest.raises(JournalError):
        await held.append(intended(1))
    await other.append(intended(2))

    assert keys(sqlite_journal.read("r2")) == [2]


async def test_notes_of_a_writer_that_lost_its_lease_are_not_written(held, rival, path, sqlite_journal):
    held.note(intended(1))
    edit(path, ticks=0.0)
    taken = rival.open("r1")
    with pytest.raises(JournalError, match="taken over"):
        await held.append(intended(2))
    await taken.append(intended(3))

    assert keys(rival.read("r1")) == [3]


async def test_an_expired_lease_that_nobody_took_still_counts(held, rival, path):
    edit(path, ticks=0.0)
    await held.append(intended(1))
    assert keys(rival.read("r1")) == [1]


@pytest.mark.parametrize("shift", [-86400.0, 86400.0])
async def test_setting_the_clock_neither_frees_nor_locks_a_run_within_one_boot(held, rival, path, shift):
    edit(path, beat=time.time() + shift)
    with pytest.raises(Busy):
        rival.open("r1")


@pytest.mark.parametrize(
    ("age", "free"), [(0.0, False), (EXPIRY - 5, False), (EXPIRY + 5, True), (-5.0, False), (-86400.0, True)]
)
async def test_a_holder_elsewhere_is_judged_by_its_last_beat(held, rival, path, age, free):
    """Also when the beat lies in the future: the clock was set back, or the file came from elsewhere."""
    edit(path, host="elsewhere", boot="another", beat=time.time() - age, ticks=0.0)
    if free:
        await rival.open("r1").close()
    else:
        with pytest.raises(Busy, match="on 'elsewhere' since"):
            rival.open("r1")


def process_that_ended():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    return child.pid


async def test_a_process_that_is_gone_holds_nothing(held, rival, path):
    edit(path, pid=process_that_ended())
    assert rival.runs()[0].held_by is None
    await rival.open("r1").close()


async def test_a_process_that_was_killed_but_not_yet_buried_holds_nothing(held, rival, path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    edit(path, pid=child.pid, born=born)
    with pytest.raises(Busy):
        rival.open("r1")
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    try:
        await rival.open("r1").close()
    finally:
        child.communicate()


async def test_a_later_process_with_the_same_number_is_not_the_holder(held, rival, path):
    edit(path, born="1")
    await rival.open("r1").close()


async def test_a_process_of_another_container_is_not_looked_up_here(held, rival, path):
    edit(path, pid=process_that_ended(), space="pid:[1]")
    with pytest.raises(Busy):
        rival.open("r1")


async def test_the_heart_beats_while_the_loop_is_blocked(path):
    journal = SqliteJournal(path, heartbeat=0.02)
    journal.start(started())
    edit(path, beat=0.0, ticks=0.0)
    deadline = time.monotonic() + 10
    while beats(path)[0] == 0.0 and time.monotonic() < deadline:
        time.sleep(0.01)
    beat, ticks, _ = beats(path)
    assert abs(time.time() - beat) < 10
    assert abs(time.monotonic() - ticks) < 10
    journal.close()


async def test_the_heart_does_not_revive_a_lease_that_was_taken(path, rival):
    journal = SqliteJournal(path, heartbeat=0.02)
    journal.start(started())
    connection = sqlite3.connect(path)
    connection.execute("UPDATE leases SET token = 2, beat = 5.0")
    connection.commit()
    connection.close()
    time.sleep(0.1)
    assert beats(path)[0] == 5.0
    journal.close()
    assert beats(path)[2] == 2


async def test_a_heart_that_cannot_write_beats_on(path):
    journal = SqliteJournal(path, heartbeat=0.02, patience=0.01)
    journal.start(started())
    edit(path, beat=0.0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(0.1)
    other.execute("COMMIT")
    other.close()
    deadline = time.monotonic() + 10
    while beats(path)[0] == 0.0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert beats(path)[0] > 0
    journal.close()


def test_closing_leaves_no_thread_behind(path):
    before = threading.active_count()
    journal = SqliteJournal(path)
    journal.start(started())
    assert threading.active_count() == before + 1
    journal.close()
    assert threading.active_count() == before


def test_this_process_is_told_from_others():
    us = this_process()
    assert us.pid == os.getpid()
    assert str(us).startswith(f"process {os.getpid()} on '")


async def test_an_append_is_a_sign_of_life_when_no_beat_gets_through(path):
    """No file can be opened any more, as a beat must; the append's are open."""
    journal = SqliteJournal(path, heartbeat=0.01)
    held = journal.start(started())
    reader = sqlite3.connect(path)
    reader.execute("SELECT * FROM leases").fetchall()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
    try:
        time.sleep(0.05)  # some beats
        since = time.monotonic()
        await held.append(intended(1))
        (ticks,) = reader.execute("SELECT ticks FROM leases").fetchone()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    reader.close()
    journal.close()
    assert ticks >= since
