"""Workato: what lies beside recipes, in both families: user, folders, projects, connections, packages."""

import io
import json
import zipfile

import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Bearer wk-secret"}
MU = "/managed_users/5"
MAIL = {"keyword": "application", "name": "email", "provider": "email", "account_id": 31}
WORLD = {
    "folders": {101: {"name": "Sales"}, 102: {"name": "Marts", "parent_id": 101}, 103: {"name": "Empty"}},
    "connections": {31: {"name": "Mail", "provider": "email", "folder_id": 101}},
    "recipes": {
        7: {"name": "Send mail", "folder_id": 101, "running": False, "config": [MAIL]},
        8: {"name": "Orders", "folder_id": 102, "activation": 0, "stopping": 5},
    },
    "managed_users": [{"id": 5}],
}


@pytest.fixture
async def workato(opened):
    async with opened({"workato": WORLD}) as emulators:
        yield emulators, emulators.at("workato", **KEY)


async def ask(workato, method, path, status=200, **more):
    answer = await workato.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_folders_connections_and_projects(workato):
    _, at = workato
    top = await ask(at, "GET", "/folders")
    assert [(row["id"], row["is_project"], row["project_id"]) for row in top] == [
        (101, True, 500_101), (103, True, 500_103),
    ]  # fmt: skip
    (below,) = await ask(at, "GET", "/folders?parent_id=101")
    assert (below["id"], below["is_project"], below["project_id"]) == (102, False, 500_101)
    assert (await ask(at, "GET", f"{MU}/folders"))["result"] == top
    assert len(await ask(at, "GET", "/folders?per_page=1&page=2")) == 1
    assert [row["folder_id"] for row in await ask(at, "GET", "/projects")] == [101, 103]
    (mail,) = await ask(at, "GET", "/connections")
    assert (mail["id"], mail["application"], mail["authorization_status"]) == (31, "email", "success")
    assert (await ask(at, "GET", f"{MU}/connections"))["result"][0]["provider"] == "email"
    assert await ask(at, "GET", "/connections?folder_id=1") == []
    await ask(at, "GET", "/managed_users/6/folders", 404)
    assert (await ask(at, "GET", "/users/me"))["recipes_count"] == 2


async def test_a_folder_is_created_and_takes_recipes(workato):
    _, at = workato
    made = await ask(at, "POST", "/folders", json={"name": "New", "parent_id": 102})
    assert made["parent_id"] == 102 and made["project_id"] == 500_101
    await ask(at, "POST", "/folders", 400, json={"name": "", "parent_id": 102})
    await ask(at, "POST", "/folders", 400, json={"name": "x", "parent_id": 999})
    old = await ask(at, "POST", f"{MU}/folders?folder_name=Oldest")
    assert old["name"] == "Oldest" and old["is_project"]
    body = {"recipe": {"name": "x", "code": "{}", "folder_id": str(made["id"])}}
    await ask(at, "POST", "/recipes", json=body)


@pytest.mark.parametrize(
    ("manifests", "export", "shown"),
    [
        ("/export_manifests", "/packages/export", "/packages"),
        (f"{MU}/export_manifests", f"{MU}/exports", f"{MU}/exports"),
    ],
)
async def test_a_folder_is_exported(workato, manifests, export, shown):
    emulators, at = workato
    assets = (await ask(at, "GET", f"{manifests}/folder_assets?folder_id=101"))["result"]["assets"]
    assert {(row["type"], row["zip_name"]) for row in assets} == {
        ("recipe", "send_mail.recipe.json"),
        ("connection", "mail.connection.json"),
        ("recipe", "Marts/orders.recipe.json"),
    }
    await ask(at, "GET", f"{manifests}/folder_assets?folder_id=999", 404)
    given = {"export_manifest": {"name": "all", "folder_id": 101, "auto_generate_assets": True}}
    manifest = (await ask(at, "POST", manifests, 201, json=given))["result"]["id"]
    await ask(at, "POST", f"{export}/99", 404)
    package = await ask(at, "POST", f"{export}/{manifest}")
    assert (package["operation_type"], package["status"]) == ("export", "in_progress")
    await at.get(f"/packages/{package['id']}/download")
    assert (await ask(at, "GET", f"{shown}/{package['id']}"))["download_url"] is None
    emulators.clock.jump(1)
    assert (await ask(at, "GET", f"{shown}/{package['id']}"))["status"] == "completed"
    content = (await at.get(f"/packages/{package['id']}/download")).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        exported = json.loads(archive.read("send_mail.recipe.json"))
    assert exported["config"][0]["account_id"] == {
        "zip_name": "mail.connection.json", "name": "Mail", "folder": "",
    }  # fmt: skip
    assert content == (await at.get(f"/packages/{package['id']}/download")).content


def packed(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, held in files.items():
            archive.writestr(name.replace("__", "/") + ".recipe.json", json.dumps(held))
    return buffer.getvalue()


CODE = {"number": 0, "provider": "clock", "keyword": "trigger"}
BINARY = {"content-type": "application/octet-stream"}


@pytest.mark.parametrize(
    ("put", "shown"),
    [("/packages/import/101?", "/packages"), (f"{MU}/imports?folder_id=101&", f"{MU}/imports")],
)
async def test_a_package_is_taken_in(workato, put, shown):
    emulators, at = workato
    content = packed(
        send_mail={"name": "Send mail", "code": CODE, "config": [{**MAIL, "account_id": {"name": "Mail"}}]},
        Marts__orders={"name": "Orders", "code": CODE, "config": []},
        Fresh__first={"name": "First", "code": CODE, "config": []},
    )
    refused = await ask(at, "POST", put, 400, content=content, headers=BINARY)
    assert "running" in refused["message"]
    await ask(at, "POST", put, 400, content=b"no zip", headers=BINARY)
    await ask(at, "POST", put, 400, content=content, headers={"content-type": "application/json"})
    package = await ask(at, "POST", f"{put}restart_recipes=true", content=content, headers=BINARY)
    emulators.clock.jump(1)
    done = await ask(at, "GET", f"{shown}/{package['id']}")
    assert (done["operation_type"], done["status"]) == ("import", "completed")
    found = {row["id"]: row["import_result"] for row in done["recipe_status"]}
    assert found == {
        7: "no_update_or_updated_without_restart",
        8: "restarted",
        11613: "no_update_or_updated_without_restart",
    }
    mail = await ask(at, "GET", "/recipes/7")
    assert (mail["version_no"], mail["config"][0]["account_id"]) == (2, 31)
    assert (await ask(at, "GET", "/recipes/8"))["running"] is True
    first = await ask(at, "GET", "/recipes/11613")
    assert first["folder_id"] in [row["id"] for row in await ask(at, "GET", "/folders?parent_id=101")]
    again = await ask(at, "POST", f"{put}restart_recipes=true", content=content, headers=BINARY)
    emulators.clock.jump(1)
    await ask(at, "GET", f"{shown}/{again['id']}")
    assert (await ask(at, "GET", "/recipes/7"))["version_no"] == 2, "what is so already is left alone"
