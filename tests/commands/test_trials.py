"""Runs with --emulate: they lead nowhere outside, and who goes on with one finds the world it began in."""

import json

import pytest
from vendor_project import pipeline, steps

WORLD = {
    "trocco": {"job_definitions": {"7": {"course": {"outcome": "error"}}}},
    "faults": [{"vendor": "trocco", "route": "POST /api/pipeline_jobs", "do": "lose_answer", "nth": 1}],
}


@pytest.fixture
def trial(shell, quick):
    """A trial in a world of its own: a job that failed and one of which it is not known; its id."""
    chosen = {name: steps(7)[name] for name in ("trocco_job", "trocco_workflow")}
    shell.write("p.yaml", pipeline(chosen, quick, timezone="Asia/Tokyo"))
    shell.write("worlds/lossy.yaml", json.dumps(WORLD))
    done = shell("run", "p.yaml", "--emulate", "--world", "worlds/lossy.yaml")
    assert done.code == 4, done.text
    return shell.runs("--emulate")[0]["run"]


def test_no_page_is_named_that_does_not_exist(shell, trial):
    told = shell("show", trial, "--emulate").out
    assert "the reason is in the log at the emulated trocco\n" in told
    assert "look at  " not in told
    assert "://" not in told
    assert {step["link"] for step in shell.shown(trial, "--emulate")["steps"].values()} == {None}


def test_the_world_of_a_trial_is_found_again(shell, trial):
    told = shell("show", trial, "--emulate").out
    assert f"then go on: pipeforge resume {trial} --emulate --world worlds/lossy.yaml\n" in told
    settled = shell("settle", trial, "trocco_workflow", "--not-started", "--resume", "--emulate")
    assert settled.code == 1, settled.text  # the other job failed
    again = shell("rerun", trial, "--failed", "--emulate")
    assert (again.code, "the emulated trocco" in again.out) == (1, True)


def test_another_world_may_be_named(shell, trial):
    shell.write("kind.yaml", "{}")
    shell("settle", trial, "trocco_workflow", "--not-started", "--resume", "--emulate")
    again = shell("rerun", trial, "--failed", "--emulate", "--world", "kind.yaml")
    assert again.code == 0, again.text


@pytest.mark.parametrize(
    "command", ["attach", "cancel", "resume", "show", "rerun --failed", "settle --not-started"]
)
def test_an_id_that_is_none_is_answered_by_the_nearest_and_by_how_to_list_them(shell, trial, command):
    verb, *flags = command.split()
    step = ["trocco_workflow"] if verb == "settle" else []
    wrong = f"x{trial[1:]}"
    told = shell(verb, wrong, *step, *flags, "--emulate")
    assert told.code == 2
    assert f"there is no run '{wrong}'" in told.err
    assert f"help: the nearest are: {trial}; `pipeforge runs --emulate` lists them\n" in told.err
