"""backfill: a run for each instant, each once, whatever stops it; the plan is what is done."""

import json
import signal
from collections import Counter

import pytest
from command_fixtures import LONG
from command_line import until
from vendor_project import number, pipeline, steps

DAYS = ("--from", "2026-01-01T02:00", "--to", "2026-01-03", "--every", "1d")
TOKYO = {"timezone": "Asia/Tokyo"}


def job(mine, *needs):
    return {"uses": "trocco.run_job", "with": {"job_definition_id": mine}, "needs": list(needs)}


def workflow(*needs):
    step = steps(number())["td_workflow"]
    return {**step, "needs": list(needs)}


@pytest.fixture
def project(shell):
    """Writes p.yaml for some emulators; two steps unless told otherwise."""

    def write(emulators, chosen=None, **more):
        chosen = chosen or {"a": workflow(), "b": workflow("a")}
        shell.write("p.yaml", pipeline(chosen, emulators, **TOKYO, **more))

    return write


def children(shell):
    """The runs for instants, in the order they were started: context time in Tokyo's words, outcome."""
    return [row for row in reversed(shell.runs("--limit", "500")) if row["pipeline"] == "all_vendors"]


def backfills(shell):
    """The backfills, in the order they were started."""
    return [row for row in reversed(shell.runs("--limit", "500")) if row["pipeline"].startswith("backfill")]


def instants(shell, backfill):
    """What `show` tells of each instant."""
    return [(one["context_time"], one["state"]) for one in shell.shown(backfill)["instants"]]


def planned(done):
    """The lines of a plan about instants."""
    return [line.split()[:2] for line in done.text.splitlines() if line.startswith("  2026-")]


def test_a_dry_run_shows_what_is_then_done(shell, quick, project):
    project(quick)
    dry = shell("backfill", "p.yaml", *DAYS, "--dry-run")
    assert dry.code == 0, dry.text
    assert (
        "3 instants from 2026-01-01T02:00:00+09:00 to 2026-01-03T23:59:59+09:00 (both inclusive)" in dry.out
    )
    assert "every 1d in Asia/Tokyo" in dry.out
    assert planned(dry) == [[f"2026-01-0{day}T02:00:00+09:00", "run"] for day in (1, 2, 3)]
    assert shell.runs() == []
    done = shell("backfill", "p.yaml", *DAYS)
    assert done.code == 0, done.text
    assert planned(done) == planned(dry)
    (backfill,) = backfills(shell)
    assert backfill["outcome"] == "succeeded"
    assert [row["context_time"] for row in children(shell)] == [
        f"{day}T17:00:00+00:00" for day in ("2025-12-31", "2026-01-01", "2026-01-02")
    ]
    assert [row["run"] for row in children(shell)] == [f"{backfill['run']}.000{n}" for n in (1, 2, 3)]
    assert {row["parent"] for row in children(shell)} == {backfill["run"]}
    assert shell.shown(children(shell)[0]["run"])["parent"] == {"backfill": backfill["run"]}
    assert len(quick.jobs()) == 6
    assert [state for _, state in instants(shell, backfill["run"])] == ["succeeded"] * 3
    assert "3 succeeded" in shell("show", backfill["run"]).out


def test_what_was_run_is_skipped_and_told(shell, quick, project):
    project(quick)
    assert shell("run", "p.yaml", "--context-time", "2026-01-02T02:00").code == 0
    single = shell.runs()[0]["run"]
    done = shell("backfill", "p.yaml", *DAYS, "--reverse")
    assert done.code == 0, done.text
    assert f"2026-01-02T02:00:00+09:00  skip  succeeded: run {single}" in done.err
    assert "2 runs to start, 1 at once; 1 skipped" in done.err
    assert [row["context_time"][:10] for row in children(shell)] == ["2026-01-01", "2026-01-02", "2025-12-31"]
    assert len(quick.jobs()) == 6
    again = shell("backfill", "p.yaml", *DAYS)
    assert (again.code, again.out) == (0, "nothing to do: every instant is skipped\n")
    anew = shell("backfill", "p.yaml", *DAYS, "--again")
    assert anew.code == 0, anew.text
    assert planned(anew)[1] == ["2026-01-02T02:00:00+09:00", "run"]
    assert Counter(row["again"] for row in children(shell)) == {0: 3, 1: 3}
    assert len(quick.jobs()) == 12


def test_a_failure_stops_nothing_else_and_failed_does_only_its_rest_again(shell, quick, project):
    project(quick, {"a": job(number()), "b": job(number(), "a")})
    quick.fault("trocco", route="POST *", do="forbidden", nth=4)  # b of the second day
    done = shell("backfill", "p.yaml", *DAYS)
    quick.mend()
    assert done.code == 1
    assert "2 succeeded, 1 failed" in done.out
    assert [row["outcome"] for row in children(shell)] == ["succeeded", "failed", "succeeded"]
    failed = children(shell)[1]["run"]
    assert f"2026-01-02T02:00:00+09:00 failed: run {failed}" in done.out
    left = shell("backfill", "p.yaml", *DAYS, "--dry-run")
    assert f"failed: run {failed}; --failed does it again" in left.out
    command = done.out.rpartition("to do again what failed: pipeforge ")[2].split()
    assert command[:2] == ["backfill", "p.yaml"]
    redone = shell(*command)
    assert redone.code == 0, redone.text
    assert f"run what failed  failed: run {failed}; 1 of its 2 steps run" in redone.err
    new = shell.shown(children(shell)[-1]["run"])
    assert new["steps"]["a"]["origin"] == failed
    assert new["parent"]["run"] == failed
    assert len(quick.jobs()) == 6


def test_fail_fast_begins_no_more(shell, quick, project):
    project(quick)
    quick.fault("treasure", route="PUT *", do="forbidden", nth=1)
    done = shell("backfill", "p.yaml", *DAYS, "--fail-fast")
    quick.mend()
    assert done.code == 1
    assert "1 failed, 2 not begun" in done.out
    rest = shell("backfill", "p.yaml", *DAYS, "--failed", "--fail-fast")
    assert rest.code == 0, rest.text
    assert len(quick.jobs()) == 6


def test_several_at_once_keep_the_limits_of_their_connection(shell, emulators):
    chosen = {"a": job(number()), "b": job(number())}
    text = json.loads(pipeline(chosen, emulators, **TOKYO))
    text["connections"]["trocco"]["limits"] = {"running": 3}
    shell.write("p.yaml", text)
    running = shell.begin("backfill", "p.yaml", *DAYS, "--parallel", "3", "--log-format", "json")
    running.until('"step_triggered"', times=3)
    running.until('"step_waiting"')
    assert len(emulators.jobs()) == 3
    assert len(children(shell)) == 3
    until(lambda: running.ended() or emulators.jump(LONG))
    assert running.end().code == 0
    assert len(emulators.jobs()) == 6


@pytest.mark.parametrize("on_conflict", ["queue", "skip", "fail"])
def test_runs_that_share_a_key_go_one_after_the_other(shell, quick, project, on_conflict):
    project(quick, concurrency={"key": "mart", "limit": 1, "on_conflict": on_conflict})
    done = shell("backfill", "p.yaml", *DAYS, "--parallel", "3")
    assert done.code == 0, done.text
    assert [row["outcome"] for row in children(shell)] == ["succeeded"] * 3
    assert "waits:" not in done.err


def test_an_unknown_stops_no_other_and_is_settled_in_its_run(shell, quick, project):
    project(quick, {"wf": steps(number())["trocco_workflow"]})
    quick.fault("trocco", route="POST *", do="lose_answer", nth=2)
    done = shell("backfill", "p.yaml", *DAYS)
    quick.mend()
    assert done.code == 4
    assert "2 succeeded, 1 unknown" in done.out
    (backfill,) = backfills(shell)
    run = f"{backfill['run']}.0002"
    assert f"it did not    pipeforge settle {run} wf --not-started" in done.out
    assert shell("resume", backfill["run"]).code == 4
    assert shell("settle", run, "wf", "--succeeded").code == 0
    ended = shell("resume", backfill["run"])
    assert ended.code == 0, ended.text
    assert backfills(shell)[0]["outcome"] == "succeeded"
    assert len(quick.jobs()) == 3


@pytest.mark.parametrize("parallel", ["1", "2"])
def test_killed_again_and_again_each_instant_is_run_once(shell, quick, project, parallel):
    project(quick, {"a": workflow(), "b": job(number(), "a")})
    begin = ("backfill", "p.yaml", *DAYS, "--parallel", parallel, "--log-format", "json")
    code, kills = None, 0
    while code is None:
        assert kills < 40
        running = shell.begin(*begin)
        events = ('"step_intended"', '"step_triggered"', '"run_finished"', '"run_started"')
        before = [row["run"] for row in children(shell)]
        if running.ended_or(events[kills % len(events)]):
            code = running.end().code
        else:
            running.kill()
            kills += 1
        assert len(children(shell)) >= len(before)
        if code == 4:
            decided(shell, quick)
            code = None
    assert code == 0, running.err
    assert kills >= 3
    assert len(backfills(shell)) == 1
    assert [row["outcome"] for row in children(shell)] == ["succeeded"] * 3
    assert Counter(row["vendor"] for row in quick.jobs()) == {"treasure": 3, "trocco": 3}


def decided(shell, quick):
    """Says of each unknown start that it did not happen, as a person who looks at trocco would.

    Killed between an intent and its request: trocco has no job, and no way to say that none can come.
    """
    lost = [row["run"] for row in children(shell) if row["outcome"] == "unknown"]
    begun = [row["run"] for row in children(shell) if shell.shown(row["run"])["steps"]["b"]["attempt"]]
    assert lost
    assert len(quick.jobs("trocco")) == len(begun) - len(lost)
    for run in lost:
        assert shell("settle", run, "b", "--not-started").code == 0


@pytest.mark.parametrize("how", ["same", "resume"])
def test_interrupted_it_leaves_in_order_and_goes_on(shell, emulators, project, how):
    project(emulators)
    running = shell.begin("backfill", "p.yaml", *DAYS, "--parallel", "2", "--log-format", "json")
    running.until('"step_triggered"', times=2)
    running.send(signal.SIGINT)
    stopped = running.end()
    assert stopped.code == 130
    (backfill,) = backfills(shell)
    assert f"to go on: pipeforge resume {backfill['run']}" in stopped.out
    assert [state for _, state in instants(shell, backfill["run"])] == ["not over", "not over", "waiting"]
    dry = shell("backfill", "p.yaml", *DAYS, "--dry-run")
    assert f"began backfill {backfill['run']}" in dry.err
    assert "2 not over, 1 not begun" in dry.out
    command = ("backfill", "p.yaml", *DAYS) if how == "same" else ("resume", backfill["run"])
    running = shell.begin(*command)
    until(lambda: running.ended() or emulators.jump(LONG))
    ended = running.end()
    assert ended.code == 0, ended.text
    assert len(backfills(shell)) == 1
    assert len(emulators.jobs()) == 6


def test_a_time_budget_ends_it_in_order(shell, emulators, project):
    project(emulators)
    done = shell.process("backfill", "p.yaml", *DAYS, "--max-time", "1s")
    assert done.code == 6
    assert "1 not over, 2 not begun" in done.out


def test_one_that_goes_on_is_not_begun_beside(shell, emulators, project):
    project(emulators)
    running = shell.begin("backfill", "p.yaml", *DAYS, "--log-format", "json")
    running.until('"step_triggered"')
    busy = shell("backfill", "p.yaml", *DAYS)
    assert busy.code == 5
    assert f"backfill {backfills(shell)[0]['run']} does just this, held by" in busy.err
    other = shell(
        "backfill", "p.yaml", "--from", "2026-01-01", "--to", "2026-01-01T02:00", "--every", "2h", "--dry-run"
    )
    assert "2026-01-01T02:00:00+09:00  skip  going on, held by" in other.out
    assert len(emulators.jobs()) == 1


def test_canceled_from_elsewhere_it_ends_for_good(shell, emulators, project):
    project(emulators)
    running = shell.begin("backfill", "p.yaml", *DAYS, "--parallel", "2", "--log-format", "json")
    running.until('"step_triggered"', times=2)
    backfill = backfills(shell)[0]["run"]
    assert shell("cancel", backfill).code == 0
    assert running.end().code == 1
    assert backfills(shell)[0]["outcome"] == "canceled"
    assert [state for _, state in instants(shell, backfill)] == ["canceled", "canceled", "waiting"]
    assert shell("resume", backfill).code == 2


def test_json_lines_name_their_run(shell, quick, project):
    project(quick)
    done = shell("backfill", "p.yaml", *DAYS, "--log-format", "json")
    lines = [json.loads(line) for line in done.err.splitlines()]
    assert lines[0]["backfill"]["every"] == "1d"
    assert Counter(line["run"][-5:] for line in lines[1:] if line["type"] == "step_finished") == {
        f".000{n}": 2 for n in (1, 2, 3)
    }
    assert (lines[-1]["type"], lines[-1]["outcome"]) == ("run_finished", "succeeded")
    plan = json.loads(shell("backfill", "p.yaml", *DAYS, "--again", "--dry-run", "--format", "json").out)
    assert [one["again"] for one in plan["backfill"]["instants"]] == [1, 1, 1]


def test_values_environment_and_journal_are_kept(shell, quick, project):
    given = {"region": {"type": "string", "default": "jp"}}
    project(quick, {"a": workflow()}, custom_variables=given)
    made = shell("backfill", "p.yaml", *DAYS, "--set", "region=us", "--journal", "other.db")
    assert made.code == 0, made.text
    rows = shell.runs("--journal", "other.db")
    events = shell("show", rows[0]["run"], "--journal", "other.db", "--format", "jsonl").out
    assert '"custom_variables":{"region":"us"}' in events
    assert shell.runs() == []


def test_a_file_that_changed_is_not_gone_on_with(shell, emulators, project):
    project(emulators)
    assert shell.process("backfill", "p.yaml", *DAYS, "--max-time", "1s").code == 6
    project(emulators, {"a": workflow()})
    backfill = backfills(shell)[0]["run"]
    refused = shell("resume", backfill)
    assert refused.code == 2
    assert "has changed since run" in refused.err
    assert "begin a new backfill" in refused.err
    assert shell("resume", backfill, "--accept-changes").code == 2


def test_a_backfill_has_no_steps_of_its_own(shell, quick, project):
    project(quick)
    shell("backfill", "p.yaml", *DAYS)
    backfill = backfills(shell)[0]["run"]
    for command in (("rerun", backfill, "--failed"), ("show", backfill, "--why", "a")):
        refused = shell(*command)
        assert refused.code == 2
        assert f"run {backfill} is a backfill" in refused.err
    ended = shell("resume", backfill)
    assert ended.code == 2
    assert f"backfill {backfill} has ended: succeeded" in ended.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--from", "2026-02-30"], "--from '2026-02-30' is not a time"),
        (["--to", "2025-12-31"], "is after --to '2025-12-31'"),
        (["--every", "0d"], "never comes to an end"),
        (["--every", "0 25 * * *"], "'25' is no hour"),
        (["--every", "0 0 29 2 *"], "never comes from 2026-01-01T02:00:00+09:00"),
        (["--every", "1s"], "more than 100,000 instants"),
        (["--every", "1m"], "add --yes when that is meant"),
        (["--to", "2026-01-03T00:00Z"], "--to has an offset and --from has none"),
        (["--parallel", "0"], "--parallel 0 is out of range"),
        (["--failed", "--again"], "not allowed with argument"),
        (["--format", "json"], "--format json goes with --dry-run"),
        (["--world", "w.yaml"], "--world goes with --emulate"),
        (["--max-time", "5"], "--max-time: '5' has no unit"),
    ],
)
def test_what_cannot_be_is_told_before_anything_starts(shell, quick, project, more, said):
    project(quick)
    done = shell("backfill", "p.yaml", *DAYS, *more)
    assert done.code == 2
    assert said in done.err
    assert shell.runs() == []
    assert quick.jobs() == []


def test_a_value_that_fails_for_one_instant_is_told_beforehand(shell, quick, project):
    days = "${{ [7, 8][context_time.day - 1] }}"
    project(quick, {"a": {"uses": "trocco.run_job", "with": {"job_definition_id": days}}})
    done = shell("backfill", "p.yaml", *DAYS)
    assert done.code == 2
    assert "for 2026-01-03T02:00:00+09:00: " in done.err
    assert shell.runs() == []


def test_an_hour_that_comes_twice_is_two_instants_each_known_again(shell, quick):
    hours = ("--from", "2026-11-01T01:30:00-05:00", "--to", "2026-11-01T01:30:00-05:00", "--every", "1h")
    shell.write("p.yaml", pipeline({"a": workflow()}, quick, timezone="America/New_York"))
    assert shell("run", "p.yaml", "--context-time", "2026-11-01T01:30:00-04:00").code == 0
    assert shell("backfill", "p.yaml", *hours).code == 0
    assert [row["context_time"][11:16] for row in children(shell)] == ["05:30", "06:30"]
    week = ("--from", "2026-10-30T00:30", "--to", "2026-11-05", "--every", "1h")
    many = shell("backfill", "p.yaml", *week, "--dry-run")
    assert "167 runs to start, 1 at once; 2 skipped" in many.out
    assert many.out.count("skip  succeeded: run ") == 2
    assert "2026-11-01T01:30:00-05:00  skip" in many.out


def test_one_begun_in_an_hour_that_comes_twice_is_gone_on_with(shell, emulators):
    hours = ("--from", "2026-11-01T01:30:00-05:00", "--to", "2026-11-01T01:30:00-05:00", "--every", "1h")
    shell.write("p.yaml", pipeline({"a": workflow()}, emulators, timezone="America/New_York"))
    assert shell.process("backfill", "p.yaml", *hours, "--max-time", "1s").code == 6
    assert shell.process("backfill", "p.yaml", *hours, "--max-time", "1s").code == 6
    assert len(backfills(shell)) == len(emulators.jobs()) == 1


def test_kept_in_postgresql_it_is_gone_on_with_as_well(shell, emulators, project, database):
    project(emulators, {"a": workflow()})
    begin = ("backfill", "p.yaml", *DAYS, "--parallel", "2", "--journal", database)
    running = shell.begin(*begin, "--log-format", "json")
    running.until('"step_triggered"', times=2)
    running.kill()
    running = shell.begin(*begin)
    until(lambda: running.ended() or emulators.jump(LONG))
    ended = running.end()
    assert ended.code == 0, ended.text
    assert "3 succeeded" in ended.out
    assert len(emulators.jobs()) == 3
