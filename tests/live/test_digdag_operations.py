"""Treasure's kinds that ask and change, against a digdag server: the emulator, or one that runs elsewhere.

Nothing here knows which it is: what is asserted holds for either. The server is the one of the live tests.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import anyio
import pytest

from pipeforge.adapter import Outcome
from pipeforge.adapters import connection_model, connections, kinds
from pipeforge.errors import Rejected, Transient

pytestmark = pytest.mark.anyio

SCHEDULED = (
    "timezone: Asia/Tokyo\nschedule:\n  daily>: 07:00:00\n+say:\n  echo>: hello\n+again:\n  echo>: bye\n"
)
TOKYO = timedelta(hours=9)


class There:
    """The server through our adapters, each asked as a step asks it."""

    def __init__(self, url, folder):
        given = {"vendor": "treasure", "api": "oss", "base_url": url, "api_key": "1/live"}
        given["secret_values"] = {"password": f"secret-{uuid4().hex}"}
        self.settings = connection_model("treasure").model_validate(given)
        self.client = connections.connect("live", self.settings)
        self.folder = folder

    async def __call__(self, name, **params):
        kind = kinds()[f"treasure.{name}"]
        adapter = connections.adapter(kind, self.client, self.folder)
        asked = kind.params.model_validate(params)
        handle = await adapter.trigger(asked, f"live-{uuid4().hex}", await adapter.prepare(asked))
        for _ in range(120):
            try:
                seen = await adapter.observe(handle)
            except Transient:
                seen = None
            if seen is not None and seen.outcome is not None:
                assert seen.outcome is Outcome.SUCCEEDED, (name, seen)
                kind.outputs.model_validate(seen.outputs)
                return seen.outputs
            await anyio.sleep(0.5)
        raise AssertionError(f"{name} never ended")


@pytest.fixture
async def there(server, tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "daily.dig").write_text(SCHEDULED)
    (tmp_path / "flows" / "queries").mkdir()
    (tmp_path / "flows" / "queries" / "q.sql").write_text("SELECT 1\n")
    asked = There(server.url, tmp_path)
    yield asked
    await asked.client.aclose()


@pytest.fixture
async def pushed(there):
    """A project of this test's own."""
    name = f"pipeforge_{uuid4().hex[:12]}"
    yield await there("push_project", project=name, folder="flows")
    await there("delete_project", project=name, confirm=name)


async def test_what_is_pushed_is_there_once_and_comes_back(there, pushed):
    name = pushed["name"]
    assert (await there("push_project", project=name, folder="flows"))["pushed"] is False
    (there.folder / "flows" / "queries" / "q.sql").write_text("SELECT 2\n")
    again = await there("push_project", project=name, folder="flows")
    assert again["pushed"] and again["id"] == pushed["id"]
    rows = (await there("list_project_revisions", project=name))["revisions"]
    assert [row["revision"] for row in rows] == [again["revision"], pushed["revision"]]
    assert [row["archive_md5"] for row in rows] == [again["archive_md5"], pushed["archive_md5"]]
    old = await there("get_project_archive", project=name, revision=pushed["revision"], save_to="old.tar.gz")
    assert (old["md5"], old["size"]) == (pushed["archive_md5"], pushed["size"])
    assert [file["name"] for file in old["files"]] == ["daily.dig", "queries/q.sql"]
    shown = await there("get_project", project=name)
    assert shown == await there("get_project", project_id=pushed["id"])
    assert pushed["id"] in [row["id"] for row in (await there("list_projects"))["projects"]]


async def test_workflows_are_shown_and_times_cut(there, pushed):
    name = pushed["name"]
    (row,) = (await there("list_project_workflows", project=name))["workflows"]
    assert (row["name"], row["timezone"], row["revision"]) == ("daily", "Asia/Tokyo", pushed["revision"])
    assert list(row["config"]["schedule"].values()) == ["07:00:00"]
    assert await there("get_workflow", workflow_id=row["id"]) == row
    assert await there("get_project_workflow", project=name, workflow="daily") == row
    asked = {"project": name, "workflow": "daily", "session_time": "2026-01-01T18:04:05Z"}
    for mode, time in {
        "hour": "2026-01-02T03:00:00+09:00",
        "day": "2026-01-02T00:00:00+09:00",
        "next_schedule": "2026-01-03T00:00:00+09:00",
    }.items():
        assert (await there("get_truncated_session_time", **asked, mode=mode))["session_time"] == time


async def test_secrets_are_put_listed_and_deleted(there, pushed):
    name = pushed["name"]
    assert (await there("list_secrets", project=name))["keys"] == []
    await there("put_secret", project=name, key="mysql.password", value_of="password")
    await there("put_secret", project=name, key="mysql.password", value_of="password")
    assert (await there("list_secrets", project=name))["keys"] == ["mysql.password"]
    await there("delete_secret", project=name, key="mysql.password")
    await there("delete_secret", project=name, key="mysql.password")
    assert (await there("list_secrets", project=name))["keys"] == []


async def test_a_schedule_is_switched_and_moved(there, pushed):
    mart = {"project": pushed["name"], "workflow": "daily"}
    (row,) = (await there("list_project_schedules", project=pushed["name"]))["schedules"]
    assert await there("get_schedule", **mart) == await there("get_schedule", schedule_id=row["id"])
    assert row["id"] in [each["id"] for each in (await there("list_schedules"))["schedules"]]
    assert (await there("disable_schedule", **mart))["disabled_at"]
    assert (await there("disable_schedule", **mart))["disabled_at"]
    assert (await there("enable_schedule", **mart))["disabled_at"] is None
    to = (datetime.now(UTC) + TOKYO + timedelta(days=10)).strftime("%Y-%m-%dT00:00:00+09:00")
    moved = await there("skip_schedule", **mart, next_time=to)
    assert (moved["skipped"], moved["next_schedule_time"]) == (True, to)
    assert (await there("skip_schedule", **mart, next_time=to))["skipped"] is False


async def test_past_times_are_run_and_all_that_comes_of_it_is_read(there, pushed):
    mart = {"project": pushed["name"], "workflow": "daily"}
    name = f"fill-{uuid4().hex[:8]}"
    asked = {**mart, "from_time": "2025-11-01T00:00:00+09:00", "count": 2, "attempt_name": name}
    filled = await there("backfill_schedule", **asked)
    assert [row["session_time"] for row in filled["attempts"]] == [
        "2025-11-01T00:00:00+09:00",
        "2025-11-02T00:00:00+09:00",
    ]
    with pytest.raises(Rejected, match="are there already"):
        await there("backfill_schedule", **asked)
    first = filled["attempts"][0]
    listed = (await there("list_attempts", **mart))["attempts"]
    assert {row["id"] for row in filled["attempts"]} == {row["id"] for row in listed}
    assert (await there("get_attempt", attempt_id=first["id"]))["retry_attempt_name"] == name
    assert [
        row["id"] for row in (await there("list_attempt_retries", attempt_id=first["id"]))["attempts"]
    ] == [first["id"]]
    tasks = (await there("list_attempt_tasks", attempt_id=first["id"]))["tasks"]
    assert [(task["full_name"], task["state"]) for task in tasks] == [
        ("+daily", "success"),
        ("+daily+say", "success"),
        ("+daily+again", "success"),
    ]
    session = await there("get_session", session_id=first["session_id"])
    assert session["last_attempt"]["id"] == first["id"] and session["last_attempt"]["status"] == "success"
    attempts = (await there("list_session_attempts", session_id=first["session_id"]))["attempts"]
    assert [row["id"] for row in attempts] == [first["id"]]
    mine = (await there("list_project_sessions", project=pushed["name"]))["sessions"]
    assert [row["session_time"][:10] for row in mine] == ["2025-11-02", "2025-11-01"]
    assert session["id"] in [row["id"] for row in (await there("list_sessions", limit=50))["sessions"]]
    ended = await there("kill_attempt", attempt_id=first["id"])
    assert (ended["kill_requested"], ended["status"]) == (False, "success")
    files = (await there("list_log_files", attempt_id=first["id"]))["files"]
    for file in files:
        log = await there("get_log_file", attempt_id=first["id"], file_name=file["file_name"])
        assert not log["truncated"]


async def test_what_is_not_there_is_said_not_to_be(there):
    for name, params in {
        "get_project": {"project": "pipeforge_nowhere"},
        "delete_project": {"project": "pipeforge_nowhere", "confirm": "pipeforge_nowhere"},
        "push_project": {"project": "x", "folder": "nowhere"},
    }.items():
        with pytest.raises((Rejected, AssertionError), match=r"no project|no folder"):
            await there(name, **params)
