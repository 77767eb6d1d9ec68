"""treasure.push_project: the same archive everywhere, nothing secret in it, one revision for one content."""

import gzip
import hashlib
import io
import os
import re
import tarfile
from base64 import b64encode

import pytest
from emulated import emulated, settle

from pipeforge.adapters import connections, kinds
from pipeforge.adapters.treasure.archive import pack
from pipeforge.errors import Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-push-1"
SECRET = "1/" + "c0ffee" * 6 + "abcd"
DIG = "timezone: Asia/Tokyo\n+say:\n  echo>: hello\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "queries").mkdir()
    (tmp_path / "load.dig").write_text(DIG)
    (tmp_path / "queries" / "日次.sql").write_text("SELECT 1")
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o775)
    return tmp_path


def packed(folder, *exclude):
    return pack(folder, exclude, lambda text: SECRET in text)


def members(archive):
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as opened:
        return {member.name: member for member in opened}


async def push(there, folder, **more):
    """Pushes as a step does; the outputs."""
    kind = kinds()["treasure.push_project"]
    adapter = connections.adapter(kind, there.client, folder.parent)
    params = kind.params.model_validate({"project": "sales", "folder": folder.name, **more})
    handle, _ = await settle(adapter, params, KEY)
    return (await adapter.observe(handle)).outputs


def opened(**world):
    return emulated("treasure", {"projects": {"other": None}, **world}, api_key=SECRET)


def test_the_archive_is_the_same_whenever_and_by_whomever_it_is_made(folder, tmp_path_factory):
    first = packed(folder)
    other = tmp_path_factory.mktemp("elsewhere")
    (other / "queries").mkdir()
    for name in ("run.sh", "queries/日次.sql", "load.dig"):
        (other / name).write_bytes((folder / name).read_bytes())
        os.utime(other / name, (1, 1))
    (other / "run.sh").chmod(0o700)
    (other / "load.dig").chmod(0o600)
    assert packed(other) == first
    assert list(members(first)) == ["load.dig", "queries/日次.sql", "run.sh"]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members(first).values()} == {(0, 0, 0, "", "")}
    assert [oct(member.mode) for member in members(first).values()] == ["0o644", "0o644", "0o755"]
    assert first.content[4:8] == b"\0\0\0\0", "gzip's own time"
    assert first.digest == hashlib.sha256(gzip.decompress(first.content)).hexdigest()
    (folder / "run.sh").write_text("#!/bin/bash\n")
    assert packed(folder).digest != first.digest


def test_hidden_files_and_what_python_leaves_behind_stay_out(folder):
    (folder / ".env").write_text("TD_API_KEY=x")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.txt").write_text("x")
    (folder / "lib.pyc").write_text("x")
    assert list(members(packed(folder))) == ["load.dig", "queries/日次.sql", "run.sh"]
    assert list(members(packed(folder, "queries/", "*.sh"))) == ["load.dig"]
    assert list(members(packed(folder, "queries/*"))) == ["load.dig", "run.sh"]


@pytest.mark.parametrize(
    "name", ["server.pem", "a/id_rsa", "prod.env", "Credentials.json", "secrets.yml", "k.P12"]
)
def test_a_file_that_looks_like_credentials_is_refused_unless_left_out(folder, name):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    with pytest.raises(Rejected, match="looks like a file of credentials"):
        packed(folder)
    assert name not in members(packed(folder, name))


def test_a_file_that_holds_a_secret_is_refused_and_the_secret_not_shown(folder):
    (folder / "load.dig").write_text(f"{DIG}# {SECRET}\n")
    with pytest.raises(Rejected, match=r"load\.dig' holds a secret") as caught:
        packed(folder)
    assert SECRET not in str(caught.value) + caught.value.hint


def test_links_out_of_the_folder_are_refused_and_those_within_are_files(folder):
    (folder / "again.sql").symlink_to(folder / "queries" / "日次.sql")
    assert members(packed(folder))["again.sql"].isfile()
    (folder / "out").symlink_to("/etc/hostname")
    with pytest.raises(Rejected, match="'out' leads out of"):
        packed(folder)
    (folder / "out").unlink()
    (folder / "nowhere").symlink_to(folder / "missing")
    with pytest.raises(Rejected, match="cannot read 'nowhere'"):
        packed(folder)
    (folder / "nowhere").unlink()
    (folder / "more").symlink_to(folder / "queries")
    with pytest.raises(Rejected, match=r"'more' in .* is no file"):
        packed(folder)


@pytest.mark.parametrize(
    ("inside", "told"), [({}, "another folder"), ({"a/x.dig": DIG}, "name the folder '.*a'")]
)
def test_a_folder_without_a_workflow_at_its_root_is_refused(tmp_path, inside, told):
    for name, text in inside.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    with pytest.raises(Rejected, match="no workflow") as caught:
        packed(tmp_path)
    assert re.search(told, caught.value.hint)


def test_what_is_no_folder_or_too_large_is_refused(folder):
    with pytest.raises(Rejected, match="there is no folder"):
        packed(folder / "nothing")
    with pytest.raises(Rejected, match="is no folder"):
        packed(folder / "load.dig")
    (folder / "noise").write_bytes(os.urandom(10_100_000))
    with pytest.raises(Rejected, match="10 MB are allowed"):
        packed(folder)
    with (folder / "sparse").open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(Rejected, match="holds more than 256"):
        packed(folder)


async def test_what_was_pushed_comes_back_and_its_workflows_run(folder, tmp_path_factory):
    async with opened() as there:
        pushed = await push(there, folder)
        assert (pushed["pushed"], pushed["files"], pushed["name"]) == (True, 3, "sales")
        archive = packed(folder)
        assert (pushed["revision"], pushed["archive_md5"]) == (archive.digest, archive.md5)
        kind = kinds()["treasure.get_project_archive"]
        place = tmp_path_factory.mktemp("kept")
        adapter = connections.adapter(kind, there.client, place)
        params = kind.params.model_validate({"project": "sales", "save_to": "back.tar.gz"})
        seen = (await adapter.observe(await adapter.trigger(params, KEY, {}))).outputs
        assert (place / "back.tar.gz").read_bytes() == archive.content
        assert seen["md5"] == b64encode(hashlib.md5(archive.content).digest()).decode()
        assert [file["name"] for file in seen["files"]] == ["load.dig", "queries/日次.sql", "run.sh"]
        assert [path.name for path in place.iterdir()] == ["back.tar.gz"], "nothing is left beside it"
        listed = there.adapter("treasure.list_project_workflows")
        params = listed.kind.params.model_validate({"project": "sales"})
        (shown,) = (await listed.observe(await listed.trigger(params, KEY, {}))).outputs["workflows"]
        assert (shown["name"], shown["timezone"], shown["revision"]) == ("load", "Asia/Tokyo", archive.digest)


async def test_the_same_content_is_pushed_once_and_an_older_one_may_come_back(folder):
    async with opened() as there:
        first = await push(there, folder)
        assert (await push(there, folder))["pushed"] is False
        assert len(await there.calls("PUT", "/api/projects")) == 1
        (folder / "load.dig").write_text("+say:\n  echo>: bye\n")
        second = await push(there, folder)
        assert second["pushed"] and second["revision"] != first["revision"]
        (folder / "load.dig").write_text(DIG)
        third = await push(there, folder)
        assert third["pushed"] and third["revision"].startswith(first["revision"] + "-")
        assert (await push(there, folder))["pushed"] is False


async def test_a_revision_of_ones_own_name_is_pushed_once_and_never_for_other_content(folder):
    async with opened() as there:
        assert (await push(there, folder, revision="v1"))["revision"] == "v1"
        assert (await push(there, folder, revision="v1"))["pushed"] is False
        assert (await push(there, folder, revision="v2"))["revision"] == "v2"
        with pytest.raises(Rejected, match="revision 'v1' was not pushed: Revision already exists"):
            await push(there, folder, revision="v1")
        (folder / "load.dig").write_text("+other:\n  echo>: x\n")
        with pytest.raises(Rejected, match="revision 'v2' was not pushed"):
            await push(there, folder, revision="v2")
        await there.fault(route="PUT /api/projects", do="lose_answer", nth=1)
        assert (await push(there, folder, revision="v3"))["pushed"] is True


async def test_schedules_are_told_from_when_they_count(folder):
    async with opened() as there:
        more = {
            "schedule_from": "2026-01-01T00:00:00+09:00",
            "clear_schedules": ["load"],
            "clear_all_schedules": True,
        }
        await push(there, folder, **more)
        (call,) = await there.calls("PUT", "/api/projects")
        assert call["query"][2:] == [
            ["schedule_from", "2025-12-31T15:00:00Z"],
            ["clear_schedule", "load"],
            ["clear_schedule_all", "true"],
        ]
        with pytest.raises(Rejected, match="stock does not exist"):
            await push(there, folder, revision="v2", clear_schedules=["stock"])


async def test_a_push_whose_answer_is_lost_is_found_to_be_done_by_another_process(folder):
    async with opened() as there:
        kind = kinds()["treasure.push_project"]
        adapter = connections.adapter(kind, there.client, folder.parent)
        params = kind.params.model_validate({"project": "sales", "folder": folder.name})
        evidence = await adapter.prepare(params)
        await there.fault(route="PUT /api/projects", do="lose_answer", first=4)
        with pytest.raises(Transient):
            await adapter.trigger(params, KEY, evidence)
        handle = await adapter.recover(params, KEY, evidence)
        assert handle["outputs"]["pushed"] is True
        revisions = there.adapter("treasure.list_project_revisions")
        asked = revisions.kind.params.model_validate({"project": "sales"})
        seen = await revisions.observe(await revisions.trigger(asked, KEY, {}))
        assert len(seen.outputs["revisions"]) == 1


async def test_a_folder_that_changes_between_the_look_and_the_push_is_not_pushed(folder):
    async with opened() as there:
        kind = kinds()["treasure.push_project"]
        adapter = connections.adapter(kind, there.client, folder.parent)
        params = kind.params.model_validate({"project": "sales", "folder": folder.name})
        evidence = await adapter.prepare(params)
        (folder / "load.dig").write_text("+other:\n  echo>: x\n")
        with pytest.raises(Rejected, match="has changed since"):
            await adapter.trigger(params, KEY, evidence)
        assert not await there.calls("PUT", "/api/projects")


async def test_an_archive_is_also_fetched_from_a_storage_that_wants_no_credentials(folder):
    async with opened(storage="always_signed") as there:
        pushed = await push(there, folder)
        adapter = there.adapter("treasure.get_project_archive")
        params = adapter.kind.params.model_validate({"project_id": pushed["id"]})
        seen = await adapter.observe(await adapter.trigger(params, KEY, {}))
        assert seen.outputs["md5"] == pushed["archive_md5"]
        await there.fault(route="GET /storage/*", do="forbidden")
        failed = await adapter.observe(await adapter.trigger(params, KEY, {}))
        assert "?*** answered 403" in failed.detail
