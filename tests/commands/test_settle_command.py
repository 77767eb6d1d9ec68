"""settle: what a person says of an unknown is checked, journaled, shown, and lets the run go on."""

import json

import pytest
from vendor_project import VENDOR_OF, number, pipeline, steps

LOST = {
    "trocco_workflow": "POST /api/pipeline_jobs",
    "trocco_job": "POST /api/jobs",
    "reckoner_workflow": "POST *",
}
"""Steps whose lost answers cannot be settled by asking once the list cannot be read either, and the route."""


@pytest.fixture
def undecided(shell, quick):
    """A run whose first step is unknown although its job ran: (run id, the job's number)."""

    def begin(name="trocco_workflow", **more):
        mine = number()
        every = steps(mine)
        shell.write("p.yaml", pipeline({"first": every[name], **more}, quick))
        quick.fault(VENDOR_OF[name], route=LOST[name], do="lose_answer")
        if name != "trocco_workflow":
            quick.fault(VENDOR_OF[name], route="GET *", do="forbidden", nth=list(range(2, 60)))
        done = shell("run", "p.yaml", "--again")
        assert done.code == 4, done.text
        quick.mend()
        (job,) = [job for job in quick.jobs(VENDOR_OF[name]) if str(job["of"]) == str(mine)]
        return shell.runs()[0]["run"], job["id"], done

    return begin


def behind(need):
    return {**steps(number())["trocco_job"], "needs": need}


def test_an_unknown_says_where_to_look_and_what_to_type(shell, quick, undecided):
    run, _, done = undecided(second=behind("first"))
    shown = shell("show", run).out
    for text in (done.out, shown):
        assert f"{quick.url('trocco')}/pipeline_definitions/" in text
        assert f"it started    pipeforge settle {run} first --handle JOB\n" in text
        assert f"it did not    pipeforge settle {run} first --not-started\n" in text
        assert "JOB: the workflow job's number, or the address of its page" in text
        assert f"then go on: pipeforge resume {run}\n" in text
    (decision,) = shell.shown(run)["decisions"]
    assert decision["step"] == "first"
    assert decision["not_started"] == f"pipeforge settle {run} first --not-started"


@pytest.mark.parametrize("name", LOST)
def test_it_did_start(shell, quick, undecided, name):
    run, job, _ = undecided(name, second=behind("first"))
    done = shell("settle", run, "first", "--handle", job, "--reason", "seen it")
    assert done.code == 0, done.text
    assert "it did start; the vendor says" in done.out
    assert "no longer blocked: second" in done.out
    assert shell.runs()[0]["outcome"] is None
    assert shell("resume", run).code == 0
    assert len(quick.jobs()) == 2
    assert "settled by" in shell("show", run).out
    assert "seen it" in shell("show", run).out


def test_the_address_of_its_page_will_do_and_json_too(shell, undecided):
    run, job, _ = undecided()
    done = shell("settle", run, "first", "--handle", f"https://trocco.io/pipeline_jobs/{job}?x=1")
    assert done.code == 0, done.text
    run, job, _ = undecided()
    assert shell("settle", run, "first", "--handle", json.dumps({"id": job})).code == 0


def test_it_did_not_start_and_is_triggered(shell, quick, undecided):
    run, job, _ = undecided(second=behind("first"))
    done = shell("settle", run, "first", "--not-started", "--resume")
    assert done.code == 0, done.text
    told = shell.shown(run)["steps"]["first"]
    assert (told["attempt"], told["outcome"]) == (1, "succeeded")
    assert told["handle"]["pipeline_job_id"] != job
    assert len(quick.jobs()) == 3  # the person was wrong, and that is on record
    assert told["settled"]["verdict"] == "not_started"


def test_what_a_person_knows_of_its_end(shell, quick, undecided):
    reader = {**behind("first"), "with": {"job_definition_id": "${{ steps.first.outputs.id }}"}}
    run, _, _ = undecided(second=reader)
    assert shell("settle", run, "first", "--succeeded", "--outputs", '{"id": 7}', "--resume").code == 0
    assert shell.shown(run)["steps"]["second"]["outputs"]["job_definition_id"] == 7
    run, _, _ = undecided(second=behind("first"))
    assert shell("settle", run, "first", "--failed", "--resume").code == 1
    assert shell.outcomes(run) == {"first": "failed", "second": "blocked"}


def test_what_ran_because_of_the_unknown_stays(shell, quick, undecided):
    run, job, _ = undecided(second=behind("first"), anyway={**behind("second"), "run_when": "always"})
    assert shell.outcomes(run) == {"first": "unknown", "second": "blocked", "anyway": "succeeded"}
    assert shell("settle", run, "first", "--handle", job, "--resume").code == 0
    assert set(shell.outcomes(run).values()) == {"succeeded"}
    assert len(quick.jobs()) == 3


def test_items_are_settled_one_by_one(shell, quick):
    each = {**steps(number())["trocco_workflow"], "foreach": {"items": ["a", "b", "c"]}}
    shell.write("p.yaml", pipeline({"each": each, "then": behind("each")}, quick))
    quick.fault("trocco", route="POST /api/pipeline_jobs", do="lose_answer", nth=[1, 3])
    assert shell("run", "p.yaml").code == 4
    run = shell.runs()[0]["run"]
    unknown = [one["step"] for one in shell.shown(run)["decisions"]]
    assert len(unknown) == 2
    whole = shell("settle", run, "each", "--not-started")
    assert (whole.code, "one by one" in whole.err) == (2, True)
    first = shell("settle", run, unknown[0], "--succeeded", "--resume")
    assert first.code == 4
    assert f"to settle '{unknown[1]}'" in first.out
    assert shell.runs()[0]["outcome"] == "unknown"
    assert shell("settle", run, unknown[1], "--succeeded", "--resume").code == 0
    assert len(quick.jobs()) == 4


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ([], "what became of it is missing"),
        (["--failed", "--succeeded"], "exclude each other"),
        (["--unchecked", "--failed"], "--unchecked goes with --handle"),
        (["--outputs", "{}", "--failed"], "--outputs goes with --succeeded"),
        (["--outputs", "[1]", "--succeeded"], "is no mapping"),
        (["--handle", "x1"], "'x1' is no number"),
        (["--handle", "{x"], "is not JSON"),
        (["--handle", '{"job": 1}'], "it has no 'pipeline_job_id'"),
        (["--handle", "99999999"], "the vendor does not confirm that job"),
    ],
)
def test_what_cannot_be_believed_is_refused_and_changes_nothing(shell, undecided, flags, said):
    run, _, _ = undecided()
    done = shell("settle", run, "first", *flags)
    assert (done.code, said in done.err) == (2, True), done.err
    assert "help: " in done.err
    assert shell.outcomes(run) == {"first": "unknown"}


def test_outputs_that_nobody_can_read_are_refused(shell, undecided):
    """Nested more deeply than the reader of JSON goes; a run's name that is no UTF-8."""
    run, _, _ = undecided()
    deep = '{"a": ' + "[" * 60_000
    refused = shell("settle", run, "first", "--succeeded", "--outputs", deep)
    assert refused.code == 2
    assert refused.err.startswith("error: --outputs is nested too deeply")
    assert shell("settle", "\udcff", "first", "--failed").code == 2


def test_a_job_of_another_definition_is_refused(shell, quick, undecided):
    run, job, _ = undecided("trocco_job")
    other = {"other": steps(number())["trocco_job"]}
    shell.write("q.yaml", pipeline(other, quick).replace('"all_vendors"', '"other"'))
    assert shell("run", "q.yaml").code == 0
    (theirs,) = [row["id"] for row in quick.jobs("trocco") if row["id"] != job]
    done = shell("settle", run, "first", "--handle", theirs)
    assert (done.code, "that job is of job_definition_id" in done.err) == (2, True), done.err


def test_unchecked_believes_where_nobody_can_be_asked(shell, quick, undecided):
    run, job, _ = undecided()
    quick.fault("trocco", route="GET *", do="forbidden", status=404)
    assert shell("settle", run, "first", "--handle", job).code == 2
    shell.write("p.yaml", "gone: yes\n")
    alone = shell("settle", run, "first", "--handle", job, "--unchecked")
    assert (alone.code, "give all of the handle as JSON" in alone.err) == (2, True)
    whole = json.dumps({"pipeline_job_id": job, "pipeline_definition_id": 1})
    done = shell("settle", run, "first", "--handle", whole, "--unchecked")
    assert (done.code, "the vendor was not asked" in done.out) == (0, True)
    assert "which the vendor was not asked about" in shell("show", run).out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "it has no 'pipeline_job_id'"),
        ({"id": 7}, "it has no 'pipeline_job_id'"),
        ({"pipeline_job_id": "7", "pipeline_definition_id": 1}, "'pipeline_job_id': "),
        ({"pipeline_job_id": 7, "pipeline_definition_id": 1, "x": 1}, "'x' is not part of it"),
    ],
)
def test_unchecked_believes_nothing_that_no_job_of_the_step_can_be(shell, undecided, given, said):
    run, _, _ = undecided()
    shell.write("p.yaml", "gone: yes\n")
    done = shell("settle", run, "first", "--handle", json.dumps(given), "--unchecked")
    assert (done.code, said in done.err) == (2, True), done.err
    assert shell.outcomes(run) == {"first": "unknown"}


@pytest.mark.parametrize("gone", [False, True])
def test_nothing_is_echoed_whole_whatever_its_length(shell, undecided, gone):
    run, _, _ = undecided()
    digits = "9" * 5_000
    if gone:
        shell.write("p.yaml", "gone: yes\n")
    wrong = f'{{"pipeline_job_id": {digits[:4_000]}, "pipeline_definition_id": 1}}'
    for given in (digits, f'{{"id": "{digits}"}}', f'{{"id": {digits}}}', wrong):
        done = shell("settle", run, "first", "--handle", given, "--unchecked")
        assert (done.code, digits[:100] in done.text) == (2, False), done.text


def test_a_whole_handle_serves_also_where_the_parameters_cannot_be_told(shell, quick):
    """The item that was lost is in no list any more, because the step that gave it was settled."""
    every = steps(number())
    each = {**every["trocco_workflow"], "needs": "first", "run_when": "always"}
    each["foreach"] = {"items": "${{ [5] if steps.first.outcome == 'unknown' else [] }}"}
    shell.write("p.yaml", pipeline({"first": every["trocco_workflow"], "each": each}, quick))
    quick.fault("trocco", route="POST /api/pipeline_jobs", do="lose_answer", nth=[1, 2])
    assert shell("run", "p.yaml").code == 4
    run = shell.runs()[0]["run"]
    assert shell("settle", run, "first", "--succeeded").code == 0
    told = shell("settle", run, "each[0]", "--handle", "1", "--unchecked")
    assert (told.code, "give all of the handle as JSON" in told.err) == (2, True), told.err
    whole = json.dumps({"pipeline_job_id": 1, "pipeline_definition_id": 5})
    done = shell("settle", run, "each[0]", "--handle", whole, "--unchecked")
    assert done.code == 0, done.text


def test_twice_or_where_nothing_is_unknown(shell, undecided):
    run, job, _ = undecided(second=behind("first"))
    assert "did you mean 'first'?" in shell("settle", run, "frist", "--failed").err
    blocked = shell("settle", run, "second", "--failed")
    assert (blocked.code, "to settle: first" in blocked.err) == (2, True)
    assert shell("settle", run, "first", "--handle", job).code == 0
    twice = shell("settle", run, "first", "--not-started")
    assert (twice.code, "settled it at" in twice.err) == (2, True)
    assert shell("resume", run).code == 0
    ended = shell("settle", run, "first", "--not-started")
    assert (ended.code, "has ended: succeeded" in ended.err) == (2, True)


def test_a_run_that_is_held_is_busy(shell, emulators):
    shell.write("p.yaml", pipeline({"first": steps(number())["trocco_job"]}, emulators))
    running = shell.begin("run", "p.yaml")
    running.until("triggered: ")
    run = shell.runs()[0]["run"]
    held = shell("settle", run, "first", "--not-started")
    assert (held.code, "is held by" in held.err) == (5, True)


def test_a_step_that_a_dead_process_left_intended(shell, quick):
    shell.write("p.yaml", pipeline({"first": steps(number())["trocco_workflow"]}, quick))
    quick.fault("trocco", route="POST /api/pipeline_jobs", do="slow", seconds=600, after=False)
    running = shell.begin("run", "p.yaml")
    running.until("triggering")
    running.kill()
    quick.mend()
    run = shell.runs()[0]["run"]
    done = shell("settle", run, "first", "--succeeded", "--resume")
    assert done.code == 0, done.text
    assert quick.jobs() == []


def test_krewdatas_unit_is_settled_by_what_its_log_says(shell, quick):
    shell.write("p.yaml", pipeline({"unit": steps(number())["krewdata_unit"]}, quick))
    quick.fault("krewdata", route="POST */run", do="lose_answer", nth=1)
    assert shell("run", "p.yaml").code == 4
    run = shell.runs()[0]["run"]
    text = shell("show", run).out
    assert "look at       https://example.cybozu.com/k/123\n" in text
    assert "say --succeeded or --failed" in text
    (job,) = quick.jobs("krewdata")
    assert shell("settle", run, "unit", "--handle", job["id"], "--resume").code == 0
    assert len(quick.jobs("krewdata")) == 1


def test_a_poll_of_workato_is_settled_by_one_of_its_jobs(shell, quick):
    mine = number()
    shell.write("p.yaml", pipeline({"poll": steps(mine)["poll_recipe"]}, quick))
    quick.fault("workato", route="POST *", do="lose_answer")
    quick.fault("workato", route="GET *", do="forbidden", nth=list(range(3, 60)))
    assert shell("run", "p.yaml").code == 4
    quick.mend()
    run = shell.runs()[0]["run"]
    assert f"/recipes/{mine}\n" in shell("show", run).out
    (job,) = quick.jobs("workato")
    wrong = shell("settle", run, "poll", "--handle", "j-none")
    assert (wrong.code, "shows no job 'j-none'" in wrong.err) == (2, True), wrong.err
    done = shell("settle", run, "poll", "--handle", job["id"], "--resume")
    assert done.code == 0, done.text
    assert len(quick.jobs("workato")) == 1
