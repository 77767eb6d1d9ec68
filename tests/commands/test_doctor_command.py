"""doctor: each thing that pipeforge stands on, broken and whole; no secret's value, no costly call."""

import json
import sqlite3
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from vendor_project import SECRETS, connections, number, pipeline, steps

ROOT = Path(__file__).parent.parent.parent
SCHEMA = Draft7Validator(json.loads((ROOT / "schemas/doctor.schema.json").read_text(encoding="utf-8")))


@pytest.fixture
def project(shell, quick):
    """A project with a connection to each vendor."""
    shell.write("pipeforge.yaml", json.dumps({"connections": connections(quick)}))
    return shell


def checked(shell, *arguments):
    """The exit code, and how each thing stands."""
    done = shell("doctor", "--format", "json", *arguments)
    value = json.loads(done.out)
    SCHEMA.validate(value)
    for secret in SECRETS.values():
        assert secret not in done.text
    return done.code, {one["what"]: one for one in value["checks"]}


def bad(found):
    """What is not well, but for the clock: that of shared emulators is jumped by every test."""
    return {what: one["state"] for what, one in found.items() if one["state"] != "ok" and what != "clock"}


def test_all_is_well(project, quick):
    code, found = checked(project)
    assert (code, bad(found)) == (0, {})
    assert {f"connection {name}" for name in connections(quick)} <= found.keys()
    assert found["secrets of reckoner"]["detail"] == "set: RECKONER_ACCESS_TOKEN, RECKONER_REFRESH_TOKEN"
    text = project("doctor").out
    assert text.splitlines()[0].startswith("ok ")
    assert f"{len(found) - 1} ok" in text


def test_nothing_is_started_and_krewdata_is_not_asked(project, quick):
    vendors = ("trocco", "treasure", "workato", "krewdata", "reckoner")
    before = {vendor: len(quick.calls(vendor)) for vendor in vendors}
    _, found = checked(project)
    new = {vendor: quick.calls(vendor)[before[vendor] :] for vendor in vendors}
    assert {vendor: [row["method"] for row in rows] for vendor, rows in new.items()} == {
        "trocco": ["GET"],
        "treasure": ["GET"],
        "workato": ["GET"],
        "krewdata": [],
        "reckoner": ["GET"],
    }
    assert "not asked" in found["connection shopfloor"]["detail"]


def test_offline_asks_nobody(project, quick):
    before = len(quick.calls("treasure"))
    code, found = checked(project, "--offline")
    assert code == 0
    assert len(quick.calls("treasure")) == before
    assert not [what for what in found if what.startswith("connection ")]


def test_a_secret_that_is_not_set_is_named(project, monkeypatch):
    monkeypatch.delenv("TD_API_KEY")
    code, found = checked(project)
    assert code == 1
    assert bad(found) == {"secrets of td": "fail"}
    assert found["secrets of td"]["detail"] == "not set: TD_API_KEY"
    assert ".env" in found["secrets of td"]["mend"]


@pytest.mark.parametrize(("refusal", "state"), [("unauthorized", "fail"), ("forbidden", "warn")])
@pytest.mark.parametrize("vendor", ["trocco", "treasure", "workato", "reckoner"])
def test_a_credential_that_is_refused(project, quick, vendor, refusal, state):
    quick.fault(vendor, route="GET *", do=refusal)
    name = {"treasure": "td"}.get(vendor, vendor)
    code, found = checked(project)
    assert bad(found) == {f"connection {name}": state}
    assert code == (1 if state == "fail" else 0)
    assert found[f"connection {name}"]["mend"]


def test_a_vendor_that_is_not_there(shell, quick):
    there = connections(quick)
    there["td"]["base_url"] = "http://127.0.0.1:9"
    shell.write("pipeforge.yaml", json.dumps({"connections": {"td": there["td"]}}))
    code, found = checked(shell)
    assert (code, bad(found)) == (1, {"connection td": "fail"})


def test_a_clock_that_differs_is_told(project, quick):
    quick.jump(3600)
    code, found = checked(project)
    assert (code, found["clock"]["state"]) == (0, "warn")
    seconds, words = found["clock"]["detail"].split("s ", 1)
    assert int(seconds) >= 3600
    assert words.startswith("behind that of connection")


def test_a_pipeline_brings_its_own_connections(shell, quick):
    shell.write("p.yaml", pipeline({"a": steps(number())["td_workflow"]}, quick))
    code, found = checked(shell, "p.yaml")
    assert (code, bad(found)) == (0, {})
    assert "connection td" in found
    assert "connection td" not in checked(shell)[1]


def test_a_pipeline_or_project_with_errors(shell, quick):
    shell.write("p.yaml", "name: x\nsteps: 3\n")
    assert bad(checked(shell, "p.yaml")[1]) == {"project": "fail"}
    shell.write("pipeforge.yaml", "connections: [")
    assert bad(checked(shell)[1]) == {"project": "fail"}


def test_an_environment_that_is_not_there(project):
    code, found = checked(project, "--env", "moon")
    assert (code, bad(found)) == (1, {"project": "fail"})
    assert "'moon'" in found["project"]["detail"]


def test_against_emulators_no_secret_is_needed(project, monkeypatch):
    for name in SECRETS:
        monkeypatch.delenv(name)
    code, found = checked(project, "--emulate")
    assert (code, bad(found)) == (0, {})


def test_one_run_is_counted_as_one(shell, quick):
    shell.write("p.yaml", pipeline({"load": steps(number())["trocco_job"]}, quick))
    assert shell("run", "p.yaml").code == 0
    assert checked(shell, "--offline")[1]["journal"]["detail"].endswith("reads well, 1 run")


def test_a_journal_that_is_newer_or_no_journal(project):
    journal = project.folder / ".pipeforge/journal.db"
    journal.parent.mkdir()
    connection = sqlite3.connect(journal)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    code, found = checked(project, "--offline")
    assert (code, bad(found)) == (1, {"journal": "fail"})
    assert "--journal" in found["journal"]["mend"]


def test_a_folder_where_no_journal_can_be_made(project):
    project.write("file", "")
    code, found = checked(project, "--offline", "--journal", "file/journal.db")
    assert (code, bad(found)) == (1, {"journal": "fail"})
