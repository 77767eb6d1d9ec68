"""Treasure's kinds beyond their contract: open-source shape, names, pages, logs, schedules, secrets."""

import gzip
import io
import random
import tarfile

import anyio
import pytest
from emulated import emulated, settle, watched
from operations_treasure import CASES, OSS, SETTINGS

from pipeforge.adapter import Outcome, Role
from pipeforge.adapters import connections, kinds
from pipeforge.adapters.treasure.logs import log_text
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-step-1"
DAILY = {"config": {"schedule": {"daily>": "07:00:00"}}}


def treasure(world=None, **settings):
    return emulated("treasure", world or {}, **{**SETTINGS, **settings})


def sales(**workflows):
    return {"projects": {"sales": {"workflows": workflows}}}


async def done(there, name, **params):
    """What a step of a kind ends with."""
    adapter = there.adapter(f"treasure.{name}")
    handle, _ = await settle(adapter, adapter.kind.params.model_validate(params), KEY)
    return (await watched(adapter, handle))[0]


async def recorded(there):
    """Every call that the emulator had."""
    return (await there.admin.get("/_emulator/calls", params={"vendor": "treasure"})).json()


async def found(there, name, **params):
    seen = await done(there, name, **params)
    assert seen.outcome is Outcome.SUCCEEDED, seen.detail
    return seen.outputs


@pytest.mark.parametrize("name", CASES)
async def test_every_kind_understands_an_open_source_server(name):
    case = CASES[name]
    async with emulated("treasure", {**case.world, "shape": "oss"}, **OSS) as there:
        seen = await done(there, name.partition(".")[2], **case.params)
        assert (seen.outcome, seen.warning) == (Outcome.SUCCEEDED, ""), seen.detail
        kinds()[name].outputs.model_validate(seen.outputs)
        expected = {key: value for key, value in case.gives.items() if value != "canceling"}
        assert {key: seen.outputs[key] for key in expected} == expected


async def test_a_thing_is_found_by_its_name_and_by_its_id():
    async with treasure(sales(mart=DAILY)) as there:
        project = await found(there, "get_project", project="sales")
        assert await found(there, "get_project", project_id=project["id"]) == project
        workflow = await found(there, "get_workflow", project="sales", workflow="mart")
        assert await found(there, "get_workflow", workflow_id=int(workflow["id"])) == workflow
        assert (
            await found(there, "get_project_workflow", project_id=project["id"], workflow="mart") == workflow
        )
        schedule = await found(there, "get_schedule", project_id=project["id"], workflow="mart")
        assert await found(there, "get_schedule", schedule_id=schedule["id"]) == schedule
        assert (schedule["workflow"]["id"], schedule["project"]["name"]) == (workflow["id"], "sales")


@pytest.mark.parametrize(
    ("name", "params", "told"),
    [
        ("get_project", {"project": "sale"}, "no project 'sale'"),
        ("get_workflow", {"project": "sales", "workflow": "mrt"}, "no workflow 'mrt'"),
        ("get_schedule", {"project": "sales", "workflow": "other"}, "workflow 'other' has no schedule"),
        ("get_schedule", {"schedule_id": 7}, "schedule id=7"),
        ("list_attempts", {"project": "sale"}, "project name=sale"),
        ("list_project_workflows", {"project": "sales", "revision": "9"}, "revision 9"),
        ("get_session", {"session_id": 7}, "session id=7"),
    ],
)
async def test_what_is_not_there_is_told_in_the_vendors_words(name, params, told):
    async with treasure(sales(mart=DAILY, other=None)) as there:
        seen = await done(there, name, **params)
        assert seen.outcome is Outcome.FAILED and told in seen.detail


MANY = 230
PAST = {"past": [float(60 * (MANY - n)) for n in range(MANY)]}


async def test_every_page_is_fetched_and_no_more_than_is_wanted():
    world = {"projects": {f"p{n:03}": {"workflows": {"w": DAILY}} for n in range(MANY - 1)}}
    world["projects"]["sales"] = {"workflows": {"mart": {**PAST, "course": {"seconds": 0}}}}
    async with treasure({**world, "attempt_limit": MANY + 1}) as there:
        for name, key, count in [
            ("list_attempts", "attempts", MANY),
            ("list_sessions", "sessions", MANY),
            ("list_projects", "projects", MANY),
            ("list_workflows", "workflows", MANY),
            ("list_schedules", "schedules", MANY - 1),
        ]:
            rows = (await found(there, name))[key]
            assert len({row["id"] for row in rows}) == len(rows) == count
            before = len(await there.calls("GET", f"/api/{key}"))
            assert (await found(there, name, limit=5))[key] == rows[:5]
            assert len(await there.calls("GET", f"/api/{key}")) == before + 1
            assert (await found(there, name, limit=150))[key] == rows[:150]
        mine = await found(there, "list_project_sessions", project="sales", workflow="mart")
        assert len(mine["sessions"]) == MANY
        down = (await found(there, "list_workflows", order="desc"))["workflows"]
        assert [row["id"] for row in down] == sorted((row["id"] for row in down), reverse=True)


async def test_pages_that_do_not_go_on_are_no_endless_loop():
    async with treasure({"projects": {"a": None, "b": None}}) as there:
        await there.fault(route="GET /api/projects", do="rewrite", values={"id": "1"})
        with pytest.raises(Transient, match="do not go on"):
            await done(there, "list_projects")


async def test_revisions_of_the_hosted_service_go_on_by_a_cursor_and_digdags_end_at_a_hundred(tmp_path):
    for shape, count in (("hosted", 120), ("oss", 100)):
        async with treasure({"shape": shape, "projects": {}}, api=shape) as there:
            for number in range(120):
                (tmp_path / "a.dig").write_text(f"+a: {{echo>: {number}}}")
                await found(
                    there, "push_project", project="sales", folder=str(tmp_path), revision=f"r{number}"
                )
            rows = (await found(there, "list_project_revisions", project="sales"))["revisions"]
            assert [row["revision"] for row in rows] == [f"r{n}" for n in range(119, 119 - count, -1)]
            few = (await found(there, "list_project_revisions", project="sales", limit=3))["revisions"]
            assert few == rows[:3]


async def test_the_log_of_a_running_task_is_what_was_written_so_far():
    lines = [f"line {n}" for n in range(10)]
    world = sales(
        mart={"course": {"tasks": [{"name": "load", "seconds": 100, "log": lines}]}, "past": [55.0]}
    )
    async with treasure(world) as there:
        (attempt,) = (await found(there, "list_attempts"))["attempts"]
        (file,) = (await found(there, "list_log_files", attempt_id=attempt["id"]))["files"]
        assert file["task_name"] == "+mart+load" and "direct" not in file
        asked = {"attempt_id": attempt["id"], "file_name": file["file_name"]}
        assert (await found(there, "get_log_file", **asked))["text"].splitlines() == lines[:5]
        await anyio.sleep(100)
        whole = await found(there, "get_log_file", **asked)
        assert whole["text"].splitlines() == lines and not whole["truncated"]
        assert (await done(there, "get_log_file", **{**asked, "file_name": "+x@y"})).outcome is Outcome.FAILED


def test_a_log_is_unpacked_within_bounds():
    noise = "".join(random.Random(7).choices("abcdef\n", k=50_000))
    log = log_text(gzip.compress(noise.encode()), 1_000)
    assert noise.endswith(log.text) and 800 < len(log.text) <= 1_000 and log.cut and log.whole
    assert log_text(gzip.compress(b"short\n"), 1_000) == ("short\n", False, True)
    assert log_text(gzip.compress(b"short\n")[:-8], 1_000) == ("short\n", False, False)
    assert log_text(b"no gzip", 1_000) == ("", False, False)
    assert log_text(gzip.compress(b"a\n") + gzip.compress(b"b\n"), 1_000).text == "a\nb\n"
    assert len(log_text(gzip.compress(bytes(200_000_000), 1), 1_000).text) <= 1_000, "a bomb"


async def test_the_end_of_what_is_over_needs_no_kill():
    async with treasure(sales(mart={"past": [60.0]})) as there:
        (attempt,) = (await found(there, "list_attempts"))["attempts"]
        ended = await found(there, "kill_attempt", attempt_id=attempt["id"])
        assert (ended["kill_requested"], ended["status"]) == (False, "success")


# Secrets


async def test_a_secret_comes_from_the_connection_and_goes_nowhere_else():
    value = SETTINGS["secret_values"]["mysql_password"]
    async with treasure(sales(mart=None)) as there:
        adapter = there.adapter("treasure.put_secret")
        given = {"project": "sales", "key": "mysql.password", "value_of": "mysql_password"}
        params = adapter.kind.params.model_validate(given)
        evidence = await adapter.prepare(params)
        handle = await adapter.trigger(params, KEY, evidence)
        assert (await found(there, "list_secrets", project="sales"))["keys"] == ["mysql.password"]
        (call,) = await there.calls("PUT", "/secrets/mysql.password")
        assert call["body"] == {"value": "***"}
        body = {"message": f"cannot keep {value}", "status": 400}
        await there.fault(route="PUT /api/projects/{id}/secrets/{key}", do="forbidden", status=400, body=body)
        with pytest.raises(Rejected) as caught:
            await adapter.trigger(params, KEY, evidence)
        told = (
            caught.value,
            caught.value.hint,
            handle,
            params,
            there.settings,
            there.client,
            there.client.http,
        )
        assert value not in "".join(f"{each!s}{each!r}" for each in told)
        assert "cannot keep ***" in str(caught.value)
        assert value in there.settings.secrets()


async def test_a_secret_that_the_connection_lacks_is_told_before_anything_is_asked():
    async with treasure(sales(mart=None)) as there:
        with pytest.raises(Rejected, match="no 'mysql_pasword'") as caught:
            await done(there, "put_secret", project="sales", key="a", value_of="mysql_pasword")
        assert "did you mean 'mysql_password'?" in caught.value.hint
        assert not await there.calls("PUT", "")


async def test_deleting_a_secret_that_is_not_there_is_no_error():
    async with treasure(sales(mart=None)) as there:
        gone = {"project_id": "1001", "key": "nothing"}
        assert await found(there, "delete_secret", project="sales", key="nothing") == gone
        await there.fault(route="DELETE /api/projects/{id}/secrets/{key}", do="not_found")
        assert await found(there, "delete_secret", project="sales", key="nothing") == gone


# Projects


async def test_a_project_is_deleted_by_id_only_if_its_name_is_confirmed():
    async with treasure(sales(mart=None)) as there:
        with pytest.raises(Rejected, match="`confirm` is 'sale', but the project is named 'sales'"):
            await done(there, "delete_project", project_id="1001", confirm="sale")
        assert not await there.calls("DELETE", "")
        assert await found(there, "delete_project", project_id="1001", confirm="sales") == {
            "id": "1001",
            "name": "sales",
        }


async def test_a_project_made_anew_under_the_name_is_not_deleted_for_the_old_one():
    async with treasure(sales(mart=None)) as there:
        adapter = there.adapter("treasure.delete_project")
        params = adapter.kind.params.model_validate({"project": "sales", "confirm": "sales"})
        evidence = await adapter.prepare(params)
        await there.fault(route="DELETE /api/projects/{id}", do="lose_answer", nth=1)
        with pytest.raises(InDoubt):
            await adapter.trigger(params, KEY, evidence)
        body = {"project": "sales", "revision": "1"}
        headers = {"content-type": "application/gzip", "authorization": f"TD1 {SETTINGS['api_key']}"}
        made = await there.admin.put("/treasure/api/projects", params=body, content=empty(), headers=headers)
        assert made.status_code == 200 and made.json()["id"] != "1001"
        handle = await adapter.recover(params, KEY, evidence)
        assert handle["outputs"] == {"id": "1001", "name": "sales"}
        assert (await found(there, "get_project", project="sales"))["id"] == made.json()["id"]


def empty():
    """An archive without files."""
    packed = io.BytesIO()
    tarfile.open(fileobj=packed, mode="w:gz").close()
    return packed.getvalue()


# Schedules


async def test_a_schedule_that_has_come_as_far_is_left_where_it_is():
    async with treasure(sales(mart=DAILY)) as there:
        mart = {"project": "sales", "workflow": "mart"}
        first = await found(there, "skip_schedule", **mart, next_time="2026-01-10T00:00:00Z")
        again = await found(there, "skip_schedule", **mart, next_time="2026-01-10T00:00:00Z")
        assert (first["skipped"], again["skipped"]) == (True, False)
        assert again["next_schedule_time"] == first["next_schedule_time"] == "2026-01-10T00:00:00+00:00"
        asked = {"from_time": "2026-01-10T09:00:00Z", "count": 2, "next_run_time": "2026-02-01T00:00:00Z"}
        planned = await found(there, "skip_schedule", **mart, **asked, dry_run=True)
        assert planned["next_schedule_time"] == "2026-01-13T00:00:00+00:00"
        assert (await found(there, "get_schedule", **mart))["next_schedule_time"] == first[
            "next_schedule_time"
        ]
        moved = await found(there, "skip_schedule", **mart, **asked)
        assert (moved["next_schedule_time"], moved["next_run_time"]) == (
            planned["next_schedule_time"],
            "2026-02-01T00:00:00Z",
        )


@pytest.mark.parametrize("shape", ["hosted", "oss"])
@pytest.mark.parametrize("skip", [True, False])
async def test_what_becomes_of_missed_times_is_the_same_on_both_servers(shape, skip):
    async with treasure({**sales(mart=DAILY), "shape": shape}, api=shape) as there:
        mart = {"project": "sales", "workflow": "mart"}
        assert (await found(there, "disable_schedule", **mart))["disabled_at"]
        await anyio.sleep(3 * 86_400)
        assert (await found(there, "enable_schedule", **mart, skip_missed=skip))["disabled_at"] is None
        assert len((await found(there, "list_sessions"))["sessions"]) == (0 if skip else 3)


async def test_switching_on_past_a_time_that_lies_behind_is_told_and_one_whose_answer_was_lost_is_done():
    async with treasure(sales(mart=DAILY)) as there:
        mart = {"project": "sales", "workflow": "mart"}
        await found(there, "disable_schedule", **mart)
        with pytest.raises(Rejected, match="already past") as caught:
            await done(there, "enable_schedule", **mart, next_time="2025-01-01T00:00:00Z")
        assert "leave `next_time` out" in caught.value.hint
        await there.fault(route="POST /api/schedules/{id}/enable", do="lose_answer", nth=1)
        on = await found(there, "enable_schedule", **mart, next_time="2026-01-10T00:00:00Z")
        assert (on["disabled_at"], on["next_schedule_time"]) == (None, "2026-01-10T00:00:00+00:00")


# Backfills

FILL = {"project": "sales", "workflow": "mart", "from_time": "2025-11-20T00:00:00Z"}


async def test_a_backfill_awaits_all_its_attempts_and_shows_them():
    async with treasure(sales(mart={**DAILY, "course": {"seconds": 20}})) as there:
        adapter = there.adapter("treasure.backfill_schedule")
        handle, ways = await settle(adapter, adapter.kind.params.model_validate(FILL), KEY)
        assert ways == ["triggered"] and len(handle["attempts"]) == 5
        seen, words, _ = await watched(adapter, handle)
        assert words[0] == "0 of 5 over" and words[-1] == "success"
        shown = seen.outputs["attempts"]
        assert [row["session_time"][:10] for row in shown] == [f"2025-11-{day}" for day in range(20, 25)]
        assert {row["retry_attempt_name"] for row in shown} == {KEY} == {seen.outputs["attempt_name"]}


async def test_a_backfill_fails_with_the_first_attempt_that_failed_and_says_why():
    bad = {"tasks": [{"name": "load", "outcome": "error", "message": "no such table", "log": ["SELECT 1"]}]}
    async with treasure(sales(mart={**DAILY, "course": [{}, bad, {}]})) as there:
        seen = await done(there, "backfill_schedule", **FILL, count=3)
        assert seen.outcome is Outcome.FAILED and seen.word == "error"
        assert "of 2025-11-21" in seen.detail and "no such table" in seen.detail and "SELECT 1" in seen.detail
        assert [row["status"] for row in seen.outputs["attempts"]] == ["success", "error", "success"]


async def test_a_backfill_that_is_canceled_starts_none_of_what_still_waits():
    async with treasure(sales(mart={**DAILY, "course": {"seconds": 1000}})) as there:
        adapter = there.adapter("treasure.backfill_schedule")
        handle, _ = await settle(adapter, adapter.kind.params.model_validate(FILL), KEY)
        await adapter.cancel(handle)
        seen, _, _ = await watched(adapter, handle)
        assert seen.outcome is Outcome.CANCELED and handle["attempts"][0] in seen.detail
        for attempt in handle["attempts"][1:]:
            tasks = (await found(there, "list_attempt_tasks", attempt_id=attempt))["tasks"]
            assert {task["started_at"] for task in tasks} == {None}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"from_time": "2026-06-01T00:00:00Z"}, "no time from 2026-06-01T00:00:00"),
        ({"count": 6}, "there are only 5 attempts"),
        ({"workflow": "other"}, "has no schedule"),
        ({"project": "none"}, "no project 'none'"),
    ],
)
async def test_a_backfill_that_cannot_be_is_refused_and_starts_nothing(change, told):
    async with treasure(sales(mart=DAILY, other=None)) as there:
        with pytest.raises(Rejected, match=told):
            await done(there, "backfill_schedule", **{**FILL, **change})
        assert await there.jobs() == []


async def test_a_backfill_waits_for_room_in_the_account():
    async with treasure(
        {**sales(mart={**DAILY, "course": {"seconds": 50}, "past": [10.0]}), "attempt_limit": 2}
    ) as there:
        adapter = there.adapter("treasure.backfill_schedule")
        params = adapter.kind.params.model_validate({**FILL, "count": 2})
        handle, ways = await settle(adapter, params, KEY)
        assert ways == ["transient", "transient", "triggered"]
        assert (await watched(adapter, handle))[0].outcome is Outcome.SUCCEEDED


async def test_attempts_of_a_name_that_somebody_else_has_used_are_not_taken_for_ours():
    async with treasure(sales(mart=DAILY)) as there:
        time = "2025-11-22T00:00:00Z"
        await there.act(
            "start", project="sales", workflow="mart", session_time=time, retry_attempt_name="mine"
        )
        with pytest.raises(Rejected, match="'mine' are there already: 4000001"):
            await done(there, "backfill_schedule", **FILL, attempt_name="mine")


async def test_a_backfill_of_which_a_part_is_there_is_in_doubt():
    async with treasure(sales(mart=DAILY)) as there:
        adapter = there.adapter("treasure.backfill_schedule")
        params = adapter.kind.params.model_validate({**FILL, "count": 2})
        evidence = await adapter.prepare(params)
        time = "2025-11-21T00:00:00Z"
        await there.act("start", project="sales", workflow="mart", session_time=time, retry_attempt_name=KEY)
        with pytest.raises(InDoubt, match=f"1 of 2 attempts named '{KEY}'") as caught:
            await adapter.recover(params, KEY, evidence)
        assert "4000001" in caught.value.hint


async def test_a_person_names_a_backfills_attempts():
    async with treasure(sales(mart=DAILY)) as there:
        adapter = there.adapter("treasure.backfill_schedule")
        params = adapter.kind.params.model_validate(FILL)
        evidence = {"schedule_id": "7001"}
        expected = {"schedule_id": "7001", "attempt_name": "", "attempts": ["5", "6"]}
        assert adapter.handle_of("5, 6", params, evidence) == expected
        assert adapter.handle_of({"attempts": [5, 6]}, params, evidence) == expected
        for wrong in ("", "a", {"attempts": []}, {}):
            with pytest.raises(ValueError, match="ids are wanted"):
                adapter.handle_of(wrong, params, evidence)


OPERATIONS = {
    "GET /api/attempts": "list_attempts",
    "PUT /api/attempts": "run_workflow",
    "GET /api/attempts/{id}": "get_attempt",
    "GET /api/attempts/{id}/retries": "list_attempt_retries",
    "GET /api/attempts/{id}/tasks": "list_attempt_tasks",
    "POST /api/attempts/{id}/kill": "kill_attempt",
    "GET /api/logs/{id}/files": "list_log_files",
    "GET /api/logs/{id}/files/{file}": "get_log_file",
    "GET /api/projects": "list_projects",
    "PUT /api/projects": "push_project",
    "GET /api/projects/{id}": "get_project",
    "DELETE /api/projects/{id}": "delete_project",
    "GET /api/projects/{id}/archive": "get_project_archive",
    "GET /api/projects/{id}/revisions": "list_project_revisions",
    "GET /api/projects/{id}/schedules": "list_project_schedules",
    "GET /api/projects/{id}/sessions": "list_project_sessions",
    "GET /api/projects/{id}/secrets": "list_secrets",
    "PUT /api/projects/{id}/secrets/{key}": "put_secret",
    "DELETE /api/projects/{id}/secrets/{key}": "delete_secret",
    "GET /api/projects/{id}/workflows": "list_project_workflows",
    "GET /api/projects/{id}/workflows/{name}": "get_project_workflow",
    "GET /api/schedules": "list_schedules",
    "GET /api/schedules/{id}": "get_schedule",
    "POST /api/schedules/{id}/backfill": "backfill_schedule",
    "POST /api/schedules/{id}/disable": "disable_schedule",
    "POST /api/schedules/{id}/enable": "enable_schedule",
    "POST /api/schedules/{id}/skip": "skip_schedule",
    "GET /api/sessions": "list_sessions",
    "GET /api/sessions/{id}": "get_session",
    "GET /api/sessions/{id}/attempts": "list_session_attempts",
    "GET /api/workflows": "list_workflows",
    "GET /api/workflows/{id}": "get_workflow",
    "GET /api/workflows/{id}/truncated_session_time": "get_truncated_session_time",
}
"""The vendor's six groups: each operation, and the kind that asks it."""

GIVEN = {
    "run_workflow": {"project": "sales", "workflow": "mart", "session_time": "2026-01-02T03:04:05+09:00"},
    "backfill_schedule": {"project": "sales", "workflow": "mart", "from_time": "2025-11-20T00:00:00Z"},
    "get_project": {"project_id": "1001"},
}
"""What these are given here, where their row in the contract asks another way."""


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_each_operation_of_the_vendor_is_asked_by_its_kind(operation):
    name = OPERATIONS[operation]
    case = CASES.get(f"treasure.{name}", CASES["treasure.list_attempts"])
    async with emulated("treasure", case.world, **SETTINGS) as there:
        await found(there, name, **GIVEN.get(name, case.params))
        asked = {f"{call['method']} {call['route']}" for call in await recorded(there)}
        assert operation in asked


def test_every_operation_of_the_vendor_is_a_kind():
    assert {f"treasure.{name}" for name in OPERATIONS.values()} == {
        name for name in kinds() if name.startswith("treasure.")
    }
    mine = [name for name in kinds() if name.startswith("treasure.")]
    roles = {role: sum(kinds()[name].role is role for name in mine) for role in Role}
    assert len(mine) == 33 and roles == {Role.RUNS: 2, Role.CHANGES: 8, Role.READS: 23}
    assert all(connections.adapter(kinds()[name], None).kind.name == name for name in mine)


@pytest.mark.parametrize("later", ["recover", "trigger"])
async def test_attempts_of_the_authors_name_are_ours_if_the_name_was_free(later):
    async with treasure(sales(mart=DAILY)) as there:
        adapter = there.adapter("treasure.backfill_schedule")
        params = adapter.kind.params.model_validate({**FILL, "attempt_name": "mine", "count": 2})
        evidence = await adapter.prepare(params)
        await there.fault(route="POST /api/schedules/{id}/backfill", do="lose_answer", nth=1)
        with pytest.raises(InDoubt):
            await adapter.trigger(params, KEY, evidence)
        await there.fault(route="GET /api/projects/{id}/sessions", do="html", first=4)
        with pytest.raises(InDoubt if later == "trigger" else Transient):
            await getattr(adapter, later)(params, KEY, evidence)
        handle = await getattr(adapter, later)(params, KEY, evidence)
        assert handle["attempts"] == ["4000001", "4000002"]
        assert len(await there.jobs()) == 2


async def test_times_that_were_run_before_are_left_as_they_are_where_that_is_asked_for():
    async with treasure(sales(mart=DAILY)) as there:
        await there.act("start", project="sales", workflow="mart", session_time="2025-11-21T00:00:00Z")
        await there.fault(route="POST /api/schedules/{id}/backfill", do="lose_answer", nth=1)
        filled = await found(there, "backfill_schedule", **FILL, count=3, skip_existing=True)
        assert [row["session_time"][:10] for row in filled["attempts"]] == ["2025-11-20", "2025-11-22"]
        nothing = await found(
            there, "backfill_schedule", **FILL, count=3, skip_existing=True, attempt_name="again"
        )
        assert nothing["attempts"] == [] and len(await there.jobs()) == 3
    async with treasure({**sales(mart=DAILY), "shape": "oss"}, api="oss") as there:
        with pytest.raises(Rejected, match="no `skip_existing`"):
            await done(there, "backfill_schedule", **FILL, skip_existing=True)
