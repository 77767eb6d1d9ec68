"""rerun, resume --accept-changes, show --why: what is kept, what is triggered once more, how it is told."""

import json

import pytest
from command_fixtures import LONG
from command_line import until
from vendor_project import number, pipeline, steps


def job(mine, *needs, **more):
    return {"uses": "trocco.run_job", "with": {"job_definition_id": mine}, "needs": list(needs), **more}


@pytest.fixture
def chain(shell, quick):
    """Steps a, b (needs a), c (needs b), z (alone); b may be refused. Gives the run and the steps."""

    def begin(*, refused=True, **more):
        ids = {name: number() for name in "abcz"}
        made = {"a": job(ids["a"]), "b": job(ids["b"], "a"), "c": job(ids["c"], "b"), "z": job(ids["z"])}
        made |= more
        shell.write("p.yaml", pipeline(made, quick))
        if refused:
            quick.fault("trocco", route="POST *", do="forbidden", nth=3)  # a and z begin before b
        done = shell("run", "p.yaml", "--context-time", "2026-01-31")
        assert done.code == (1 if refused else 0), done.text
        quick.mend()
        return shell.runs()[0]["run"], made

    return begin


def of(quick):
    """How many jobs of each definition were started."""
    counts = {}
    for row in quick.jobs():
        counts[row["of"]] = counts.get(row["of"], 0) + 1
    return sorted(counts.values())


def test_failed_does_again_what_did_not_succeed_and_what_needs_it(shell, quick, chain):
    run, _ = chain()
    assert shell.outcomes(run) == {"a": "succeeded", "b": "failed", "c": "blocked", "z": "succeeded"}
    dry = shell("rerun", run, "--failed", "--dry-run")
    assert dry.code == 0
    assert "a  kept (succeeded)" in dry.out
    assert "b  RUNS ANEW (it did not succeed; failed)" in dry.out
    assert "c  runs (it did not succeed; blocked)" in dry.out
    assert len(shell.runs()) == 1
    assert len(quick.jobs()) == 2
    done = shell("rerun", run, "--failed")
    assert done.code == 0, done.text
    new = shell.runs()[0]
    assert (new["again"], new["context_time"]) == (1, "2026-01-31T00:00:00+00:00")
    assert set(shell.outcomes(new["run"]).values()) == {"succeeded"}
    assert of(quick) == [1, 1, 1, 1]
    told = shell.shown(new["run"])
    assert told["parent"]["run"] == run
    assert told["steps"]["a"]["origin"] == run
    assert told["steps"]["a"]["outputs"] == shell.shown(run)["steps"]["a"]["outputs"]
    assert f"rerun of run {run}" in shell("show", new["run"]).out


def test_outputs_taken_over_reach_the_steps_that_run(shell, quick):
    reader = job("${{ steps.a.outputs.id }}", "a")
    shell.write("p.yaml", pipeline({"a": job(number()), "b": reader}, quick))
    quick.fault("trocco", route="POST *", do="forbidden", nth=2)
    assert shell("run", "p.yaml", "--context-time", "2026-01-31").code == 1
    quick.mend()
    run = shell.runs()[0]["run"]
    assert shell("rerun", run, "--failed").code == 0
    again = shell.runs()[0]["run"]
    mine = shell.shown(again)["steps"]
    assert mine["b"]["outputs"]["job_definition_id"] == mine["a"]["outputs"]["id"]


def test_from_and_only(shell, quick, chain):
    run, _ = chain(refused=False)
    assert shell("rerun", run, "--from", "b").code == 0
    assert of(quick) == [1, 1, 2, 2]
    assert shell("rerun", run, "--only", "b").code == 0
    assert of(quick) == [1, 1, 2, 3]
    assert [row["again"] for row in shell.runs()] == [2, 1, 0]
    # of a rerun too, and the origin stays the run in which it happened
    assert shell("rerun", shell.runs()[0]["run"], "--only", "z").code == 0
    assert shell.shown(shell.runs()[0]["run"])["steps"]["a"]["origin"] == run


def test_items_that_succeeded_are_kept(shell, quick):
    mine = [number() for _ in range(3)]
    each = job("${{ item }}", foreach={"items": mine, "max_parallel": 1})
    shell.write("p.yaml", pipeline({"each": each, "then": job(number(), "each")}, quick))
    quick.fault("trocco", route="POST *", do="forbidden", nth=2)
    assert shell("run", "p.yaml").code == 1
    quick.mend()
    run = shell.runs()[0]["run"]
    assert "2 of its items kept" in shell("rerun", run, "--failed", "--dry-run").out
    assert shell("rerun", run, "--failed").code == 0
    assert of(quick) == [1, 1, 1, 1]
    each = shell.shown(shell.runs()[0]["run"])["steps"]["each"]
    assert [one["job_definition_id"] for one in each["outputs"]] == mine


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([], "what to do again is missing"),
        (["--failed", "--only", "a"], "exclude each other"),
        (["--from", "aa"], "did you mean 'a'?"),
        (["--only", "c"], "'c' needs 'b', which ended failed"),
    ],
)
def test_what_makes_no_sense_is_refused(shell, chain, flags, said):
    run, _ = chain()
    done = shell("rerun", run, *flags)
    assert (done.code, said in done.err) == (2, True), done.err
    assert len(shell.runs()) == 1


def test_nothing_failed(shell, chain):
    run, _ = chain(refused=False)
    done = shell("rerun", run, "--failed")
    assert (done.code, f"nothing in run {run} failed" in done.err) == (2, True)


def test_a_changed_pipeline_is_refused_unless_accepted(shell, quick, chain):
    run, made = chain()
    made["a"]["with"]["job_definition_id"] = number()
    shell.write("p.yaml", pipeline(made, quick))
    refused = shell("rerun", run, "--failed")
    assert (refused.code, "--accept-changes" in refused.err) == (2, True)
    only = shell("rerun", run, "--only", "b", "--accept-changes")
    assert (only.code, "'b' needs 'a', which has changed" in only.err) == (2, True)
    done = shell("rerun", run, "--failed", "--accept-changes")
    assert done.code == 0, done.text
    assert "a  RUNS ANEW (it changed; succeeded)" in done.err
    assert "z  kept (succeeded)" in done.err
    assert of(quick) == [1, 1, 1, 1, 1]


def test_a_run_that_is_not_over_is_resumed_settled_or_left_alone(shell, emulators):
    lost = number()
    made = {"a": steps(lost)["trocco_workflow"]}
    shell.write("p.yaml", pipeline(made, emulators))
    emulators.fault("trocco", route="POST *", do="lose_answer")
    assert shell("run", "p.yaml").code == 4
    emulators.mend()
    unknown = shell("rerun", shell.runs()[0]["run"], "--failed")
    assert (unknown.code, "needs a decision" in unknown.err) == (2, True)
    shell.write("q.yaml", pipeline({"a": job(number())}, emulators).replace('"all_vendors"', '"other"'))
    running = shell.begin("run", "q.yaml")
    running.until("triggered: ")
    run = shell.runs()[0]["run"]
    assert shell("rerun", run, "--failed").code == 5
    running.kill()
    is_open = shell("rerun", run, "--failed")
    assert (is_open.code, f"pipeforge resume {run}" in is_open.err) == (2, True)


@pytest.fixture
def left(shell, emulators):
    """A run left with a over, b going on and c not begun: (run, its steps, their definitions)."""
    ids = {name: number() for name in "abcz"}
    made = {"a": job(ids["a"]), "b": job(ids["b"], "a"), "c": job(ids["c"], "b"), "z": job(ids["z"])}
    shell.write("p.yaml", pipeline(made, emulators))
    running = shell.begin("run", "p.yaml")
    running.until("triggered: ", times=2)
    emulators.jump(60)
    running.until("triggered: ", times=3)
    running.kill()
    return shell.runs()[0]["run"], made


def go_on(shell, emulators, run, *flags):
    """Resumes, and lets every job be over as soon as it began."""
    running = shell.begin("resume", run, *flags)

    def over():
        emulators.jump(60)
        return running.ended()

    until(over)
    return running.end()


def test_a_change_keeps_what_it_does_not_touch(shell, emulators, left):
    run, made = left
    made["c"]["with"]["job_definition_id"] = number()
    made["d"] = job(number(), "z")
    del made["z"]["needs"]
    shell.write("p.yaml", pipeline(made, emulators))
    refused = shell("resume", run)
    assert (refused.code, "--accept-changes" in refused.err) == (2, True)
    done = go_on(shell, emulators, run, "--accept-changes")
    assert done.code == 0, done.text
    assert "a  kept (succeeded)" in done.err
    assert "b  goes on" in done.err
    assert "c  runs (it changed)" in done.err
    assert "d  runs (new)" in done.err
    assert of(emulators) == [1, 1, 1, 1, 1]


def test_a_job_from_before_the_change_is_awaited_before_the_next(shell, emulators, left):
    run, made = left
    made["b"]["with"]["job_definition_id"] = number()
    shell.write("p.yaml", pipeline(made, emulators))
    done = go_on(shell, emulators, run, "--accept-changes")
    assert done.code == 0, done.text
    assert "b  its job is awaited, then it RUNS ANEW (it changed)" in done.err
    assert "triggered before, and now once more: b" in done.err
    events = [json.loads(line) for line in shell("show", run, "--format", "jsonl").out.splitlines()]
    types = [event["type"] for event in events]
    assert types.index("step_reopened") < types.index("run_resumed")  # whatever dies between the two
    of_b = [event for event in events if event.get("step") == "b"]
    keys = [event["key"] for event in of_b if event["type"] == "step_intended"]
    assert [key[-1] for key in keys] == ["1", "2"]
    types = [event["type"] for event in of_b]
    assert types.index("step_reopened") < types.index("step_intended", types.index("step_reopened"))
    assert "the job from before the change ended succeeded" in shell("show", run, "--why", "b").out


def test_what_is_over_and_changed_runs_anew_with_all_behind_it(shell, emulators, left):
    run, made = left
    made["a"]["with"]["job_definition_id"] = number()
    shell.write("p.yaml", pipeline(made, emulators))
    done = go_on(shell, emulators, run, "--accept-changes")
    assert done.code == 0, done.text
    assert "triggered before, and now once more: a, b" in done.err
    assert of(emulators) == [1, 1, 1, 1, 2]


def test_a_job_that_goes_on_elsewhere_must_end_first(shell, emulators, left):
    run, made = left
    made["b"] = {**steps(number())["reckoner_workflow"], "needs": ["a"]}
    shell.write("p.yaml", pipeline(made, emulators))
    done = shell("resume", run, "--accept-changes")
    assert (done.code, "a job of 'b' is going on elsewhere" in done.err) == (2, True)
    assert of(emulators) == [1, 1, 1]


def test_why_tells_the_story_in_order(shell, quick, chain):
    run, _ = chain()
    blocked = shell("show", run, "--why", "c").out
    assert "the step needs 'b'" in blocked
    assert "blocked: needs 'b' (failed); the cause is 'b', which ended failed" in blocked
    assert shell("rerun", run, "--failed").code == 0
    again = shell.runs()[0]["run"]
    taken = json.loads(shell("show", again, "--why", "a", "--format", "json").out)
    assert (taken["step"], taken["outcome"], taken["version"]) == ("a", "succeeded", 1)
    assert f"taken over from run {run}" in taken["why"][1]["text"]
    assert [each["at"] for each in taken["why"]] == sorted(each["at"] for each in taken["why"])
    nobody = shell("show", run, "--why", "cc")
    assert (nobody.code, "did you mean 'c'?" in nobody.err) == (2, True)


def test_a_job_that_may_be_going_on_is_told_of_before_its_step_is_done_again(shell, emulators):
    shell.write("p.yaml", pipeline({"a": steps(number())["krewdata_unit"]}, emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_triggered"')
    run = shell.runs()[0]["run"]
    assert shell.process("cancel", run).code == 1
    running.end()
    told = shell("rerun", run, "--failed", "--dry-run").out
    assert "warning: a job may be going on at the vendor of: a\n" in told
    assert "look there first" in told


def test_items_that_a_changed_list_lost_are_awaited_and_not_done_again(shell, emulators):
    each = {**steps(number())["td_workflow"], "foreach": {"items": ["jp", "us"]}}
    each["with"] = {**each["with"], "params": {"region": "${{ item }}"}}
    shell.write("p.yaml", pipeline({"each": each}, emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_triggered"', times=2)
    running.kill()
    run = shell.runs()[0]["run"]
    each["foreach"] = {"items": []}
    shell.write("p.yaml", pipeline({"each": each}, emulators))
    resumed = shell.begin("resume", run, "--accept-changes", "--log-format", "json")
    resumed.until('"run_resumed"')
    emulators.jump(LONG)
    done = resumed.end()
    assert done.code == 0, done.text
    assert shell.outcomes(run) == dict.fromkeys(["each[0]", "each[1]", "each"], "succeeded")
    assert len(emulators.jobs()) == 2
