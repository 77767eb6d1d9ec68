"""A run that another process holds: every command tells who goes on with it, and what one may do about it."""

import shlex

import pytest
from vendor_project import number, pipeline, steps

AT = "2026-01-31"


@pytest.fixture
def held(shell, emulators):
    """A process whose run goes on, and the run's id."""
    step = steps(number())["td_workflow"]
    shell.write("p.yaml", pipeline({"a": step}, emulators, concurrency={"key": "k", "on_conflict": "fail"}))
    running = shell.begin("run", "p.yaml", "--context-time", AT, "--log-format", "json")
    running.until('"attempt_id"')
    return running, shell.runs()[0]["run"]


def beside(run, *more):
    flags = " ".join(more)
    tail = f" {flags}" if flags else ""
    return f"`pipeforge attach {run}{tail}` follows it, `pipeforge cancel {run}{tail}` ends it"


def test_show_tells_who_goes_on_with_it(shell, held):
    running, run = held
    told = shell("show", run).out
    assert f"outcome none yet: going on, held by process {running.pid} on " in told
    assert told.rstrip().endswith(beside(run))
    assert "to go on" not in told
    assert f"process {running.pid} on " in shell.shown(run)["held_by"]
    assert f"running, held by process {running.pid}" in shell("runs").out


def test_show_tells_how_to_go_on_with_one_whose_process_was_lost(shell, held):
    running, run = held
    running.kill()
    told = shell("show", run).out
    assert "outcome none yet: its process was lost" in told
    assert told.rstrip().endswith(f"to go on: pipeforge resume {run}")
    assert shell.shown(run)["held_by"] is None


@pytest.mark.parametrize(
    "command",
    [
        "resume RUN",
        "settle RUN a --failed",
        "rerun RUN --failed",
        f"run p.yaml --context-time {AT}",
        "run p.yaml --context-time 2026-02-01",
    ],
)
def test_every_refusal_says_what_one_may_do(shell, held, command):
    _, run = held
    done = shell(*shlex.split(command.replace("RUN", run)))
    assert (done.code, beside(run) in done.err) == (5, True), done.err


def test_the_commands_name_the_journal_that_was_meant(shell, held):
    _, run = held
    done = shell("resume", run, "--journal", ".pipeforge/journal.db")
    assert beside(run, "--journal", ".pipeforge/journal.db") in done.err
