"""Refusals for now, failing vendors, answers that are lost: recorded, and met again by the same requests."""

import pytest
from playing import CONNECTIONS, play, write
from vendor_project import SECRETS

from pipeforge.redaction import Redactor

WAIT = {"settle": "5s", "no_job_grace": "60s"}
AT = "${{ context_time }}"
STEPS = {
    "job": {"uses": "trocco.run_job", "with": {"job_definition_id": 7}},
    "workflow": {"uses": "trocco.run_workflow", "with": {"pipeline_definition_id": 7}},
    "attempt": {
        "uses": "treasure.run_workflow",
        "with": {"project": "p", "workflow": "w", "session_time": AT},
    },
    "poll": {"uses": "workato.poll_recipe", "with": {"recipe_id": 7, **WAIT}},
    "recipe": {"uses": "workato.run_recipe", "with": {"recipe_id": 8, **WAIT}},
    "unit": {"uses": "krewdata.run_unit", "with": {"app_id": 55, "user": "batch"}},
    "reckoner": {"uses": "reckoner.run_workflow", "with": {"workflow_id": 7}},
}
LEAF = {"name": "b", "seconds": 20, "outcome": "error", "message": "no table"}
WORLD = {
    "trocco": {
        "job_definitions": {7: {"course": {"stages": {"executing": 100}, "outcome": "error"}}},
        "pipeline_definitions": {7: {"course": {"stages": {"executing": 100}}}},
    },
    "treasure": {"projects": {"p": {"workflows": {"w": {"course": {"tasks": [LEAF]}}}}}},
    "workato": {
        "recipes": {
            7: {"polls": [2], "poll_seconds": 1, "course": [{"seconds": 40}, {"outcome": "failed"}]},
            8: {"running": False, "polls": [1], "poll_seconds": 1, "course": {"seconds": 40}},
        }
    },
    "krewdata": {"unit": {"course": {"stages": {"Running": 100}}}},
    "reckoner": {"workflows": {7: {"course": {"stages": {"RUNNING": 100}, "outcome": "FAILED"}}}},
}
STARTS = {
    "job": "POST /api/jobs",
    "workflow": "POST /api/pipeline_jobs",
    "attempt": "PUT /api/attempts",
    "poll": "POST /recipes/7/poll_now",
    "recipe": "PUT /recipes/8/start",
    "unit": "POST /{unit}/run",
    "reckoner": "POST /workflows/7/run",
}
LOOKS = {
    "job": "GET /api/jobs/{id}",
    "workflow": "GET /api/pipeline_jobs/{id}",
    "attempt": "GET /api/attempts/{id}",
    "poll": "GET /recipes/7/jobs",
    "recipe": "GET /recipes/8",
    "unit": "POST /{unit}/status",
    "reckoner": "GET /workflows/7/jobs/{id}",
}
TROUBLES = {
    "its answer is lost": (STARTS, {"do": "lose_answer", "nth": 1}),
    "it is lost itself": (STARTS, {"do": "drop", "nth": 1}),
    "nobody can be reached": (STARTS, {"do": "unreachable", "first": 2}),
    "too many requests": (STARTS, {"do": "rate_limited", "retry_after": 90, "nth": 1}),
    "done, with a page of 502": (STARTS, {"do": "html", "after": True, "nth": 1}),
    "not done, with a 500": (STARTS, {"do": "server_error", "nth": 1}),
    "looks fail": (LOOKS, {"do": "server_error", "nth": [2, 3, 5]}),
    "looks are lost": (LOOKS, {"do": "drop", "first": 4}),
    "looks give pages": (LOOKS, {"do": "html", "status": 200, "nth": 2}),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("step", STEPS)
def test_the_same_requests_meet_the_same_weather_and_the_end_is_the_same(tmp_path, step, trouble):
    routes, fault = TROUBLES[trouble]
    vendor = STEPS[step]["uses"].partition(".")[0]
    write(tmp_path, {step: STEPS[step]})
    seen = play(tmp_path, {**WORLD, "faults": [{"vendor": vendor, "route": routes[step], **fault}]})
    assert seen.troubles(), "the trouble never came"
    again = play(tmp_path, seen.recorded, again=True)
    assert again.troubles() == seen.troubles()
    assert again.ended() == seen.ended()
    assert again.attempts() == seen.attempts() and again.warnings() == seen.warnings()


def test_weather_that_never_cleared_does_not_clear_again(tmp_path):
    job = {**STEPS["job"], "timeout": "10m"}
    write(tmp_path, {"job": job, "ask": {"uses": "trocco.get_job", "with": {"job_id": 5}, "timeout": "5m"}})
    look = {"vendor": "trocco", "route": LOOKS["job"], "do": "server_error", "status": 503}
    seen = play(tmp_path, {**WORLD, "faults": [look]})
    assert {end[0] for end in seen.ended().values()} == {"timed_out"}
    for hurried in (False, True):
        assert play(tmp_path, seen.recorded, again=True, hurried=hurried).ended() == seen.ended()


def test_two_jobs_at_once_meet_each_its_own(tmp_path):
    """Numbers are the emulators' own: which job is meant is told by what it runs."""
    one = {"uses": "reckoner.run_workflow", "with": {"workflow_id": 7}}
    other = {"uses": "reckoner.run_workflow", "with": {"workflow_id": 9}}
    write(tmp_path, {"one": one, "other": other, "later": {**one, "needs": "one", "run_when": "always"}})
    world = {"reckoner": {"course": {"stages": {"RUNNING": 60}}}}
    lost = {"vendor": "reckoner", "route": "POST /workflows/9/run", "do": "lose_answer", "nth": 1}
    late = {"vendor": "reckoner", "route": LOOKS["reckoner"].replace("7", "{workflow}"), "do": "drop"}
    faults = [lost, {**late, "job": {"of": 7, "nth": 2}, "since": 2, "until": 3}]
    seen = play(tmp_path, {**world, "faults": faults})
    looks = [fault for fault in seen.recorded["faults"] if "job" in fault]
    assert [(fault["job"], fault["since"], fault["until"]) for fault in looks] == [
        ({"of": 7, "nth": 2}, 2, 3)
    ]
    again = play(tmp_path, seen.recorded, again=True)
    assert again.ended() == seen.ended() and again.jobs() == seen.jobs() == 3
    assert sorted(again.troubles()) == sorted(seen.troubles())


def test_a_vendor_that_fails_may_quote_a_secret_and_the_recording_does_not(tmp_path):
    write(tmp_path, {"job": STEPS["job"], "unit": STEPS["unit"]}, CONNECTIONS)
    told = {"error": f"bad key {SECRETS['TROCCO_API_KEY']}", SECRETS["KREWDATA_SERIAL"]: "known"}
    faults = [
        {"vendor": "trocco", "route": STARTS["job"], "do": "answer", "status": 503, "body": told, "first": 2},
        {"vendor": "krewdata", "route": LOOKS["unit"], "do": "answer", "status": 500, "body": told, "nth": 1},
    ]
    text = play(tmp_path, {**WORLD, "faults": faults}).world
    assert "bad key ***" in text and "'***': known" in text.replace('"', "'")
    assert Redactor(SECRETS.values()).text(text) == text
