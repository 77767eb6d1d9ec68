"""`lint --online`, its lock, and `drift`: against emulators on a port and in this process."""

import json

import pytest
from vendor_project import SECRETS, connections

WORLD = {
    "trocco": {
        "job_definitions": {
            7: {"name": "orders", "custom_variables": [{"name": "$region$"}]},
            8: {"deleted": True},
            9: {"undescribable": True},
        },
        "pipeline_definitions": {3: {"name": "flow", "schedules": [{"hour": 3, "minute": 5}]}},
    },
    "treasure": {
        "projects": {
            "sales": {"workflows": {"mart": None, "timed": {"config": {"schedule": {"daily>": "03:00:00"}}}}}
        }
    },
    "workato": {
        "recipes": {
            1: {"running": False, "trigger_application": "salesforce"},
            2: {"trigger_application": "clock"},
            3: {"trigger_application": "salesforce"},
        }
    },
    "reckoner": {
        "workflows": {
            42: {
                "name": "clean",
                "parameters": ["store", {"name": "password", "value": "x", "is_secret": True}],
            }
        }
    },
}
STEPS = {
    "good": ("trocco.run_job", {"job_definition_id": 7, "custom_variables": {"$region$": "jp"}}),
    "gone": ("trocco.run_job", {"job_definition_id": 6}),
    "barred": ("trocco.run_job", {"job_definition_id": 8}),
    "dim": ("trocco.run_job", {"job_definition_id": 9, "custom_variables": {"$any$": "1"}}),
    "typo": ("trocco.run_job", {"job_definition_id": 7, "custom_variables": {"$regoin$": "jp"}}),
    "timed": ("trocco.run_workflow", {"pipeline_definition_id": 3}),
    "mart": ("treasure.run_workflow", {"project": "sales", "workflow": "mart"}),
    "no_mart": ("treasure.run_workflow", {"project": "sales", "workflow": "marts"}),
    "no_project": ("treasure.run_workflow", {"project": "sale", "workflow": "mart"}),
    "stopped": ("workato.poll_recipe", {"recipe_id": 1}),
    "ensured": ("workato.poll_recipe", {"recipe_id": 1, "ensure_running": True}),
    "clock": ("workato.poll_recipe", {"recipe_id": 2}),
    "polled": ("workato.poll_recipe", {"recipe_id": 3}),
    "no_recipe": ("workato.poll_recipe", {"recipe_id": 4}),
    "lacking": ("reckoner.run_workflow", {"workflow_id": 42}),
    "open": ("reckoner.run_workflow", {"workflow_id": 42, "parameters": {"store": "a", "password": "b"}}),
}
EXPECTED = {
    "gone": "PF601",
    "barred": "PF602",
    "typo": "PF604",
    "timed": "PF606",
    "no_mart": "PF601",
    "no_project": "PF601",
    "stopped": "PF603",
    "clock": "PF607",
    "no_recipe": "PF601",
    "lacking": "PF605",
    "open": "PF608",
}
ONLINE = "PF6"


def pipeline(emulators, names, **links):
    there = connections(emulators)
    used = {STEPS[name][0].partition(".")[0] for name in names}
    kept = {name: {**one, **links} for name, one in there.items() if one["vendor"] in used}
    steps = {}
    for before, name in zip([None, *names], names, strict=False):
        kind, given = STEPS[name]
        given = {**given, "session_time": "${{ context_time }}"} if "treasure" in kind else given
        steps[name] = {"uses": kind, "with": given, "timeout": "1h", **({"needs": before} if before else {})}
    return {"name": "p", "connections": kept, "steps": steps}


@pytest.fixture
def there(served):
    return served("online", WORLD)


@pytest.fixture
def project(shell, there):
    shell.write("p.yaml", pipeline(there, list(STEPS)))
    return shell


def calls(there):
    """What all vendors were asked so far, by vendor and in order."""
    return [row for vendor in (*WORLD, "krewdata") for row in there.calls(vendor)]


def found(done, codes=ONLINE):
    """By step: what was found there."""
    rows = json.loads(done.out)["diagnostics"]
    return {(row["code"], row["message"]) for row in rows if row["code"].startswith(codes)}


def online(project, *more):
    return project("lint", "--online", "--format", "json", "--select", ONLINE, "p.yaml", *more)


@pytest.mark.parametrize("step", STEPS)
def test_each_thing_is_looked_up(shell, there, step):
    shell.write("p.yaml", pipeline(there, [step]))
    done = online(shell)
    assert {code for code, _ in found(done)} == ({EXPECTED[step]} if step in EXPECTED else set()), done.out
    assert done.code == (1 if step in EXPECTED else 0)


def test_a_finding_stands_where_the_thing_is_named(shell, there):
    shell.write("p.yaml", pipeline(there, ["typo"]))
    shell.folder.joinpath("p.yaml").write_text(
        json.dumps(json.loads(shell.folder.joinpath("p.yaml").read_text()), indent=1)
    )
    done = shell("lint", "--online", "p.yaml", "--select", ONLINE)
    assert "error[PF604] unknown-there: transfer setting '7' knows no '$regoin$'" in done.out
    assert '"$regoin$": "jp"' in done.out
    assert "help: did you mean '$region$'?" in done.out


def test_offline_lint_asks_nobody_and_says_nothing_of_it(project, there):
    before = len(calls(there))
    done = project("lint", "--format", "json", "p.yaml", "--select", ONLINE)
    assert (found(done), done.code) == (set(), 0)
    assert len(calls(there)) == before


def test_things_are_asked_for_once_and_by_reads_alone(project, there):
    before = {vendor: len(there.calls(vendor)) for vendor in WORLD}
    online(project)
    rows = [row for vendor, count in before.items() for row in there.calls(vendor)[count:]]
    asked = [(row["method"], row["path"], str(row["query"])) for row in rows]
    assert {method for method, _, _ in asked} == {"GET"}
    once = [call for call in asked if "/projects" not in call[1]]
    assert len(set(once)) == len(once)


def test_a_lock_lets_offline_lint_find_the_same(project):
    seen = online(project, "--lock")
    assert "to 'pipeforge.lock'" in seen.err
    offline = project("lint", "--format", "json", "p.yaml", "--select", ONLINE)
    assert found(offline) == found(seen)
    assert "pipeforge.lock says so" in offline.out
    text = project.folder.joinpath("pipeforge.lock").read_text()
    assert '"value"' not in text
    assert not [secret for secret in SECRETS.values() if secret in text]


def test_a_lock_is_kept_as_it_was_but_for_what_was_looked_up(shell, there):
    shell.write("p.yaml", pipeline(there, ["good"]))
    shell.write("q.yaml", pipeline(there, ["timed"]))
    shell("lint", "--online", "--lock", "p.yaml")
    shell("lint", "--online", "--lock", "q.yaml")
    first = shell.folder.joinpath("pipeforge.lock").read_bytes()
    things = json.loads(first)["things"][""]["trocco"]
    assert set(things) == {"job_definition 7", "pipeline_definition 3"}
    shell("lint", "--online", "--lock", "p.yaml", "q.yaml")
    assert shell.folder.joinpath("pipeforge.lock").read_bytes() == first


def test_what_the_lock_does_not_know_is_told(shell, there):
    shell.write("p.yaml", pipeline(there, ["good"]))
    shell("lint", "--online", "--lock", "p.yaml")
    shell.write("p.yaml", pipeline(there, ["good", "polled"]))
    done = shell("lint", "--format", "json", "p.yaml", "--select", ONLINE)
    assert found(done) == {("PF609", "pipeforge.lock does not know recipe '3'")}


def test_the_cache_sees_that_a_lock_came_changed_and_went(shell, there, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shell.write("p.yaml", pipeline(there, ["timed"]))
    lint = ("lint", "--format", "json", "p.yaml", "--select", ONLINE)
    lock = shell.folder / "pipeforge.lock"
    assert found(shell(*lint)) == found(shell(*lint)) == set()
    shell("lint", "--online", "--lock", "p.yaml")
    assert {code for code, _ in found(shell(*lint))} == {"PF606"}
    lock.write_text(lock.read_text().replace('"schedules"', '"schedulez"'))
    assert {code for code, _ in found(shell(*lint))} == {"PF610"}
    lock.unlink()
    assert found(shell(*lint)) == set()


def test_a_vendor_that_is_away_is_told_and_hides_no_other(shell, there):
    both = pipeline(there, ["good", "no_recipe"])
    both["connections"]["trocco"]["base_url"] = "http://127.0.0.1:9"
    shell.write("p.yaml", both)
    done = online(shell, "--lock")
    assert {code for code, _ in found(done)} == {"PF600", "PF601"}
    assert done.code == 1
    assert "job_definition" not in shell.folder.joinpath("pipeforge.lock").read_text()


def test_a_pipeline_with_errors_is_linted_all_the_same(shell, there):
    broken = pipeline(there, ["good"])
    broken["steps"]["good"]["timeot"] = "1h"
    shell.write("p.yaml", broken)
    done = shell("lint", "--online", "--format", "json", "p.yaml")
    assert "PF101" in {code for code, _ in found(done, "PF")}


def test_krewdata_is_asked_only_when_told_to(shell, there):
    there_ = connections(there)
    step = {"uses": "krewdata.run_unit", "with": {"app_id": 1, "user": "u"}, "timeout": "1h"}
    steps = {"a": step, "b": {**step, "needs": "a"}}
    shell.write("p.yaml", {"name": "p", "connections": {"shopfloor": there_["shopfloor"]}, "steps": steps})
    before = len(calls(there))
    assert online(shell, "--lock").code == 0
    assert len(calls(there)) == before
    assert online(shell, "--krewdata-token-probe").code == 0
    assert len(calls(there)) == before + 1


def test_drift_tells_what_changed_and_only_that(shell, there, served):
    shell.write("p.yaml", pipeline(there, ["good", "timed", "polled", "lacking"]))
    shell("lint", "--online", "--lock", "p.yaml")
    same = shell("drift", "p.yaml")
    assert (same.code, same.out, same.err) == (0, "", "4 things looked up, nothing changed\n")
    changed = json.loads(json.dumps(WORLD))
    changed = {vendor: {what: {int(n) if n.isdecimal() else n: one for n, one in things.items()}
               for what, things in section.items()} for vendor, section in changed.items()}  # fmt: skip
    changed["trocco"]["job_definitions"][7] = {"name": "all orders", "custom_variables": [{"name": "$zone$"}]}
    changed["trocco"]["pipeline_definitions"] = {4: {}}
    changed["workato"]["recipes"][3]["running"] = False
    other = served("drifted", changed)
    shell.write("p.yaml", pipeline(other, ["good", "timed", "polled", "lacking"]))
    told = shell("drift", "p.yaml")
    assert told.code == 1
    assert told.out == (
        "pipeforge.lock: trocco: job_definition 7\n"
        "  its name: orders -> all orders\n"
        "  '$region$' is gone\n"
        "  '$zone$' is new\n"
        "pipeforge.lock: trocco: pipeline_definition 3\n"
        f"  {told.out.splitlines()[5].strip()}\n"
        "pipeforge.lock: workato: recipe 3\n"
        "  whether it runs: yes -> no\n"
    )
    assert "it is gone" in told.out.splitlines()[5]
    rows = json.loads(shell("drift", "p.yaml", "--format", "json").out)["things"]
    assert sum(bool(row["changes"]) for row in rows) == 3


def test_drift_tells_a_vendor_that_is_away_from_one_that_changed(shell, there):
    both = pipeline(there, ["good", "polled"])
    shell.write("p.yaml", both)
    shell("lint", "--online", "--lock", "p.yaml")
    both["connections"]["trocco"]["base_url"] = "http://127.0.0.1:9"
    shell.write("p.yaml", both)
    done = shell("drift", "p.yaml")
    assert done.code == 2
    assert done.err == "1 thing looked up, nothing changed, 1 could not be looked up\n"
    assert "job_definition 7\n  it could not be looked up: " in done.out


def test_drift_without_a_lock_names_the_command_that_writes_one(shell, there):
    shell.write("p.yaml", pipeline(there, ["good"]))
    done = shell("drift", "p.yaml")
    assert done.code == 2
    assert "pipeforge lint --online --lock" in done.err


@pytest.mark.parametrize(
    "flags",
    [
        ("--lock",),
        ("--emulate",),
        ("--online", "--watch"),
        ("--online", "--fix"),
        ("--krewdata-token-probe",),
    ],
)
def test_flags_that_do_not_go_together_are_refused(shell, flags):
    done = shell("lint", *flags)
    assert (done.code, "--online" in done.err) == (2, True)


BROKEN = {
    "a list": "[1, 2]",
    "nothing": "",
    "a merge that was left open": "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n",
    "too deep": "[" * 200_000,
    "deep": '{"things": ' + '{"a": ' * 3000 + "1" + "}" * 3001,
    "no text": b"\xff\xfe\x00",
    "wrong types": '{"things": {"\\u001b[31m": {"trocco": {"job_definition 7": {"schedules": "x"}}}}}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_lock_is_told_and_written_anew(shell, there, content):
    shell.write("p.yaml", pipeline(there, ["good"]))
    lock = shell.folder / "pipeforge.lock"
    lock.write_bytes(content if isinstance(content, bytes) else content.encode())
    told = shell("lint", "--format", "json", "p.yaml", "--select", ONLINE)
    ((code, message),) = found(told)
    assert (told.code, code) == (1, "PF610")
    assert message.startswith("'pipeforge.lock' is not a lock: ")
    drift = shell("drift", "p.yaml")
    assert (drift.code, "\x1b" in drift.err) == (2, False)
    assert drift.err.startswith("error: 'pipeforge.lock' is not a lock: ")
    again = shell("lint", "--online", "--lock", "p.yaml")
    assert (again.code, "it is begun anew" in again.err) == (0, True), again.text
    assert shell("drift", "p.yaml").code == 0


def test_a_lock_of_a_newer_pipeforge_is_not_written_over(shell, there):
    shell.write("p.yaml", pipeline(there, ["good"]))
    lock = shell.write("pipeforge.lock", '{"version": 2, "other": 1}')
    before = lock.read_bytes()
    for words in (["lint", "--online", "--lock", "p.yaml"], ["drift", "p.yaml"]):
        done = shell(*words)
        assert done.code == 2
        assert "'pipeforge.lock' was written by a newer pipeforge" in done.err
    assert lock.read_bytes() == before


@pytest.mark.parametrize("there_already", [True, False])
def test_a_lock_that_leads_out_of_the_project_is_neither_read_nor_written(
    shell, there, tmp_path_factory, there_already
):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "file"
    if there_already:
        elsewhere.write_text("{}")
    shell.write("pipeforge.yaml", {})
    shell.write("p.yaml", pipeline(there, ["good"]))
    (shell.folder / "pipeforge.lock").symlink_to(elsewhere)
    told = shell("lint", "--format", "json", "p.yaml", "--select", ONLINE)
    assert found(told) == {("PF610", "'pipeforge.lock' is a link that leads out of its project")}
    assert shell("lint", "--online", "--lock", "p.yaml").code == 2
    assert (elsewhere.read_text() if elsewhere.exists() else None) == ("{}" if there_already else None)


def test_a_folder_in_the_place_of_the_lock_is_told(shell, there):
    shell.write("p.yaml", pipeline(there, ["good"]))
    (shell.folder / "pipeforge.lock").mkdir()
    told = shell("lint", "--format", "json", "p.yaml", "--select", ONLINE)
    assert found(told) == {("PF610", "'pipeforge.lock' is a folder")}
    done = shell("lint", "--online", "--lock", "p.yaml")
    assert (done.code, "remove it" in done.err) == (2, True)


def test_what_was_wrong_once_is_looked_up_again_and_stops_no_run(shell, there, served):
    shell.write("p.yaml", pipeline(there, ["stopped"]))
    assert shell("lint", "--online", "--lock", "p.yaml").code == 1
    assert shell("lint", "p.yaml").code == 1
    shell.write("world.yaml", {"workato": {"recipes": {1: {"trigger_application": "salesforce"}}}})
    assert shell("plan", "p.yaml").code == 0  # the vendor has its say
    assert shell("drift", "p.yaml", "--emulate").code == 1
    assert shell("lint", "--online", "--lock", "--emulate", "p.yaml").code == 0
    assert shell("lint", "p.yaml").code == 0
    assert shell("drift", "p.yaml", "--emulate").code == 0


def test_a_credential_that_is_not_accepted_leaves_the_lock_as_it_was(shell, there, served):
    shell.write("p.yaml", pipeline(there, ["good"]))
    shell("lint", "--online", "--lock", "p.yaml")
    lock = shell.folder / "pipeforge.lock"
    before = lock.read_bytes()
    strict = served("strict", {"trocco": {"credentials": ["another"], **WORLD["trocco"]}})
    shell.write("p.yaml", pipeline(strict, ["good"]))
    done = online(shell, "--lock")
    assert {code for code, _ in found(done)} == {"PF600"}, done.text
    assert "wrote 0 things" in done.err
    assert lock.read_bytes() == before
