"""run and resume: exit codes, what is said, and what a second run for the same instant needs."""

import json

import pytest
from vendor_project import SECRETS, number, pipeline, steps

NIGHT = ("--context-time", "2026-01-31T02:00")


@pytest.fixture
def write(shell, quick):
    """A pipeline of a trocco job, then a Treasure workflow."""

    def written(emulators=quick, **more):
        every = steps(number())
        chosen = {"load": every["trocco_job"], "mart": {**every["td_workflow"], "needs": "load"}}
        return shell.write("p.yaml", pipeline(chosen, emulators, **more))

    return written


def newest(shell, *arguments):
    return shell.runs(*arguments)[0]["run"]


def test_all_well_is_0_and_results_stand_on_stdout(shell, write):
    write()
    done = shell("run", "p.yaml", *NIGHT)
    run = newest(shell)
    assert done.code == 0, done.text
    assert done.out == f"\nrun {run} succeeded: 2 succeeded\n"
    first, *lines = done.err.splitlines()
    assert first == f"run {run} of all_vendors for 2026-01-31T02:00:00+00:00, times in UTC"
    words = [" ".join(line.split()[1:3]) for line in lines]
    assert words == [
        "load triggering",
        "load triggered:",
        "load succeeded",
        "mart triggering",
        "mart triggered:",
        "mart succeeded",
        "run succeeded",
    ]


def test_a_step_that_fails_is_1_and_what_needs_it_is_blocked(shell, write, quick):
    write()
    quick.fault("trocco", route="GET /api/jobs/*", do="rewrite", values={"status": "error"})
    done = shell("run", "p.yaml")
    assert done.code == 1
    assert shell.outcomes(newest(shell)) == {"load": "failed", "mart": "blocked"}
    assert "run " in done.out
    assert " failed: 1 failed, 1 blocked" in done.out
    assert "load failed (error):" in done.out
    assert quick.jobs("treasure") == []


def test_findings_are_1_and_nothing_is_made(shell, quick):
    shell.write("p.yaml", pipeline({"a": {"uses": "trocco.run_jobb"}}, quick))
    done = shell("run", "p.yaml")
    assert done.code == 1
    assert "unknown kind 'trocco.run_jobb'" in done.err
    assert "did you mean 'trocco.run_job'?" in done.err
    assert "error: 'p.yaml' has " in done.err
    assert not shell.folder.joinpath(".pipeforge").exists()


def test_what_cannot_be_known_is_4_with_what_to_look_at(shell, quick):
    chosen = steps(number())
    chosen = {"wf": chosen["trocco_workflow"], "after": {**chosen["td_workflow"], "needs": "wf"}}
    shell.write("p.yaml", pipeline(chosen, quick))
    quick.fault("trocco", route="POST *", do="lose_answer", first=9)
    done = shell("run", "p.yaml")
    assert done.code == 4
    assert "it cannot be known whether the job started" in done.out
    assert "help: look at the workflow's jobs in trocco" in done.out
    assert shell.outcomes(newest(shell))["wf"] == "unknown"
    assert [job["vendor"] for job in quick.jobs()] == ["trocco"]
    listed = shell("runs").out
    assert "unknown" in listed


def test_time_used_up_is_6_and_resume_ends_it(shell, write, emulators):
    write(emulators)
    done = shell("run", "p.yaml", "--max-time", "1s")
    run = newest(shell)
    assert done.code == 6, done.text
    assert f"to go on: pipeforge resume {run}\n" in done.out
    assert "not over: resume it" in shell("runs").out
    shown = shell("show", run).out
    assert "outcome none yet: its time budget was used up\n" in shown
    assert shown.endswith(f"to go on: pipeforge resume {run}\n")
    again = shell("resume", run, "--max-time", "0.5s")
    assert again.code == 6
    emulators.jump(60)
    resume = shell.begin("resume", run, "--log-format", "json")
    resume.until('"step":"mart","attempt":1,"handle"')
    emulators.jump(60)
    done = resume.end()
    assert done.code == 0, done.text
    assert f"run {run} succeeded: 2 succeeded" in done.out
    assert len(emulators.jobs()) == 2


def test_an_ended_run_cannot_be_resumed(shell, write):
    write()
    shell("run", "p.yaml")
    refused = shell("resume", newest(shell))
    assert refused.code == 2
    assert "has ended: succeeded" in refused.err
    assert "--again" in refused.err


def test_a_run_that_is_not_there_is_told(shell, write):
    write()
    nothing = shell("resume", "2026")
    assert nothing.code == 2
    assert "help: " in nothing.err
    shell("run", "p.yaml")
    shell("run", "p.yaml", "--again", *NIGHT)
    for command in ("resume", "show"):
        wrong = shell(command, "1999")
        assert wrong.code == 2
        assert newest(shell) in wrong.err  # the nearest


def test_the_same_instant_is_not_run_twice_by_mistake(shell, write, quick):
    write()
    assert shell("run", "p.yaml", *NIGHT).code == 0
    run = newest(shell)
    refused = shell("run", "p.yaml", *NIGHT)
    assert refused.code == 2
    assert f"was run for 2026-01-31T02:00:00+00:00 already: run {run}, it ended succeeded" in refused.err
    assert "--again runs it once more" in refused.err
    assert len(quick.jobs()) == 2
    assert shell("run", "p.yaml", *NIGHT, "--again").code == 0
    assert [row["again"] for row in shell.runs()] == [1, 0]
    assert len(quick.jobs()) == 4


def test_a_run_that_is_not_over_is_offered_to_be_resumed(shell, write, emulators):
    write(emulators)
    assert shell("run", "p.yaml", *NIGHT, "--max-time", "0.5s").code == 6
    refused = shell("run", "p.yaml", *NIGHT)
    assert refused.code == 2
    assert f"`pipeforge resume {newest(shell)}` goes on with it" in refused.err


def test_a_pipeline_that_changed_is_not_resumed(shell, write, emulators):
    path = write(emulators)
    shell("run", "p.yaml", "--max-time", "0.5s")
    before = path.read_text()
    shell.write("p.yaml", before.replace('"timeout": "5m"', '"timeout": "6m"'))
    refused = shell("resume", newest(shell))
    assert refused.code == 2
    assert "has changed since run" in refused.err
    assert "bring back the version it began with" in refused.err
    shell.write("p.yaml", before.replace("\n", "\n\n"))  # blank lines change nothing
    assert shell("resume", newest(shell), "--max-time", "0.5s").code == 6


def test_resume_keeps_the_values_the_run_began_with(shell, emulators):
    every = steps(number())
    every["trocco_job"]["with"]["custom_variables"] = {"$region$": "${{ custom_variables.region }}"}
    every["td_workflow"] |= {"needs": "load"}
    every["td_workflow"]["with"]["params"] = {"region": "${{ custom_variables.region }}"}
    chosen = {"load": every["trocco_job"], "mart": every["td_workflow"]}
    variables = {"region": {"type": "string", "default": "jp"}}
    shell.write("p.yaml", pipeline(chosen, emulators, custom_variables=variables))
    assert shell("run", "p.yaml", "--set", "region=us", *NIGHT, "--max-time", "1s").code == 6
    emulators.jump(60)
    resume = shell.begin("resume", newest(shell), "--log-format", "json")
    resume.until('"step":"mart","attempt":1,"handle"')
    emulators.jump(60)
    assert resume.end().code == 0
    mart = shell.shown(newest(shell))["steps"]["mart"]["outputs"]
    assert mart["params"] == {"region": "us"}
    assert mart["session_time"].startswith("2026-01-31T02:00:00")


def test_an_environment_is_chosen_by_its_name(shell, write, quick):
    """The environment brings the address; without it there is nobody there."""
    path = write()
    whole = json.loads(path.read_text())
    address = whole["connections"]["td"].pop("base_url")
    whole["connections"]["td"]["region"] = "eu01"
    moved = {"vendor": "trocco", "api_key": "${{ secrets.OTHER_KEY }}"}
    shell.write("p.yaml", whole)
    shell.write("pipeforge.yaml", {"environments": {"test": {"connections": {"trocco": moved}}}})
    missing = shell("run", "p.yaml", "--env", "test")
    assert missing.code == 2
    assert "secret 'OTHER_KEY' is not set" in missing.err
    shell.write(".env", f"OTHER_KEY={SECRETS['TROCCO_API_KEY']}\n")
    whole["connections"]["td"] = {
        "vendor": "treasure",
        "api_key": "${{ secrets.TD_API_KEY }}",
        "base_url": address,
    }
    shell.write("p.yaml", whole)
    assert shell("run", "p.yaml", "--env", "test").code == 0


def test_a_journal_elsewhere_is_named_in_what_to_type_next(shell, write, emulators):
    write(emulators)
    done = shell("run", "p.yaml", "--max-time", "0.5s", "--journal", "kept/runs.db")
    assert done.code == 6
    run = newest(shell, "--journal", "kept/runs.db")
    assert f"to go on: pipeforge resume {run} --journal kept/runs.db" in done.out
    assert shell.runs() == []


def test_the_command_to_resume_works_from_where_it_was_told(shell, write, emulators, monkeypatch):
    """The journal stands beside the project file, not in the current folder."""
    path = write(emulators)
    shell.write("sub/p.yaml", path.read_text())
    done = shell("run", "sub/p.yaml", "--max-time", "0.5s")
    command = done.out.rsplit("to go on: pipeforge ", 1)[1].split()
    assert shell(*command, "--max-time", "0.5s").code == 6


def test_json_lines_are_events(shell, write):
    write()
    done = shell("run", "p.yaml", "--log-format", "json")
    events = [json.loads(line) for line in done.err.splitlines()]
    assert [event["type"] for event in events] == [
        "run_started",
        "step_intended",
        "step_triggered",
        "step_finished",
        "step_intended",
        "step_triggered",
        "step_finished",
        "run_finished",
    ]


def test_beside_json_lines_no_warning_is_told_in_words(shell, write):
    unused = {"never": {"A": {"type": "SINGLE_LINE_TEXT", "value": "x"}}}
    shell.write("p.yaml", json.dumps({**json.loads(write().read_text()), "records": unused}))
    assert "unused-record" in shell("run", "p.yaml").err
    lines = shell("run", "p.yaml", "--again", "--log-format", "json").err.splitlines()
    assert json.loads(lines[0])["type"] == "run_started" and all(map(json.loads, lines))


@pytest.mark.parametrize(("given", "mend"), [("5", "write 5s"), ("soon", "90s, 5m"), ("-1s", "90s, 5m")])
def test_a_time_budget_that_is_none_is_told_before_anything_is_done(shell, write, given, mend):
    write()
    for command in (("run", "p.yaml"), ("resume", "x")):
        refused = shell(*command, f"--max-time={given}")
        assert refused.code == 2
        assert "--max-time: " in refused.err
        assert mend in refused.err
    assert not shell.folder.joinpath(".pipeforge").exists()


def test_a_context_time_that_is_none_is_told(shell, write):
    write()
    refused = shell("run", "p.yaml", "--context-time", "yesterday")
    assert refused.code == 2
    assert "'--context-time yesterday' is not a time" in refused.err
