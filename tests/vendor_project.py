"""A project over all five vendors whose connections lead to emulators on a port, and a step of every kind."""

import json
from itertools import count

SECRETS = {
    "TROCCO_API_KEY": "trocco+Key/4f1d8b2c9e7a==",
    "TD_API_KEY": "10342/0d9f8e7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e",
    "WORKATO_API_TOKEN": "wrkaus-eyJhbGciOiJSUzI1NiJ9.Zm9v/YmFy+QUJD",
    "KREWDATA_UNIT": "unit?5b1f/e3c8&a2=d4",
    "KREWDATA_SERIAL": "KRW-77Q1-88Z2+95%X3",
    "RECKONER_ACCESS_TOKEN": "pat_aX9/kQ3+zR7w",
    "RECKONER_REFRESH_TOKEN": "prt_Lm4/nB8+vC2s",
}
"""Made up, and full of what escapes differently in URLs, JSON and headers."""

STOPPED = 1000
"""Recipes from this number on are kept stopped."""

ROOM = 990
"""How many of everything there are, so that each test has its own."""

_numbers = count(1)


def number():
    """A number that no other test of this process uses: the definition, recipe or workflow it starts."""
    return next(_numbers)


def world(seconds, shape="hosted", **treasure):
    """Everything exists; every job takes so many seconds and succeeds."""
    recipes = {
        n: {"course": {"seconds": seconds}, "activation": 0, "poll_seconds": 0} for n in range(1, ROOM)
    }
    stopped = {n + STOPPED: {**recipe, "running": False} for n, recipe in recipes.items()}
    return {
        "trocco": {"course": {"stages": {"queued": 0, "setting_up": 0, "executing": seconds}}},
        "treasure": {"course": {"seconds": seconds}, "shape": shape, **treasure},
        "workato": {"recipes": {**recipes, **stopped}},
        "krewdata": {"course": {"stages": {"Queuing": 0, "Running": seconds}}},
        "reckoner": {"course": {"stages": {"SUBMITTING": 0, "RUNNABLE": 0, "RUNNING": seconds}}},
    }


def connections(emulators):
    """All five, each with a short patience for lost answers."""
    urls = {
        vendor: emulators.url(vendor) for vendor in ("trocco", "treasure", "workato", "krewdata", "reckoner")
    }
    return {
        "trocco": {
            "vendor": "trocco",
            "api_key": "${{ secrets.TROCCO_API_KEY }}",
            "base_url": urls["trocco"],
            "recovery_window": "1s",
        },
        "td": {"vendor": "treasure", "api_key": "${{ secrets.TD_API_KEY }}", "base_url": urls["treasure"]},
        "workato": {
            "vendor": "workato",
            "api_token": "${{ secrets.WORKATO_API_TOKEN }}",
            "base_url": urls["workato"],
            "limits": {"requests": "100000/1m"},
        },
        "shopfloor": {
            "vendor": "krewdata",
            "unit_id": "${{ secrets.KREWDATA_UNIT }}",
            "serial_number": "${{ secrets.KREWDATA_SERIAL }}",
            "krewdata_app_url": "https://example.cybozu.com/k/123",
            "base_url": urls["krewdata"],
            "recovery_window": "1s",
        },
        "reckoner": {
            "vendor": "reckoner",
            "access_token": "${{ secrets.RECKONER_ACCESS_TOKEN }}",
            "refresh_token": "${{ secrets.RECKONER_REFRESH_TOKEN }}",
            "base_url": urls["reckoner"],
            "recovery_window": "1s",
        },
    }


def steps(mine):
    """A step of every kind that starts a job, each named like its kind."""
    return {
        "trocco_job": {"uses": "trocco.run_job", "with": {"job_definition_id": mine}},
        "trocco_workflow": {"uses": "trocco.run_workflow", "with": {"pipeline_definition_id": mine}},
        "td_workflow": {
            "uses": "treasure.run_workflow",
            "with": {"project": f"p{mine}", "workflow": "w", "session_time": "${{ context_time }}"},
        },
        "poll_recipe": {
            "uses": "workato.poll_recipe",
            "with": {"recipe_id": mine, "settle": "0.1s", "no_job_grace": "60s"},
        },
        "run_recipe": {
            "uses": "workato.run_recipe",
            "with": {"recipe_id": mine + STOPPED, "settle": "0.1s", "no_job_grace": "60s"},
        },
        "krewdata_unit": {"uses": "krewdata.run_unit", "with": {"app_id": 55, "user": "batch"}},
        "reckoner_workflow": {"uses": "reckoner.run_workflow", "with": {"workflow_id": mine}},
    }


VENDOR_OF = {
    "trocco_job": "trocco",
    "trocco_workflow": "trocco",
    "td_workflow": "treasure",
    "poll_recipe": "workato",
    "run_recipe": "workato",
    "krewdata_unit": "krewdata",
    "reckoner_workflow": "reckoner",
}
"""By step of `steps`."""


def used(there, chosen):
    """The connections that steps name, or of whose vendor they are; all of them where no step can be read."""
    wanted = {
        step.get("connection") or str(step.get("uses")).partition(".")[0]
        for step in chosen.values()
        if isinstance(step, dict)
    }
    kept = {name: one for name, one in there.items() if {name, one["vendor"]} & wanted}
    return kept or there


def pipeline(chosen, emulators, **more):
    """A pipeline file's text (JSON is YAML) with these steps."""
    whole = {
        "name": "all_vendors",
        "connections": used(connections(emulators), chosen),
        "defaults": {"timeout": "5m", "poll": {"interval": "0.1s", "max_interval": "0.3s"}},
        "steps": chosen,
        **more,
    }
    return json.dumps(whole, indent=1)
