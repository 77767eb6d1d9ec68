"""A whole recording, played again: every step meets something else, and meets it again."""

import pytest
from playing import CONNECTIONS, play, write
from vendor_project import SECRETS

from pipeforge.redaction import Redactor

UNIT = SECRETS["KREWDATA_UNIT"]
QUOTED = f"no access to the shop with {SECRETS['TD_API_KEY']}: table 'orders' is gone"

WORLD = {
    "trocco": {
        "job_definitions": {
            1201: {"name": "orders", "course": [{"outcome": "error"}, {"stages": {"executing": 300}}]},
            1202: {"name": "busy", "course": {"outcome": "skipped"}},
        },
        "pipeline_definitions": {310: {"name": "customers", "course": {"outcome": "canceled"}}},
    },
    "treasure": {
        "projects": {
            "sales": {
                "workflows": {
                    "mart": {
                        "timezone": "Asia/Tokyo",
                        "course": {
                            "tasks": [
                                {"name": "stage", "seconds": 0.2, "log": ["staged 1204 rows"]},
                                {"name": "both", "parallel": True, "tasks": [{"name": "a"}, {"name": "b"}]},
                                {
                                    "name": "build",
                                    "outcome": "error",
                                    "message": QUOTED,
                                    "log": ["reading", "no such column 'price'"],
                                },
                                {"name": "after"},
                            ]
                        },
                    },
                    "quick": {"course": {"seconds": 0.3}},
                }
            }
        }
    },
    "workato": {
        "recipes": {
            1389: {
                "name": "publish",
                "polls": [3],
                "past_jobs": 2,
                "poll_seconds": 2,
                "course": [
                    {"seconds": 0.1, "title": "first"},
                    {"seconds": 0.1, "outcome": "failed", "error": "the sheet is full"},
                    {"seconds": 0.1},
                ],
            },
            1390: {"polls": [0], "poll_seconds": 2},
            9000: {"running": False, "starts": [{"status": 422, "message": "the trial has ended"}]},
        }
    },
    "krewdata": {
        "http_status": "always_200",
        "units": {
            UNIT: {
                "flows": ["Load", "Sum"],
                "course": [
                    {
                        "outcome": "Failure",
                        "error_code": "77",
                        "error_message": "上限を超えました",
                        "failing_flow": 2,
                    },
                    {},
                ],
            }
        },
    },
    "reckoner": {
        "workflows": {
            42: {
                "name": "clean stores",
                "course": {
                    "outcome": "FAILED",
                    "errors": [
                        {
                            "task_name": "読込",
                            "category": "sink",
                            "subcategory": "bq",
                            "message": "表がありません",
                        }
                    ],
                },
                "webhooks": ["https://hooks.example.com/hook-0123456789"],
                "parameters": ["store", {"name": "key", "value": "hush", "is_secret": True}],
                "labels": [{"id": 5, "name": "nightly"}],
            },
            43: {"course": {"outcome": "SERVER_ERROR"}},
        },
        "integrations": {"mysql": [{"integration_id": 42294, "name": "orders (old)"}]},
    },
}
WAIT = {"settle": "0.2s", "no_job_grace": "1s", "on_no_job": "succeed"}
STEPS = {
    "orders": {"uses": "trocco.run_job", "with": {"job_definition_id": 1201}},
    "orders_again": {
        "uses": "trocco.run_job",
        "needs": "orders",
        "run_when": "always",
        "with": {"job_definition_id": 1201},
    },
    "busy": {"uses": "trocco.run_job", "with": {"job_definition_id": 1202}},
    "absent": {"uses": "trocco.run_job", "with": {"job_definition_id": 1203}},
    "customers": {
        "uses": "trocco.run_workflow",
        "with": {"pipeline_definition_id": 310, "context_time": "${{ context_time }}"},
    },
    "mart": {
        "uses": "treasure.run_workflow",
        "with": {
            "project": "sales",
            "workflow": "mart",
            "session_time": "${{ context_time }}",
            "params": {"region": "jp"},
        },
    },
    "quick": {
        "uses": "treasure.run_workflow",
        "with": {"project": "sales", "workflow": "quick", "session_time": "${{ context_time }}"},
    },
    "publish": {"uses": "workato.poll_recipe", "with": {"recipe_id": 1389, **WAIT, "no_job_grace": "20s"}},
    "nothing": {"uses": "workato.poll_recipe", "with": {"recipe_id": 1390, **WAIT}},
    "refused": {"uses": "workato.run_recipe", "with": {"recipe_id": 9000, **WAIT}},
    "tell": {"uses": "krewdata.run_unit", "with": {"app_id": 55, "user": "batch"}},
    "tell_again": {
        "uses": "krewdata.run_unit",
        "needs": "tell",
        "run_when": "always",
        "with": {"app_id": 55, "user": "batch"},
    },
    "asked": {
        "uses": "krewdata.get_task_status",
        "needs": ["tell_again"],
        "with": {"task_id": "${{ steps.tell_again.outputs.id }}"},
    },
    "clean": {"uses": "reckoner.run_workflow", "with": {"workflow_id": 42, "parameters": {"store": "tokyo"}}},
    "broken": {"uses": "reckoner.run_workflow", "with": {"workflow_id": 43}},
    "detail": {"uses": "reckoner.get_workflow", "with": {"workflow_id": 42}},
    "integrations": {"uses": "reckoner.list_integrations", "with": {"project_id": 1}},
    "lost": {"uses": "reckoner.get_workflow", "with": {"workflow_id": 44}},
}


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recording")
    write(folder, STEPS)
    return folder, play(folder, WORLD)


def test_outcomes_words_and_outputs_are_the_same_again(recording):
    folder, seen = recording
    ended = seen.ended()
    assert {outcome for outcome, *_ in ended.values()} == {"succeeded", "failed", "canceled", "skipped"}
    again = play(folder, seen.recorded, again=True).ended()
    for step, end in ended.items():
        assert again[step] == end, step
    assert play(folder, seen.recorded, again=True, hurried=True).ended().keys() == ended.keys()


def test_no_secret_is_in_it_and_nothing_that_vendors_keep_as_one(recording):
    text = recording[1].world
    for name, secret in SECRETS.items():
        assert secret not in text, name
    assert Redactor(SECRETS.values()).text(text) == text
    assert "hooks.example.com" not in text and "hush" not in text
    assert "with ***: table 'orders' is gone" in text
    assert "accessToken" not in text and "Bearer" not in text and "TD1" not in text


OTHER = SECRETS["KREWDATA_SERIAL"]
OTHERS = {
    "krewdata": {
        "units": {
            UNIT: {"course": {"outcome": "Failure", "error_message": "no room"}},
            OTHER: {"flows": ["Other"]},
        }
    },
    "treasure": {
        "shape": "oss",
        "projects": {
            "p": {"workflows": {"bad": {"course": {"outcome": "error", "message": "no such table"}}}}
        },
    },
    "workato": {
        "managed_users": [{"id": 5, "external_id": "acme/jp", "recipes": [7]}],
        "recipes": {7: {"running": False, "name": "shop", "polls": [1], "poll_seconds": 2}},
    },
}


def test_two_units_a_server_of_ones_own_and_a_customer_are_played_again(tmp_path):
    other = {**CONNECTIONS["shopfloor"], "unit_id": "${{ secrets.KREWDATA_SERIAL }}"}
    there = {
        "shopfloor": CONNECTIONS["shopfloor"],
        "other": other,
        "td": {**CONNECTIONS["td"], "api": "oss"},
        "workato": {**CONNECTIONS["workato"], "managed_user": {"external_id": "acme/jp"}},
    }
    tell = {"uses": "krewdata.run_unit", "with": {"app_id": 55, "user": "batch"}}
    bad = {"project": "p", "workflow": "bad", "session_time": "${{ context_time }}"}
    chosen = {
        "one": {**tell, "connection": "shopfloor"},
        "two": {**tell, "connection": "other"},
        "bad": {"uses": "treasure.run_workflow", "with": bad},
        "shop": {"uses": "workato.run_recipe", "with": {"recipe_id": 7, **WAIT, "no_job_grace": "20s"}},
    }
    write(tmp_path, chosen, there)
    seen = play(tmp_path, OTHERS)
    ended = seen.ended()
    assert [end[0] for end in ended.values()] == ["failed", "succeeded", "failed", "succeeded"]
    assert "no such table" in ended["bad"][2] and "no room" in ended["one"][2]
    units = seen.recorded["krewdata"]["units"]
    assert set(units) == {"emulated-KREWDATA_UNIT", "emulated-KREWDATA_SERIAL"}
    assert play(tmp_path, seen.recorded, again=True).ended() == ended
