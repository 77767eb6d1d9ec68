"""`uses: pipeline` over the command line: a run of its own, found again, stopped, settled with its parent."""

import json
import signal
import sqlite3
from contextlib import closing

import pytest
from command_fixtures import LONG
from command_line import until
from vendor_project import number, pipeline, steps


def child(shell, emulators, *chosen, path="child.yaml", **more):
    """A pipeline file of these steps, one after the other."""
    every, needs, given = steps(number()), None, {}
    for name in chosen:
        given[name] = {**every[name], **({"needs": needs} if needs else {})}
        needs = name
    shell.write(path, {**json.loads(pipeline(given, emulators)), "name": path.partition(".")[0], **more})


def parent(shell, path="p.yaml", **given):
    shell.write(path, {"name": path.partition(".")[0], "steps": given})


def runs(path="child.yaml", **more):
    return {"uses": "pipeline", "with": {"path": path}, **more}


def root(shell):
    return next(row["run"] for row in shell.runs() if "." not in row["run"])


def events(shell, run, type_):
    lines = map(json.loads, shell("show", run, "--format", "jsonl").out.splitlines())
    return [event for event in lines if event["type"] == type_]


def as_it_was(shell, run, last):
    """The journal as a process left it that died after this event of the run; with none, before the run."""
    with closing(sqlite3.connect(shell.folder / ".pipeforge" / "journal.db")) as there, there:
        found = there.execute("SELECT seq FROM events WHERE run = ? AND type = ?", (run, last)).fetchone()
        there.execute("DELETE FROM events WHERE run = ? AND seq > ?", (run, found[0] if found else 0))
        there.execute("UPDATE runs SET ended_at = NULL, outcome = NULL WHERE run = ?", (run,))
        if not last:
            there.execute("DELETE FROM runs WHERE run = ?", (run,))


def left(shell, quick, cut):
    """A run whose step runs a pipeline, as far as its journal knew when it died; its id."""
    child(shell, quick, "trocco_job")
    parent(shell, inner=runs())
    assert shell("run", "p.yaml").code == 0
    run = root(shell)
    as_it_was(shell, run, cut)
    return run


def test_outputs_are_handed_up_and_variables_down(shell, quick):
    mine = number()
    inner = {**steps(mine)["trocco_job"]}
    inner["with"] = {**inner["with"], "custom_variables": {"$r$": "${{ custom_variables.region }}"}}
    shell.write(
        "child.yaml",
        {
            **json.loads(pipeline({"load": inner}, quick)),
            "name": "child",
            "custom_variables": {"region": {"type": "string"}},
            "outputs": {"job": "${{ steps.load.outputs.id }}", "region": "${{ custom_variables.region }}"},
        },
    )
    each = {"items": ["jp", "us"], "max_parallel": 1}
    with_ = {"path": "child.yaml", "custom_variables": {"region": "${{ item }}"}}
    after = {"if": '${{ steps.regions.outputs[1].region == "us" }}', "needs": "regions"}
    last = {**runs(), **after, "with": {"path": "child.yaml", "custom_variables": {"region": "eu"}}}
    parent(shell, regions={"uses": "pipeline", "foreach": each, "with": with_}, last=last)
    done = shell("run", "p.yaml", "--log-format", "plain")
    assert done.code == 0, done.text
    run = root(shell)
    shown = shell.shown(run)["steps"]
    first, second = (job["id"] for job in quick.jobs("trocco")[:2])
    assert shown["regions"]["outputs"] == [{"job": first, "region": "jp"}, {"job": second, "region": "us"}]
    assert shown["last"]["outputs"]["region"] == "eu"
    assert [row["run"] for row in shell.runs()] == [
        f"{run}.last",
        f"{run}.regions:1",
        f"{run}.regions:0",
        run,
    ]
    assert "regions[0] › load" in done.err
    listed = shell("runs").out.splitlines()
    assert [line.split()[0] for line in listed[1:]] == [
        run,
        *(f"{run}.{n}" for n in ("regions:0", "regions:1", "last")),
    ]
    assert listed[2].startswith("  ")
    assert "succeeded" in shell("show", run).out and f"run {run}.last" in shell("show", run).out


def test_a_kill_in_a_child_two_levels_down_loses_and_doubles_nothing(shell, emulators):
    child(shell, emulators, "trocco_job", "td_workflow", path="low.yaml")
    parent(shell, path="mid.yaml", low=runs("low.yaml"))
    parent(shell, mid=runs("mid.yaml"))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"job_id"')
    running.kill()
    run = root(shell)
    for inner in (f"{run}.mid", f"{run}.mid.low"):
        refused = shell("resume", inner)
        assert refused.code == 2
        assert f"pipeforge resume {run}\n" in refused.err
    again = shell.begin("resume", run, "--log-format", "json")
    until(lambda: shell.runs()[0]["held_by"], lambda: again.err)
    emulators.jump(LONG)
    until(lambda: len(emulators.jobs("treasure")) == 1, lambda: again.err)
    emulators.jump(LONG)
    done = again.end()
    assert done.code == 0, done.text
    assert (len(emulators.jobs("trocco")), len(emulators.jobs("treasure"))) == (1, 1)
    assert [row["outcome"] for row in shell.runs()] == ["succeeded"] * 3


@pytest.mark.parametrize("cut", ["step_intended", "step_triggered"])
def test_a_child_that_was_begun_is_found_whatever_its_parent_knew(shell, quick, cut):
    """The parent's journal as it was when it died: after its intent, with the child begun, or not."""
    run = left(shell, quick, cut)
    done = shell("resume", run)
    assert done.code == 0, done.text
    assert len(quick.jobs("trocco")) == 1
    found = events(shell, run, "step_triggered")
    assert [one["handle"] for one in found] == [{"run_id": f"{run}.inner"}]


def test_an_intent_without_a_child_begins_it(shell, quick):
    run = left(shell, quick, "step_intended")
    as_it_was(shell, f"{run}.inner", "")
    done = shell("resume", run)
    assert done.code == 0, done.text
    assert len(quick.jobs("trocco")) == 2  # the first one belonged to the run that we made forgotten
    assert events(shell, run, "step_deferred")


def test_a_failure_is_told_and_another_attempt_does_only_what_failed(shell, quick):
    child(shell, quick, "trocco_job", "td_workflow")
    parent(shell, inner=runs(retry={"max_attempts": 2}), after={**runs(), "needs": "inner"})
    quick.fault("treasure", route="PUT /api/attempts", do="forbidden", nth=1)
    done = shell("run", "p.yaml", "--log-format", "plain")
    assert done.code == 0, done.text
    run = root(shell)
    assert f"'td_workflow' in run {run}.inner failed" in done.err
    assert (len(quick.jobs("trocco")), len(quick.jobs("treasure"))) == (2, 2)  # inner's, and after's
    assert shell.shown(run)["steps"]["inner"]["handle"] == {"run_id": f"{run}.inner+2"}
    assert shell.shown(f"{run}.inner+2")["steps"]["trocco_job"]["origin"] == f"{run}.inner"


def test_rerun_failed_does_in_a_child_what_failed_there(shell, quick):
    child(shell, quick, "trocco_job", "td_workflow")
    parent(shell, inner=runs())
    quick.fault("treasure", route="PUT /api/attempts", do="forbidden", nth=1)
    done = shell("run", "p.yaml")
    assert (done.code, shell.outcomes(root(shell))) == (1, {"inner": "failed"}), done.text
    done = shell("rerun", root(shell), "--failed")
    assert done.code == 0, done.text
    assert (len(quick.jobs("trocco")), len(quick.jobs("treasure"))) == (1, 1)


def test_what_is_unknown_in_a_child_is_settled_there_and_the_parent_goes_on(shell, quick):
    child(shell, quick, "trocco_workflow", "td_workflow", path="low.yaml")
    parent(shell, path="mid.yaml", low=runs("low.yaml"))
    parent(shell, mid=runs("mid.yaml"), after={**steps(number())["trocco_job"], "needs": "mid"})
    given = json.loads(pipeline({"after": steps(number())["trocco_job"]}, quick))["connections"]
    shell.write("pipeforge.yaml", {"connections": given})
    quick.fault("trocco", route="POST /api/pipeline_jobs", do="lose_answer")
    done = shell("run", "p.yaml")
    run = root(shell)
    assert done.code == 4, done.text
    assert f"pipeforge settle {run}.mid.low trocco_workflow --not-started" in done.out
    assert f"then go on: pipeforge resume {run}\n" in done.out
    assert len(quick.jobs("treasure")) == 0
    still = shell("resume", run)
    assert still.code == 4, still.text
    refused = shell("settle", run, "mid", "--succeeded")
    assert refused.code == 2
    assert f"show {run}.mid" in refused.err
    (job,) = quick.jobs("trocco")
    done = shell("settle", f"{run}.mid.low", "trocco_workflow", "--handle", str(job["id"]), "--resume")
    assert done.code == 0, done.text
    assert set(shell.outcomes(run).values()) == {"succeeded"}
    assert [row["outcome"] for row in shell.runs()] == ["succeeded"] * 3
    assert (len(quick.jobs("trocco")), len(quick.jobs("treasure"))) == (2, 1)


def test_cancel_goes_down(shell, emulators):
    child(shell, emulators, "td_workflow", "trocco_job", path="low.yaml")
    parent(shell, path="mid.yaml", low=runs("low.yaml"))
    parent(shell, mid=runs("mid.yaml"))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"attempt_id"')
    run = root(shell)
    assert shell.process("cancel", run).code == 0
    assert running.end().code == 1
    assert [job["status"] for job in emulators.jobs("treasure")] == ["killed"]
    assert not emulators.jobs("trocco")
    assert [row["outcome"] for row in shell.runs()] == ["canceled"] * 3


@pytest.mark.parametrize("word", ["leave", "cancel"])
def test_an_interrupt_goes_down(shell, emulators, word):
    child(shell, emulators, "td_workflow")
    parent(shell, inner=runs(on_interrupt=word))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"attempt_id"')
    running.send(signal.SIGINT)
    assert running.end().code == 130
    (job,) = emulators.jobs("treasure")
    run = root(shell)
    if word == "cancel":
        assert job["status"] == "killed"
        assert shell.outcomes(run) == {"inner": "canceled"}
        return
    assert job["status"] != "killed"
    emulators.jump(LONG)
    done = shell("resume", run)
    assert (done.code, len(emulators.jobs("treasure"))) == (0, 1), done.text


def test_a_timeout_ends_the_child(shell, emulators):
    child(shell, emulators, "td_workflow")
    parent(shell, inner=runs(timeout="2s"))
    done = shell("run", "p.yaml")
    assert done.code == 1, done.text
    run = root(shell)
    assert shell.outcomes(run) == {"inner": "timed_out"}
    assert shell.shown(f"{run}.inner")["outcome"] == "canceled"
    assert [job["status"] for job in emulators.jobs("treasure")] == ["killed"]


def test_a_key_that_a_run_above_holds_is_refused_before_anything_starts(shell, quick):
    child(shell, quick, "trocco_job", concurrency={"key": "mart"})
    shell.write("p.yaml", {"name": "p", "concurrency": {"key": "mart"}, "steps": {"inner": runs()}})
    done = shell("run", "p.yaml")
    assert done.code == 2
    assert "'child' has the concurrency key 'mart' of 'p', which holds it until this step is over" in done.err
    assert not quick.jobs()


def test_a_change_in_a_child_is_a_change(shell, emulators):
    child(shell, emulators, "trocco_job")
    parent(shell, inner=runs())
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"job_id"')
    running.kill()
    child(shell, emulators, "trocco_job")  # another definition
    refused = shell("resume", root(shell))
    assert (refused.code, "has changed since" in refused.err) == (2, True)
    refused = shell("resume", root(shell), "--accept-changes")
    assert (refused.code, "'inner' runs a pipeline that is under way" in refused.err) == (2, True)
    assert len(emulators.jobs("trocco")) == 1


def test_a_pipeline_that_was_run_by_itself_is_told_of(shell, quick):
    child(shell, quick, "trocco_job")
    parent(shell, inner=runs())
    moment = ("--context-time", "2026-01-31")
    assert shell("run", "child.yaml", *moment).code == 0
    alone = shell.runs()[0]["run"]
    done = shell("run", "p.yaml", *moment)
    assert done.code == 0
    assert f"'child' was run for this context_time before: run {alone}" in done.out
    refused = shell("run", "child.yaml", *moment)
    assert (refused.code, "--again" in refused.err) == (2, True)


def test_what_is_wrong_in_a_child_is_told_at_the_child_once(shell, quick):
    child(shell, quick, "trocco_job")
    broken = {"steps": {"a": {"uses": "trocco.run_jbo"}}, "name": "child"}
    shell.write("child.yaml", broken)
    parent(shell, a=runs(), b=runs())
    done = shell("run", "p.yaml")
    assert done.code == 1
    assert done.err.count("unknown kind 'trocco.run_jbo'") == 1
    assert "child.yaml:" in done.err


def test_plan_and_graph_show_what_is_inside(shell, quick):
    child(shell, quick, "trocco_job")
    parent(shell, inner=runs())
    plan = shell("plan", "p.yaml").out
    assert "    runs child:\n      wave 1\n        trocco_job  trocco.run_job on trocco\n" in plan
    (step,) = json.loads(shell("plan", "p.yaml", "--format", "json").out)["steps"]
    assert [one["id"] for one in step["runs"]["steps"]] == ["trocco_job"]
    assert (
        'subgraph s0["inner: child"]\n    s0_0["trocco_job<br/>trocco.run_job"]'
        in shell("graph", "p.yaml").out
    )
