"""Stopping a run whose change was accepted, and that was lost before what it awaits was over."""

import json
import signal

import pytest
from command_fixtures import LONG
from command_line import until
from vendor_project import number, pipeline, steps


def lost_twice(shell, emulators, second):
    """A run killed with the job of `b` under way, and once more when `a` was begun anew by changed terms."""
    every = steps(number())
    given = json.loads(
        pipeline({"a": every["td_workflow"], "b": {**every["trocco_job"], **second}}, emulators)
    )
    shell.write("p.yaml", given)
    began = shell.begin("run", "p.yaml", "--log-format", "json")
    until(lambda: emulators.jobs("treasure"), lambda: began.err)
    emulators.jump(LONG)
    began.until('"step_triggered"', times=2)
    began.kill()
    given["steps"]["a"]["with"]["params"] = {"more": 1}
    shell.write("p.yaml", given)
    run = shell.runs()[0]["run"]
    resumed = shell.begin("resume", run, "--accept-changes", "--log-format", "json")
    resumed.until('"step_triggered"')
    resumed.kill()
    return run


ITEMS = "${{ [1] if steps.a.outputs.id else [2] }}"


def test_items_are_ended_though_nobody_can_tell_what_they_go_over(shell, emulators):
    """The job of b is one that trocco cannot cancel: that is told."""
    run = lost_twice(shell, emulators, {"needs": "a", "foreach": {"items": ITEMS, "as": "n"}})
    done = shell.process("cancel", run)
    assert done.code == 1, done.text
    assert "may still be running" in done.out
    assert shell.runs()[0]["outcome"] == "canceled"
    assert shell.outcomes(run)["b"] == "canceled"


@pytest.mark.parametrize("many", [False, True])
def test_a_job_is_ended_though_its_parameters_cannot_be_told_any_more(shell, emulators, many):
    """They hang on what was opened again; but the job is known, and that it goes on is told."""
    given = {"context_time": "${{ steps.a.outputs.id and context_time }}"}
    second = {"needs": "a", "with": {**steps(number())["trocco_job"]["with"], **given}}
    if many:
        second["foreach"] = {"items": ITEMS, "as": "n"}
    run = lost_twice(shell, emulators, second)
    done = shell.process("cancel", run)
    assert done.code == 1, done.text
    assert "may still be running" in done.out
    assert shell.runs()[0]["outcome"] == "canceled"
    assert shell.outcomes(run)["b"] == "canceled"


def test_a_job_that_awaits_a_redo_is_canceled_by_an_interrupt_that_its_step_says_cancels(shell, emulators):
    run = lost_twice(
        shell, emulators, {**steps(number())["td_workflow"], "needs": "a", "on_interrupt": "cancel"}
    )
    resumed = shell.begin("resume", run, "--log-format", "json")
    resumed.until('"run_resumed"')
    resumed.send(signal.SIGINT)
    done = resumed.end()
    assert done.code == 130, done.text
    words = [job["status"] for job in sorted(emulators.jobs(), key=lambda job: job["id"])]
    assert words == ["success", "killed", "running"]
