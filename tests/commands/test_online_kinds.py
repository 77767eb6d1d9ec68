"""`lint --online` for every kind: what each names is looked up, or it is told here why there is nothing."""

import json

import pytest
from vendor_project import connections

from pipeforge import adapters

NOTHING_NAMED = {
    "trocco.list_job_definitions": "lists all; `name` is a part of names",
    "trocco.list_workflow_definitions": "lists all",
    "treasure.list_projects": "lists all; `name_pattern` is a part of names",
    "treasure.list_schedules": "lists all",
    "treasure.list_sessions": "lists all",
    "treasure.list_workflows": "lists all; `name_pattern` is a part of names",
    "workato.search_recipes": "searches what is public, by a text",
}
CODE = {"keyword": "trigger", "provider": "salesforce", "name": "poll", "number": 0, "block": []}
WORLD = {
    "trocco": {
        "job_definitions": {7: {"name": "orders"}},
        "datamart_definitions": {5: {"name": "mart", "custom_variables": [{"name": "$region$"}]}},
        "pipeline_definitions": {3: {"name": "flow", "schedules": [{"hour": 3, "minute": 5}]}},
    },
    "treasure": {
        "projects": {
            "sales": {"workflows": {"mart": None, "timed": {"config": {"schedule": {"daily>": "03:00:00"}}}}}
        }
    },
    "workato": {
        "folders": {20: {"name": "full"}, 21: {"name": "below", "parent_id": 20}, 22: {"name": "empty"}},
        "connections": {
            5: {"name": "My Salesforce", "provider": "salesforce"},
            6: {"name": "Lost", "provider": "salesforce", "status": "failed"},
            8: {"name": "Twin", "provider": "salesforce"},
            9: {"name": "Twin", "provider": "salesforce"},
        },
        "recipes": {
            1: {"name": "Stopped", "running": False, "trigger_application": "salesforce", "folder_id": 20},
            2: {"name": "Runs", "trigger_application": "salesforce", "folder_id": 20},
            3: {"name": "Hook", "trigger_application": "workato_webhooks", "folder_id": 20},
            4: {"name": "Twice", "running": False, "folder_id": 20},
            5: {"name": "Twice", "running": False, "folder_id": 20},
        },
    },
    "reckoner": {
        "workflows": {
            42: {"name": "clean", "parameters": ["store"]},
            43: {"name": "hooked", "webhooks": ["https://example.com/hook"]},
        },
        "integrations": {"mysql": [{"integration_id": 11, "name": "orders", "project_id": 3}]},
        "projects": {3: {"name": "three"}},
    },
}
RECIPE = {"name": "New", "code": CODE}
LINE = {"provider": "salesforce"}
NOW = {"session_time": "${{ context_time }}"}
CASES = {
    "a data mart that is not there": ("trocco.run_datamart", {"datamart_definition_id": 6}, "PF601"),
    "a variable that it lacks": (
        "trocco.run_datamart",
        {"datamart_definition_id": 5, "custom_variables": {"$zone$": "x"}},
        "PF604",
    ),
    "a transfer job": ("trocco.get_job", {"job_id": 999}, "PF601"),
    "a workflow job": ("trocco.get_workflow_job", {"pipeline_job_id": 999}, "PF601"),
    "jobs of a setting": ("trocco.list_jobs", {"job_definition_id": 6}, "PF601"),
    "a schedule that a question does not double": (
        "trocco.get_workflow_definition",
        {"pipeline_definition_id": 3},
        None,
    ),
    "a project": ("treasure.get_project", {"project": "sale"}, "PF601"),
    "a project by its id": ("treasure.get_project", {"project_id": "99"}, "PF601"),
    "a project that is pushed anew": ("treasure.push_project", {"project": "new", "folder": "flows"}, None),
    "a workflow of a list": ("treasure.list_attempts", {"project": "sales", "workflow": "marts"}, "PF601"),
    "a workflow by id": ("treasure.get_workflow", {"workflow_id": "999"}, "PF601"),
    "a revision": ("treasure.list_project_workflows", {"project": "sales", "revision": "r9"}, "PF601"),
    "a workflow that another revision may have": (
        "treasure.get_project_workflow",
        {"project": "sales", "workflow": "marts", "revision": "${{ run.id }}"},
        None,
    ),
    "no schedule": ("treasure.enable_schedule", {"project": "sales", "workflow": "mart"}, "PF601"),
    "a schedule": (
        "treasure.backfill_schedule",
        {"project": "sales", "workflow": "timed", "from_time": "2026-01-01T00:00:00+09:00"},
        None,
    ),
    "a schedule by id": ("treasure.disable_schedule", {"schedule_id": "99"}, "PF601"),
    "an attempt": ("treasure.kill_attempt", {"attempt_id": "99"}, "PF601"),
    "a session": ("treasure.list_session_attempts", {"session_id": "99"}, "PF601"),
    "a recipe to update": ("workato.update_recipe", {"recipe_id": 99, "name": "x"}, "PF601"),
    "one that runs is not updated": ("workato.update_recipe", {"recipe_id": 2, "name": "x"}, "PF614"),
    "a recipe to delete": ("workato.delete_recipe", {"recipe_id": 1, "confirm": "Stopped"}, None),
    "one that is called otherwise": ("workato.delete_recipe", {"recipe_id": 1, "confirm": "Start"}, "PF613"),
    "one that runs is not deleted": ("workato.delete_recipe", {"recipe_id": 2, "confirm": "Runs"}, "PF614"),
    "one that runs is not started": ("workato.run_recipe", {"recipe_id": 2}, "PF614"),
    "a trigger that polls nothing": ("workato.poll_recipe", {"recipe_id": 3}, "PF607"),
    "a trigger that is not reset": (
        "workato.reset_trigger",
        {"recipe_id": 3, "acknowledge_reprocess": True},
        "PF607",
    ),
    "a job of a recipe": ("workato.get_job", {"recipe_id": 2, "job_id": "j-none"}, "PF601"),
    "a folder with recipes": ("workato.list_recipes", {"folder_id": 20}, None),
    "a folder below another": ("workato.list_recipes", {"folder_id": 21}, None),
    "an empty folder": ("workato.create_recipe", {**RECIPE, "folder_id": 22}, None),
    "no folder": ("workato.create_recipe", {**RECIPE, "folder_id": 99}, "PF601"),
    "a recipe that is deployed anew": ("workato.deploy_recipe", {**RECIPE, "folder_id": 22}, None),
    "one of several": ("workato.deploy_recipe", {**RECIPE, "name": "Twice", "folder_id": 20}, "PF612"),
    "nowhere to deploy to": ("workato.deploy_recipe", {**RECIPE, "folder_id": 99}, "PF601"),
    "a connection": ("workato.create_recipe", {**RECIPE, "config": [{**LINE, "account_id": 5}]}, None),
    "a connection by name": (
        "workato.create_recipe",
        {**RECIPE, "config": [{**LINE, "account_id": {"name": "My Salesforce", "zip_name": "x"}}]},
        None,
    ),
    "no such connection": (
        "workato.create_recipe",
        {**RECIPE, "config": [{**LINE, "account_id": "My Salesforces"}]},
        "PF601",
    ),
    "a connection that is lost": (
        "workato.create_recipe",
        {**RECIPE, "config": [{**LINE, "account_id": 6}]},
        "PF615",
    ),
    "a name of two connections": (
        "workato.create_recipe",
        {**RECIPE, "config": [{**LINE, "account_id": "Twin"}]},
        "PF612",
    ),
    "others start it": ("reckoner.run_workflow", {"workflow_id": 43}, "PF611"),
    "a question about what others start": ("reckoner.get_workflow", {"workflow_id": 43}, None),
    "a workflow that needs a value": ("reckoner.export_workflow", {"workflow_id": 42}, None),
    "no workflow": ("reckoner.list_jobs", {"workflow_id": 9}, "PF601"),
    "no job": ("reckoner.cancel_job", {"workflow_id": 42, "job_id": 999}, "PF601"),
    "no project": ("reckoner.list_workflows", {"project_id": 9}, "PF601"),
    "an integration": (
        "reckoner.delete_integration",
        {"project_id": 3, "service": "mysql", "integration_id": 11, "confirm": "orders"},
        None,
    ),
    "another integration": (
        "reckoner.delete_integration",
        {"project_id": 3, "service": "mysql", "integration_id": 11, "confirm": "order"},
        "PF613",
    ),
    "no integration": (
        "reckoner.delete_integration",
        {"project_id": 3, "service": "mysql", "integration_id": 12, "confirm": "orders"},
        "PF601",
    ),
}


@pytest.fixture
def there(served):
    return served("online_kinds", WORLD)


def pipeline(there, *steps):
    """Steps one after the other."""
    vendors = {kind.partition(".")[0] for kind, _ in steps}
    used = {name: one for name, one in connections(there).items() if one["vendor"] in vendors}
    made = {}
    for number, (kind, given) in enumerate(steps):
        needs = {"needs": f"s{number - 1}"} if number else {}
        made[f"s{number}"] = {"uses": kind, "with": given, "timeout": "1h", **needs}
    return {"name": "p", "connections": used, "steps": made}


def codes(done):
    return sorted(row["code"] for row in json.loads(done.out)["diagnostics"])


def online(shell, *more):
    return shell("lint", "--online", "--format", "json", "--select", "PF6", "p.yaml", *more)


@pytest.fixture
def project(shell):
    shell.write("flows/a.dig", "+a:\n  echo>: a\n")
    return shell


@pytest.mark.parametrize("case", CASES)
def test_what_a_step_names_is_looked_up(project, there, case):
    kind, given, expected = CASES[case]
    project.write("p.yaml", pipeline(there, (kind, given)))
    done = online(project)
    assert codes(done) == ([expected] if expected else []), done.text


def test_every_kind_is_looked_up_or_names_nothing():
    kinds = {name: kind for name, kind in adapters.kinds().items() if name in adapters.KINDS}
    assert {name for name, kind in kinds.items() if not kind.traits.names} == set(NOTHING_NAMED)


def test_parameters_of_names_are_parameters():
    for name, kind in adapters.kinds().items():
        fields = set(kind.params.model_fields)
        for named in kind.traits.names:
            said = {*named.params, *filter(None, (named.given, named.repeated))}
            assert said <= fields, f"{name}: {said - fields}"
            assert named.brought_by <= set(adapters.KINDS), name


PUSHED = ("treasure.push_project", {"project": "new", "folder": "flows"})
BROUGHT = {
    "pushed before it is run": (
        PUSHED,
        ("treasure.run_workflow", {"project": "new", "workflow": "a", **NOW}),
    ),
    "pushed before its schedule is switched": (
        PUSHED,
        ("treasure.enable_schedule", {"project": "new", "workflow": "a"}),
    ),
    "started before it is polled": (
        ("workato.start_recipe", {"recipe_id": 1}),
        ("workato.poll_recipe", {"recipe_id": 1}),
    ),
    "stopped before it is deleted": (
        ("workato.stop_recipe", {"recipe_id": 2}),
        ("workato.delete_recipe", {"recipe_id": 2, "confirm": "Runs"}),
    ),
}


@pytest.mark.parametrize("case", BROUGHT)
def test_what_an_earlier_step_brings_about_is_no_finding(project, there, case):
    first, second = BROUGHT[case]
    project.write("p.yaml", pipeline(there, first, second))
    assert codes(online(project)) == []
    project.write("p.yaml", pipeline(there, second))
    assert codes(online(project)) != []


def test_another_thing_that_is_brought_about_excuses_nothing(project, there):
    started = ("workato.start_recipe", {"recipe_id": 4})
    project.write("p.yaml", pipeline(there, started, ("workato.poll_recipe", {"recipe_id": 1})))
    assert codes(online(project)) == ["PF603"]
    later = pipeline(
        there, ("workato.start_recipe", {"recipe_id": 1}), ("workato.poll_recipe", {"recipe_id": 1})
    )
    del later["steps"]["s1"]["needs"]
    project.write("p.yaml", later)
    assert codes(online(project)) == ["PF603"]


def test_connections_in_a_file_are_looked_up_too(project, there):
    project.write("config.json", {"config": [{**LINE, "account_id": "Nowhere"}]})
    step = ("workato.create_recipe", {**RECIPE, "config": {"file": "config.json"}})
    project.write("p.yaml", pipeline(there, step))
    done = online(project)
    assert codes(done) == ["PF601"]
    assert "no connection 'salesforce/Nowhere'" in done.out


def test_a_schedule_of_treasure_does_not_drift_by_the_day(project, served):
    there = served("online_days", WORLD)
    step = ("treasure.run_workflow", {"project": "sales", "workflow": "timed", **NOW})
    project.write("p.yaml", pipeline(there, step))
    assert "daily> 03:00:00" in online(project, "--lock").out
    there.jump(3 * 86_400)
    done = project("drift", "p.yaml")
    assert (done.code, done.out) == (0, ""), done.text


def test_every_environment_that_is_chosen_is_asked(project, served):
    there, other = served("online_kinds", WORLD), served("online_anything", {})
    made = pipeline(there, ("trocco.run_job", {"job_definition_id": 9}))
    project.write("p.yaml", {**made, "connections": {}})
    overlay = {"connections": {"trocco": {"base_url": other.url("trocco")}}}
    environments = {"here": {}, "there": overlay}
    project.write("pipeforge.yaml", {"connections": made["connections"], "environments": environments})
    assert codes(online(project, "--env", "here", "--env", "there")) == ["PF601"]
    assert codes(online(project, "--env", "there")) == []
    project("lint", "--online", "--lock", "--env", "here", "--env", "there", "p.yaml")
    things = json.loads(project.folder.joinpath("pipeforge.lock").read_text())["things"]
    assert set(things) == {"here", "there"}
