"""The Treasure emulator spoken to by somebody else's client: tdworkflow, unmodified, knows nothing of ours.

What it reads and what it chokes on is a reading of the vendor's API that is independent of both our adapter
and our emulator. Every method that it has is tried, in the shape of the hosted service and in that of an
open-source digdag server.
"""

import ast
import inspect
import io
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from tdworkflow.client import Client
from tdworkflow.exceptions import HttpError

SESSION = "2026-01-31T02:00:00+00:00"
DAILY = {"schedule": {"daily>": "07:00:00"}}
PROJECTS = {
    "sales": {
        "workflows": {
            "mart": {
                "timezone": "Asia/Tokyo",
                "config": DAILY,
                "course": {"tasks": [{"name": "build", "seconds": 0, "log": ["built 7 rows"]}]},
            },
            "endless": {"course": {"seconds": 3600}},
            "fails": {"course": {"seconds": 0, "outcome": "error", "message": "no such table"}},
        }
    },
    "stock": {"workflows": {"count": None}},
}


@pytest.fixture(params=["hosted", "oss"])
def shape(request):
    return request.param


@pytest.fixture
def emulators(served, shape):
    there = served(f"third_party_{shape}", {"treasure": {"shape": shape, "projects": PROJECTS}})
    yield there


@pytest.fixture
def client(emulators):
    address = urlsplit(emulators.url("treasure"))
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = "TD1 1/abc"
        yield Client(endpoint=address.netloc + address.path, apikey="1/abc", scheme="http", _session=session)


@pytest.fixture
def sales(client):
    (project,) = client.projects(name="sales")
    return project


@pytest.fixture
def workflows(client, sales):
    return {workflow.name: workflow for workflow in client.project_workflows(sales)}


@pytest.fixture
def daily(client, sales):
    (schedule,) = client.project_schedules(sales, workflow="mart")
    return schedule


def test_every_method_of_the_client_is_tried():
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    tried = {
        func.attr for func in calls if isinstance(func, ast.Attribute) and "client" in ast.dump(func.value)
    }
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert methods - tried == {"get", "post", "put", "delete"}, "those are what the others are made of"


# Project


def test_projects_and_workflows_are_listed_and_read(client, sales, workflows):
    project = client.project(sales.id)
    assert (project.name, project.id, project.revision) == ("sales", sales.id, "1")
    assert project.created_at <= project.updated_at
    assert sorted(workflows) == ["endless", "fails", "mart"]
    assert client.workflow(workflows["mart"]).project.name == "sales"
    assert client.projects(name="sale") == []
    assert [row.name for row in client.projects(name_pattern="sto")] == ["stock"]
    (first,) = client.projects(count=1)
    assert first.id not in [row.id for row in client.projects(last_id=first.id)]
    assert [row.name for row in client.project_workflows_by_name("stock")] == ["count"]
    with pytest.raises(ValueError, match="nowhere"):
        client.project_workflows_by_name("nowhere")


def test_a_project_is_pushed_read_back_and_deleted(client, tmp_path, emulators):
    folder = tmp_path / "pushed"
    folder.mkdir()
    (folder / "load.dig").write_text("timezone: Asia/Tokyo\nschedule:\n  hourly>: 30:00\n+a:\n  echo>: hi\n")
    (folder / "query.sql").write_text("SELECT 1")
    (folder / ".env").write_text("KEY=1")
    made = client.create_project("pushed", str(folder))
    assert [row.name for row in client.project_workflows(made, revision=made.revision)] == ["load"]
    again = client.create_project(
        "pushed",
        str(folder),
        schedule_from=datetime.now(UTC),
        clear_schedules=["load"],
        clear_schedule_all=True,
        exclude_patterns=["sql"],
        revision="second",
    )
    assert (again.id, again.revision) == (made.id, "second")
    assert [row.revision for row in client.project_revisions(made)] == ["second", made.revision]
    assert [row.workflow.name for row in client.project_schedules(made)] == ["load"]
    assert client.project_schedules(made, workflow="none") == []
    assert client.project_schedules(made, last_id=10**6) == []
    packed = tmp_path / "back.tar.gz"
    assert client.download_project_archive(made, str(packed), revision=made.revision)
    with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as archive:
        assert sorted(archive.getnames()) == ["load.dig", "query.sql"]
    with pytest.raises(HttpError, match="409"):
        client.create_project("pushed", str(folder), revision="second")
    assert client.delete_project(made)
    with pytest.raises(HttpError, match="404"):
        client.project(made)
    assert client.projects(name="pushed") == []


def test_secrets_are_put_listed_and_deleted(client, sales):
    assert client.secrets(sales) == []
    assert client.set_secrets(sales, {"mysql.password": "x", "mysql.user": "y", "td": "z"})
    assert client.secrets(sales) == ["mysql.password", "mysql.user", "td"]
    assert not client.set_secrets(sales, {"not a key": "x"})
    assert client.delete_secret(sales, "td")
    assert not client.delete_secret(sales, "td")
    assert client.delete_secrets(sales, ["mysql.password", "mysql.user"])
    assert client.secrets(sales) == []


# Workflow


def test_workflows_are_listed_by_pages_both_ways_and_by_name(client):
    up = [row.id for row in client.workflows()]
    assert up == sorted(up)
    assert [row.id for row in client.workflows(order="desc", count=2)] == up[:-3:-1]
    assert [row.id for row in client.workflows(last_id=up[0])] == up[1:]
    assert [row.name for row in client.workflows(name_pattern="end")] == ["endless"]
    assert [row.name for row in client.workflows(name_pattern="stoc", search_project_name=True)] == ["count"]
    with pytest.raises(HttpError, match="400"):
        client.workflows(order="sideways")


# Attempt, Log, Session


def test_an_attempt_is_started_read_and_over(client, workflows, sales):
    attempt = client.start_attempt(
        workflows["mart"], session_time=SESSION, workflow_params={"rows": 7}, pool_id=1
    )
    seen = client.attempt(attempt)
    assert (seen.id, seen.params) == (attempt.id, {"rows": 7})
    assert seen.session_time == datetime(2026, 1, 31, 2, tzinfo=UTC)
    assert seen.workflow.name == "mart"
    over = client.wait_attempt(seen, wait_interval=0)
    assert (over.done, over.success, over.status) == (True, True, "success")
    assert over.finished()
    assert client.attempt(attempt, inplace=True) is None and attempt.done
    assert client.session(over.session_id).last_attempt.id == attempt.id
    assert attempt.id in [row.id for row in client.session_attempts(over.session_id, page_size=5)]
    assert attempt.id in [row.id for row in client.attempts(project="sales", workflow="mart")]
    found = client.sessions(page_size=100)
    assert int(over.session_id) in [row.id for row in found]
    assert int(over.session_id) not in [row.id for row in client.sessions(last_id=int(over.session_id))]
    mine = client.project_sessions(sales, workflow="mart", page_size=1)
    assert [row.id for row in mine] == [int(over.session_id)]
    assert client.project_sessions(sales, workflow="mart", last_id=mine[0].id) == []


def test_tasks_and_logs_are_read(client, workflows):
    attempt = client.start_attempt(workflows["mart"], session_time="2026-02-01T00:00:00Z")
    client.wait_attempt(attempt, wait_interval=0)
    assert "+mart+build" in [task.full_name for task in client.attempt_tasks(attempt)]
    assert any("built 7 rows" in log for log in client.logs(attempt))
    (file,) = client.log_files(attempt, task="+mart+build", direct_download=True)
    assert client.log_file(attempt, file) == client.log_file(attempt.id, file.file_name) == "built 7 rows\n"


def test_an_attempt_is_killed(client, workflows, emulators):
    attempt = client.start_attempt(workflows["endless"], session_time=SESSION)
    assert client.kill_attempt(attempt).cancel_requested
    assert client.kill_attempt(attempt, inplace=True) is None and attempt.cancel_requested
    emulators.jump(5)
    assert client.attempt(attempt).status == "killed"
    with pytest.raises(HttpError, match="409"):
        client.kill_attempt(attempt)


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
    shown = [row.id for row in client.attempts(project="sales", workflow="mart", include_retried=True)]
    assert {first.id, again.id} <= set(shown)


# Schedule


def test_schedules_are_listed_and_switched(client, daily):
    assert daily.id in [row.id for row in client.schedules()]
    assert daily.id not in [row.id for row in client.schedules(last_id=daily.id)]
    seen = client.schedule(daily)
    assert (seen.workflow.name, seen.disabled_at) == ("mart", None)
    assert seen.next_schedule_time.endswith("T00:00:00+09:00")
    assert (seen.next_run_time - datetime.fromisoformat(seen.next_schedule_time)) == timedelta(hours=7)
    assert client.disable_schedule(daily).disabled_at
    assert client.schedule(daily.id).disabled_at
    assert client.enable_schedule(daily).disabled_at is None


def test_a_schedule_is_moved_on(client, daily):
    before = datetime.fromisoformat(client.schedule(daily).next_schedule_time)
    to = (before + timedelta(days=3)).isoformat()
    planned = client.skip_schedule(daily, next_time=to, dry_run=True)
    assert planned.next_schedule_time == to
    assert client.schedule(daily).next_schedule_time == before.isoformat()
    assert client.skip_schedule(daily, next_time=to).next_schedule_time == to
    with pytest.raises(HttpError, match="409"):
        client.skip_schedule(daily, next_time=to)
    late = client.skip_schedule(daily, next_time=(before + timedelta(days=4)).isoformat(), next_run_time=to)
    assert late.next_run_time == datetime.fromisoformat(to)
    with pytest.raises(HttpError, match="400"):
        client.skip_schedule(daily, from_time=to)


def test_past_times_are_run_one_after_the_other(client, daily):
    planned = client.backfill_schedule(daily, "fill", "2025-11-01T00:00:00+09:00", dry_run=True, count=2)
    assert [(row.id, row.index) for row in planned.attempts] == [(0, 0)] * 2
    made = client.backfill_schedule(daily, "fill", "2025-11-01T00:00:00+09:00", count=2)
    assert [row.session_time.isoformat() for row in made.attempts] == [
        "2025-11-01T00:00:00+09:00",
        "2025-11-02T00:00:00+09:00",
    ]
    assert {row.retry_attempt_name for row in made.attempts} == {"fill"}
    assert all(client.wait_attempt(row, wait_interval=0).success for row in made.attempts)
    with pytest.raises(HttpError, match="409"):
        client.backfill_schedule(daily, "fill", "2025-11-02T00:00:00+09:00", count=1)
    with pytest.raises(HttpError, match="400"):
        client.backfill_schedule(daily, "much", "2025-11-01T00:00:00+09:00", count=100_000)


def test_a_key_that_is_missing_and_a_thing_that_is_not_there(client, shape):
    with pytest.raises(HttpError, match="404"):
        client.project(999_999_999)
    client.http.headers.pop("Authorization")
    if shape == "oss":  # a server of one's own asks nobody who they are
        assert client.projects()
        return
    with pytest.raises(HttpError, match="401"):
        client.projects()
