"""The Workato emulator spoken to by somebody else's client: workato-platform-cli, unmodified, as a program.

It is Workato's own, made from the vendor's specification of the developer API, and reads every answer
strictly: a reading of the API that is independent of both our adapter and our emulator. It wants one old
version of ruff, so it lives in an environment of its own; `make test` makes that, and then it must be there.
"""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pytest
from command_line import clean

ROOT = Path(__file__).parents[2]
PROGRAM = Path(os.environ.get("PIPEFORGE_WORKATO_CLI") or ROOT / ".venv/workato-cli/bin/workato")
TOKEN = "wrkaus-token-of-the-tests"
MAIL = {"keyword": "application", "name": "email", "provider": "email", "account_id": 31}
BROKEN = [[4, [["Response body/Error", None, "can't be blank", "response.error"]]]]
WORLD = {
    "workato": {
        "credentials": [TOKEN],
        "folders": {
            101: {"name": "Sales"},
            102: {"name": "Marts", "parent_id": 101},
            103: {"name": "Switches"},
            104: {"name": "Pushed"},
            105: {"name": "Below", "parent_id": 104},
        },
        "connections": {
            31: {"name": "Mail", "provider": "email", "folder_id": 101},
            32: {"name": "Lost", "provider": "salesforce", "folder_id": 101, "status": "failed"},
        },
        "recipes": {
            **{number: {"name": f"Many {number}", "folder_id": 106} for number in range(1000, 1121)},
            7: {"name": "Send mail", "folder_id": 101, "running": False, "past_jobs": 3, "config": [MAIL]},
            8: {"name": "Orders", "folder_id": 102, "trigger_application": "workato_webhooks"},
            21: {"name": "First", "folder_id": 103, "running": False, "activation": 0, "config": [MAIL]},
            22: {"name": "Broken", "folder_id": 103, "running": False, "starts": [{"code_errors": BROKEN}]},
            23: {
                "name": "Linked",
                "folder_id": 106,
                "running": False,
                "config": [{**MAIL, "account_id": None}],
            },
            41: {"name": "Runs", "folder_id": 104, "config": [MAIL]},
            42: {"name": "Nested", "folder_id": 105, "running": False, "config": [MAIL]},
        },
    }
}


@pytest.fixture
def emulators(served):
    return served("workato_cli", WORLD)


@pytest.fixture
def workato(emulators, tmp_path):
    """`workato ARGUMENTS`: what it printed. Its settings and keys are in a home of their own."""
    if not PROGRAM.exists():
        assert not os.environ.get("PIPEFORGE_TOOLS"), f"there is no {PROGRAM}"
        pytest.skip("`make test` installs workato-platform-cli")
    environment = {
        **clean(os.environ),
        "HOME": str(tmp_path),
        "WORKATO_HOST": emulators.url("workato").removesuffix("/api"),
        "WORKATO_API_TOKEN": TOKEN,
        "WORKATO_DISABLE_UPDATE_CHECK": "1",
        "WORKATO_DISABLE_DEPRECATION_WARNING": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "NO_PROXY": "*",
    }

    def run(*arguments, cwd=tmp_path, **more):
        words = [PROGRAM, *map(str, arguments)]
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr

    return run


@pytest.fixture
def project(workato, emulators, tmp_path):
    """A folder at Workato as a folder here, by `workato init`."""

    def init(number):
        folder = tmp_path / f"ws{number}"
        folder.mkdir()
        host = emulators.url("workato").removesuffix("/api")
        given = ["--profile", "tests", "--region", "custom", "--api-url", host, "--api-token", TOKEN]
        chosen = ["--project-id", 500_000 + number, "--folder-name", "files", "--output-mode", "json"]
        said = workato("init", "--non-interactive", *given, *chosen, cwd=folder)
        assert '"status": "success"' in said, said
        return folder / "files"

    return init


def asked(emulators, path):
    """What another client sees."""
    address = f"{emulators.url('workato')}/{path}"
    return httpx.get(address, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False).json()


def shown(emulators, number):
    return asked(emulators, f"recipes/{number}")


def test_workspace(workato):
    said = workato("workspace")
    assert "Name: Kana Sato" in said and f"Recipes: {len(WORLD['workato']['recipes'])}" in said


def test_projects_list(workato):
    said = workato("projects", "list", "--source", "remote", "--output-mode", "json")
    found = json.loads(said[said.index("{") :])["remote_projects"]
    assert {(500_101, 101, "Sales"), (500_103, 103, "Switches")} <= {
        (row["project_id"], row["folder_id"], row["name"]) for row in found
    }
    assert all(row["folder_id"] not in (102, 105) for row in found), "they lie below another"


def test_recipes_list(workato):
    said = workato("recipes", "list", "--folder-id", 101)
    assert "Recipes (1 found)" in said and "Send mail" in said and "3 succeeded" in said
    assert "email (Account: 31)" in said
    found = workato("recipes", "list", "--folder-id", 102, "--adapter-names-any", "workato_webhooks,jira")
    assert "Orders" in found and "Running" in found


def test_recipes_list_walks_the_pages(workato):
    said = workato("recipes", "list", "--folder-id", 106, "--since-id", 1120, "--exclude-code")
    assert "Recipes (121 found)" in said


def test_recipes_list_below_a_folder(workato):
    """Recursion into a folder that has folders is broken in the client itself."""
    assert "Total: 1 recipe(s)" in workato("recipes", "list", "--folder-id", 102, "--recursive")


def test_recipes_start_and_stop(workato, emulators):
    assert "Recipe 21 started successfully" in workato("recipes", "start", "--id", 21)
    assert shown(emulators, 21)["running"] is True
    assert "Recipe 21 stopped successfully" in workato("recipes", "stop", "--id", 21)
    assert shown(emulators, 21)["running"] is False


def test_recipes_start_of_one_that_is_broken(workato):
    said = workato("recipes", "start", "--id", 22)
    assert "Recipe 22 failed to start" in said and "Step 4" in said
    assert "Response body/Error: can't be blank" in said and "Field: response.error" in said


def test_recipes_start_and_stop_of_a_folder(workato, emulators):
    said = workato("recipes", "start", "--folder-id", 103)
    assert "Results: 1 started, 1 failed" in said
    assert "Results: 2 stopped" in workato("recipes", "stop", "--folder-id", 103)
    assert shown(emulators, 21)["running"] is False


def test_recipes_update_connection(workato, emulators):
    said = workato("recipes", "update-connection", 23, "--adapter-name", "email", "--connection-id", 31)
    assert "Successfully updated connection" in said
    assert shown(emulators, 23)["config"][0]["account_id"] == 31


def test_connections_list(workato):
    said = workato("connections", "list")
    assert "Connections (2 found" in said and "Authorized: 1" in said and "Lost" in said


def test_assets(workato):
    said = workato("assets", "--folder-id", 101)
    assert "4 total" in said
    assert all(name in said for name in ("Send mail", "Orders", "Mail", "Lost"))


def test_init_of_a_new_project(workato, emulators, tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    host = emulators.url("workato").removesuffix("/api")
    given = ["--profile", "tests", "--region", "custom", "--api-url", host, "--api-token", TOKEN]
    said = workato("init", "--non-interactive", *given, "--project-name", "Fresh one", cwd=folder)
    assert "Project setup complete" in said, said
    (made,) = [row for row in asked(emulators, "projects") if row["name"] == "Fresh one"]
    assert made["id"] != made["folder_id"]


def test_pull_and_push(workato, project, emulators):
    files = project(104)
    assert (files / "Below/nested.recipe.json").is_file()
    path = files / "runs.recipe.json"
    exported = json.loads(path.read_text())
    assert exported["config"][0]["account_id"]["name"] == "Mail"
    assert "already up to date" in workato("pull", cwd=files)

    exported["code"]["block"][0]["name"] = "send_another_mail"
    path.write_text(json.dumps(exported))
    assert "Recipes are running" in workato("push", cwd=files)
    assert shown(emulators, 41)["version_no"] == 1
    said = workato("push", "--restart-recipes", cwd=files)
    assert "Import completed successfully" in said
    assert "1 recipe(s): Updated and restarted" in said and "1 recipe(s): No restart needed" in said
    found = shown(emulators, 41)
    assert found["version_no"] == 2 and "send_another_mail" in found["code"]
    assert found["config"][0]["account_id"] == 31 and shown(emulators, 42)["version_no"] == 1


def test_a_token_that_is_wrong_and_a_recipe_that_is_not_there(workato):
    said = workato("recipes", "list", "--folder-id", 101, WORKATO_API_TOKEN="another")
    assert "Unauthorized" in said or "token is correct" in said
    assert "could not be found" in workato("recipes", "start", "--id", 99)
