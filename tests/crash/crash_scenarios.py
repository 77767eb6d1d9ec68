"""What the processes of the crash matrix run: every kind of the registry, in every kind of trouble.

A kind needs no row here as long as its parameters can be guessed from its model: the uninjured run of each
tells whether it could be.
"""

import types
from pathlib import Path
from types import SimpleNamespace
from typing import Union, get_args, get_origin

from vendor_project import SECRETS, connections

from pipeforge import adapters
from pipeforge.adapter import Role
from pipeforge.contract.killed.scripts import QUICK, Script

WORKFLOWS = Path(__file__).parent.parent / "live" / "workflows"
"""A folder to push."""
NUMBER = 7
STOPPED, SCHEDULED, STARTED, ENDED = 8, 9, 10, 11
"""Recipes: of run_recipe; on a schedule; of start_recipe; of stop_recipe."""
DEPLOYED, RESET = 12, 13
"""Recipes that find nothing at their source: of deploy_recipe; of reset_trigger."""
FOLDER = 4520
CODE = {"number": 0, "provider": "salesforce", "name": "updated_record", "keyword": "trigger", "block": []}
UNIT = SECRETS["KREWDATA_UNIT"]
COURSES = ("short", "failing", "long", "endless")
CONNECTION_OF = {
    "trocco": "trocco",
    "treasure": "td",
    "workato": "workato",
    "krewdata": "shopfloor",
    "reckoner": "reckoner",
}

WITH = {
    "treasure.backfill_schedule": {
        "project": "p",
        "workflow": "daily",
        "from_time": "2023-12-01T00:00:00Z",
        "count": 1,
    },
    "treasure.push_project": {"project": "pushed", "folder": str(WORKFLOWS)},
    "reckoner.delete_integration": {
        "project_id": 1,
        "service": "mysql",
        "integration_id": NUMBER,
        "confirm": "gone",
    },
    "treasure.delete_project": {"project": "gone", "confirm": "gone"},
    "treasure.run_workflow": {"project": "p", "workflow": "w", "session_time": "${{ context_time }}"},
    "workato.poll_recipe": {"recipe_id": NUMBER, "settle": "5s"},
    "workato.run_recipe": {"recipe_id": STOPPED, "settle": "5s"},
    "workato.start_recipe": {"recipe_id": STARTED},
    "workato.stop_recipe": {"recipe_id": ENDED},
    "workato.create_recipe": {"folder_id": FOLDER, "name": "Created", "code": CODE},
    "workato.deploy_recipe": {"folder_id": FOLDER, "name": "Deployed", "code": CODE, "config": []},
    "workato.reset_trigger": {"recipe_id": RESET, "acknowledge_reprocess": True},
}
"""Parameters that cannot be guessed."""

VARIANTS = {
    "workato.poll_recipe, scheduled": ("workato.poll_recipe", {"recipe_id": SCHEDULED, "settle": "5s"}, {}),
    "workato.poll_recipe, stopped": (
        "workato.poll_recipe",
        {"recipe_id": STOPPED, "settle": "5s", "ensure_running": True},
        {},
    ),
    "treasure.run_workflow, oss": (
        "treasure.run_workflow",
        WITH["treasure.run_workflow"],
        {"api": "oss"},
    ),
}
"""Other worlds for a kind: by name, the kind, its parameters, and settings of its connection."""


CHANGED = (
    "treasure.push_project",
    "treasure.delete_project",
    "workato.start_recipe",
    "workato.stop_recipe",
    "workato.create_recipe",
    "workato.deploy_recipe",
    "workato.reset_trigger",
    "trocco.run_datamart",
    "reckoner.delete_integration",
)
"""Kinds that change something in more than one request, or that must not do it twice."""


def tried():
    """Every kind that runs jobs, and those changes: a change of one harmless request has its contract."""
    return [name for name, kind in adapters.kinds().items() if kind.role is Role.RUNS or name in CHANGED]


def names():
    """The kinds that are tried, and the variants."""
    return [*tried(), *VARIANTS]


def kind_of(name):
    return adapters.kinds()[VARIANTS[name][0] if name in VARIANTS else name]


def guessed(model):
    """Values for what a model requires."""
    return {
        name: _guess(field.annotation) for name, field in model.model_fields.items() if field.is_required()
    }


def _guess(annotation):
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _guess(get_args(annotation)[0])
    if origin is not None:
        return {dict: {}, list: []}.get(origin, str(NUMBER))
    return NUMBER if annotation is int else str(NUMBER)


def _courses(which):
    """By vendor, how jobs go. Seconds are short for what is looked at every five."""
    seconds = {"none": 0, "short": 8, "failing": 8, "long": 40, "endless": float("inf")}[which]
    begin = 1 if seconds else 0
    staged = {
        "trocco": {"stages": {"queued": 0, "setting_up": begin, "executing": seconds}},
        "krewdata": {"stages": {"Queuing": begin, "Running": seconds}},
        "reckoner": {"stages": {"SUBMITTING": begin, "RUNNABLE": 0, "RUNNING": seconds}},
        "treasure": {"seconds": seconds},
        "workato": {"seconds": seconds},
    }
    if which != "failing":
        return staged
    bad = {
        "trocco": "error",
        "krewdata": "Failure",
        "reckoner": "FAILED",
        "treasure": "error",
        "workato": "failed",
    }
    return {vendor: [{**course, "outcome": bad[vendor]}, course] for vendor, course in staged.items()}


def world(which, shape):
    """What there is at all vendors, where jobs go so."""
    course = _courses(which)
    activation = 0 if which == "none" else 3
    recipe = {"activation": activation, "polls": [1, 0], "past_jobs": 2, "course": course["workato"]}
    recipe |= {"trigger_application": "salesforce"}
    if which == "failing":
        recipe["polls"] = [1, 1, 0]
    return {
        "trocco": {
            "job_definitions": {NUMBER: {"course": course["trocco"]}},
            "pipeline_definitions": {NUMBER: {"course": course["trocco"]}},
        },
        "treasure": {
            "shape": shape,
            "projects": {
                "p": {
                    "workflows": {
                        "w": {"course": course["treasure"]},
                        "daily": {
                            "course": course["treasure"],
                            "config": {"schedule": {"daily>": "00:00:00"}},
                        },
                    }
                },
                "after": None,
                "gone": None,
            },
            "course": {"seconds": 0},
        },
        "workato": {
            "recipes": {
                NUMBER: recipe,
                STOPPED: {**recipe, "running": False},
                STARTED: {**recipe, "running": False},
                ENDED: recipe,
                SCHEDULED: {**recipe, "trigger_application": "clock", "polls": [1]},
                DEPLOYED: {
                    **recipe,
                    "name": "Deployed",
                    "folder_id": FOLDER,
                    "stopping": activation,
                    "polls": [0],
                },
                RESET: {**recipe, "polls": [0], "past_jobs": 0},
            }
        },
        "krewdata": {"units": {UNIT: {"course": course["krewdata"]}}},
        "reckoner": {
            "workflows": {NUMBER: {"course": course["reckoner"]}},
            "integrations": {"mysql": [{"integration_id": NUMBER, "name": "gone"}]},
        },
    }


def step(name):
    """The step of a kind: what it uses and with what."""
    if name in VARIANTS:
        kind, given, _ = VARIANTS[name]
        return {"uses": kind, "with": given}
    kind = adapters.kinds()[name]
    return {"uses": name, "with": WITH.get(name) or guessed(kind.params)}


def script(name):
    """What a killed process plays: the kind, the connections that it uses, and its worlds."""
    settings = VARIANTS[name][2] if name in VARIANTS else {}
    shape = "oss" if settings.get("api") == "oss" else "hosted"
    one = step(name)
    return Script(
        one["uses"],
        one["with"],
        links({CONNECTION_OF[kind_of(name).vendor], "td"}, settings),
        {which: world(which, shape) for which in COURSES},
        SECRETS,
    )


def links(used, settings=None):
    """The connections that are used, without their addresses; `settings` are added to that of Treasure."""
    every = connections(SimpleNamespace(url=lambda vendor: vendor))
    kept = {key: {**link} for key, link in every.items() if key in used}
    for link in kept.values():
        del link["base_url"]
        if "recovery_window" in link:
            link["recovery_window"] = "30s"
    if settings:
        kept["td"] |= settings
    return kept


def everything():
    """A step of every kind at once, all over at once: to warm up with, and its world."""
    steps = {name.replace(".", "_"): {**step(name), "poll": QUICK} for name in tried()}
    for each in steps.values():
        if "settle" in each["with"]:
            each["with"] = {**each["with"], "settle": "0.1s"}
    whole = {"name": "crash", "connections": links(set(CONNECTION_OF.values())), "steps": steps}
    return whole, world("none", "hosted")


SCRIPTS = {name: script(name) for name in names()}
"""By name."""


def one_of_each():
    """A kind of each guarantee."""
    return list({kind_of(name).guarantee: name for name in reversed(names())}.values())
