"""Treasure's changes from the command line: a project pushed, given a secret, run, deleted; nothing leaks."""

import json

VALUE = "wine/of+may 71 ü"
DIG = "timezone: Asia/Tokyo\nschedule:\n  daily>: 07:00:00\n+say:\n  echo>: hello\n"


def steps(**more):
    sales = {"project": "sales"}
    return {
        "push": {"uses": "treasure.push_project", "with": {**sales, "folder": "flows"}},
        "secret": {
            "needs": "push",
            "uses": "treasure.put_secret",
            "with": {**sales, "key": "mysql.password", "value_of": "mysql"},
        },
        "keys": {"needs": "secret", "uses": "treasure.list_secrets", "with": sales},
        "fill": {
            "needs": "secret",
            "uses": "treasure.backfill_schedule",
            "with": {**sales, "workflow": "daily", "from_time": "2025-11-01T00:00:00+09:00", "count": 1},
        },
        **more,
    }


def write(shell, url, chosen):
    folder = shell.folder / "flows"
    folder.mkdir(exist_ok=True)
    (folder / "daily.dig").write_text(DIG)
    settings = {"vendor": "treasure", "base_url": url, "api_key": "${{ secrets.TD_API_KEY }}"}
    settings["secret_values"] = {"mysql": "${{ secrets.MYSQL }}"}
    whole = {
        "name": "changes",
        "connections": {"td": settings},
        "defaults": {"timeout": "2m"},
        "steps": chosen,
    }
    whole["defaults"]["poll"] = {"interval": "0.2s", "max_interval": "0.5s"}
    (shell.folder / ".env").write_text(f'MYSQL="{VALUE}"\n')
    shell.write("p.yaml", json.dumps(whole))


def left_behind(shell):
    """The files of a run, but for the one that holds the secret."""
    return {
        path: path.read_bytes() for path in shell.folder.rglob("*") if path.is_file() and path.name != ".env"
    }


def test_a_project_is_pushed_given_a_secret_and_run_and_the_secret_stays_where_it_is(shell, served):
    emulators = served("treasure_changes", {"treasure": {"projects": {"other": None}}})
    write(shell, emulators.url("treasure"), steps())
    assert shell("lint", "p.yaml").code == 0
    done = shell("run", "p.yaml", "--log-format", "json")
    assert done.code == 0, done.text
    shown = shell.shown(shell.runs()[0]["run"])["steps"]
    assert shown["keys"]["outputs"] == {"keys": ["mysql.password"]}
    assert shown["push"]["outputs"]["pushed"] and shown["fill"]["outputs"]["attempts"][0]["success"]
    (put,) = [call for call in emulators.calls("treasure", "PUT") if call["path"].endswith("mysql.password")]
    assert put["body"] == {"value": "***"}
    said = [
        done.text,
        shell("show", shell.runs()[0]["run"], "--format", "jsonl").text,
        shell("plan", "p.yaml").text,
    ]
    for form in (VALUE, json.dumps(VALUE)[1:-1], VALUE.encode().hex()):
        assert form not in "".join(said)
        assert not [path for path, content in left_behind(shell).items() if form.encode() in content]


def test_a_refusal_that_echoes_the_secret_does_not_show_it(shell, served):
    emulators = served("treasure_refusing", {"treasure": {"projects": {"other": None}}})
    write(shell, emulators.url("treasure"), steps())
    body = {"message": f"cannot keep {VALUE}", "status": 400}
    emulators.fault(
        "treasure", route="PUT /api/projects/{id}/secrets/{key}", do="forbidden", status=400, body=body
    )
    done = shell("run", "p.yaml")
    emulators.mend()
    assert done.code == 1 and "cannot keep ***" in done.text
    assert not [path for path, content in left_behind(shell).items() if VALUE.encode() in content]


def test_a_folder_that_holds_the_secret_is_not_pushed(shell, served):
    emulators = served("treasure_unpushed", {"treasure": {"projects": {"other": None}}})
    write(shell, emulators.url("treasure"), steps())
    (shell.folder / "flows" / "daily.dig").write_text(f"{DIG}# {VALUE}\n")
    done = shell("run", "p.yaml")
    assert done.code == 1 and "holds a secret of the connection" in done.text and VALUE not in done.text
    assert not [call for call in emulators.calls("treasure", "PUT") if call["route"] == "/api/projects"]


def test_a_deletion_needs_the_name_and_is_not_for_another_project(shell, served):
    emulators = served("treasure_kept", {"treasure": {"projects": {"other": None}}})
    wrong = {"uses": "treasure.delete_project", "with": {"project": "sales", "confirm": "sale"}}
    write(shell, emulators.url("treasure"), {"gone": wrong})
    told = shell("lint", "p.yaml")
    assert told.code == 1 and "PF405" in told.text and "`confirm` is 'sale', not 'sales'" in told.text
    late = {"project": "${{ steps.keys.outputs.keys[0] }}", "confirm": "sales"}
    chosen = steps(gone={"needs": "keys", "uses": "treasure.delete_project", "with": late})
    write(shell, emulators.url("treasure"), chosen)
    done = shell("run", "p.yaml")
    assert done.code == 1 and "`confirm` is 'sales', not 'mysql.password'" in done.text
    assert not emulators.calls("treasure", "DELETE")
