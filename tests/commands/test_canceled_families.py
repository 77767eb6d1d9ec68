"""A cancel of runs within runs, and one that waits for a person: nothing stays open below what is over."""

import pytest
from command_line import until
from test_sub_pipelines import child, parent, root, runs
from vendor_project import number, pipeline, steps


def family(shell, emulators, *chosen):
    """A run in a run in a run that was killed when its jobs were under way."""
    child(shell, emulators, *chosen, path="low.yaml")
    parent(shell, path="mid.yaml", low=runs("low.yaml"))
    parent(shell, mid=runs("mid.yaml"))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"attempt_id"')
    running.kill()
    return root(shell)


def test_leave_ends_the_runs_below_too_and_needs_no_file(shell, emulators):
    run = family(shell, emulators, "td_workflow", "trocco_job")
    for name in ("p.yaml", "mid.yaml", "low.yaml"):
        (shell.folder / name).unlink()
    done = shell("cancel", run, "--leave")
    assert done.code == 1, done.text
    assert [row["outcome"] for row in shell.runs()] == ["canceled"] * 3
    assert all(row["ended_at"] for row in shell.runs())
    assert [job["status"] for job in emulators.jobs()] == ["running"]
    assert shell.shown(run)["steps"]["mid"]["left"]


def test_leave_tells_how_a_run_below_ended_that_was_over(shell, emulators):
    """It was over when its parent was lost, which had not seen it."""
    run = family(shell, emulators, "td_workflow")
    assert shell("cancel", f"{run}.mid").code == 0
    assert shell("cancel", run, "--leave").code == 0
    assert [row["outcome"] for row in shell.runs()] == ["canceled"] * 3
    assert [job["status"] for job in emulators.jobs()] == ["killed"]


@pytest.mark.parametrize("leave", [[], ["--leave"]])
def test_a_cancel_that_waits_for_a_person_is_what_goes_on_after_it(shell, emulators, leave):
    every = steps(number())
    chosen = {name: every[name] for name in ("td_workflow", "trocco_workflow")}
    shell.write("p.yaml", pipeline(chosen, emulators))
    emulators.fault("trocco", route="POST /api/pipeline_jobs", do="lose_answer")
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"unknown"')
    run = root(shell)
    said = shell.process("cancel", run, *leave)
    running.end()
    onward = " ".join(["pipeforge cancel", run, *leave])
    assert (said.code, f"then go on: {onward}\n" in said.out) == (4, True), said.out
    assert f"then go on: {onward}\n" in shell("show", run).out
    settled = shell("settle", run, "trocco_workflow", "--succeeded")
    assert (settled.code, settled.out.splitlines()[-1]) == (0, f"to go on: {onward}")
    assert shell("cancel", run, *leave).code == (1 if leave else 0)
    assert shell.runs()[0]["outcome"] == "canceled"


def test_a_cancel_waits_for_what_is_unknown_in_a_run_below(shell, emulators):
    child(shell, emulators, "trocco_workflow")
    parent(shell, inner=runs())
    emulators.fault("trocco", route="POST /api/pipeline_jobs", do="lose_answer")
    assert shell("run", "p.yaml").code == 4
    run = root(shell)
    for _ in range(2):
        said = shell("cancel", run, "--leave")
        assert said.code == 4, said.text
        assert [row["ended_at"] for row in shell.runs()] == [None, None]
    settled = shell("settle", f"{run}.inner", "trocco_workflow", "--failed")
    assert settled.out.splitlines()[-1] == f"to go on: pipeforge cancel {run} --leave"
    done = shell("cancel", run, "--leave")
    assert done.code in (0, 1), done.text
    assert all(row["ended_at"] for row in shell.runs())
    until(lambda: all(row["outcome"] in ("canceled", "failed") for row in shell.runs()))
