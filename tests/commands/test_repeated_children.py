"""Another attempt at a pipeline that a step runs: nothing beside what goes on, nothing done twice."""

import json
import sqlite3
from contextlib import closing

import pytest
from command_fixtures import LONG
from command_line import until
from test_sub_pipelines import child, left, parent, root, runs
from vendor_project import number, pipeline, steps

AGO = "2020-01-01T00:00:00.000000+00:00"


def changed(shell, statement, *values):
    with closing(sqlite3.connect(shell.folder / ".pipeforge" / "journal.db")) as there, there:
        there.execute(statement, values)


def of_kind(emulators, kind):
    return [job for job in emulators.jobs("trocco") if job["kind"] == kind]


def test_no_attempt_follows_one_whose_job_may_still_be_going_on(shell, emulators):
    """The job of a trocco workflow cannot be canceled: it outlives the run that its step's timeout ends."""
    child(shell, emulators, "trocco_workflow")
    again = {"max_attempts": 2, "delay": "1s"}
    parent(shell, inner=runs(timeout="2s", retry=again))
    done = shell.process("run", "p.yaml")
    assert done.code == 1, done.text
    assert "may still be running" in done.out
    assert len(emulators.jobs("trocco")) == 1
    assert [row["run"] for row in shell.runs()] == [f"{root(shell)}.inner", root(shell)]


def test_what_succeeded_before_a_timeout_is_not_done_again(shell, quick):
    """The second step cannot look at its vendor, and is not started when the run's time is over."""
    child(shell, quick, "td_workflow", "trocco_job")
    parent(shell, inner=runs(timeout="3s", retry={"max_attempts": 2, "delay": "1s"}))
    quick.fault("trocco", route="GET *", do="server_error")
    done = shell.process("run", "p.yaml")
    assert done.code == 1, done.text
    assert f"{root(shell)}.inner+2" in [row["run"] for row in shell.runs()]
    assert len(quick.jobs("treasure")) == 1


@pytest.mark.parametrize("cut", ["step_triggered", "step_intended"])
def test_prune_keeps_the_runs_that_one_not_over_is_made_of(shell, quick, cut):
    run = left(shell, quick, cut)
    for narrowed in ([], ["--pipeline", "child"]):
        pruned = shell("runs", "prune", "--older-than", "0s", "--yes", *narrowed)
        assert pruned.out.startswith("no run ended before")
    done = shell("resume", run)
    assert done.code == 0, done.text
    assert len(quick.jobs("trocco")) == 1


@pytest.fixture
def half(shell, quick):
    """A run whose child did the first of its two steps, and failed at the second."""
    child(shell, quick, "trocco_job", "trocco_workflow")
    parent(shell, inner=runs())
    quick.fault("trocco", route="POST /api/pipeline*", do="forbidden")
    assert shell("run", "p.yaml").code == 1
    quick.mend()
    assert len(of_kind(quick, "transfer")) == 1
    return root(shell)


def test_prune_keeps_the_runs_that_a_rerun_will_ask_for(shell, quick, half):
    changed(shell, "UPDATE runs SET started_at = ?", AGO)
    changed(shell, "UPDATE runs SET ended_at = ? WHERE run = ?", AGO, f"{half}.inner")
    assert shell("runs", "prune", "--older-than", "90d", "--yes").out.startswith("no run ended before")
    done = shell("rerun", half, "--failed")
    assert done.code == 0, done.text
    assert (len(of_kind(quick, "transfer")), len(of_kind(quick, "workflow"))) == (1, 1)


def test_nothing_is_repeated_of_a_run_that_nobody_knows_any_more(shell, quick, half):
    changed(shell, "DELETE FROM events WHERE run = ?", f"{half}.inner")
    done = shell("rerun", half, "--failed")
    assert done.code == 1, done.text
    assert f"the events of run {half}.inner were dropped" in done.out
    assert len(of_kind(quick, "transfer")) == 1


def test_nothing_is_repeated_of_a_run_that_is_not_over(shell, quick, half):
    changed(shell, "UPDATE runs SET ended_at = NULL, outcome = NULL WHERE run = ?", f"{half}.inner")
    changed(shell, "DELETE FROM events WHERE run = ? AND type = 'run_finished'", f"{half}.inner")
    done = shell("rerun", half, "--failed")
    assert done.code == 1, done.text
    assert f"`pipeforge resume {half}.inner` goes on with it" in done.out
    assert len(of_kind(quick, "transfer")) == 1


def beside(shell, emulators, **more):
    """A pipeline of `gate`, a workflow, and `inner`, which runs another pipeline."""
    child(shell, emulators, "trocco_job", "trocco_workflow")
    given = json.loads(pipeline({"gate": steps(number())["td_workflow"]}, emulators))
    given["steps"]["inner"] = runs(**more)
    shell.write("p.yaml", {**given, "name": "p"})
    emulators.fault("trocco", route="POST /api/pipeline*", do="forbidden")


def test_what_succeeded_is_not_done_again_when_a_rerun_between_left_the_step_alone(shell, quick):
    beside(shell, quick)
    assert shell("run", "p.yaml").code == 1
    quick.mend()
    assert shell("rerun", root(shell), "--only", "gate").code == 1
    assert shell("rerun", root(shell), "--failed").code == 0
    assert (len(of_kind(quick, "transfer")), len(of_kind(quick, "workflow"))) == (1, 1)


def test_what_succeeded_is_not_done_again_when_a_rerun_between_never_came_to_the_step(shell, emulators):
    """The second run is canceled at the gate: only the first knows what was done behind it."""
    beside(shell, emulators, needs="gate", run_when="always")
    emulators.fault("treasure", route="PUT /api/attempts", do="forbidden", nth=1)
    first = shell.begin("run", "p.yaml")
    until(lambda: emulators.jobs("trocco"), lambda: first.err)
    emulators.jump(LONG)
    assert first.end().code == 1
    emulators.mend()
    second = shell.begin("rerun", root(shell), "--failed")
    until(lambda: emulators.jobs("treasure"), lambda: second.err)
    assert shell("cancel", root(shell)).code == 0
    third = shell.begin("rerun", root(shell), "--failed")
    until(lambda: len(emulators.jobs("treasure")) == 2, lambda: third.err)
    emulators.jump(LONG)
    until(
        lambda: of_kind(emulators, "workflow") or len(of_kind(emulators, "transfer")) > 1, lambda: third.err
    )
    emulators.jump(LONG)
    assert third.end().code == 0, third.err
    assert (len(of_kind(emulators, "transfer")), len(of_kind(emulators, "workflow"))) == (1, 1)
