"""What is wrong and can be known before anything starts is told then: nothing has been triggered yet."""

import json

import pytest
from vendor_project import SECRETS, connections, number, pipeline, steps


def job(**more):
    return {"uses": "trocco.run_job", "with": {"job_definition_id": 1}, **more}


@pytest.fixture
def plan(shell, quick):
    """Plans these steps with these variables."""

    def planned(chosen, *arguments, **more):
        shell.write("p.yaml", pipeline(chosen, quick, **more))
        return shell("plan", "p.yaml", *arguments)

    return planned


def with_id(template, **more):
    return {**job(**more), "with": {"job_definition_id": template}}


NUMBER = {"number": 7}
"""Of no declared type: lint takes the number for what it may be, since --set makes a text of it."""

TEXT = ("--set", "number=abc")


def test_a_value_of_the_wrong_type_is_told_for_every_step(plan, shell, quick):
    chosen = {
        "good": with_id("${{ custom_variables.other }}"),
        "bad": with_id("${{ custom_variables.number }}"),
        "worse": with_id("${{ custom_variables.number }}", needs="bad", run_when="failure"),
    }
    done = plan(chosen, *TEXT, custom_variables={"other": 8, **NUMBER})
    assert done.code == 2
    for step in ("bad", "worse"):
        assert (
            f"step '{step}': 'trocco.run_job' cannot take these parameters: 'job_definition_id'" in done.err
        )
    assert "step 'good'" not in done.err
    assert shell("run", "p.yaml", *TEXT).code == 2
    assert quick.jobs() == []
    assert shell("plan", "p.yaml").code == 0


LIST = {"list": {"type": "array", "default": [{"id": 1}]}}


@pytest.mark.parametrize(
    ("step", "variables", "given", "said"),
    [
        (
            job(foreach={"items": "${{ custom_variables.number }}"}),
            NUMBER,
            (),
            "`foreach.items` must give a list, not 7",
        ),
        (with_id("${{ item }}", foreach={"items": [1, "two"]}), {}, (), "got 'two'"),
        (
            with_id("${{ item.id }}", foreach={"items": "${{ custom_variables.list }}"}),
            LIST,
            ("--set", "list=[1]"),
            "'item' has no 'id'",
        ),
        (
            job(**{"if": "${{ custom_variables.number }}"}),
            NUMBER,
            TEXT,
            "`if` must give true or false, not 'abc'",
        ),
    ],
)
def test_items_and_conditions_too(plan, step, variables, given, said):
    done = plan({"a": step}, *given, custom_variables=variables)
    assert done.code == 2
    assert done.err.startswith("error: step 'a': ")
    assert said in done.err


@pytest.mark.parametrize(
    ("step", "found", "at"),
    [
        (
            with_id("${{ custom_variables.text }}"),
            "error[PF313] type-mismatch: 'job_definition_id' wants a whole number, and this gives text",
            '"job_definition_id": "${{ custom_variables.text }}"',
        ),
        (
            with_id("${{ custom_variables.text }}", **{"if": "${{ custom_variables.text == 'x' }}"}),
            "error[PF313] type-mismatch: 'job_definition_id' wants a whole number, and this gives text",
            '"job_definition_id": "${{ custom_variables.text }}"',
        ),
        (
            job(**{"if": "${{ custom_variables.text }}"}),
            "error[PF313] type-mismatch: 'if' wants true or false, and this gives text",
            '"if": "${{ custom_variables.text }}"',
        ),
        (
            job(foreach={"items": "${{ custom_variables.text }}"}),
            "error[PF313] type-mismatch: 'items' wants a list, and this gives text",
            '"items": "${{ custom_variables.text }}"',
        ),
        (
            job(needs="first", foreach={"items": "${{ steps.first.outputs.link }}"}),
            "error[PF313] type-mismatch: 'items' wants a list, and this gives text",
            '"items": "${{ steps.first.outputs.link }}"',
        ),
        (
            job(needs="first", **{"if": "${{ steps.first.outputs.status }}"}),
            "error[PF313] type-mismatch: 'if' wants true or false, and this gives text",
            '"if": "${{ steps.first.outputs.status }}"',
        ),
        (
            with_id("${{ item.id }}", foreach={"items": [1]}),
            "error[PF302] unknown-name: 'item' has no 'id'",
            '"job_definition_id": "${{ item.id }}"',
        ),
    ],
)
def test_what_no_value_can_mend_is_told_at_its_place_and_nothing_starts(plan, shell, quick, step, found, at):
    variables = {"text": "abc"} if "custom_variables.text" in json.dumps(step) else {}
    for done in (plan({"first": job(), "a": step}, custom_variables=variables), shell("run", "p.yaml")):
        assert done.code == 1, done.err
        assert done.err.startswith(f"{found}\n")
        assert at in done.err
        assert done.err.endswith("error: 'p.yaml' has 1 error\n")
    assert quick.jobs() == []


@pytest.mark.parametrize(
    "step",
    [
        with_id("${{ custom_variables.number }}", **{"if": "${{ custom_variables.number == 8 }}"}),
        with_id("${{ steps.first.outputs.id }}", needs="first"),
        job(needs="first", foreach={"items": "${{ steps.first.outputs.link | split(',') }}"}),
        job(needs="first", **{"if": "${{ steps.first.outputs.status == 'x' }}"}),
        with_id("${{ run.attempt }}"),
    ],
)
def test_what_is_not_known_or_will_not_run_is_not_judged(plan, step):
    variables = NUMBER if "custom_variables.number" in json.dumps(step) else {}
    given = TEXT if variables else ()
    done = plan({"first": job(), "a": step}, *given, custom_variables=variables)
    assert done.code == 0, done.err


def test_a_spoilt_variable_does_not_fill_the_screen(plan):
    chosen = {f"s{n}": with_id("${{ custom_variables.number }}") for n in range(30)}
    done = plan(chosen, *TEXT, custom_variables=NUMBER)
    assert done.err.count("cannot take") == 10
    assert "… and 20 steps more" in done.err


def test_environment_variables_that_are_not_set_are_told_at_once(plan, shell, monkeypatch):
    shell.write("pipeforge.yaml", "env: [STAGE, OWNER, NICK]\n")
    text = "${{ env.STAGE }} ${{ env.OWNER }} ${{ env.NICK | default('-') }} ${{ run.id }}"
    chosen = {"a": job()}
    chosen["a"]["with"]["custom_variables"] = {"$x$": text}
    done = plan(chosen)
    assert done.code == 2
    assert "environment variables 'STAGE', 'OWNER' are not set\nhelp: export STAGE=… OWNER=…" in done.err
    monkeypatch.setenv("STAGE", "検証")
    monkeypatch.setenv("OWNER", "山田")
    assert plan(chosen).code == 0


def test_all_secrets_that_are_not_set_are_told_at_once(shell, quick, monkeypatch):
    every = steps(number())
    shell.write("p.yaml", pipeline({name: every[name] for name in ("trocco_job", "td_workflow")}, quick))
    monkeypatch.delenv("TD_API_KEY")
    one = shell("run", "p.yaml")
    assert (one.code, "secret 'TD_API_KEY' is not set" in one.err) == (2, True)
    monkeypatch.delenv("TROCCO_API_KEY")
    monkeypatch.delenv("WORKATO_API_TOKEN")  # which no step needs
    both = shell("run", "p.yaml")
    assert both.code == 2
    assert "secrets 'TROCCO_API_KEY', 'TD_API_KEY' are not set" in both.err
    assert f"into '{shell.folder / '.env'}'" in both.err
    shell.write(".env", "".join(f"{name}={SECRETS[name]}\n" for name in ("TROCCO_API_KEY", "TD_API_KEY")))
    assert shell("run", "p.yaml").code == 0


def test_a_secret_that_a_setting_cannot_take_is_named_and_not_shown(shell, quick, monkeypatch):
    shell.write("p.yaml", pipeline({"a": job()}, quick))
    monkeypatch.setenv("TROCCO_API_KEY", "two words")
    done = shell("run", "p.yaml")
    assert done.code == 2
    assert "help: look at secret TROCCO_API_KEY" in done.err
    assert "two words" not in done.text


def test_findings_are_counted_for_the_file_they_are_in(shell, quick):
    broken = {**connections(quick)["trocco"], "regoin": "x"}
    shell.write("pipeforge.yaml", json.dumps({"connections": {"trocco": broken}}))
    shell.write("p.yaml", json.dumps({"name": "p", "steps": {"a": job()}}))
    assert "error: 'pipeforge.yaml' has 1 error\n" in shell("plan", "p.yaml").err
    shell.write("p.yaml", json.dumps({"name": "p", "steps": {"a": job(need="b")}}))
    assert "error: 'p.yaml' and 'pipeforge.yaml' have 3 errors\n" in shell("plan", "p.yaml").err


def test_a_run_that_is_going_on_is_busy_for_a_second_one(shell, emulators):
    shell.write("p.yaml", pipeline({"wf": steps(number())["td_workflow"]}, emulators))
    running = shell.begin("run", "p.yaml", "--context-time", "2026-01-31")
    running.until("triggered: ")
    second = shell("run", "p.yaml", "--context-time", "2026-01-31")
    assert second.code == 5
    assert f"held by process {running.pid} on" in second.err
    assert len(emulators.jobs()) == 1


def test_a_trial_is_found_where_trials_are_kept(shell):
    shell("init", ".")
    assert shell("run", "first.yaml", "--emulate").code == 0
    run = shell.runs("--emulate")[0]["run"]
    for command in ("show", "resume"):
        missed = shell(command, run)
        assert (missed.code, missed.err.splitlines()[-1]) == (2, "help: add --emulate: it was a trial")
    assert shell("show", run, "--emulate").code == 0
    assert "it was a trial" not in shell("show", "none").err


def test_a_new_trial_meets_its_worlds_faults(shell):
    """The emulators' memory outlives a trial; its faults must not hide those of another world."""
    shell("init", ".")
    assert shell("run", "first.yaml", "--emulate").code == 0
    shell.write("hard.yaml", "faults:\n- {vendor: trocco, route: POST /api/jobs, do: forbidden}\n")
    refused = shell("run", "first.yaml", "--emulate", "--again", "--world", "hard.yaml")
    assert (refused.code, "answered 403" in refused.out) == (1, True)
    assert shell("run", "first.yaml", "--emulate", "--again").code == 0


def test_a_world_that_is_no_yaml_is_told_by_its_line(shell):
    shell("init", ".")
    shell.write("w.yaml", "trocco:\n  course: [\n")
    done = shell("run", "first.yaml", "--emulate", "--world", "w.yaml")
    assert done.code == 2
    assert "error: 'w.yaml' line 3: not valid YAML" in done.err


def test_a_pipeline_that_has_moved_is_asked_for(shell):
    shell("init", ".")
    assert shell("run", "first.yaml", "--emulate", "--max-time", "0.5s").code == 6
    run = shell.runs("--emulate")[0]["run"]
    (shell.folder / "first.yaml").rename(shell.folder / "second.yaml")
    lost = shell("resume", run, "--emulate")
    assert lost.code == 2
    assert lost.err.startswith(f"error: the pipeline of run {run} is no longer at '")
    assert "help: name its file with --file" in lost.err
    again = shell("resume", run, "--emulate", "--file", "second.yaml", "--max-time", "0.1s")
    assert f"to go on: pipeforge resume {run} --emulate --file second.yaml\n" in again.out
    assert shell("resume", run, "--emulate", "--file", "second.yaml").code == 0


def test_where_a_trial_cannot_keep_anything_it_does_not_begin(shell):
    shell("init", ".")
    shell.write(".pipeforge", "")
    taken = shell("run", "first.yaml", "--emulate")
    assert taken.code == 2
    assert taken.err.startswith(
        f"error: cannot keep anything in '{shell.folder / '.pipeforge'}': file exists\n"
    )


def test_a_broken_memory_of_the_emulators_is_told_as_such(shell):
    shell("init", ".")
    shell.write(".pipeforge/emulators.json", "{")
    told = shell("run", "first.yaml", "--emulate")
    assert told.code == 2
    assert (
        "emulators.json' is not a state file of the emulators\nhelp: remove it to start afresh\n" in told.err
    )


def test_a_trial_does_not_wait_for_a_vendors_request_limit(shell):
    """Its jobs take seconds and are looked at as often: Workato's 60 requests a minute are soon used up."""
    account = "connections:\n  w: {vendor: workato, data_center: jp, api_token: '${{ secrets.W }}'}\n"
    step = "  s{0}: {{uses: workato.poll_recipe, with: {{recipe_id: {0}, settle: 1s}}}}\n"
    many = "".join(step.format(n) for n in range(1, 16))
    shell.write("p.yaml", f"name: p\n{account}steps:\n{many}")
    done = shell("run", "p.yaml", "--emulate")
    assert done.code == 0
    assert "request limit" not in done.text
