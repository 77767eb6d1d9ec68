"""call: any kind by hand, kept as a run where it starts or changes something, and asked about before."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from command_line import BOUND, COMMAND, until
from jsonschema import Draft7Validator
from vendor_project import SECRETS, connections, number

ROOT = Path(__file__).parents[2]
SCHEMA = Draft7Validator(json.loads((ROOT / "schemas/call.schema.json").read_text(encoding="utf-8")))


@pytest.fixture
def project(shell, quick):
    """A project file with all five connections."""
    shell.write("pipeforge.yaml", {"connections": connections(quick)})
    return shell


def told(done):
    found = json.loads(done.out)
    SCHEMA.validate(found)
    return found


def jobs(emulators):
    return [(job["vendor"], job["of"]) for job in emulators.jobs()]


def test_a_question_is_answered_and_leaves_nothing_behind(project, quick):
    quick.act("trocco", "start", definition=number())
    job = quick.jobs("trocco")[0]["id"]
    done = project("call", "trocco.get_job", f"job_id={job}")
    assert done.code == 0, done.text
    assert done.out.startswith(f"id: {job}\nstatus: ")
    assert done.err == ""
    assert not project.folder.joinpath(".pipeforge").exists()


def test_an_answer_for_programs_has_a_version_and_all_its_values(project):
    done = project("call", "trocco.list_job_definitions", "limit=2", "--format", "json")
    found = told(done)
    assert (done.code, found["version"], found["kind"]) == (0, 1, "trocco.list_job_definitions")
    assert (found["connection"], found["outcome"], found["run"]) == ("trocco", "succeeded", None)
    assert [one["id"] for one in found["outputs"]["job_definitions"]] == [1, 2]


def test_a_refused_question_is_1_with_the_vendors_words(project):
    done = project("call", "trocco.get_job", "job_id=999999")
    assert (done.code, done.out) == (1, "")
    assert "error: trocco.get_job failed (404): trocco: GET /jobs/999999 answered 404: Not found" in done.err
    as_json = told(project("call", "trocco.get_job", "job_id=999999", "--format", "json"))
    assert (as_json["outcome"], as_json["word"]) == ("failed", "404")


def test_a_question_that_is_not_answered_is_given_up(project, quick):
    quick.fault("trocco", route="GET /api/jobs/{id}", do="drop")
    done = project("call", "trocco.get_job", "job_id=1", "--timeout", "1s")
    assert done.code == 1
    assert "timed_out" in done.err and "warning: a look at the job failed" in done.err


def test_a_job_is_awaited_and_kept_as_a_run(project, quick):
    definition = number()
    done = project(
        "call", "trocco.run_job", f"job_definition_id={definition}", "custom_variables.$a$=1", "--yes"
    )
    assert done.code == 0, done.text
    assert "status: succeeded\n" in done.out
    assert "call  triggered: job_id " in done.err
    assert jobs(quick) == [("trocco", definition)]
    [run] = project.runs()
    assert (run["pipeline"], run["outcome"]) == ("call.trocco.run_job", "succeeded")
    assert project.shown(run["run"])["steps"]["call"]["outputs"]["job_definition_id"] == definition


def test_the_same_call_twice_is_two_runs(project, quick):
    definition = number()
    for _ in range(2):
        assert project("call", "trocco.run_job", f"job_definition_id={definition}", "--yes").code == 0
    assert len(jobs(quick)) == 2
    assert len(project.runs()) == 2
    assert len(list(project.folder.joinpath(".pipeforge/calls").iterdir())) == 1


def test_what_is_kept_holds_no_secret(project):
    done = project("call", "trocco.run_job", f"job_definition_id={number()}", "--yes", "--format", "json")
    kept = [path for path in project.folder.joinpath(".pipeforge").rglob("*") if path.is_file()]
    assert kept
    content = b"".join(path.read_bytes() for path in kept) + done.text.encode()
    assert not [secret for secret in SECRETS.values() if secret.encode() in content]
    [file] = project.folder.joinpath(".pipeforge/calls").iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_a_failed_job_is_1(project, quick):
    quick.fault("trocco", route="GET /api/jobs/*", do="rewrite", values={"status": "error"})
    done = project("call", "trocco.run_job", f"job_definition_id={number()}", "--yes")
    assert done.code == 1
    assert "call failed (error):" in done.out and "the reason is in the log at " in done.out
    assert len(quick.jobs()) == 1


def test_a_lost_answer_is_4_with_what_to_look_at_and_can_be_settled(project, quick):
    definition = number()
    quick.fault("trocco", route="POST *", do="lose_answer", nth=1)
    done = project("call", "trocco.run_workflow", f"pipeline_definition_id={definition}", "--yes")
    assert done.code == 4, done.text
    assert "it cannot be known whether the job started" in done.out
    run = project.runs()[0]["run"]
    assert f"pipeforge settle {run} call --handle JOB" in done.out
    assert f"/pipeline_definitions/{definition}" in done.out
    job = quick.jobs("trocco")[0]["id"]
    settled = project("settle", run, "call", "--handle", job, "--resume")
    assert settled.code == 0, settled.text
    assert jobs(quick) == [("trocco", definition)]


def test_what_a_project_does_in_doubt_is_not_done_by_hand(shell, quick):
    """`on_ambiguous: retry` is for steps whose author knows that a second job does no harm."""
    defaults = {"on_ambiguous": "retry", "retry": {"max_attempts": 3}}
    shell.write("pipeforge.yaml", {"connections": connections(quick), "defaults": defaults})
    quick.fault("trocco", route="POST *", do="lose_answer", nth=1)
    done = shell("call", "trocco.run_workflow", f"pipeline_definition_id={number()}", "--yes")
    assert done.code == 4, done.text
    assert len(quick.jobs()) == 1


def test_a_lost_answer_for_programs_says_unknown_and_which_commands_settle_it(project, quick):
    quick.fault("trocco", route="POST *", do="lose_answer", nth=1)
    done = project(
        "call", "trocco.run_workflow", f"pipeline_definition_id={number()}", "--yes", "--format", "json"
    )
    found = told(done)
    assert (done.code, found["outcome"], found["handle"]) == (4, "unknown", None)
    [decision] = found["decisions"]
    assert decision["started"] == f"pipeforge settle {found['run']} call --handle JOB"
    assert found["resume"] == f"pipeforge resume {found['run']}"
    assert "/pipeline_definitions/" in found["link"]


def test_a_lost_data_mart_is_4_too(project, quick):
    quick.fault("trocco", route="POST /api/datamart_jobs", do="lose_answer", nth=1)
    done = project("call", "trocco.run_datamart", f"datamart_definition_id={number()}", "--yes")
    assert done.code == 4, done.text
    run = project.runs()[0]["run"]
    assert f"memo 'pf-{run}-call-1'" in done.out
    assert [job["memo"] for job in quick.jobs("trocco")] == [f"pf-{run}-call-1"]


def test_a_job_may_be_left_and_awaited_later(shell, emulators):
    shell.write("pipeforge.yaml", {"connections": connections(emulators)})
    definition = number()
    done = shell("call", "trocco.run_job", f"job_definition_id={definition}", "--yes", "--no-wait")
    assert done.code == 0, done.text
    run = shell.runs()[0]["run"]
    assert done.out.startswith("started: job_id ")
    assert f"await its end pipeforge resume {run}\n" in done.out
    assert "it was left as it goes on" in shell("show", run).out
    emulators.jump(90)
    assert shell("resume", run).code == 0
    assert jobs(emulators) == [("trocco", definition)]


def test_a_left_job_for_programs_has_its_handle(shell, emulators):
    shell.write("pipeforge.yaml", {"connections": connections(emulators)})
    done = shell(
        "call", "trocco.run_job", f"job_definition_id={number()}", "--yes", "--no-wait", "--format", "json"
    )
    found = told(done)
    assert (done.code, found["outcome"]) == (0, None)
    assert found["handle"] == {"job_id": emulators.jobs("trocco")[0]["id"]}
    assert found["resume"].startswith("pipeforge resume ")


def test_ctrl_c_leaves_the_job_to_be_resumed(shell, emulators):
    shell.write("pipeforge.yaml", {"connections": connections(emulators)})
    running = shell.begin("call", "trocco.run_job", f"job_definition_id={number()}", "--yes")
    running.until("triggered: job_id")
    running.send(signal.SIGINT)
    done = running.end()
    assert done.code == 130, done.text
    run = shell.runs()[0]["run"]
    assert f"to go on: pipeforge resume {run}" in done.out
    assert "Traceback" not in done.text


def test_ctrl_c_ends_a_question(project, quick):
    quick.fault("trocco", route="GET /api/jobs/{id}", do="drop")
    running = project.begin("call", "trocco.get_job", "job_id=1")
    running.until("warning: a look at the job failed")
    running.send(signal.SIGINT)
    done = running.end()
    assert (done.code, done.out) == (130, "")
    assert done.err.endswith("interrupted: it was only a question\n")


def test_a_call_that_was_killed_is_resumed_and_starts_nothing_anew(shell, emulators):
    shell.write("pipeforge.yaml", {"connections": connections(emulators)})
    definition = number()
    running = shell.begin("call", "trocco.run_job", f"job_definition_id={definition}", "--yes")
    running.until("triggered: job_id")
    running.kill()
    emulators.jump(90)
    assert shell("resume", shell.runs()[0]["run"]).code == 0
    assert jobs(emulators) == [("trocco", definition)]


@pytest.mark.parametrize("kind", ["trocco.run_job job_definition_id=1", "workato.stop_recipe recipe_id=1"])
def test_where_nobody_can_be_asked_it_needs_yes(project, quick, kind):
    vendor = kind.partition(".")[0]
    before = len(quick.calls(vendor))
    done = project("call", *kind.split())
    assert (done.code, done.out) == (2, "")
    assert "nobody can be asked here" in done.err and "add --yes" in done.err
    assert len(quick.calls(vendor)) == before
    assert not project.folder.joinpath(".pipeforge").exists()


class Asked:
    """A command on a terminal that waits for an answer; its stdout is a pipe."""

    def __init__(self, shell, *arguments):
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=shell.folder,
            env={**shell.environment, "CI": "1"},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        )
        os.close(theirs)
        self.text = ""
        until(self._asked, lambda: self.text)

    def _asked(self):
        self.text += os.read(self._ours, 65536).decode()
        return "[y/N]" in self.text

    def answer(self, text):
        os.write(self._ours, text.encode())
        out, _ = self._process.communicate(timeout=BOUND)
        os.close(self._ours)
        return self._process.returncode, out


@pytest.mark.parametrize(("answer", "count"), [("y\n", 1), ("YES\n", 1), ("n\n", 0), ("\n", 0), ("\x04", 0)])
def test_on_a_terminal_it_says_what_will_be_done_where_and_asks(project, quick, answer, count):
    definition = number()
    asked = Asked(project, "call", "trocco.run_job", f"job_definition_id={definition}")
    assert f"trocco.run_job starts a job over connection 'trocco' at {quick.url('trocco')}" in asked.text
    assert f"job_definition_id: {definition}" in asked.text
    assert jobs(quick) == []
    code, out = asked.answer(answer)
    assert code == (0 if count else 1)
    assert ("status: succeeded" in out) == bool(count)
    assert len(quick.jobs()) == count


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ([], "the kind is missing", "pipeforge explain"),
        (["trocco.run_jobb"], "argument 1, 'trocco.run_jobb', is no kind", "did you mean 'trocco.run_job'?"),
        (["nonsense"], "argument 1, 'nonsense', is no kind", "`pipeforge explain` lists all kinds"),
        (["trocco.get_job", "jobid=1"], "argument 2, 'jobid=1'", "did you mean 'job_id'?"),
        (["trocco.get_job", "job_id=1", "--connection", "troco"], "no connection is called", "'trocco'?"),
        (["trocco.get_job", "job_id=1", "--connection", "td"], "is of vendor 'treasure'", "use trocco"),
        (["trocco.get_job", "job_id=1", "--env", "prod"], "there is no environment 'prod'", ""),
        (["trocco.get_job", "job_id=1", "--no-wait"], "--no-wait is for kinds that run jobs", "leave it out"),
        (["trocco.get_job", "job_id=1", "--timeout", "5"], "--timeout: '5' has no unit", "write 5s"),
        (["trocco.get_job", "job_id=1", "--world", "w.yaml"], "--world goes with --emulate", "add --emulate"),
        (
            ["trocco.list_job_definitions", "name=${{ secrets.TROCCO_API_KEY }}"],
            "error: step 'call'",
            "",
        ),
    ],
)
def test_what_is_typed_wrongly_is_2_and_told_with_its_mend(project, arguments, message, hint):
    done = project("call", *arguments)
    assert (done.code, done.out) == (2, "")
    assert SECRETS["TROCCO_API_KEY"] not in done.err
    assert message in done.err and hint in done.err


def test_where_two_connections_fit_one_must_be_named(shell, quick):
    one = connections(quick)["trocco"]
    shell.write("pipeforge.yaml", {"connections": {"east": one, "west": one}})
    done = shell("call", "trocco.list_job_definitions")
    assert done.code == 2
    assert "2 connections have vendor 'trocco'" in done.err and "--connection east" in done.err
    assert shell("call", "trocco.list_job_definitions", "--connection", "west").code == 0


def test_connections_may_come_from_a_pipeline_and_a_call_by_it_is_resumed(shell, emulators):
    steps = {"a": {"uses": "trocco.get_job", "with": {"job_id": 1}}}
    links = {"mine": connections(emulators)["trocco"]}
    shell.write("sub/p.yaml", {"name": "p", "connections": links, "steps": steps})
    shell.write("sub/.env", "".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    typed = ["call", "trocco.run_job", f"job_definition_id={number()}", "--file", "sub/p.yaml", "--yes"]
    done = shell(*typed, "--no-wait", "--format", "json")
    assert done.code == 0, done.text
    assert told(done)["connection"] == "mine"
    emulators.jump(90)
    resumed = shell(*told(done)["resume"].split()[1:])
    assert resumed.code == 0, resumed.text
    assert len(emulators.jobs()) == 1


def test_without_a_connection_it_is_said_where_to_put_one_and_a_trial_needs_none(shell):
    done = shell("call", "trocco.list_job_definitions")
    assert done.code == 2 and "no connection has vendor 'trocco'" in done.err
    tried = shell("call", "trocco.list_job_definitions", "--emulate")
    assert tried.code == 0, tried.text
    assert tried.out.startswith("job_definitions:\n  - id: 1\n    name: transfer 1\n")


def test_trials_remember_each_other_and_read_the_world_beside(shell):
    shell.write("world.yaml", {"trocco": {"job_definitions": {7: {"name": "orders"}}}})
    done = shell("call", "trocco.run_job", "job_definition_id=7", "--emulate")
    assert done.code == 0, done.text
    again = shell("call", "trocco.list_jobs", "--emulate", "job_definition_id=7", "--format", "json")
    [job] = told(again)["outputs"]["jobs"]
    assert (job["job_definition_name"], job["status"]) == ("orders", "succeeded")
    assert shell("call", "trocco.run_job", "job_definition_id=8", "--emulate").code == 1


def test_a_value_may_be_a_template_as_in_a_step(project, quick):
    given = [f"job_definition_id={number()}", "context_time=${{ context_time | start_of('day') }}"]
    done = project("call", "trocco.run_job", *given, "--yes")
    assert done.code == 0, done.text
    body = dict(quick.calls("trocco", "POST")[-1]["body"])
    assert body["context_time"].endswith(":00:00")
    late = project("call", "trocco.get_job", "job_id=${{ steps.other.outputs.id }}")
    assert late.code == 1 and "'steps' has no 'other'" in late.err


def test_options_may_stand_anywhere(project):
    done = project("call", "--format", "json", "trocco.list_job_definitions", "--timeout", "1m", "limit=1")
    assert len(told(done)["outputs"]["job_definitions"]) == 1


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["trocco.run_job", "--help"],
            ["job_definition_id (whole number, required): ", "parameters, each as NAME=VALUE:", "outputs:"],
        ),
        (["--help"], ["pipeforge call trocco.run_job job_definition_id=1201", "NAME=@file.json"]),
        (["nonsense", "--help"], ["NAME=@file.json"]),
    ],
)
def test_help_tells_what_a_kind_takes_and_gives(shell, arguments, lines):
    done = shell.process("call", *arguments)
    assert done.code == 0
    assert not [line for line in lines if line not in done.out], done.out
