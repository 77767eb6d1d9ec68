"""A journal that an earlier pipeforge wrote: read as it is, brought up in one stroke when written to."""

import sqlite3
import subprocess
import sys

import pytest
from journal_events import intended, over, started

from pipeforge.journal import Claim, schema
from pipeforge.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.anyio

LATER = ("claims", "wishes")
"""The tables that the first version did not have."""


@pytest.fixture
async def old(path):
    """A journal of version 1 with one run that is not over."""
    journal = SqliteJournal(path)
    writer = journal.start(started())
    await writer.append(intended(1))
    await writer.close()
    journal.close()
    connection = sqlite3.connect(path)
    for table in LATER:
        connection.execute(f"DROP TABLE {table}")
    connection.execute("ALTER TABLE runs DROP COLUMN timezone")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    return path


def version(path):
    return sqlite3.connect(path).execute("PRAGMA user_version").fetchone()[0]


async def test_reading_leaves_it_as_it_is(old):
    journal = SqliteJournal(old)
    assert len(journal.read("r1")) == 2
    assert [(row.run, row.timezone) for row in journal.runs()] == [("r1", "UTC")]
    assert version(old) == 1
    journal.close()


async def test_writing_brings_it_up_and_loses_nothing(old):
    journal = SqliteJournal(old)
    writer = journal.open("r1")
    assert await writer.claim(Claim("unit", 1)) is None
    await writer.append(over())
    await writer.close()
    assert list(journal.read("r1")) == [started(), intended(1), over()]
    assert version(old) == schema.VERSION == len(schema.MIGRATIONS)
    journal.close()


async def test_what_is_brought_up_has_the_tables_of_what_is_made_anew(old, tmp_path):
    for place in (old, tmp_path / "new.db"):
        journal = SqliteJournal(place)
        journal.start(started("r9", again=9))
        journal.close()
    tables = [
        sorted(sqlite3.connect(place).execute("SELECT type, name, sql FROM sqlite_master WHERE sql > ''"))
        for place in (old, tmp_path / "new.db")
    ]
    assert tables[0] == tables[1]


async def test_a_migration_that_is_cut_short_leaves_the_old_tables(old, monkeypatch):
    broken = (*schema.MIGRATIONS[:1], (*schema.MIGRATIONS[1], "INSERT INTO nowhere VALUES (1)"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", broken)
        patch.setattr(schema, "VERSION", 2)
        journal = SqliteJournal(old)
        with pytest.raises(Exception, match="nowhere"):
            journal.open("r1")
    assert version(old) == 1
    assert not sqlite3.connect(old).execute("SELECT 1 FROM sqlite_master WHERE name = 'claims'").fetchone()
    await journal.open("r1").close()
    journal.close()


OPENER = """
import asyncio, sys
from pathlib import Path
from pipeforge.journal.sqlite import SqliteJournal
journal = SqliteJournal(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
with journal._database.transaction() as connection:
    connection.execute("SELECT 1 FROM claims")
journal.close()
"""


async def test_processes_that_come_together_bring_it_up_once(old):
    command = [sys.executable, "-c", OPENER, str(old)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    openers = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for opener in openers:
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        opener.stdin.write("\n")
        opener.stdin.flush()
    for opener in openers:
        assert opener.communicate(timeout=30)[1] == ""
        assert opener.returncode == 0
    assert version(old) == schema.VERSION
