"""`run --record FILE`, then `run --emulate --world FILE`: vendors' answers, played again without secrets."""

import signal

import pytest
from command_line import Emulators
from vendor_project import SECRETS, connections, pipeline

from pipeforge.language.document import parse

UNIT = SECRETS["KREWDATA_UNIT"]
AT = ("--context-time", "2026-01-31T02:00")
QUOTED = f"no access to the shop with {SECRETS['RECKONER_ACCESS_TOKEN']}: table 'orders' is gone"
TIMES = ("created_at", "started_at", "ended_at", "finished_at", "updated_at", "last_run_at", "link", "index")
IDS = ("id", "ids", "job_ids", "job_id", "session_id", "session_uuid", "key")
"""What the emulators choose anew."""

WORLD = {
    "trocco": {
        "job_definitions": {
            1201: {"name": "orders", "course": [{"outcome": "error"}, {"stages": {"executing": 0.3}}]},
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
                                    "message": "syntax error: 表がありません",
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
                "poll_seconds": 0.1,
                "course": [
                    {"seconds": 0.1, "title": "first"},
                    {"seconds": 0.1, "outcome": "failed", "error": "the sheet is full"},
                    {"seconds": 0.1},
                ],
            },
            1390: {"polls": [0], "poll_seconds": 0.1},
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
                        {"task_name": "読込", "category": "sink", "subcategory": "bq", "message": QUOTED}
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
def vendors(tmp_path_factory):
    """Stands for the real ones: every step meets something else."""
    there = Emulators(tmp_path_factory.mktemp("vendors"), WORLD)
    yield there
    there.close()


def told(shell, *arguments):
    """How each step ended, in words and outputs that do not hang on the day."""
    shown = shell.shown(shell.runs(*arguments)[0]["run"], *arguments)
    return {
        id_: (step["outcome"], step["word"], without_ids(step["detail"]), plain(step["outputs"]))
        for id_, step in shown["steps"].items()
    }


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key not in (*TIMES, *IDS)}
    return [plain(each) for each in value] if isinstance(value, list) else value


def without_ids(text):
    """Words that hold a job's or a page's address."""
    text = str(text).replace(" the emulated trocco", "")
    return " ".join(word for word in text.split() if not any(sign.isdigit() for sign in word))


def test_what_was_recorded_is_played_again_with_the_same_outcomes_words_and_outputs(shell, vendors):
    shell.write("p.yaml", pipeline(STEPS, vendors))
    done = shell("run", "p.yaml", *AT, "--record", "seen.yaml")
    assert done.code == 1, done.text
    assert "recorded in 'seen.yaml': krewdata, reckoner, treasure, trocco, workato" in done.err
    first = told(shell)
    assert {outcome for outcome, *_ in first.values()} == {"succeeded", "failed", "canceled", "skipped"}
    again = shell("run", "p.yaml", *AT, "--emulate", "--world", "seen.yaml")
    assert again.code == 1, again.text
    second = told(shell, "--emulate")
    for step, ended in first.items():
        assert second[step] == ended, step
    shell("run", "p.yaml", *AT, "--again", "--emulate", "--world", "seen.yaml")
    assert told(shell, "--emulate") == second


def test_no_secret_is_in_the_file_and_nothing_that_vendors_keep_as_one(shell, vendors):
    shell.write("p.yaml", pipeline(STEPS, vendors))
    shell("run", "p.yaml", "--again", "--record", "seen.yaml")
    text = (shell.folder / "seen.yaml").read_text("utf-8")
    for name, secret in SECRETS.items():
        assert secret not in text, name
    assert "hooks.example.com" not in text and "hush" not in text
    assert "with ***: table 'orders' is gone" in text
    assert "accessToken" not in text and "Bearer" not in text and "TD1" not in text


def test_the_recorded_world_serves_on_a_port_too(shell, vendors, tmp_path):
    shell.write("p.yaml", pipeline({"clean": STEPS["clean"], "tell": STEPS["tell"]}, vendors))
    shell("run", "p.yaml", "--record", "seen.yaml")
    first = told(shell)
    served = Emulators(tmp_path, yaml(shell))
    try:
        shell.write("p.yaml", pipeline({"clean": STEPS["clean"], "tell": STEPS["tell"]}, served))
        shell("run", "p.yaml", "--again")
    finally:
        served.close()
    assert told(shell) == first


def test_what_is_interrupted_is_recorded_as_far_as_it_came(shell, vendors):
    slow = {"uses": "trocco.run_job", "with": {"job_definition_id": 1201}, "poll": {"interval": "30s"}}
    shell.write("p.yaml", pipeline({"orders": slow}, vendors))
    running = shell.begin("run", "p.yaml", "--again", "--record", "seen.yaml")
    running.until("triggered: job_id")
    running.send(signal.SIGINT)
    assert running.end().code == 130
    world = yaml(shell)
    assert world["trocco"]["job_definitions"]["1201"]["course"][0]["stages"][-1].values()
    lint = shell("run", "p.yaml", "--again", "--emulate", "--world", "seen.yaml", "--max-time", "1s")
    assert lint.code == 6, lint.text


def yaml(shell, name="seen.yaml"):
    return parse(shell.folder / name, (shell.folder / name).read_text("utf-8")).data


def test_a_file_is_written_over_only_when_told_and_before_anything_is_triggered(shell, vendors):
    shell.write("p.yaml", pipeline({"busy": STEPS["busy"]}, vendors))
    shell.write("seen.yaml", "mine")
    refused = shell("run", "p.yaml", "--record", "seen.yaml")
    assert refused.code == 2 and "'seen.yaml' exists already" in refused.err and "--force" in refused.err
    assert shell.runs() == [] and (shell.folder / "seen.yaml").read_text() == "mine"
    assert shell("run", "p.yaml", "--record", "seen.yaml", "--force").code == 1
    assert yaml(shell)["trocco"]["job_definitions"]["1202"]["name"] == "busy"
    assert [path.name for path in shell.folder.iterdir() if "seen" in path.name] == ["seen.yaml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--force"], "--force goes with --record"),
        (["--record", "."], "'.' is a folder"),
        (["--record", "none/seen.yaml"], "cannot write into 'none'"),
    ],
)
def test_a_file_that_cannot_be_is_told_first(shell, vendors, arguments, said):
    shell.write("p.yaml", pipeline({"busy": STEPS["busy"]}, vendors))
    refused = shell("run", "p.yaml", *arguments)
    assert refused.code == 2 and said in refused.err and "help: " in refused.err
    assert shell.runs() == []


OTHERS = {
    "krewdata": {
        "units": {
            UNIT: {"course": {"outcome": "Failure", "error_message": "no room"}},
            SECRETS["KREWDATA_SERIAL"][:10]: {"flows": ["Other"]},
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
        "recipes": {7: {"running": False, "name": "shop", "polls": [1], "poll_seconds": 0.1}},
    },
}


def test_two_units_a_server_of_ones_own_and_a_customer_are_played_again(shell, tmp_path):
    there = Emulators(tmp_path, OTHERS)
    try:
        links = connections(there)
        other = {**links["shopfloor"], "unit_id": "${{ secrets.OTHER }}"}
        shell.environment["OTHER"] = SECRETS["KREWDATA_SERIAL"][:10]
        shell.write(".env", f"OTHER={shell.environment['OTHER']}\n")
        customer = {**links["workato"], "managed_user": {"external_id": "acme/jp"}}
        tell = {"uses": "krewdata.run_unit", "with": {"app_id": 55, "user": "batch"}}
        bad = {"project": "p", "workflow": "bad", "session_time": "${{ context_time }}"}
        chosen = {
            "one": {**tell, "connection": "shopfloor"},
            "two": {**tell, "connection": "other"},
            "bad": {"uses": "treasure.run_workflow", "with": bad},
            "shop": {"uses": "workato.run_recipe", "with": {"recipe_id": 7, **WAIT, "no_job_grace": "20s"}},
        }
        td = {**links["td"], "api": "oss"}
        whole = {"shopfloor": links["shopfloor"], "other": other, "td": td, "workato": customer}
        poll = {"timeout": "5m", "poll": {"interval": "0.1s", "max_interval": "0.3s"}}
        shell.write("p.yaml", {"name": "p", "connections": whole, "defaults": poll, "steps": chosen})
        assert shell("run", "p.yaml", *AT, "--record", "seen.yaml").code == 1
    finally:
        there.close()
    first = told(shell)
    assert [ended[0] for ended in first.values()] == ["failed", "succeeded", "failed", "succeeded"]
    assert "no such table" in first["bad"][2] and "no room" in first["one"][2]
    world = yaml(shell)
    assert set(world["krewdata"]["units"]) == {"emulated-KREWDATA_UNIT", "emulated-OTHER"}
    assert shell("run", "p.yaml", *AT, "--emulate", "--world", "seen.yaml").code == 1
    assert told(shell, "--emulate") == first
