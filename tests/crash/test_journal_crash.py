"""The journal when its process is killed, stopped, robbed of its disk, or not alone."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeforge.errors import Busy, JournalError
from pipeforge.journal.sqlite import SqliteJournal

CHILD = Path(__file__).with_name("journal_child.py")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


@pytest.fixture
def child(path):
    """Starts a process that writes, and sees to its end."""
    running = []

    def start(mode):
        process = subprocess.Popen(
            [sys.executable, CHILD, path, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def journal(path):
    journal = SqliteJournal(path)
    yield journal
    journal.close()


def numbers(journal):
    return [int(event.step[1:]) for event in journal.read("r1")[1:]]


def heard(process, lines):
    return [process.stdout.readline().strip() for _ in range(lines)]


@pytest.mark.parametrize("mode", ["chain", "group"])
@pytest.mark.parametrize("moment", [1, 137, 500])
def test_what_an_append_returned_for_survives_a_kill(child, journal, mode, moment):
    process = child(mode)
    told = heard(process, moment)
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().split()

    found = numbers(journal)
    assert set(map(int, told)) <= set(found)
    assert found == list(range(len(found)))
    assert len(found) - len(told) <= 32


@pytest.mark.anyio
async def test_a_killed_process_holds_nothing_and_the_run_goes_on(child, journal):
    process = child("chain")
    heard(process, 3)
    assert journal.runs()[0].held_by.startswith(f"process {process.pid} on ")
    with pytest.raises(Busy, match=f"process {process.pid} on "):
        journal.open("r1")
    process.send_signal(signal.SIGKILL)
    process.wait()

    before = numbers(journal)
    assert journal.runs()[0].held_by is None
    writer = journal.open("r1")
    await writer.append(journal.read("r1")[1].model_copy(update={"step": f"s{len(before)}"}))
    await writer.close()
    assert numbers(journal) == [*before, len(before)]


def test_of_two_processes_that_fight_for_a_run_one_wins(child, journal):
    first = child("chain")
    heard(first, 1)
    first.kill()
    first.wait()
    rivals = [child("fight") for _ in range(2)]
    for rival in rivals:
        rival.stdin.write("\n")
        rival.stdin.flush()

    said = dict(zip((rival.pid for rival in rivals), (heard(rival, 1)[0] for rival in rivals), strict=True))
    winner = next(pid for pid, word in said.items() if word == "won")
    (loser,) = [word for pid, word in said.items() if pid != winner]
    assert loser.startswith(f"Busy run 'r1' is held by process {winner} on ")


@pytest.mark.anyio
async def test_a_process_that_stalled_while_its_run_was_taken_writes_no_more(child, journal, path):
    process = child("hold")
    heard(process, 1)
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(Busy):
        journal.open("r1")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE leases SET beat = beat - 60, ticks = ticks - 60")
    connection.commit()
    connection.close()
    writer = journal.open("r1")
    process.send_signal(signal.SIGCONT)
    out, _ = process.communicate("\n")

    assert "taken over by another process" in out
    assert numbers(journal) == [0]
    await writer.append(journal.read("r1")[1].model_copy(update={"step": "s1"}))
    assert numbers(journal) == [0, 1]


def test_a_disk_quota_ends_all_writing_and_leaves_what_was_told(child, journal):
    process = child("quota")
    *told, reason, again = process.communicate()[0].splitlines()

    assert process.returncode == 0
    assert len(told) > 10
    assert "no space left" in reason or "disk refused" in reason
    assert "| " in reason
    assert again == reason.partition(" |")[0]
    assert numbers(journal) == list(map(int, told))


def test_a_journal_cut_off_in_the_middle_of_the_file_is_told(child, journal, path):
    process = child("chain")
    heard(process, 200)
    process.kill()
    process.wait()
    numbers(journal)
    journal.close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)

    with pytest.raises(JournalError, match="damaged"):
        journal.read("r1")
