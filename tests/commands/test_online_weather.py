"""`lint --online`, `drift` and `import` in bad weather: one clear message, the code, nothing lost."""

import json
import signal

import pytest
from command_line import until
from vendor_project import SECRETS, connections

WORLD = {
    "trocco": {
        "job_definitions": {7: {"name": "orders"}},
        "pipeline_definitions": {3: {"tasks": [{"definition_id": 7, "type": "trocco_transfer"}]}},
    },
    "treasure": {"projects": {"sales": {"workflows": {"mart": None}}}},
    "workato": {"recipes": {1: {"name": "R", "trigger_application": "salesforce"}}},
    "reckoner": {"workflows": {42: {"name": "clean"}}},
}
STEPS = {
    "trocco": ("trocco.run_workflow", {"pipeline_definition_id": 3}),
    "treasure": (
        "treasure.run_workflow",
        {"project": "sales", "workflow": "mart", "session_time": "${{ context_time }}"},
    ),
    "workato": ("workato.poll_recipe", {"recipe_id": 1}),
    "reckoner": ("reckoner.run_workflow", {"workflow_id": 42}),
    "krewdata": ("krewdata.run_unit", {"app_id": 55, "user": "batch"}),
}
NAMES = {"trocco": "3", "treasure": "sales", "workato": "1", "reckoner": "42"}
"""What `import` asks for; krewData has no list of its flows."""

WEATHER = {
    "too many requests": ({"do": "answer", "status": 429, "retry_after": 0.1}, "answered 429"),
    "too many requests, without a time": ({"do": "answer", "status": 429}, "answered 429"),
    "a failing server": ({"do": "answer", "status": 500, "body": "oops"}, "answered 500"),
    "a page": ({"do": "html", "status": 200}, "which is not JSON"),
    "half an answer": ({"do": "truncated"}, "which is not JSON"),
    "no connection": ({"do": "drop"}, "got no answer"),
    "a credential that is not accepted": (
        {"do": "answer", "status": 401, "body": {"message": "no entry"}},
        "answered 401",
    ),
    "a list instead of a thing": ({"do": "answer", "body": []}, "it is no JSON object"),
    "another thing": ({"do": "answer", "body": {"colour": 1}}, "gave an unexpected answer"),
}
QUIET = {"krewdata": "shopfloor: "}
"""What its answers hold may be a token: they are not told."""


@pytest.fixture
def there(served):
    return served("online_weather", WORLD)


@pytest.fixture
def locked(shell, there):
    """A pipeline of one vendor, with its lock."""

    def make(vendor):
        used = {name: one for name, one in connections(there).items() if one["vendor"] == vendor}
        kind, given = STEPS[vendor]
        shell.write("pipeforge.yaml", {"connections": used})
        shell.write("p.yaml", {"name": "p", "steps": {"a": {"uses": kind, "with": given, "timeout": "1h"}}})
        done = shell("lint", "--online", "--lock", *probe(vendor), "p.yaml")
        assert done.code == 0, done.text
        return shell

    return make


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """No test waits between one try and the next."""
    monkeypatch.setattr("pipeforge.adapters.http._BACKOFF", (0.001, 0.001))


def probe(vendor):
    return ["--krewdata-token-probe"] if vendor == "krewdata" else []


def files(shell):
    return {path.name: path.read_bytes() for path in shell.folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("vendor", STEPS)
@pytest.mark.parametrize("weather", WEATHER)
def test_a_vendor_that_does_not_answer_well_is_told_and_nothing_is_lost(locked, there, vendor, weather):
    shell = locked(vendor)
    fault, told = WEATHER[weather]
    before = files(shell)
    there.fault(vendor, **fault)
    linted = shell("lint", "--online", "--lock", "--format", "json", *probe(vendor), "p.yaml")
    (finding,) = json.loads(linted.out)["diagnostics"]
    assert (linted.code, finding["code"]) == (1, "PF600")
    drifted = shell("drift", *probe(vendor), "p.yaml")
    assert drifted.code == 2
    assert "it could not be looked up: " in drifted.out
    hints = [finding["hint"], drifted.out]
    if vendor in NAMES:
        drawn = shell("import", vendor, NAMES[vendor], "-o", "out.yaml")
        assert (drawn.code, drawn.out) == (2, "")
        assert drawn.err.count("error: ") == 1 and drawn.err.count("\nhelp: ") == 1
        hints.append(drawn.err)
    for text in hints:
        assert QUIET.get(vendor, told) in text
        assert "starting anything" not in text
        assert not [secret for secret in SECRETS.values() if secret in text]
    assert files(shell) == before


@pytest.mark.parametrize("vendor", NAMES)
def test_a_moment_of_bad_weather_is_waited_out(locked, there, vendor):
    shell = locked(vendor)
    for fault in ({"do": "answer", "status": 429, "retry_after": 0.1}, {"do": "drop"}, {"do": "html"}):
        there.mend()
        there.fault(vendor, **fault, first=1)
        assert shell("drift", "p.yaml").code == 0
        there.mend()
        there.fault(vendor, **fault, first=1)
        assert shell("import", vendor, NAMES[vendor], "--stdout").code == 0


@pytest.mark.parametrize("vendor", ["treasure"])
def test_a_right_that_is_missing_half_way_is_told(locked, there, vendor):
    shell = locked(vendor)
    there.fault(vendor, do="answer", status=403, nth=2, body={"message": "not for you"})
    done = shell("lint", "--online", "--no-cache", "--format", "json", "p.yaml")
    (finding,) = json.loads(done.out)["diagnostics"]
    assert (finding["code"], done.code) == ("PF602", 1)
    assert "not for you" in finding["hint"]


@pytest.mark.parametrize(
    "words",
    [
        ("lint", "--online", "--lock", "p.yaml"),
        ("drift", "p.yaml"),
        ("import", "workato", "1", "-o", "out.yaml"),
    ],
    ids=lambda words: words[0],
)
def test_ctrl_c_ends_it_at_once_and_leaves_all_as_it_was(locked, there, words):
    shell = locked("workato")
    before, asked = files(shell), len(there.calls("workato"))
    there.fault("workato", do="slow", seconds=60)
    running = shell.begin(*words)
    until(lambda: running.ended() or len(there.calls("workato")) > asked)
    running.send(signal.SIGINT)
    done = running.end()
    assert (done.code, done.out, done.err) == (130, "", "error: interrupted\n")
    assert files(shell) == before


def test_an_answer_that_is_too_slow_is_not_waited_for(locked, there, monkeypatch):
    shell = locked("workato")
    monkeypatch.setattr("pipeforge.commands.looking_up.PATIENCE", 0.2)
    there.fault("workato", do="slow", seconds=20)
    done = shell("lint", "--online", "--no-cache", "p.yaml")
    assert done.code == 1
    assert "no answer within 0.2s; ask again, or look at the vendor's status page" in done.out
    assert shell("drift", "p.yaml").code == 2
