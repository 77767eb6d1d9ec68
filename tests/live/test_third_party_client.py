"""The Treasure emulator spoken to by somebody else's client: tdworkflow, unmodified, knows nothing of ours.

What it reads and what it chokes on is a reading of the vendor's API that is independent of both our adapter
and our emulator.
"""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import requests
from tdworkflow.client import Client
from tdworkflow.exceptions import HttpError

SESSION = "2026-01-31T02:00:00+00:00"
WORLD = {
    "treasure": {
        "shape": "hosted",
        "projects": {
            "sales": {
                "workflows": {
                    "mart": {"course": {"tasks": [{"name": "build", "seconds": 0, "log": ["built 7 rows"]}]}},
                    "endless": {"course": {"seconds": 3600}},
                    "fails": {"course": {"seconds": 0, "outcome": "error", "message": "no such table"}},
                }
            }
        },
    }
}


@pytest.fixture
def emulators(served):
    return served("third_party", WORLD)


@pytest.fixture
def client(emulators):
    address = urlsplit(emulators.url("treasure"))
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = "TD1 1/abc"
        yield Client(endpoint=address.netloc + address.path, apikey="1/abc", scheme="http", _session=session)


@pytest.fixture
def workflows(client):
    (project,) = client.projects(name="sales")
    return {workflow.name: workflow for workflow in client.project_workflows(project)}


def test_projects_and_workflows_are_listed_and_read(client, workflows):
    (listed,) = client.projects(name="sales")
    project = client.project(listed.id)
    assert (project.name, project.id) == ("sales", listed.id)
    assert project.created_at <= project.updated_at
    assert sorted(workflows) == ["endless", "fails", "mart"]
    assert client.workflow(workflows["mart"]).project.name == "sales"
    assert client.projects(name="sale") == []


def test_an_attempt_is_started_read_and_over(client, workflows):
    attempt = client.start_attempt(workflows["mart"], session_time=SESSION, workflow_params={"rows": 7})
    seen = client.attempt(attempt)
    assert (seen.id, seen.params) == (attempt.id, {"rows": 7})
    assert seen.session_time == datetime(2026, 1, 31, 2, tzinfo=UTC)
    assert seen.workflow.name == "mart"
    over = client.wait_attempt(seen, wait_interval=0)
    assert (over.done, over.success, over.status) == (True, True, "success")
    assert over.finished()
    assert client.session(over.session_id).last_attempt.id == attempt.id
    assert attempt.id in [row.id for row in client.session_attempts(over.session_id)]
    assert attempt.id in [row.id for row in client.attempts(project="sales", workflow="mart")]


def test_tasks_and_logs_are_read(client, workflows):
    attempt = client.start_attempt(workflows["mart"], session_time="2026-02-01T00:00:00Z")
    client.wait_attempt(attempt, wait_interval=0)
    assert "+mart+build" in [task.full_name for task in client.attempt_tasks(attempt)]
    assert any("built 7 rows" in log for log in client.logs(attempt))


def test_an_attempt_is_killed(client, workflows, emulators):
    attempt = client.start_attempt(workflows["endless"], session_time=SESSION)
    assert client.kill_attempt(attempt).cancel_requested
    emulators.jump(5)
    assert client.attempt(attempt).status == "killed"


def test_a_failure_is_told_by_its_tasks(client, workflows):
    attempt = client.start_attempt(workflows["fails"], session_time=SESSION)
    client.wait_attempt(attempt, wait_interval=0)
    assert client.attempt(attempt).status == "error"
    told = [task.error["message"] for task in client.attempt_tasks(attempt) if task.error]
    assert "no such table" in told


def test_the_same_session_twice_is_a_conflict_and_a_name_makes_it_another(client, workflows):
    session = "2026-03-01T00:00:00Z"
    first = client.start_attempt(workflows["mart"], session_time=session)
    with pytest.raises(HttpError, match="409"):
        client.start_attempt(workflows["mart"], session_time=session)
    again = client.start_attempt(workflows["mart"], session_time=session, retry_attempt_name="again")
    assert again.session_id == first.session_id
    assert again.retry_attempt_name == "again"
    assert {row.id for row in client.retried_attempts(first)} == {first.id, again.id}


def test_a_key_that_is_missing_and_a_thing_that_is_not_there(client):
    with pytest.raises(HttpError, match="404"):
        client.project(999_999_999)
    client.http.headers.pop("Authorization")
    with pytest.raises(HttpError, match="401"):
        client.projects()
