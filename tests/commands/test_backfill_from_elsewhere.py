"""A backfill that goes on in another process: followed, canceled, listed, and stopped in time by a signal."""

import json
import signal
import time

import pytest
from command_fixtures import LONG
from vendor_project import number, pipeline, steps

DAYS = ("--from", "2026-01-01T02:00", "--to", "2026-01-03", "--every", "1d")
IN_TIME = 10.0
"""Seconds from a SIGTERM to the SIGKILL of CI services and containers."""
SLOW = 45
"""Seconds of a vendor's answer that nobody should wait for."""


@pytest.fixture
def begun(shell, emulators):
    """A backfill whose first runs have their jobs under way, two at once, and its id."""

    def begin(kind="td_workflow", **more):
        shell.write("p.yaml", pipeline({"a": {**steps(number())[kind], **more}}, emulators))
        running = shell.begin("backfill", "p.yaml", *DAYS, "--parallel", "2", "--log-format", "json")
        running.until('"step_triggered"', times=2)
        return running, next(row["run"] for row in shell.runs() if "." not in row["run"])

    return begin


def told(text):
    """The lines about instants, without their clock."""
    return [line.split(maxsplit=1)[1] for line in text.splitlines() if "  2026-01-0" in line[:20]]


def test_attach_tells_of_each_run_as_it_ends_and_what_all_came_to(shell, emulators, begun):
    running, backfill = begun()
    following = shell.begin("attach", backfill, "--log-format", "plain")
    following.until("started", times=2)
    emulators.jump(LONG)
    following.until("started", times=3)
    emulators.jump(LONG)
    done = following.end()
    assert (running.end().code, done.code) == (0, 0), done.text
    lines = told(done.err)
    assert sum("started" in line for line in lines) == 3
    assert [line.rpartition("(")[2] for line in lines if "succeeded" in line] == [
        f"{n} of 3 over)" for n in (1, 2, 3)
    ]
    assert f"backfill {backfill} of all_vendors succeeded: 3 succeeded" in done.out


def test_attach_leaves_out_what_was_before(shell, emulators, begun):
    running, backfill = begun()
    following = shell.begin("attach", backfill, "--from-now", "--log-format", "plain")
    following.until(f"backfill {backfill} of all_vendors: 2 going on elsewhere, 1 not begun")
    emulators.jump(LONG)
    following.until("started")
    emulators.jump(LONG)
    done = following.end()
    running.end()
    assert sum("started" in line for line in told(done.err)) == 1
    assert sum("succeeded" in line for line in told(done.err)) == 3


def test_attach_tells_programs_of_every_event(shell, emulators, begun):
    running, backfill = begun()
    following = shell.begin("attach", backfill, "--log-format", "json")
    following.until('"step_triggered"', times=2)
    emulators.jump(LONG)
    following.until('"step_triggered"', times=3)
    emulators.jump(LONG)
    done = following.end()
    running.end()
    events = [json.loads(line) for line in done.err.splitlines()]
    for type_ in ("run_started", "step_intended", "step_finished", "run_finished"):
        runs = [event["run"] for event in events if event["type"] == type_]
        assert sorted(runs) == [f"{backfill}.000{n}" for n in (1, 2, 3)]


def test_attach_tells_how_one_stands_that_nobody_holds(shell, begun):
    running, backfill = begun()
    running.send(signal.SIGINT)
    assert running.end().code == 130
    done = shell("attach", backfill)
    assert done.code == 130
    assert f"backfill {backfill} of all_vendors is not over: 2 not over, 1 not begun" in done.out
    assert f"to go on: pipeforge resume {backfill}" in done.out


@pytest.mark.parametrize("lost", [False, True])
def test_a_cancel_tells_whether_jobs_of_its_runs_go_on(shell, begun, lost):
    """A job of a unit cannot be canceled."""
    running, backfill = begun("reckoner_workflow")
    if lost:
        running.kill()
    done = shell.process("cancel", backfill, "--leave")
    assert done.code == 1, done.text
    assert f"backfill {backfill} of all_vendors canceled: 2 canceled, 1 not begun" in done.out
    assert "its job was left alone" in done.out
    running.end()


def test_runs_of_a_pipeline_stand_below_their_backfill(shell, quick):
    shell.write("p.yaml", pipeline({"a": steps(number())["td_workflow"]}, quick))
    assert shell("backfill", "p.yaml", *DAYS).code == 0
    rows = shell.runs("--pipeline", "all_vendors")
    assert [row["pipeline"] for row in rows].count("backfill of all_vendors") == 1
    assert len(rows) == 4
    lines = shell("runs", "--pipeline", "all_vendors").out.splitlines()[1:]
    assert "backfill of all_vendors" in lines[0]
    assert all(line.startswith("  ") for line in lines[1:])
    assert shell("runs", "--pipeline", "other").out == "no such runs\n"


def test_sigterm_leaves_before_it_is_killed_though_a_vendor_does_not_answer(shell, emulators, begun):
    running, backfill = begun(on_interrupt="cancel")
    emulators.fault("treasure", route="POST *", do="slow", seconds=SLOW)
    running.send(signal.SIGTERM)
    began = time.monotonic()
    done = running.end()
    assert (done.code, time.monotonic() - began < IN_TIME) == (130, True)
    assert f"pipeforge resume {backfill}" in done.out


def test_a_second_signal_leaves_at_once(shell, emulators, begun):
    running, backfill = begun(on_interrupt="cancel")
    emulators.fault("treasure", route="POST *", do="slow", seconds=SLOW)
    running.send(signal.SIGINT)
    running.until('"step_canceling"', times=2)
    running.send(signal.SIGTERM)
    began = time.monotonic()
    done = running.end()
    assert (done.code, time.monotonic() - began < 2.5) == (130, True)
    assert shell.shown(backfill)["paused"] == "interrupted"
