"""Ctrl-C and SIGTERM, once and twice; and two processes that want the same run."""

import signal
import time

import pytest
from command_fixtures import LONG
from vendor_project import number, pipeline, steps


def stops(*signals):
    return pytest.mark.parametrize("stop", signals, ids=lambda each: each.name)


def begun(shell, emulators, *chosen, on_interrupt="leave"):
    """A run whose jobs are all under way."""
    every = steps(number())
    mine = {id_: {**every[id_], "on_interrupt": on_interrupt} for id_ in chosen}
    shell.write("p.yaml", pipeline(mine, emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_triggered"', times=len(chosen))
    return running


def asked_to_stop(emulators, vendor, ending):
    return [row for row in emulators.calls(vendor) if row["path"].endswith(ending)]


@stops(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
def test_once_leaves_the_jobs_and_tells_how_to_go_on(shell, emulators, stop):
    kills = len(asked_to_stop(emulators, "treasure", "/kill"))
    running = begun(shell, emulators, "td_workflow", "krewdata_unit")
    running.send(stop)
    done = running.end()
    run = shell.runs()[0]["run"]
    assert done.code == 130
    assert f"to go on: pipeforge resume {run}" in done.out
    assert "Traceback" not in done.text
    assert shell.shown(run)["paused"] == "interrupted"
    assert len(asked_to_stop(emulators, "treasure", "/kill")) == kills
    emulators.jump(LONG)
    assert shell("resume", run).code == 0
    assert [job["vendor"] for job in emulators.jobs()] == ["treasure", "krewdata"]


def test_once_cancels_what_says_so_and_waits_for_the_vendors_word(shell, emulators):
    chosen = ("td_workflow", "reckoner_workflow", "krewdata_unit")
    running = begun(shell, emulators, *chosen, on_interrupt="cancel")
    running.send(signal.SIGINT)
    done = running.end()
    run = shell.runs()[0]["run"]
    assert done.code == 130
    assert "cannot be canceled; it is left running" in done.out
    words = {job["vendor"]: job["status"] for job in emulators.jobs()}
    assert words == {"treasure": "killed", "reckoner": "CANCELED", "krewdata": "Running"}
    assert shell.outcomes(run) == {
        "td_workflow": "canceled",
        "reckoner_workflow": "canceled",
        "krewdata_unit": None,
    }
    emulators.jump(LONG)
    assert shell("resume", run).code == 1
    assert shell.outcomes(run)["krewdata_unit"] == "succeeded"
    assert len(emulators.jobs()) == 3


@stops(signal.SIGINT, signal.SIGTERM)
def test_twice_leaves_at_once_though_the_vendor_is_silent(shell, emulators, stop):
    emulators.fault("treasure", route="POST */kill", do="slow", seconds=3600)
    running = begun(shell, emulators, "td_workflow", on_interrupt="cancel")
    running.send(stop)
    running.until('"step_canceling"')
    begin = time.monotonic()
    running.send(stop)
    done = running.end()
    assert time.monotonic() - begin < 15  # the grace period is twice as long
    assert done.code == 130
    assert "pipeforge resume" in done.out
    assert "Traceback" not in done.text
    emulators.mend()
    run = shell.runs()[0]["run"]
    emulators.jump(LONG)
    assert shell("resume", run).code in (0, 1)  # killed or over, as the vendor says
    assert shell.shown(run)["outcome"] is not None
    assert len(emulators.jobs()) == 1


def test_an_interrupt_between_start_and_answer_hears_the_answer(shell, emulators):
    emulators.fault("trocco", route="POST *", do="slow", seconds=1.5)
    chosen = {"trocco_workflow": steps(number())["trocco_workflow"]}
    shell.write("p.yaml", pipeline(chosen, emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_intended"')
    running.send(signal.SIGINT)
    done = running.end()
    assert done.code == 130
    assert '"step_triggered"' in done.err
    emulators.jump(LONG)
    run = shell.runs()[0]["run"]
    assert shell("resume", run).code == 0
    assert len(emulators.jobs()) == 1


def test_a_run_that_goes_on_cannot_be_resumed_by_another(shell, emulators):
    running = begun(shell, emulators, "td_workflow")
    run = shell.runs()[0]
    assert f"process {running.pid} on" in run["held_by"]
    busy = shell("resume", run["run"])
    assert busy.code == 5
    assert f"process {running.pid}" in busy.err
    assert "help: " in busy.err
    emulators.jump(LONG)
    assert running.end().code == 0
    again = shell("resume", run["run"])
    assert again.code == 2
    assert "has ended: succeeded" in again.err


def test_of_two_resumes_at_once_one_goes_on(shell, emulators):
    begun(shell, emulators, "td_workflow", "trocco_job").kill()
    run = shell.runs()[0]["run"]
    both = [shell.begin("resume", run) for _ in range(2)]
    refused = [each.end() for each in both if each.ended_or("resumed")]
    emulators.jump(LONG)
    assert sorted(each.end().code for each in both) == [0, 5]
    assert [done.code for done in refused] == [5]
    assert "held by" in refused[0].err
    assert sorted(job["vendor"] for job in emulators.jobs()) == ["treasure", "trocco"]
