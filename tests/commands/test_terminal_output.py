"""What stands on a terminal, in a pipe, in a log: the live tree, colours, closed pipes, poor encodings."""

import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import termios

import pytest
from command_line import BOUND, COMMAND, until
from vendor_project import number, pipeline, steps

from pipeforge.reports.display import width

PIPEFORGE = f"{sys.executable} -m pipeforge"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;;[^\x1b]*\x1b\\\\")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """A process whose stdout and stderr are one terminal."""

    def __init__(self, shell, *arguments, **more):
        self._ours, theirs = pty.openpty()
        environment = {**shell.environment, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30", **more}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=shell.folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self.raw = ""

    def end(self):
        """All that was written until it ended."""
        while True:
            try:
                read = os.read(self._ours, 65_536)
            except OSError:  # the other side is closed
                break
            if not read:
                break
            self.raw += read.decode("utf-8", "replace")
        os.close(self._ours)
        return self.process.wait(BOUND)

    def hang_up(self):
        """The window is closed: the kernel sends SIGHUP, and nothing can be written any more."""
        os.close(self._ours)
        return self.process.wait(BOUND)

    @property
    def text(self):
        return ESCAPE.sub("", self.raw)


@pytest.fixture
def write(shell, quick):
    """A job, and a handler of its failure that has nothing to do."""

    def written(emulators=quick):
        every = steps(number())
        chosen = {"load": every["trocco_job"], "page": {**every["td_workflow"], "needs": "load"}}
        chosen["page"]["run_when"] = "failure"
        shell.write("p.yaml", pipeline(chosen, emulators))

    return written


def test_a_run_on_a_terminal_is_a_live_tree(shell, write):
    write()
    terminal = Terminal(shell, "run", "p.yaml")
    assert terminal.end() == 0, terminal.text
    assert "\x1b[?25l" in terminal.raw  # the cursor is hidden while it is redrawn
    assert terminal.raw.rindex("\x1b[?25h") > terminal.raw.rindex("\x1b[?25l")  # and shown again
    assert re.search(r"✓ +load +trocco\.run_job +succeeded", terminal.text)
    assert re.search(r"· +page +treasure\.run_workflow +skipped", terminal.text)
    assert "succeeded: 1 succeeded, 1 skipped" in terminal.text


def test_without_colours_the_tree_has_none(shell, write):
    write()
    terminal = Terminal(shell, "run", "p.yaml", NO_COLOR="1")
    assert terminal.end() == 0
    assert "✓" in terminal.text
    assert re.search(r"\x1b\[[0-9;]*3[0-9]m", terminal.raw) is None  # bold and dim are no colours


@pytest.mark.parametrize("more", [{"CI": "true"}, {"TERM": "dumb"}], ids=str)
def test_in_a_log_that_is_a_terminal_lines_are_plain(shell, write, more):
    write()
    terminal = Terminal(shell, "run", "p.yaml", **more)
    assert terminal.end() == 0
    assert "\x1b" not in terminal.raw
    assert "load  triggering" in terminal.text


def test_ctrl_c_on_a_terminal_leaves_it_in_order(shell, write, emulators):
    write(emulators)
    terminal = Terminal(shell, "run", "p.yaml")
    until(lambda: emulators.jobs())
    os.kill(terminal.process.pid, signal.SIGINT)
    assert terminal.end() == 130
    assert terminal.raw.rindex("\x1b[?25h") > terminal.raw.rindex("\x1b[?25l")
    assert "interrupted: nothing new starts" in terminal.text
    assert "to go on: pipeforge resume" in terminal.text
    assert "Traceback" not in terminal.text


def test_a_terminal_that_is_closed_leaves_the_run_in_order(shell, write, emulators):
    write(emulators)
    terminal = Terminal(shell, "run", "p.yaml")
    until(lambda: emulators.jobs())
    assert terminal.hang_up() == 130
    run = shell.runs()[0]["run"]
    assert shell.shown(run)["paused"] == "interrupted"
    emulators.jump(60)
    assert shell("resume", run).code == 0


def test_findings_are_coloured_on_a_terminal_alone(shell):
    shell.write("p.yaml", "name: p\nsteps:\n  a: {uses: trocco.run_jobb}\n")
    coloured = Terminal(shell, "lint", "p.yaml")
    assert coloured.end() == 1
    plain = Terminal(shell, "lint", "p.yaml", NO_COLOR="1")
    assert plain.end() == 1
    assert "\x1b[1;31m" in coloured.raw
    assert COLOUR.search(plain.raw) is None
    assert coloured.text == plain.text
    piped = shell.process("lint", "p.yaml")
    assert "\x1b" not in piped.text
    assert "\x1b[1;31m" in shell.process("lint", "p.yaml", FORCE_COLOR="1").out


def piped(shell, script, **more):
    """A line of bash, as somebody would type it."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=shell.folder,
        env={**shell.environment, **more},
        capture_output=True,
        text=True,
        timeout=BOUND,
    )


@pytest.mark.parametrize("command", ["explain", "schema", "emulate --explain"])
def test_a_reader_that_goes_away_is_no_error(shell, command):
    """`| head -1`, with more than a pipe holds and with less."""
    done = piped(shell, f"{{ {PIPEFORGE} {command}; echo code $? >&2; }} | head -1")
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == "code 0\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["--version", "schema"])
def test_a_disk_that_is_full_is_told(shell, command, unbuffered):
    """With less than a buffer holds, and with more."""
    done = piped(shell, f"{PIPEFORGE} {command} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot write the output: No space left on device\nhelp: ")
    assert "Exception ignored" not in done.stderr


def test_a_stdout_that_is_closed_from_the_start_is_nowhere(shell):
    done = piped(
        shell, f"{PIPEFORGE} explain >&-; echo code $?; {PIPEFORGE} plan none.yaml 2>&-; echo code $?"
    )
    assert (done.stdout, done.stderr) == ("code 0\ncode 2\n", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_run_goes_on_though_nobody_reads_of_it(shell, write, quick, unbuffered):
    """No job is left behind, and no failure hidden, because a reader went away."""
    write()
    quick.fault("treasure", route="PUT *", do="forbidden")
    quick.fault("trocco", route="GET /api/jobs/*", do="rewrite", values={"status": "error"})
    script = f"{PIPEFORGE} run p.yaml 2>&1 | head -1; echo ${{PIPESTATUS[0]}}"
    done = piped(shell, script, PYTHONUNBUFFERED=unbuffered)
    assert done.stdout.splitlines()[-1] == "1", done.stderr
    assert shell.outcomes(shell.runs()[0]["run"]) == {"load": "failed", "page": "failed"}


def test_an_encoding_without_the_letters_escapes_them(shell):
    shell.write("p.yaml", "name: p\nsteps:\n  売上: {uses: trocco.run_job}\n")
    done = shell.process("lint", "p.yaml", PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert done.code == 1
    assert "\\u58f2" in done.out
    assert "Traceback" not in done.text


def test_a_vendors_text_cannot_steer_the_terminal(shell, write, quick):
    write()
    quick.fault("trocco", route="POST *", do="forbidden", body={"error": "no\x1b]0;mine\x07 \x1b[2Jway"})
    terminal = Terminal(shell, "run", "p.yaml")
    assert terminal.end() == 1
    assert "\x1b]0;" not in terminal.raw
    assert "\x1b[2J" not in terminal.raw
    assert "\x1b[2J" not in shell("show", shell.runs()[0]["run"]).out


def test_lines_of_a_log_stand_below_each_other(shell, quick):
    """Full-width names take two columns, and the items of a foreach have longer names than their step."""
    every = steps(number())
    chosen = {"取込": every["trocco_job"], "each": {**every["reckoner_workflow"], "needs": "取込"}}
    chosen["each"] |= {"foreach": {"items": ["a", "b"], "max_parallel": 1}}
    shell.write("p.yaml", pipeline(chosen, quick))
    lines = shell("run", "p.yaml").err.splitlines()
    began = [line for line in lines if line.endswith("triggering")]
    assert [line.split()[1] for line in began] == ["取込", "each[0]", "each[1]"]
    assert len({width(line) for line in began[1:]}) == 1
    assert width(began[0]) == width("00:00:00  each  triggering")


def test_a_name_that_the_systems_encoding_lacks_is_told_with_the_mend(shell):
    shell.write(
        "p.yaml", "name: p\nrecords:\n  a: {file: 記録.json}\nsteps:\n  s: {uses: krewdata.run_unit}\n"
    )
    done = shell.process("lint", "p.yaml", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.code == 2
    assert done.err.startswith(
        "error: this system's encoding, ascii, has no '\\u8a18'\nhelp: use a UTF-8 locale"
    )
