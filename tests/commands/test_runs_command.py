"""runs and show: what is kept of a run, as text, JSON and JSON lines."""

import json

import pytest
from vendor_project import number, pipeline, steps

from pipeforge.engine.events import EVENT
from pipeforge.engine.state import replay


@pytest.fixture
def two(shell, quick):
    """A run that succeeded and one that failed, the newest first."""
    every = steps(number())
    chosen = {"load": every["trocco_job"], "each": {**every["reckoner_workflow"], "needs": "load"}}
    chosen["each"] |= {"foreach": {"items": ["a", "b"], "max_parallel": 1}}
    shell.write("p.yaml", pipeline(chosen, quick))
    assert shell("run", "p.yaml", "--context-time", "2026-01-31").code == 0
    failing = {"refused": steps(number())["trocco_workflow"]}
    shell.write("q.yaml", pipeline(failing, quick).replace('"all_vendors"', '"other"'))
    quick.fault("trocco", route="POST *", do="forbidden")
    assert shell("run", "q.yaml", "--context-time", "2026-02-01").code == 1
    return [row["run"] for row in shell.runs()]


def test_before_any_run_there_is_nothing_and_nothing_is_made(shell):
    none = shell("runs")
    assert none.out == "no runs yet\n"
    looked = shell.folder / ".pipeforge/journal.db"
    assert none.err == f"looked for runs in '{looked}' (real runs; --emulate lists trials)\n"
    assert shell.runs() == []
    assert list(shell.folder.iterdir()) == []


def test_a_time_that_is_none_is_refused_before_any_run_too(shell):
    told = shell("runs", "--since", "yestrday")
    assert told.code == 2
    assert "'--since yestrday' is not a time" in told.err


def test_runs_lists_the_newest_first(shell, two):
    head, *rows = [line.split() for line in shell("runs").out.splitlines()]
    assert head[:2] == ["RUN", "PIPELINE"]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        (two[0], "other", "failed"),
        (two[1], "all_vendors", "succeeded"),
    ]


def test_runs_can_be_narrowed(shell, two):
    assert [row["run"] for row in shell.runs("--pipeline", "other")] == two[:1]
    assert [row["run"] for row in shell.runs("--limit", "1")] == two[:1]
    assert shell.runs("--pipeline", "none") == []


def test_runs_as_json(shell, two):
    value = json.loads(shell("runs", "--format", "json").out)
    assert value["version"] == 1
    row = value["runs"][1]
    assert (row["context_time"], row["again"], row["held_by"]) == ("2026-01-31T00:00:00+00:00", 0, None)
    assert row["started_at"] <= row["ended_at"]


def test_show_tells_each_step_and_item(shell, two):
    text = shell("show", two[1]).out
    assert text.startswith(f"run {two[1]} of all_vendors for 2026-01-31T00:00:00+00:00\n")
    assert "outcome succeeded" in text
    for step in ("load", "each", "each[0]", "each[1]"):
        assert any(line.split()[:2] == [step, "succeeded"] for line in text.splitlines()), step


def test_show_tells_what_went_wrong_and_the_mend(shell, two):
    text = shell("show", two[0]).out
    assert "refused failed:" in text
    assert "answered 403" in text
    assert "help: the credential may not do this" in text


def test_show_as_json(shell, two):
    value = shell.shown(two[1])
    assert (value["version"], value["run"], value["outcome"]) == (1, two[1], "succeeded")
    assert value["steps"]["load"]["handle"] == {"job_id": value["steps"]["load"]["outputs"]["id"]}
    assert [step["workflow_id"] for step in value["steps"]["each"]["outputs"]]


def test_show_as_json_lines_is_the_whole_run(shell, two):
    lines = shell("show", two[1], "--format", "jsonl").out.splitlines()
    events = [EVENT.validate_json(line) for line in lines]
    assert (events[0].type, events[-1].type) == ("run_started", "run_finished")
    state = replay(events)
    assert (state.run, str(state.outcome)) == (two[1], "succeeded")


def test_a_run_is_found_by_the_beginning_of_its_id(shell, two):
    assert shell("show", two[0][:-1]).out == shell("show", two[0]).out
    several = shell("show", two[0][:4])
    assert several.code == 2
    assert all(run in several.err for run in two)


def test_a_run_that_goes_on_tells_who_holds_it(shell, emulators):
    shell.write("p.yaml", pipeline({"wf": steps(number())["td_workflow"]}, emulators))
    running = shell.begin("run", "p.yaml")
    running.until("triggered: ")
    (row,) = shell.runs()
    assert row["outcome"] is None
    assert f"process {running.pid} on" in row["held_by"]
    assert f"running, held by process {running.pid}" in shell("runs").out
    assert "triggered" in shell("show", row["run"]).out
    running.kill()
    assert shell.runs()[0]["held_by"] is None
    assert "not over: resume it" in shell("runs").out


@pytest.mark.parametrize("given", ["-1", "0", "many"])
def test_a_limit_that_is_none_is_refused(shell, two, given):
    refused = shell("runs", f"--limit={given}")
    assert refused.code == 2
    assert "help: " in refused.err
