"""Treasure: projects pushed, fetched, deleted; revisions, secrets, workflows; hosted and open-source."""

import gzip
import hashlib
import io
import tarfile
from base64 import b64encode

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "TD1 1/" + "a" * 40}
GZIP = {"content-type": "application/gzip"}
DIG = "timezone: Asia/Tokyo\nschedule:\n  daily>: 07:00:00\n+say:\n  echo>: hello\n"
BOTH = pytest.mark.parametrize("shape", ["hosted", "oss"])


def world(shape="hosted", **more):
    listed = {"sales": {"secrets": ["td.key"], "workflows": {"mart": {"config": {"+a": {"echo>": "x"}}}}}}
    return {"treasure": {"shape": shape, "projects": {**listed, "stock": None}, **more}}


def archive(**files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, text in (files or {"load.dig": DIG}).items():
            member = tarfile.TarInfo(name.replace("_", "/"))
            member.size = len(text.encode())
            opened.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


LOAD = archive(**{"load.dig": DIG, "sql_q.sql": "SELECT 1"})


async def ask(treasure, method, path, status=200, **more):
    answer = await treasure.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer


async def push(treasure, content=LOAD, status=200, project="new", revision="1", headers=GZIP, **query):
    query = {"project": project, "revision": revision, **query}
    asked = {key: value for key, value in query.items() if value is not None}
    answer = await ask(
        treasure, "PUT", "/api/projects", status, params=asked, content=content, headers=headers
    )
    return answer.json()


async def get(treasure, path, status=200, **query):
    return (await ask(treasure, "GET", path, status, params=query)).json()


@BOTH
async def test_a_push_makes_a_project_with_the_workflows_of_its_archive(opened, shape):
    async with opened(world(shape)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await push(treasure)
        assert (made["name"], made["revision"], made["archiveType"], made["deletedAt"]) == (
            "new",
            "1",
            "db",
            None,
        )
        assert made["archiveMd5"] == b64encode(hashlib.md5(LOAD).digest()).decode()
        assert ("metadata" in made) == (shape == "hosted")
        (workflow,) = (await get(treasure, f"/api/projects/{made['id']}/workflows"))["workflows"]
        assert (workflow["name"], workflow["timezone"], workflow["revision"]) == ("load", "Asia/Tokyo", "1")
        assert workflow["config"]["schedule"] == {"daily>": "07:00:00"}, "no number in base 60"
        back = await ask(treasure, "GET", f"/api/projects/{made['id']}/archive")
        assert back.content == LOAD and back.headers["content-type"] == "application/gzip"
        await get(treasure, f"/api/projects/{made['id']}/archive", 404, revision="9")


async def test_a_second_revision_has_workflows_of_its_own_and_the_first_stays(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await push(treasure)
        emulators.clock.jump(5)
        later = await push(treasure, archive(**{"other.dig": "+a:\n  echo>: x\n"}), revision="2")
        assert later["id"] == made["id"] and later["updatedAt"] > made["updatedAt"] == later["createdAt"]
        path = f"/api/projects/{made['id']}"
        names = [row["name"] for row in (await get(treasure, f"{path}/workflows"))["workflows"]]
        assert names == ["other"]
        await get(treasure, f"{path}/workflows/load", 404)
        old = await get(treasure, f"{path}/workflows/load", revision="1")
        assert (await get(treasure, f"/api/workflows/{old['id']}")) == old
        rows = (await get(treasure, f"{path}/revisions"))["revisions"]
        assert [row["revision"] for row in rows] == ["2", "1"]
        assert rows[0].keys() == {"revision", "createdAt", "archiveType", "archiveMd5", "userInfo"}
        assert (await get(treasure, f"{path}/revisions", name="9"))["revisions"] == []
        assert (await ask(treasure, "GET", f"{path}/archive", params={"revision": "1"})).content == LOAD


@BOTH
@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"project": None}, 400, "project= is required"),
        ({"revision": None}, 400, "revision= is required"),
        ({"content": b"no archive"}, 400, "Failed to read the archive"),
        ({"content": LOAD[:60]}, 400, "Failed to read the archive"),
        ({"content": archive(**{"a.dig": "+a: [1"})}, 400, "Failed to load a.dig"),
        ({"content": archive(**{"a.dig": "- a"})}, 400, "a workflow is a mapping"),
        ({"content": archive(**{"a.dig": "foo: 1\n+a: {echo>: x}"})}, 400, "unknown keys: foo"),
        ({"content": archive(**{"a.dig": "+a: {echo>: x, fail>: y}"})}, 400, "one operator"),
        ({"content": archive(**{"a.dig": "+a: {echo>: x, +b: {echo>: y}}"})}, 400, "has no tasks"),
        ({"content": archive(**{"a.dig": "+a: {x: 1}"})}, 400, "without an operator"),
        ({"content": archive(**{"a.dig": "timezone: JST\n+a: {}"})}, 400, "no time zone"),
        ({"content": archive(**{"a b.dig": "+a: {}"})}, 400, "no name of a workflow"),
        ({"content": archive(**{"a.dig": "+a b: {}"})}, 400, "no name of a task"),
        ({"content": archive(**{"a.dig": ""})}, 400, "a workflow is a mapping"),
        ({"project": "1st"}, 400, "no name of a project"),
        ({"content": archive(**{".._a.dig": "+a: {}"})}, 400, "Invalid path"),
        ({"content": archive(**{"a.dig": "schedule: {daily>: 7}"})}, 400, "hh:mm:ss"),
        ({"content": archive(**{"a.dig": "schedule: {yearly>: 7}"})}, 400, "unknown type"),
        ({"headers": {"content-type": "application/json"}}, 400, "Unsupported content type"),
        ({"headers": {"content-type": "application/x-gzip"}}, 400, "Unsupported content type"),
        ({"headers": {**GZIP, "content-length": "7"}}, 400, "Content-Length"),
        ({"schedule_from": "2026-01-01T00:00:00+09:00"}, 400, "schedule_from"),
        ({"content": gzip.compress(bytes(range(256)) * 9000, 0)}, 400, "exceeds limit"),
        ({"content": archive(**{"a.dig": "+a: {}", "b": " " * 2_000_001})}, 400, "Total size of the archive"),
        ({"clear_schedule": "other"}, 400, "other does not exist"),
        ({"project": "x" * 256}, 400, "too long"),
    ],
)
async def test_a_push_that_is_not_right_is_refused_and_makes_nothing(opened, shape, change, status, told):
    async with opened(world(shape, archive_limit=2_000_000)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        refused = await push(treasure, status=status, **change)
        assert refused["status"] == status and told in refused["message"]
        assert (await get(treasure, "/api/projects", name="new"))["projects"] == []


async def test_a_revision_that_is_there_is_a_conflict(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await push(treasure)
        refused = await push(treasure, status=409)
        assert refused["status"] == 409 and "already exists" in refused["message"]
        assert (await push(treasure, status=409, project="sales"))["status"] == 409, (
            "the world's own revision"
        )


async def test_what_the_world_lists_has_an_archive_too(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        (project,) = (await get(treasure, "/api/projects", name="sales"))["projects"]
        back = (await ask(treasure, "GET", f"/api/projects/{project['id']}/archive")).content
        assert b64encode(hashlib.md5(back).digest()).decode() == project["archiveMd5"]
        again = await push(treasure, back, project="copy")
        (copy,) = (await get(treasure, f"/api/projects/{again['id']}/workflows"))["workflows"]
        assert copy["name"] == "mart" and copy["config"]["+a"] == {"echo>": "x"}


async def test_attempts_of_what_was_pushed_go_as_their_operators_say(opened):
    tasks = "+group: {_parallel: true, +say: {echo>: hello}, +wait: {wait>: 2m}}\n+end:\n  fail>: too bad\n"
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await push(treasure, archive(**{"w.dig": tasks}))
        body = {
            "projectName": "new",
            "workflowName": "w",
            "sessionTime": "2026-01-01T00:00:00Z",
            "params": {},
        }
        made = (await ask(treasure, "PUT", "/api/attempts", json=body)).json()
        emulators.clock.jump(119)
        assert (await get(treasure, f"/api/attempts/{made['id']}"))["status"] == "running"
        emulators.clock.jump(4)
        assert (await get(treasure, f"/api/attempts/{made['id']}"))["status"] == "error"
        rows = (await get(treasure, f"/api/attempts/{made['id']}/tasks"))["tasks"]
        assert {row["fullName"]: row["state"] for row in rows} == {
            "+w": "group_error",
            "+w+group": "success",
            "+w+group+say": "success",
            "+w+group+wait": "success",
            "+w+end": "error",
            "+w^failure-alert": "success",
        }
        assert [row["error"]["message"] for row in rows if row["error"]] == ["too bad"]
        (file,) = (await get(treasure, f"/api/logs/{made['id']}/files"))["files"]
        log = await ask(treasure, "GET", f"/api/logs/{made['id']}/files/{file['fileName']}")
        assert gzip.decompress(log.content) == b"hello\n"


async def test_a_deleted_project_is_gone_and_its_name_is_free(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await push(treasure)
        path = f"/api/projects/{made['id']}"
        gone = (await ask(treasure, "DELETE", path)).json()
        assert gone["id"] == made["id"] and gone["deletedAt"] is not None
        for below in (
            "",
            "/archive",
            "/revisions",
            "/workflows",
            "/workflows/load",
            "/schedules",
            "/sessions",
            "/secrets",
        ):
            await get(treasure, path + below, 404)
        await ask(treasure, "DELETE", path, 404)
        await ask(treasure, "PUT", f"{path}/secrets/a", 404, json={"value": "x"})
        assert (await get(treasure, "/api/projects", name="new"))["projects"] == []
        assert "load" not in [row["name"] for row in (await get(treasure, "/api/workflows"))["workflows"]]
        assert (await get(treasure, "/api/schedules"))["schedules"] == []
        assert (await push(treasure))["id"] != made["id"]


async def test_hosted_revisions_go_on_by_a_cursor_and_digdag_tells_of_a_hundred(opened):
    for shape in ("hosted", "oss"):
        async with opened(world(shape)) as emulators:
            treasure = emulators.at("treasure", **KEY)
            for number in range(103):
                made = await push(treasure, revision=f"r{number}")
            path = f"/api/projects/{made['id']}/revisions"
            first = await get(treasure, path)
            assert [row["revision"] for row in first["revisions"]] == [f"r{n}" for n in range(102, 2, -1)]
            assert ("pagination" in first) == (shape == "hosted")
            if shape == "hosted":
                rest = await get(
                    treasure, path, **{"page[after]": first["pagination"]["nextPage"], "page[size]": "2"}
                )
                assert [row["revision"] for row in rest["revisions"]] == ["r2", "r1"]
                last = await get(treasure, path, **{"page[after]": rest["pagination"]["nextPage"]})
                assert [row["revision"] for row in last["revisions"]] == ["r0"]
                assert last["pagination"] == {"nextPage": None}
                await get(treasure, path, 400, **{"page[size]": "101"})


@BOTH
async def test_secrets_are_listed_by_key_and_never_told(opened, shape):
    async with opened(world(shape)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        (project,) = (await get(treasure, "/api/projects", name="sales"))["projects"]
        path = f"/api/projects/{project['id']}/secrets"
        assert await get(treasure, path) == {"secrets": [{"key": "td.key"}]}
        put = await ask(
            treasure, "PUT", f"{path}/a.b-c", 204 if shape == "hosted" else 200, json={"value": "wine"}
        )
        named = {"id": project["id"], "name": "sales"}
        assert put.content == b"" if shape == "hosted" else put.json() == {"key": "a.b-c", "project": named}
        assert await get(treasure, f"{path}/") == {"secrets": [{"key": "a.b-c"}, {"key": "td.key"}]}
        gone = await ask(treasure, "DELETE", f"{path}/a.b-c", put.status_code)
        assert gone.content == put.content
        await ask(treasure, "DELETE", f"{path}/a.b-c", put.status_code)
        assert await get(treasure, path) == {"secrets": [{"key": "td.key"}]}
        told = str(await emulators.calls("treasure")) + str(emulators.__dict__)
        assert "wine" not in told and "'value': '***'" in told


@pytest.mark.parametrize("key", ["1a", "a.", ".a", "a..b", "a-", "a b", "x" * 256])
async def test_a_secret_that_digdag_would_not_take_is_refused(opened, key):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        path = f"/api/projects/1001/secrets/{key}"
        await ask(treasure, "PUT", path.replace("1001", "77"), 400, json={"value": "x"})
        assert (await ask(treasure, "PUT", path, 400, json={"value": "x"})).json()[
            "message"
        ] == "Invalid secret"
        await ask(treasure, "DELETE", path, 400)


async def test_a_secrets_value_is_text_of_at_most_16_kib_in_json(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        path = "/api/projects/1001/secrets/a"
        await ask(treasure, "PUT", path, 204, json={"value": "x" * 16384})
        await ask(treasure, "PUT", path, 400, json={"value": "é" * 8193})
        await ask(treasure, "PUT", path, 400, json={"value": 7})
        await ask(treasure, "PUT", path, 400, json={})
        await ask(treasure, "PUT", path, 400, content=b"{", headers={"content-type": "application/json"})
        await ask(treasure, "PUT", path, 400, content=b"{}", headers={"content-type": "text/plain"})


@BOTH
async def test_workflows_of_latest_revisions_are_listed_both_ways(opened, shape):
    async with opened(world(shape)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        await push(treasure)
        await push(treasure, revision="2")
        names = ("mart", "load")
        rows = (await get(treasure, "/api/workflows"))["workflows"]
        assert tuple(row["name"] for row in rows) == names and rows[1]["revision"] == "2"
        assert (await get(treasure, "/api/workflows", order="desc"))["workflows"] == rows[::-1]
        assert (await get(treasure, "/api/workflows", last_id=rows[0]["id"]))["workflows"] == rows[1:]
        below = await get(treasure, "/api/workflows", order="desc", last_id=rows[1]["id"], count=1)
        assert below["workflows"] == rows[:1]
        assert (await get(treasure, "/api/workflows", name_pattern="ar"))["workflows"] == rows[:1]
        assert (await get(treasure, "/api/workflows", name_pattern="sale"))["workflows"] == []
        wide = await get(treasure, "/api/workflows", name_pattern="sale", search_project_name="true")
        assert wide["workflows"] == rows[:1]
        await get(treasure, "/api/workflows", 400, order="up")
        await get(treasure, "/api/workflows", 400, count="101")
        await get(treasure, "/api/workflows/7", 404)


@pytest.mark.parametrize(
    ("mode", "time"),
    [
        (None, "2026-01-02T03:04:05+09:00"),
        ("hour", "2026-01-02T03:00:00+09:00"),
        ("day", "2026-01-02T00:00:00+09:00"),
        ("schedule", "2026-01-02T00:00:00+09:00"),
        ("next_schedule", "2026-01-03T00:00:00+09:00"),
        ("minute", "2026-01-02T03:04:00+09:00"),
        ("second", "2026-01-02T03:04:05+09:00"),
    ],
)
@BOTH
async def test_a_session_time_is_cut_in_the_workflows_zone(opened, shape, mode, time):
    async with opened(world(shape)) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await push(treasure)
        (workflow,) = (await get(treasure, f"/api/projects/{made['id']}/workflows"))["workflows"]
        path = f"/api/workflows/{workflow['id']}/truncated_session_time"
        chosen = {"mode": mode} if mode else {}
        for given in ("2026-01-01T18:04:05Z", "2026-01-02 03:04:05"):
            if shape == "oss" and mode in ("minute", "second"):
                await get(treasure, path, 404, session_time=given, **chosen)
                continue
            found = await get(treasure, path, session_time=given, **chosen)
            assert found == {
                "project": workflow["project"],
                "revision": "1",
                "sessionTime": time,
                "timezone": "Asia/Tokyo",
            }


async def test_a_session_time_that_cannot_be_cut_is_refused(opened):
    async with opened(world()) as emulators:
        treasure = emulators.at("treasure", **KEY)
        path = "/api/workflows/20001/truncated_session_time"
        assert "required" in (await get(treasure, path, 400))["message"]
        await get(treasure, path, 404, session_time="yesterday")
        await get(treasure, path, 404, session_time="2026-01-01T00:00:00Z", mode="year")
        told = await get(treasure, path, 400, session_time="2026-01-01T00:00:00Z", mode="schedule")
        assert "schedule is not set" in told["message"]
        await get(treasure, path.replace("20001", "7"), 404, session_time="2026-01-01T00:00:00Z")


async def test_a_signed_address_is_opened_without_credentials_alone(opened):
    async with opened(world(storage="signed")) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await push(treasure)
        path = f"/api/projects/{made['id']}/archive"
        assert (await ask(treasure, "GET", path, params={"direct_download": "false"})).content == LOAD
        sent = (await ask(treasure, "GET", path, 303)).headers["location"]
        address = f"/{sent.lstrip('./')}"
        await ask(treasure, "GET", address, 400)
        assert (await ask(emulators.at("treasure"), "GET", address)).content == LOAD
        await ask(emulators.at("treasure"), "GET", address[:-1], 403)


async def test_what_is_there_under_another_method_is_405(opened):
    async with opened(world()) as emulators:
        answer = await ask(emulators.at("treasure", **KEY), "PATCH", "/api/projects/1001", 405)
        assert answer.json() == {"message": "HTTP 405 Method Not Allowed", "status": 405}


async def test_pushes_secrets_and_schedules_outlive_a_restart(opened, tmp_path):
    state = tmp_path / "state.json"
    async with opened(world(), state) as emulators:
        treasure = emulators.at("treasure", **KEY)
        made = await push(treasure)
        await ask(treasure, "PUT", f"/api/projects/{made['id']}/secrets/a", 204, json={"value": "wine"})
        (row,) = (await get(treasure, f"/api/projects/{made['id']}/schedules"))["schedules"]
    assert "wine" not in state.read_text()
    async with opened(world(), state) as emulators:
        treasure = emulators.at("treasure", **KEY)
        assert await get(treasure, f"/api/projects/{made['id']}") == made
        assert (await ask(treasure, "GET", f"/api/projects/{made['id']}/archive")).content == LOAD
        assert await get(treasure, f"/api/projects/{made['id']}/secrets") == {"secrets": [{"key": "a"}]}
        assert await get(treasure, f"/api/schedules/{row['id']}") == row
