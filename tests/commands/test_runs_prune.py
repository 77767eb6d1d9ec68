"""Narrowing the list of runs, its schema, and dropping the events of old ones."""

import json
import sqlite3
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from vendor_project import number, pipeline, steps

ROOT = Path(__file__).parent.parent.parent
SCHEMA = Draft7Validator(json.loads((ROOT / "schemas/runs.schema.json").read_text(encoding="utf-8")))


def listed(shell, *arguments):
    return [row["run"] for row in shell.runs(*arguments)]


@pytest.fixture
def three(shell, quick):
    """Succeeded, failed, and not over: the newest first."""
    shell.write("good.yaml", pipeline({"a": steps(number())["td_workflow"]}, quick))
    assert shell("run", "good.yaml", "--context-time", "2026-01-01").code == 0
    bad = pipeline({"a": steps(number())["trocco_workflow"]}, quick)
    shell.write("bad.yaml", bad.replace('"all_vendors"', '"bad"'))
    quick.fault("trocco", route="POST *", do="forbidden")
    assert shell("run", "bad.yaml", "--context-time", "2026-01-01").code == 1
    quick.mend()
    shell.write("lost.yaml", pipeline({"a": steps(number())["trocco_job"]}, quick))
    quick.fault("trocco", route="GET *", do="server_error")
    lost = shell.begin("run", "lost.yaml", "--context-time", "2026-01-02", "--log-format", "json")
    lost.until('"step_warned"')
    lost.kill()
    quick.mend()
    return listed(shell)


def test_runs_are_found_by_how_they_stand(shell, three):
    assert listed(shell, "--status", "open") == three[:1]
    assert listed(shell, "--status", "failed", "--status", "succeeded") == three[1:]
    assert listed(shell, "--status", "failed", "--status", "succeeded", "--limit", "1") == three[1:2]
    assert shell("runs", "--status", "canceled").out == "no such runs\n"


def test_runs_are_found_by_when_they_started(shell, three):
    assert listed(shell, "--since", "1h") == three
    assert listed(shell, "--since", "2001-01-01", "--all") == three
    assert listed(shell, "--until", "1h") == []
    wrong = shell("runs", "--since", "yesterday")
    assert wrong.code == 2
    assert "'--since yesterday' is not a time" in wrong.err


def test_the_list_keeps_to_its_schema(shell, three):
    shell("runs", "prune", "--older-than", "0s", "--yes")
    value = json.loads(shell("runs", "--format", "json").out)
    SCHEMA.validate(value)
    assert [(row["status"], row["pruned"]) for row in value["runs"]] == [
        ("open", False),
        ("failed", True),
        ("succeeded", True),
    ]
    assert not SCHEMA.is_valid({**value, "version": 2})


def test_prune_drops_what_ended_and_nothing_is_run_again_for_it(shell, quick, three):
    told = shell("runs", "prune", "--older-than", "0s", "--dry-run")
    assert told.code == 0
    assert told.out.startswith("2 runs that ended before")
    assert "kept, because not over: 1 run\n" in told.out
    assert shell("show", three[2]).code == 0

    done = shell("runs", "prune", "--older-than", "0s", "--yes")
    assert done.code == 0
    assert "the events of 2 runs are dropped" in done.out
    gone = shell("show", three[2])
    assert gone.code == 2
    assert "were dropped by `pipeforge runs prune`" in gone.err
    again = shell("run", "good.yaml", "--context-time", "2026-01-01")
    assert again.code == 2
    assert "already" in again.err
    assert shell("resume", three[0]).code == 0
    assert "no run ended before" in shell("runs", "prune", "--older-than", "1h", "--yes").out


def test_prune_keeps_what_is_young_and_what_another_pipeline_ran(shell, three):
    assert "no run ended before" in shell("runs", "prune", "--older-than", "1d", "--yes").out
    shell("runs", "prune", "--older-than", "0s", "--pipeline", "bad", "--yes")
    assert [row["pruned"] for row in shell.runs()] == [False, True, False]


def test_prune_asks_and_where_nobody_answers_drops_nothing(shell, three):
    done = shell.process("runs", "prune", "--older-than", "0s")
    assert done.code == 2
    assert "add --yes" in done.err
    assert not any(row["pruned"] for row in shell.runs())


@pytest.mark.parametrize(
    "arguments",
    [
        ("prune",),
        ("prune", "--older-than", "90"),
        ("prune", "--older-than", "90d", "--status", "open"),
        ("--yes",),
        ("--dry-run",),
    ],
    ids=" ".join,
)
def test_what_does_not_go_together_is_told(shell, arguments):
    done = shell("runs", *arguments)
    assert done.code == 2
    assert "help:" in done.err


def test_trials_are_pruned_apart(shell, three):
    assert "no run ended" in shell("runs", "prune", "--older-than", "0s", "--yes", "--emulate").out
    assert not any(row["pruned"] for row in shell.runs())


def test_a_journal_of_a_newer_version_is_refused(shell, three):
    journal = sqlite3.connect(shell.folder / ".pipeforge/journal.db")
    journal.execute("PRAGMA user_version = 999")
    journal.close()
    for command in (
        ["runs"],
        ["show", three[0]],
        ["resume", three[0]],
        ["runs", "prune", "--older-than", "0s"],
    ):
        done = shell(*command)
        assert done.code == 3
        assert "newer pipeforge" in done.err
        assert "upgrade pipeforge" in done.err
