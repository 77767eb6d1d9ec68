"""The write-ahead log that a killed process left, damaged anywhere: told, never dropped without a word."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeforge.errors import JournalError, UsageError
from pipeforge.journal.sqlite import SqliteJournal

CHILD = Path(__file__).parents[1] / "crash" / "journal_child.py"
HEADER, FRAME, PAGE = 32, 24, 4096


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The files of a process that was killed after its first append to run r1."""
    folder = tmp_path_factory.mktemp("left")
    journal = folder / "journal.db"
    with subprocess.Popen(
        [sys.executable, CHILD, journal, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"0\n"
        child.kill()
    assert (folder / "journal.db-wal").stat().st_size > HEADER
    return folder


@pytest.fixture
def journal(left, tmp_path):
    shutil.copytree(left, tmp_path, dirs_exist_ok=True)
    return tmp_path / "journal.db"


def frames(log):
    """Where each frame begins, and whether it ends a commit."""
    content = log.read_bytes()
    starts = range(HEADER, len(content), FRAME + PAGE)
    return [(at, content[at + 4 : at + 8] != b"\0\0\0\0") for at in starts]


def flip(log, at):
    content = bytearray(log.read_bytes())
    content[at] ^= 0x10
    log.write_bytes(content)


def types(path):
    journal = SqliteJournal(path)
    try:
        return [event.type for event in journal.read("r1")]
    finally:
        journal.close()


def test_a_whole_log_is_read_as_it_is(journal):
    assert types(journal) == ["run_started", "step_intended"]


@pytest.mark.parametrize("where", ["page", "number", "commit", "salt", "other salt", "sum"])
def test_a_flipped_bit_in_the_last_commit_is_told(journal, where):
    log = journal.with_name("journal.db-wal")
    (at, commit) = frames(log)[-1]
    assert commit
    places = {"page": at + FRAME + PAGE - 9, "number": at + 3, "commit": at + 7, "salt": at + 8}
    places |= {"other salt": at + 12, "sum": at + 17}
    flip(log, places[where])
    _is_told_once(journal)


@pytest.mark.parametrize("kept", [4, FRAME, FRAME + 100, FRAME + PAGE - 1])
def test_a_frame_cut_short_is_told(journal, kept):
    log = journal.with_name("journal.db-wal")
    (at, _) = frames(log)[-1]
    with log.open("r+b") as file:
        file.truncate(at + kept)
    _is_told_once(journal)


def test_damage_before_the_last_commit_is_told_although_the_run_is_gone_with_it(journal):
    log = journal.with_name("journal.db-wal")
    commits = [at for at, commit in frames(log) if commit]
    flip(log, commits[-2] + FRAME + 50)
    _is_told(journal)
    with pytest.raises(UsageError, match="there is no run 'r1'"):
        types(journal)


def test_a_log_that_held_all_and_cannot_be_read_is_told(journal):
    flip(journal.with_name("journal.db-wal"), 17)
    _is_told(journal)
    with pytest.raises(UsageError, match="there is no run 'r1'"):
        types(journal)


def test_a_transaction_that_never_committed_is_no_damage(journal):
    log = journal.with_name("journal.db-wal")
    inside = [at for (at, _), (_, before) in zip(frames(log)[1:], frames(log), strict=False) if not before]
    with log.open("r+b") as file:
        file.truncate(inside[-1])  # of the transaction that began the run
    with pytest.raises(UsageError, match="there is no run 'r1'"):
        types(journal)


def test_what_an_earlier_round_of_the_log_left_is_no_damage(journal):
    journal_again = SqliteJournal(journal)
    writer = journal_again.open("r1")  # appends to the log, so that its beginning is written over
    other = SqliteJournal(journal)
    assert len(other.read("r1")) == 2
    assert writer.run == "r1"
    other.close()
    journal_again.close()
    assert types(journal) == ["run_started", "step_intended"]


def _is_told(path):
    with pytest.raises(JournalError, match="its end is damaged") as told:
        types(path)
    assert "resume the runs that are not over" in told.value.hint


def _is_told_once(path):
    _is_told(path)
    assert types(path) == ["run_started", "tail_lost"]
    assert types(path) == ["run_started", "tail_lost"]
