"""`pipeforge test`: pipelines run as their tests give them, in no time, and held against what is expected."""

import json
import subprocess
from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import COMMAND

from pipeforge.commands import jumping, opening, rehearsing
from pipeforge.language.trials import Situation
from pipeforge.reports.progress import line

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
HOURS = 3600

REGION = "${{ custom_variables.region }}"

PIPELINE = {
    "name": "nightly",
    "timezone": "Asia/Tokyo",
    "custom_variables": {"region": {"type": "string", "enum": ["jp", "us"], "default": "jp"}},
    "connections": {
        "t": {"vendor": "trocco", "api_key": "${{ secrets.KEY }}"},
        "r": {"vendor": "reckoner", "access_token": "${{ secrets.TOKEN }}"},
    },
    "steps": {
        "load": {
            "uses": "trocco.run_job",
            "with": {
                "job_definition_id": 7,
                "custom_variables": {"$region$": "${{ custom_variables.region }}"},
            },
            "retry": {"max_attempts": 3, "delay": "1h", "backoff": "exponential"},
            "timeout": "12h",
        },
        "each": {
            "needs": "load",
            "uses": "reckoner.run_workflow",
            "foreach": {"items": ["a", "b"], "max_parallel": 1},
            "with": {"workflow_id": 42, "parameters": {"store": "${{ item }}"}},
        },
        "flow": {
            "uses": "trocco.run_workflow",
            "with": {"pipeline_definition_id": 9},
            "if": "${{ custom_variables.region == 'us' }}",
        },
        "page": {
            "needs": ["each", "flow"],
            "run_when": "failure",
            "uses": "trocco.run_job",
            "with": {"job_definition_id": 8},
        },
    },
}
LONG = {"trocco": {"course": {"stages": {"queued": 600, "setting_up": 60, "executing": 4 * HOURS}}}}
FAILS = {"trocco": {"job_definitions": {"7": {"course": {"outcome": "error"}}, "8": {}}}}
LOST = {"vendor": "trocco", "route": "POST /api/pipeline_jobs", "do": "lose_answer"}


@pytest.fixture
def project(shell):
    shell.write("nightly.yaml", PIPELINE)
    return shell


def told_of(project, tests, **more):
    """The outcome of these tests, as JSON tells it."""
    project.write("nightly.test.yaml", {**more, "tests": tests})
    done = project("test", "--format", "json")
    (file,) = json.loads(done.out)["files"]
    return done, file["tests"]


def failed(project, expected, **given):
    """What a test with these expectations says."""
    done, (test,) = told_of(project, {"it": {"given": given, "expect": expected}})
    assert done.code == (0 if test["passed"] else 1)
    return [(one["message"], one["hint"]) for one in test["differences"]]


def rehearse(project, **given):
    manner = opening.Manner("en", quiet=True)
    source = opening.opened(project.folder / "nightly.yaml", None, manner)
    return rehearsing.rehearse(source, Situation.model_validate(given), project.folder)


RIGHT = {
    "exit_code": 0,
    "outcome": "succeeded",
    "outcomes": {"load": "succeeded", "each[1]": "succeeded", "flow": "skipped"},
    "not_started": ["flow", "page"],
    "order": ["load", "each[0]", "each[1]"],
    "attempts": {"load": 1, "flow": 0},
    "details": {"flow": "`if` is false"},
    "outputs": {"load": {"status": "succeeded", "job_definition_id": 7}},
    "jobs": {"trocco": 1, "reckoner": 2, "krewdata": 0},
    "requests": {
        "trocco": [
            {
                "request": "POST /api/jobs",
                "query": {"job_definition_id": 7},
                "body": {"custom_variables[][name]": "$region$", "custom_variables[][value]": "jp"},
            }
        ],
        "reckoner": [
            {"request": "POST /workflows/42/run", "body": {"parameters": {"store": "a"}}},
            {"request": "POST /workflows/42/run", "body": {"parameters": {"store": "b"}}},
        ],
    },
    "lasts": "1h",
}


def test_what_comes_as_expected_passes(project):
    asked = rehearse(project).asked("reckoner")
    bodies = [row["body"] for row in asked if row["method"] == "POST"]
    right = json.loads(json.dumps(RIGHT))
    for one, body in zip(right["requests"]["reckoner"], bodies, strict=True):
        one["body"] = body
    assert failed(project, right) == []


WRONG = [
    ({"exit_code": 1}, "the exit code is 0, not 1"),
    ({"outcome": "failed"}, "the run is succeeded, not failed"),
    ({"outcomes": {"load": "failed"}}, "'load' is succeeded, not failed"),
    ({"outcomes": {"each[7]": "failed"}}, "'each[7]' has no outcome, where failed is expected"),
    ({"outcomes": {"laod": "failed"}}, "the pipeline has no step 'laod'"),
    ({"not_started": ["load"]}, "'load' was started"),
    ({"not_started": ["each"]}, "'each' was started"),
    ({"not_started": ["loda"]}, "the pipeline has no step 'loda'"),
    ({"order": ["each", "load"]}, "'load' was started before 'each'"),
    ({"order": ["load", "page"]}, "'page' was not started"),
    ({"order": ["load", "pge"]}, "the pipeline has no step 'pge'"),
    ({"attempts": {"load": 2}}, "'load' was tried once, not 2 times"),
    ({"details": {"flow": "why not"}}, "of 'flow' is told 'its `if` is false', without 'why not'"),
    ({"outputs": {"load": {"status": "failed"}}}, "'status' of 'load' is succeeded, not failed"),
    ({"outputs": {"load": {"sttus": "failed"}}}, "'load' gives no 'sttus'"),
    ({"outputs": {"each": {"status": "failed"}}}, "'each' gives a list, for it is a foreach"),
    ({"jobs": {"trocco": 2}}, "trocco started 1 job, not 2 jobs"),
    ({"jobs": {"troco": 0}}, "there is no vendor 'troco'"),
    ({"requests": {"troco": []}}, "there is no vendor 'troco'"),
    ({"requests": {"trocco": [{"request": "POST /api/jbs"}]}}, "POST /api/jbs was made 0 times, not once"),
    (
        {"requests": {"trocco": [{"request": "POST /api/jobs"}] * 2}},
        "POST /api/jobs was made once, not 2 times",
    ),
    (
        {"requests": {"trocco": [{"request": "POST /api/jobs", "query": {"job_definition_id": 8}}]}},
        "POST /api/jobs asked job_definition_id: 7, not 8",
    ),
    (
        {"requests": {"trocco": [{"request": "POST /api/jobs", "body": {"memo": "x"}}]}},
        "POST /api/jobs carried\nno memo, not x\n"
        "custom_variables[][name]: $region$, of which the test says nothing\n"
        "custom_variables[][value]: jp, of which the test says nothing",
    ),
    ({"lasts": "1s"}, "it takes 30s, longer than 1s"),
]


@pytest.mark.parametrize(("expected", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_comes_otherwise_is_told(project, expected, message):
    ((said, _),) = failed(project, expected)
    if "longer" in message:
        said = f"it takes 30s, longer {said.partition('longer ')[2]}"
    assert said == message


def test_a_difference_stands_at_its_place(project):
    project.folder.joinpath("nightly.test.yaml").write_text(
        "tests:\n  a test:\n    expect:\n      outcomes:\n"
        "        flow: skipped\n        load:   failed  # no\n"
    )
    done = project("test")
    assert done.code == 1
    assert "FAILED nightly.test.yaml:2: a test\n\n  line 6: 'load' is succeeded, not failed\n" in done.out
    assert "    6 |         load:   failed  # no\n      |                 ^^^^^^\n" in done.out
    assert "  what happened:\n    00:00:00" in done.out
    assert done.out.endswith("s\n")
    assert "\n1 failed in " in done.out


def told(event):
    """What a person sees of an event."""
    return line(event, UTC)


def test_hours_go_by_and_each_time_alike(project):
    first, second = (rehearse(project, world=LONG) for _ in range(2))
    assert first.seconds > 4 * HOURS
    assert [told(event) for event in first.events] == [told(event) for event in second.events]
    assert [row["at"] for row in first.calls] == [row["at"] for row in second.calls]


def test_retries_wait_in_that_time(project):
    found = rehearse(project, world=FAILS)
    assert found.seconds > 3 * HOURS  # an hour, then two
    assert found.state.steps["load"].last == 3
    assert found.exit_code == 1
    assert found.outcome("page") == "succeeded"


def test_what_cannot_be_known_is_expected_like_anything_else(project):
    given = {"custom_variables": {"region": "us"}, "faults": [LOST]}
    expected = {"exit_code": 4, "outcome": "unknown", "outcomes": {"flow": "unknown"}}
    assert failed(project, expected, **given) == []


def test_a_budget_and_an_interval_of_days(project):
    assert failed(project, {"exit_code": 6}, world=LONG, max_time="2h") == []
    assert failed(project, {"outcomes": {"load": "timed_out"}}, world=_queued(".inf")) == []


def _queued(seconds):
    return {"trocco": {"course": {"stages": {"queued": seconds}}}}


def test_what_never_ends_is_told(project, monkeypatch):
    monkeypatch.setattr(jumping, "FURTHEST", 1.0 * HOURS)
    ((said, hint),) = failed(project, {"exit_code": 0}, world=_queued(".inf"))
    assert said.endswith("never comes to an end as this test gives it")
    assert "timeout" in hint


def test_nothing_is_left_behind_and_nothing_of_the_machine_is_seen(project, monkeypatch):
    monkeypatch.setenv("REGION", "us")
    project.write("pipeforge.yaml", {"env": ["REGION"]})
    steps = {**PIPELINE["steps"], "flow": {**PIPELINE["steps"]["flow"], "if": "${{ env.REGION == 'us' }}"}}
    project.write("nightly.yaml", {**PIPELINE, "steps": steps})
    assert failed(project, {"outcomes": {"flow": "succeeded"}}, env={"REGION": "us"}) == []
    ((said, _),) = failed(project, {"exit_code": 0})
    assert said == "environment variable 'REGION' is not set"
    ((said, hint),) = failed(project, {"exit_code": 0}, env={"REGON": "us", "REGION": "us"})
    assert said == "no template may read environment variable 'REGON'"
    assert hint == "did you mean 'REGION'?"
    assert sorted(path.name for path in project.folder.iterdir()) == [
        "nightly.test.yaml",
        "nightly.yaml",
        "pipeforge.yaml",
    ]


GIVEN_WRONG = [
    ({"custom_variables": {"regin": "us"}}, "'nightly' has no custom variable 'regin'"),
    ({"custom_variables": {"region": "eu"}}, "custom variable 'region' cannot be 'eu'"),
    ({"context_time": "yesterday"}, "'--context-time yesterday' is not a time"),
    ({"world": "nope.yaml"}, "no such file: "),
    ({"world": {"troco": {}}}, "what is given as world is not a world"),
    ({"faults": [{"vendor": "trocco", "do": "explode"}]}, 'unknown fault "explode"'),
    ({"environment": "prod"}, "'nightly.yaml' has 1 error"),
]


@pytest.mark.parametrize(("given", "message"), GIVEN_WRONG, ids=[message for _, message in GIVEN_WRONG])
def test_what_cannot_be_given_is_told(project, given, message):
    ((said, _),) = failed(project, {"exit_code": 0}, **given)
    assert message in said


def test_what_all_tests_are_given_and_what_one_is(project):
    expect = {"outcomes": {"flow": "succeeded"}}
    tests = {
        "as all": {"expect": expect},
        "of its own": {"given": {"custom_variables": {"region": "jp"}}, "expect": expect},
    }
    _, (as_all, own) = told_of(project, tests, given={"custom_variables": {"region": "us"}})
    assert (as_all["passed"], own["passed"]) == (True, False)


def test_a_pipeline_with_errors_fails_its_tests_and_names_the_first(project):
    project.write("nightly.yaml", {**PIPELINE, "stesp": {}})
    ((said, hint),) = failed(project, {"exit_code": 0})
    assert said == "'nightly.yaml' has 1 error"
    assert "unknown key 'stesp'" in hint
    assert "`pipeforge lint` tells all" in hint


BROKEN = [
    ("tests:\n  a:\n    expects: {outcome: failed}\n", "3:5", "PF101", "did you mean 'expect'?"),
    ("tests:\n  a:\n    expect: {}\n", "3:5", "PF102", "say what must come of it"),
    ("tests: {}\n", "1:8", "PF104", ""),
    ("tests:\n  a:\n    expect: {outcome: suceeded}\n", "3:23", "PF104", "did you mean 'succeeded'?"),
    ("tests:\n  a:\n    expect: {lasts: 5}\n", "3:21", "PF105", "5s"),
    ("tests: [\n", "2:1", "PF001", ""),
]


@pytest.mark.parametrize(
    ("text", "place", "code", "hint"), BROKEN, ids=[code + text for text, _, code, _ in BROKEN]
)
def test_a_test_file_with_errors_is_told_as_lint_tells(project, text, place, code, hint):
    project.folder.joinpath("nightly.test.yaml").write_text(text)
    done = project("test")
    assert done.code == 1
    assert f"[{code}]" in done.out
    assert f"nightly.test.yaml:{place}" in done.out
    assert hint in done.out
    assert "1 file not read in" in done.out


def test_tests_are_chosen_and_stopped(project):
    bad = {"expect": {"outcome": "failed"}}
    project.write("nightly.test.yaml", {"tests": {"one": bad, "two": bad, "three": bad}})
    named = project("test", "-v")
    assert named.out.count("FAILED nightly.test.yaml:") == 3
    assert "nightly.test.yaml::two FAILED\n" in named.out
    assert "\n1 failed in" in project("test", "-k", "tw").out
    assert "\n1 failed in" in project("test", "-x").out
    assert project("test").out.startswith("nightly.test.yaml FFF\n")
    none = project("test", "-k", "nothing")
    assert (none.code, "no test has 'nothing' in its name" in none.err) == (2, True)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nope", "no such file: 'nope'"),
        ("nightly.yaml", "is not a test file"),
        ("empty", "no tests in 'empty'"),
    ],
)
def test_a_path_without_tests_is_an_error(project, path, message):
    project.folder.joinpath("empty").mkdir()
    done = project("test", path)
    assert (done.code, message in done.err) == (2, True)


def test_junit_tells_the_same(project):
    bad = {"expect": {"outcome": "failed"}}
    project.write("nightly.test.yaml", {"tests": {"one": {"expect": {"exit_code": 0}}, "a <b> & \x07": bad}})
    assert project("test", "--junit", "out.xml").code == 1
    (suite,) = ElementTree.parse(project.folder / "out.xml").getroot()
    assert {key: suite.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
    }
    good, wrong = suite
    assert len(good) == 0
    assert wrong.find("failure").get("message") == "the run is succeeded, not failed"
    assert "triggered: job_id" in wrong.find("system-out").text
    assert project("test", "--format", "junit").out.startswith('<?xml version="1.0"')


def test_a_pipeline_that_runs_another(project):
    project.write(
        "outer.yaml",
        {
            "name": "outer",
            "steps": {"inner": {"uses": "pipeline", "with": {"path": "nightly.yaml"}, "timeout": "1d"}},
        },
    )
    project.write(
        "outer.test.yaml",
        {
            "tests": {
                "it": {"given": {"world": LONG}, "expect": {"outcome": "succeeded", "jobs": {"reckoner": 2}}}
            }
        },
    )
    assert project("test", "outer.test.yaml").out.startswith("outer.test.yaml .\n")


def test_the_examples_pass(tmp_path):
    done = subprocess.run(
        [*COMMAND, "test", str(ROOT / "examples")], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "passed in" in done.stdout


def test_the_plugin_of_pytest_gives_the_same(pytester):
    """In a process of its own, as somebody has it who installed both."""
    folder = pytester.path
    folder.joinpath("nightly.yaml").write_text(json.dumps(PIPELINE))
    tests = {"fine": {"expect": {"exit_code": 0}}, "not fine": {"expect": {"exit_code": 1}}}
    folder.joinpath("nightly.test.yaml").write_text(json.dumps({"tests": tests}))
    pytester.makeini("[pytest]\npipeforge_tests = true\n")
    pytester.makepyfile(
        """
        import pytest
        from pipeforge.errors import UsageError

        def test_it(rehearse):
            found = rehearse("nightly.yaml", custom_variables={"region": "us"})
            assert found.outcome("flow") == "succeeded"
            assert found.jobs("trocco") == 2
            assert found.order[-1] == "each[1]"

        def test_wrong(rehearse):
            with pytest.raises(UsageError, match="regin"):
                rehearse("nightly.yaml", custom_variables={"regin": "us"})
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines(["*line 1: the exit code is 0, not 1*"])
    assert "Traceback" not in done.stdout.str()


def test_pytest_leaves_test_files_alone_unless_told(pytester):
    pytester.path.joinpath("some.test.yaml").write_text("tests: {}\n")
    assert pytester.runpytest_subprocess().ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("way", ["../elsewhere.yaml", "link.yaml"])
@pytest.mark.parametrize("key", ["pipeline", "world"])
def test_a_strangers_test_shows_nothing_of_what_is_outside_the_project(shell, key, way):
    shell.write("elsewhere.yaml", "what nobody may read")
    shell.write("inside/pipeforge.yaml", {})
    shell.write("inside/p.yaml", PIPELINE)
    (shell.folder / "inside/link.yaml").symlink_to(shell.folder / "elsewhere.yaml")
    test = {"expect": {"outcome": "succeeded"}}
    named = {"pipeline": way} if key == "pipeline" else {"given": {"world": way}}
    shell.write("inside/p.test.yaml", {**named, "tests": {"reads": test}})
    done = shell("test", "inside")
    assert (done.code, "lies outside the project" in done.text, "nobody" in done.text) == (1, True, False)


def test_a_world_that_is_a_text_is_told(project):
    project.write("odd.yaml", "just words")
    given = {"given": {"world": "odd.yaml"}, "expect": {"outcome": "succeeded"}}
    project.write("nightly.test.yaml", {"tests": {"odd": given}})
    done = project("test")
    assert (done.code, "'odd.yaml' is not a world" in done.text) == (1, True), done.text


def test_several_things_wrong_with_a_world_stand_on_lines_of_their_own(project):
    given = {"given": {"world": {"trocco": {"jobs": 1, "odd": 2}}}, "expect": {"outcome": "succeeded"}}
    project.write("nightly.test.yaml", {"tests": {"odd": given}})
    told = project("test").out
    assert "\n      world.trocco.odd: " in told
    assert "\\x0a" not in told
