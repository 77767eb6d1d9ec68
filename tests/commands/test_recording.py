"""`run --record FILE`, then `run --emulate --world FILE`: what the command does beside the recording."""

import signal

import pytest
from command_line import Emulators
from vendor_project import SECRETS, pipeline

from pipeforge.language.document import parse

AT = ("--context-time", "2026-01-31T02:00")
QUOTED = f"no access to the shop with {SECRETS['RECKONER_ACCESS_TOKEN']}: table 'orders' is gone"
WORLD = {
    "trocco": {
        "job_definitions": {
            1201: {"name": "orders", "course": {"stages": {"executing": 1}}},
            1202: {"name": "busy", "course": {"outcome": "skipped"}},
        }
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
            }
        }
    },
}
STEPS = {
    "busy": {"uses": "trocco.run_job", "with": {"job_definition_id": 1202}},
    "tell": {"uses": "krewdata.run_unit", "with": {"app_id": 55, "user": "batch"}},
    "clean": {"uses": "reckoner.run_workflow", "with": {"workflow_id": 42, "parameters": {"store": "tokyo"}}},
}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory):
    """Stands for the real ones: every step meets something else."""
    there = Emulators(tmp_path_factory.mktemp("vendors"), WORLD)
    yield there
    there.close()


def told(shell, *arguments):
    """How each step ended, in words."""
    shown = shell.shown(shell.runs(*arguments)[0]["run"], *arguments)
    return {id_: (step["outcome"], step["word"], step["detail"]) for id_, step in shown["steps"].items()}


def test_what_was_recorded_is_played_again_as_often_as_one_likes(shell, vendors):
    shell.write("p.yaml", pipeline(STEPS, vendors))
    vendors.fault("trocco", route="POST /api/jobs", do="rate_limited", nth=1)
    done = shell("run", "p.yaml", *AT, "--record", "seen.yaml")
    vendors.mend()
    assert done.code == 1, done.text
    assert "recorded in 'seen.yaml': krewdata, reckoner, trocco\n1 request went wrong on the way" in done.err
    first = told(shell)
    for again in ((), ("--again",)):
        done = shell("run", "p.yaml", *AT, *again, "--emulate", "--world", "seen.yaml")
        assert done.code == 1 and "429" in done.err, done.text
        assert {id_: ended[:2] for id_, ended in told(shell, "--emulate").items()} == {
            id_: ended[:2] for id_, ended in first.items()
        }


def test_no_secret_is_in_the_file(shell, vendors):
    shell.write("p.yaml", pipeline(STEPS, vendors))
    shell("run", "p.yaml", "--again", "--record", "seen.yaml")
    text = (shell.folder / "seen.yaml").read_text("utf-8")
    for name, secret in SECRETS.items():
        assert secret not in text, name
    assert "with ***: table 'orders' is gone" in text


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
