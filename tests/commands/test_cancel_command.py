"""`pipeforge cancel` from another terminal, and of runs that nobody holds; `attach` while a run goes on."""

import signal

import pytest
from command_fixtures import LONG
from command_line import until
from vendor_project import number, pipeline, steps


def begun(shell, emulators, *chosen, **more):
    """A run whose jobs are all under way, and its id."""
    mine = number()
    every = steps(mine)
    last = {"last": {**steps(number())["td_workflow"], "needs": list(chosen)}}
    shell.write("p.yaml", pipeline({id_: every[id_] for id_ in chosen} | last, emulators, **more))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_triggered"', times=len(chosen))
    return running, shell.runs()[0]["run"]


def status(emulators):
    return {job["vendor"]: job["status"] for job in emulators.jobs()}


def test_the_holder_is_asked_and_does_it(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow", "reckoner_workflow")
    said = shell.process("cancel", run)
    done = running.end()
    assert (said.code, done.code) == (0, 1)
    assert status(emulators) == {"treasure": "killed", "reckoner": "CANCELED"}
    assert said.out.startswith(f"\nrun {run} canceled: 2 canceled, 1 not started")  # below what was told
    assert "run canceled by" in said.err and '"run_canceling"' in done.err
    shown = shell.shown(run)
    assert shown["outcome"] == "canceled"
    assert shell.outcomes(run) == {"td_workflow": "canceled", "reckoner_workflow": "canceled"}


def test_a_canceled_run_never_goes_on(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    shell.process("cancel", run)
    running.end()
    assert shell("resume", run).code == 2
    again = shell("cancel", run)
    assert (again.code, again.out) == (0, f"run {run} was canceled already\n")
    assert len(emulators.jobs()) == 1


def test_what_cannot_be_canceled_is_named_with_its_job(shell, emulators):
    running, run = begun(shell, emulators, "krewdata_unit", "td_workflow")
    said = shell.process("cancel", run)
    running.end()
    assert said.code == 1
    assert "a job of 'krewdata.run_unit' cannot be canceled and may still be running" in said.out
    assert status(emulators) == {"treasure": "killed", "krewdata": "Running"}


def test_leave_ends_the_run_alone(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    said = shell.process("cancel", run, "--leave")
    running.end()
    assert said.code == 1
    assert "its job was left alone" in said.out
    assert "attempt_id" in said.out
    assert status(emulators) == {"treasure": "running"}


def test_no_wait_returns_at_once(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    said = shell("cancel", run, "--no-wait")
    assert said.code == 0
    assert "is to be canceled by its holder" in said.out
    assert running.end().code == 1
    assert shell.shown(run)["outcome"] == "canceled"


@pytest.mark.parametrize("left", ["killed", "paused"])
def test_a_run_that_nobody_holds_is_canceled_here(shell, emulators, left):
    running, run = begun(shell, emulators, "td_workflow", "krewdata_unit")
    running.send(signal.SIGKILL if left == "killed" else signal.SIGINT)
    running.end()
    said = shell("cancel", run)
    assert said.code == 1
    assert status(emulators) == {"treasure": "killed", "krewdata": "Running"}
    assert shell.shown(run)["outcome"] == "canceled"


def test_a_run_with_nothing_under_way_needs_neither_file_nor_credentials(shell, quick):
    steps_ = {"a": steps(number())["td_workflow"], "b": {**steps(number())["td_workflow"], "needs": "a"}}
    shell.write("p.yaml", pipeline(steps_, quick))
    quick.fault("treasure", route="PUT *", do="rate_limited")
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_deferred"')
    running.send(signal.SIGINT)
    run = shell.runs()[0]["run"]
    assert running.end().code == 130
    (shell.folder / "p.yaml").unlink()
    said = shell("cancel", run)
    assert said.code == 0
    assert shell.outcomes(run) == {"a": "canceled"}
    quick.mend()


def test_jobs_can_be_left_alone_without_the_file(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    running.kill()
    shell.write("p.yaml", "name: other")
    refused = shell("cancel", run)
    assert refused.code != 0
    assert shell.shown(run)["outcome"] is None
    assert shell("cancel", run, "--leave").code == 1
    assert shell.shown(run)["outcome"] == "canceled"
    assert status(emulators) == {"treasure": "running"}


def test_a_wish_that_nobody_heard_is_done_by_whoever_resumes(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    running.send(signal.SIGSTOP)  # hears nothing
    assert shell("cancel", run, "--no-wait").code == 0
    running.kill()
    resumed = shell("resume", run, "--log-format", "json")
    assert resumed.code == 1
    assert shell.shown(run)["outcome"] == "canceled"
    assert status(emulators) == {"treasure": "killed"}
    assert len(emulators.jobs()) == 1


def test_a_run_that_is_over_is_not_canceled(shell, quick):
    shell.write("p.yaml", pipeline({"a": steps(number())["td_workflow"]}, quick))
    shell("run", "p.yaml")
    said = shell("cancel", shell.runs()[0]["run"])
    assert said.code == 2
    assert "succeeded" in said.err


def test_attach_tells_all_of_a_run_and_ends_as_it_does(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    watcher = shell.begin("attach", run, "--log-format", "json")
    late = shell.begin("attach", run, "--log-format", "json", "--from-now")
    watcher.until('"step_triggered"')
    emulators.jump(LONG)
    running.until('"step_triggered"', times=2)
    emulators.jump(LONG)
    assert running.end().code == 0
    done, after = watcher.end(), late.end()
    assert (done.code, after.code) == (0, 0)
    assert [line for line in done.err.splitlines() if '"run_finished"' in line]
    assert len(done.err.splitlines()) == len(shell("show", run, "--format", "jsonl").out.splitlines())
    assert '"run_started"' in done.err and '"run_started"' not in after.err
    assert f"run {run} succeeded" in done.out


def test_detaching_leaves_the_run_alone(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    watcher = shell.begin("attach", run, "--log-format", "plain")
    watcher.until("td_workflow  triggered")
    watcher.send(signal.SIGINT)
    done = watcher.end()
    assert done.code == 130
    assert done.err.endswith("detached: the run goes on\n")
    assert not running.ended()
    running.kill()


def test_attach_tells_when_the_holder_is_lost(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    watcher = shell.begin("attach", run, "--log-format", "plain")
    watcher.until("td_workflow  triggered")
    running.kill()
    done = watcher.end()
    assert done.code == 3
    assert "its process was lost" in done.err
    assert f"pipeforge resume {run}" in done.out


def test_attach_to_a_paused_run_tells_how_to_go_on(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    watcher = shell.begin("attach", run, "--log-format", "json")
    watcher.until('"step_triggered"')
    running.send(signal.SIGINT)
    running.end()
    done = watcher.end()
    assert done.code == 130
    assert f"pipeforge resume {run}" in done.out
    later = shell("attach", run)
    assert (later.code, later.out) == (130, done.out.lstrip())


def test_cancel_stops_waiting_at_an_interrupt_and_the_wish_stays(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow")
    running.send(signal.SIGSTOP)
    waiting = shell.begin("cancel", run, "--log-format", "plain")
    waiting.until("waiting for")
    waiting.send(signal.SIGINT)
    assert waiting.end().code == 130
    running.send(signal.SIGCONT)
    assert running.end().code == 1
    until(lambda: shell.shown(run)["outcome"] == "canceled")
