"""The file itself: when it is made, with which rights, and what is said when it is not what it should be."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from journal_events import NOON, finished, intended, keys, started

from pipeforge.errors import JournalError, UsageError
from pipeforge.journal.database import Database
from pipeforge.journal.sqlite import SqliteJournal, open_journal

pytestmark = pytest.mark.anyio


def every_use(journal):
    return {
        "start": lambda: journal.start(started("r9")),
        "open": lambda: journal.open("r1"),
        "read": lambda: journal.read("r1"),
        "runs": journal.runs,
        "find": lambda: journal.find("nightly", NOON),
        "resolve": lambda: journal.resolve("r1"),
    }


def refused(path, match, uses=("start", "open", "read", "runs", "find", "resolve")):
    journal = SqliteJournal(path, patience=0.05)
    for name in uses:
        with pytest.raises(JournalError, match=match) as caught:
            every_use(journal)[name]()
        assert f"'{path}'" in caught.value.message
        assert caught.value.hint
    journal.close()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_is_made_before_a_run_starts(tmp_path):
    path = tmp_path / ".pipeforge" / "journal.db"
    journal = open_journal(path)
    journal.runs()
    with pytest.raises(UsageError):
        journal.open("r1")
    assert not path.parent.exists()

    umask = os.umask(0)
    try:
        journal.start(started())
    finally:
        os.umask(umask)
    assert mode(path.parent) == 0o700
    assert [mode(found) for found in path.parent.iterdir()] == [0o600] * 3
    journal.close()
    assert [found.name for found in path.parent.iterdir()] == ["journal.db"]


def test_a_commit_is_flushed_to_the_disk(tmp_path):
    database = Database(tmp_path / "journal.db")
    with database.transaction() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    database.close()


@pytest.mark.parametrize("name", ["what?.db", "a#b.db", "100%25.db", "日本 語.db", "x.db?mode=memory"])
def test_any_file_name_will_do(tmp_path, name):
    journal = open_journal(str(tmp_path / name))
    journal.start(started())
    assert len(journal.runs()) == 1
    journal.close()
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_a_location_that_is_not_a_path():
    with pytest.raises(UsageError, match="postgresql://db/x"):
        open_journal("postgresql://db/x")


def test_a_directory(tmp_path):
    refused(tmp_path, "is a directory")


def test_not_a_database(path):
    path.write_text("name: nightly\n" * 500)
    refused(path, "not a SQLite database")


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file" / "journal.db", "cannot be made or reached", uses=("start",))


def test_somebody_elses_database(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (x)")
    connection.close()
    refused(path, "not a journal of pipeforge")


def test_an_empty_file_becomes_a_journal(path):
    path.touch()
    journal = open_journal(path)
    assert journal.runs() == []
    journal.start(started())
    assert len(journal.runs()) == 1
    journal.close()


def test_a_newer_schema_is_refused_and_left_alone(sqlite_journal, path):
    sqlite_journal.start(started())
    sqlite_journal.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()

    refused(path, "newer pipeforge.*schema is 99")
    assert path.read_bytes() == before


def test_a_damaged_database(sqlite_journal, path):
    sqlite_journal.start(started())
    sqlite_journal.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    refused(path, "damaged")


def test_a_locked_database(sqlite_journal, path):
    sqlite_journal.start(started())
    sqlite_journal.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        refused(path, "another program keeps it locked")
    finally:
        other.close()


async def test_a_lock_that_is_not_given_back_in_time(sqlite_journal, path):
    writer = sqlite_journal.start(started())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(JournalError, match="another program keeps it locked"):
            await writer.append(intended(1))
    finally:
        other.close()
    with pytest.raises(JournalError, match="another program keeps it locked"):
        await writer.append(intended(2))
    assert keys(sqlite_journal.read("r1")) == []


READER = """
import os, sys
from pipeforge.errors import JournalError
from pipeforge.journal.sqlite import open_journal
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
journal = open_journal(sys.argv[1])
print(len(journal.read("r1")), [summary.run for summary in journal.runs()])
try:
    journal.open("r1")
except JournalError as error:
    print(error.message, "|", error.hint)
journal.close()
"""


@pytest.mark.parametrize("folder_mode", [0o555, 0o777])
async def test_a_read_only_file_can_be_read_but_not_continued(sqlite_journal, path, tmp_path, folder_mode):
    writer = sqlite_journal.start(started())
    await writer.append(intended(1))
    await writer.close()
    sqlite_journal.close()
    path.chmod(0o444)
    for folder in tmp_path.parents:
        if "pytest-of-" in str(folder):
            folder.chmod(0o755)
    tmp_path.chmod(folder_mode)
    try:
        done = subprocess.run(
            [sys.executable, "-c", READER, path], capture_output=True, text=True, timeout=30
        )
    finally:
        tmp_path.chmod(0o755)

    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    assert first == "2 ['r1']"
    assert "may only be read" in second or "cannot be opened" in second
    assert "| " in second


async def test_a_full_disk_ends_all_writing_and_leaves_a_prefix(sqlite_journal):
    writer = sqlite_journal.start(started())
    with sqlite_journal._database.transaction() as connection:
        connection.execute(
            f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0] + 8}"
        )
    written = 0
    with pytest.raises(JournalError, match="no space left") as caught:
        for number in range(1000):
            await writer.append(finished(number, detail="x" * 2000))
            written += 1
    assert caught.value.hint.startswith("free some space")
    assert written > 3

    for _ in range(2):
        with pytest.raises(JournalError, match="no space left"):
            await writer.append(intended(1))
        with pytest.raises(JournalError, match="no space left"):
            writer.note(intended(1))
    await writer.close()
    assert keys(sqlite_journal.read("r1")) == list(range(written))


def test_many_processes_may_make_the_file_together(path):
    together = threading.Barrier(8)

    def one(number):
        journal = SqliteJournal(path)
        together.wait()
        journal.start(started(f"r{number}", again=number))
        journal.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    journal = open_journal(path)
    assert sorted(summary.run for summary in journal.runs()) == [f"r{number}" for number in range(8)]


def test_an_instant_before_1970_or_with_an_odd_offset_is_kept(sqlite_journal):
    old = NOON.replace(year=1969)
    sqlite_journal.start(started(context_time=old))
    assert [summary.context_time for summary in sqlite_journal.find("nightly", old)] == [old]
