"""Many files shared out to processes, and files that are watched: both as if one had looked once."""

import multiprocessing
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from command_line import BOUND, COMMAND, until
from lint_files import BAD, GOOD

from pipeforge.commands import lint_workers
from pipeforge.lint.results import Result


@pytest.fixture
def many(shell):
    """More files than one process would take, every third of them bad, and a project file with a fault."""
    shell.write("pipeforge.yaml", "unknown: 1\n")
    for number in range(100):
        shell.write(f"p/{number:03}.yaml", (GOOD if number % 3 else BAD).format(name=f"p{number}"))
    return shell


@pytest.mark.parametrize("format_", ["full", "json", "sarif"])
def test_what_processes_find_is_told_as_by_one(many, format_):
    alone = many("lint", ".", "--no-cache", "--jobs", "1", "--format", format_)
    assert alone.code == 1
    assert many("lint", ".", "--no-cache", "--jobs", "3", "--format", format_) == alone
    for jobs in ("2", "1"):
        kept = many(
            "lint", ".", "--cache-dir", many.folder.parent / jobs, "--jobs", jobs, "--format", format_
        )
        assert kept == alone


def test_few_files_are_not_shared_out(shell):
    shell.write("one.yaml", GOOD.format(name="one"))
    script = (
        "import sys; from pipeforge.cli import main; main(['lint', '--jobs', '2', '--no-cache']); "
        "assert 'multiprocessing' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], cwd=shell.folder, env=shell.environment, check=True)


def _by_name(parent, folder, file):
    """A check that tells on whom it was called, and kills the process that is given `dies`, once."""
    mark = Path(folder, "died")
    if file.name == "dies" and os.getpid() != parent and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Result((), {file: str(os.getpid())})


FILES = [Path(f"{number}") for number in range(200)]


def test_the_order_is_that_of_the_files_and_more_than_one_works(tmp_path):
    results = list(lint_workers.shared(partial(_by_name, 0, tmp_path), FILES, 2))
    assert [next(iter(one.texts)) for one in results] == FILES
    assert str(os.getpid()) not in {pid for one in results for pid in one.texts.values()}
    assert not multiprocessing.active_children()


def test_a_process_that_is_killed_is_made_up_for(tmp_path):
    files = [*FILES[:50], Path("dies"), *FILES[50:]]
    results = list(lint_workers.shared(partial(_by_name, os.getpid(), tmp_path), files, 2))
    assert [next(iter(one.texts)) for one in results] == files
    assert tmp_path.joinpath("died").exists()


def test_a_process_with_threads_is_not_copied(tmp_path):
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    try:
        assert lint_workers._context().get_start_method() == "spawn"
    finally:
        over.set()
        other.join()


def test_what_is_left_unread_is_not_worked_on_for_ever(tmp_path):
    results = lint_workers.shared(partial(_by_name, 0, tmp_path), FILES * 50, 2)
    next(results)
    results.close()
    assert not multiprocessing.active_children()


def test_an_interrupt_ends_all_processes_quietly(shell):
    """As a terminal sends it: to the whole group at once."""
    slow = GOOD.format(name="slow") + "".join(
        f"  s{n}: {{uses: trocco.run_job, with: {{job_definition_id: {n + 1}}}, timeout: 1h}}\n"
        for n in range(300)
    )
    for number in range(200):
        shell.write(f"p/{number}.yaml", slow)
    process = subprocess.Popen(
        [*COMMAND, "lint", "p", "--no-cache", "--jobs", "2"],
        cwd=shell.folder, env=shell.environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: len(_group(process.pid)) >= 3 or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=BOUND)
    assert (process.returncode, out, err) == (130, "", "error: interrupted\n")
    until(lambda: not _group(process.pid))


def _group(leader):
    """The processes of a group that still run."""
    told = subprocess.run(["ps", "-eo", "pgid,stat"], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in told.splitlines()[1:]]
    return [row for row in rows if row[0] == str(leader) and not row[1].startswith("Z")]


class TestWatch:
    """`pipeforge lint --watch` in a process of its own."""

    def replace(self, shell, name, text):
        """As editors save: another file takes the place of the old one."""
        shell.write(f"{name}.new", text)
        shell.folder.joinpath(f"{name}.new").replace(shell.folder / name)

    def test_it_looks_again_at_every_change(self, shell):
        shell.write("p/one.yaml", GOOD.format(name="one") + "records: {r: {file: rec.json}}\n")
        shell.write("p/rec.json", '{"a": {"type": "NUMBER", "value": "1"}}')
        watching = shell.begin("lint", "p", "--watch", "--ignore", "PF2")
        watching.until("no findings in 1 file\nwatching 1 file", 1)
        self.replace(shell, "p/one.yaml", BAD.format(name="one") + "records: {r: {file: rec.json}}\n")
        watching.until("1 error in 1 file\nwatching", 1)
        self.replace(shell, "p/one.yaml", GOOD.format(name="one") + "records: {r: {file: rec.json}}\n")
        watching.until("no findings in 1 file\nwatching", 2)
        shell.write("p/rec.json", '{"a": {"type": "NUMBR", "value": "1"}}')
        watching.until("1 error in 1 file\nwatching", 2)
        shell.write("p/rec.json", '{"a": {"type": "NUMBER", "value": "2"}}')
        watching.until("no findings in 1 file\nwatching", 3)
        shell.write("p/pipeforge.yaml", "unknown: 1\n")
        watching.until("1 error in 1 file\nwatching", 3)
        shell.folder.joinpath("p/pipeforge.yaml").unlink()
        watching.until("no findings in 1 file\nwatching", 4)
        shell.write("p/two.yaml", BAD.format(name="two"))
        watching.until("1 error in 2 files\nwatching 2 files", 1)
        watching.send(signal.SIGINT)
        done = watching.end()
        assert done.code == 130
        assert "Traceback" not in done.text
        assert "\x1b" not in done.text
        assert done.out.count("error[PF101]") >= 2

    def test_a_file_that_is_gone_or_half_written_is_no_end(self, shell):
        shell.write("p/one.yaml", GOOD.format(name="one"))
        watching = shell.begin("lint", "p", "gone.yaml", "--watch", "--format", "concise")
        watching.until("watching", 1)
        shell.folder.joinpath("p/one.yaml").unlink()
        watching.until("watching", 2)
        shell.folder.joinpath("p/one.yaml").write_bytes("steps:\n  夜".encode()[:-1])
        watching.until("watching", 3)
        shell.write("p/one.yaml", GOOD.format(name="one"))
        watching.until("watching", 4)
        watching.send(signal.SIGINT)
        done = watching.end()
        assert done.code == 130
        assert "Traceback" not in done.text
        assert "no pipeline in 'p'" in done.out
        assert "PF002" in done.out

    def test_the_screen_is_cleared_on_a_terminal(self, shell):
        shell.write("p/one.yaml", BAD.format(name="one"))
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, "lint", "p", "--watch"],
            cwd=shell.folder, env={**shell.environment, "TERM": "xterm"},
            stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        said = b""
        give_up = time.monotonic() + BOUND
        while b"watching" not in said and time.monotonic() < give_up:
            said += os.read(ours, 65536)
        process.send_signal(signal.SIGINT)
        assert process.wait(BOUND) == 130
        os.close(ours)
        assert said.startswith(b"\x1b[2J")
        assert b"PF101" in said
