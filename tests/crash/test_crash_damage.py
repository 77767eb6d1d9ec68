"""A journal with damage in it, anywhere: refused, resumed rightly, or in doubt; never a second job.

Damaged are the newest events, every piece of the database, and every frame of the write-ahead log, of which
SQLite drops a damaged end without a word. What nobody can see is a log cut exactly behind a commit, or inside
of a transaction between two frames: that is also what a process leaves that died before it committed.
"""

import os
import sqlite3
from contextlib import closing
from random import Random

import pytest
from crash_scenarios import SCRIPTS, names, one_of_each

from pipeforge.contract.killed.whole import Whole
from pipeforge.errors import JournalError

ALL = os.environ.get("PIPEFORGE_CRASH") == "all"
SAMPLE = 5
"""Places for each kind, unless all are asked for."""

HEADER, FRAME, PAGE = 32, 24, 4096
"""Bytes of a write-ahead log's parts."""

REFUSED, ENDED = (2, 3, 5), (0, 1, 4)
"""Busy, too: a bit of the lease may say that its holder is on another machine, where nobody can look."""


def moments(whole):
    """The points to die at before the damage: with the intent on disk, and two steps further."""
    start = next(n for n, at in enumerate(whole.points, 1) if at.startswith("answered "))
    commits = [n for n, at in enumerate(whole.points, 1) if n > start and at == "after commit"]
    return [start, *commits[:2]]


def pieces(size, start, length, rng):
    """A file cut at and in each of its pieces, and some bits flipped in each."""
    for at in range(start, size, length):
        if not start:
            yield "cut", at  # of a log it could not be seen
        yield "cut", min(at + length // 2, size - 1)
        yield "flip", at + rng.randrange(min(FRAME, length))
        yield from (("flip", min(at + rng.randrange(length), size - 1)) for _ in range(3))


def harm(path, how, at):
    with path.open("r+b") as file:
        if how == "cut":
            file.truncate(at)
            return
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 0x10]))


def resumed(case, run):
    """The run resumed until it has ended or is refused, as clearly as that; whether it has ended."""
    for _ in range(3):
        life = case.end(case.begin("resume", run))
        if life.code in REFUSED:
            assert "error: " in life.err, life
            assert "help: " in life.err, life
            return False
        assert life.code in ENDED, life
        if life.code != 1 or case.over:
            return True
    raise AssertionError("it does not end")


def wrong(whole, case, run):
    """What is wrong with a case whose journal was damaged, once its run is resumed; empty if nothing is."""
    try:
        ended = resumed(case, run)
    except JournalError:
        ended = False
    case.settle()
    if ended:
        return whole.judge(case)
    extra = case.started() - whole.jobs
    return f"refused, but {dict(extra)} too many" if extra else ""


@pytest.mark.parametrize("name", names() if ALL else one_of_each())
@pytest.mark.parametrize("rows", [1, 2])
def test_damaged_events_are_doubted(stage, name, rows):
    whole = Whole(stage, SCRIPTS[name])
    for number in moments(whole):
        with whole.case() as case:
            run = case.live(kill=number).run
            with closing(sqlite3.connect(case.journal)) as connection, connection:
                connection.execute(
                    "UPDATE events SET body = replace(body, '2', '3') WHERE seq > "
                    "(SELECT max(seq) FROM events) - ?",
                    (rows,),
                )
            assert not (found := wrong(whole, case, run)), f"{number} {whole.points[number - 1]}: {found}"


@pytest.mark.parametrize("name", names() if ALL else one_of_each())
def test_a_damaged_database_is_refused_or_harmless(stage, name):
    whole = Whole(stage, SCRIPTS[name])
    _damage_everywhere(whole, _closed, 0, PAGE)


@pytest.mark.parametrize("name", names() if ALL else one_of_each())
def test_a_damaged_log_is_told_and_starts_nothing_twice(stage, name):
    whole = Whole(stage, SCRIPTS[name])
    _damage_everywhere(whole, lambda case: case.journal.with_name("journal.db-wal"), HEADER, FRAME + PAGE)


def _damage_everywhere(whole, file_of, start, length):
    rng = Random(whole.kind.name)
    for number in moments(whole):
        with whole.case() as case:
            case.live(kill=number)
            size = file_of(case).stat().st_size
        every = list(pieces(size, start, length, rng))
        for how, at in every if ALL else rng.sample(every, SAMPLE):
            with whole.case() as case:
                run = case.live(kill=number).run
                file = file_of(case)
                harm(file, how, min(at, file.stat().st_size - 1))
                found = wrong(whole, case, run)
                assert not found, f"{number} {whole.points[number - 1]}, {how} at {at}: {found}"


def _closed(case):
    """The database with all of the log in it."""
    with closing(sqlite3.connect(case.journal)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return case.journal
