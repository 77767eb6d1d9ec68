"""The whole of pipeforge against a digdag server: the emulator, or the one that PIPEFORGE_DIGDAG_URL names.

Nothing here knows which it is; what a real server does not have (clock jumps, faults) is not used.
"""

import json
import signal

import pytest
from command_line import until


@pytest.fixture
def write(shell, server, session_time):
    """A pipeline of one step that runs a workflow of the server's."""

    def pipeline(workflow, **more):
        chosen = {"project": server.project, "workflow": workflow, "session_time": session_time, **more}
        whole = {
            "name": "live",
            "connections": {
                "td": {"vendor": "treasure", "api": "oss", "base_url": server.url, "api_key": KEY}
            },
            "defaults": {"timeout": "2m", "poll": {"interval": "0.2s", "max_interval": "0.5s"}},
            "steps": {"mart": {"uses": "treasure.run_workflow", "on_interrupt": "cancel", "with": chosen}},
        }
        shell.write("live.yaml", json.dumps(whole))

    return pipeline


KEY = "${{ secrets.TD_API_KEY }}"


def step(shell):
    """The one step of the newest run."""
    return shell.shown(shell.runs()[0]["run"])["steps"]["mart"]


def test_a_workflow_that_succeeds(shell, server, session_time, write):
    write("quick", params={"rows": 3})
    done = shell("run", "live.yaml")
    assert done.code == 0, done.text
    (attempt,) = server.attempts("quick", session_time)
    assert (attempt["status"], attempt["params"]) == ("success", {"rows": 3})
    outputs = step(shell)["outputs"]
    assert (outputs["id"], outputs["status"], outputs["index"]) == (attempt["id"], "success", 1)


def test_a_workflow_that_fails_shows_the_failing_tasks_message(shell, server, session_time, write):
    write("fails")
    done = shell("run", "live.yaml")
    assert done.code == 1, done.text
    assert "the warehouse is closed" in done.out
    assert "+refuse" in done.out
    assert [row["status"] for row in server.attempts("fails", session_time)] == ["error"]


def test_ctrl_c_kills_the_attempt_and_waits_for_the_servers_word(shell, server, session_time, write):
    write("endless")
    running = shell.begin("run", "live.yaml", "--log-format", "json")
    running.until('"step_triggered"')
    running.send(signal.SIGINT)
    done = running.end()
    assert done.code == 130, done.text
    (attempt,) = server.attempts("endless", session_time)
    assert (attempt["status"], attempt["cancelRequested"], attempt["done"]) == ("killed", True, True)
    assert step(shell)["outcome"] == "canceled"


def test_a_run_killed_while_the_attempt_runs_is_resumed_with_one_attempt(shell, server, session_time, write):
    write("short")
    running = shell.begin("run", "live.yaml", "--log-format", "json")
    running.until('"step_triggered"')
    running.kill()
    (attempt,) = server.attempts("short", session_time)
    assert shell("resume", shell.runs()[0]["run"]).code == 0
    assert [row["id"] for row in server.attempts("short", session_time)] == [attempt["id"]]
    assert step(shell)["outputs"]["id"] == attempt["id"]


def test_a_run_killed_before_it_knew_the_attempt_adopts_it_by_the_409(shell, server, session_time, write):
    """Killed as soon as the server has the attempt, wherever the process was then."""
    write("short")
    running = shell.begin("run", "live.yaml", "--log-format", "json")
    until(lambda: server.attempts("short", session_time), lambda: running.err)
    running.kill()
    assert shell("resume", shell.runs()[0]["run"]).code == 0
    (attempt,) = server.attempts("short", session_time)
    assert attempt["success"] is True
    assert step(shell)["outputs"]["id"] == attempt["id"]


def test_an_attempt_of_the_authors_own_name_and_params_is_adopted(shell, server, session_time, write):
    there = server.start("quick", session_time, name="nightly", params={"rows": 3})
    write("quick", retry_attempt_name="nightly", params={"rows": 3})
    done = shell("run", "live.yaml")
    assert done.code == 0, done.text
    assert step(shell)["outputs"]["id"] == there["id"]
    assert len(server.attempts("quick", session_time)) == 1


def test_an_attempt_of_somebody_else_under_the_name_is_not_adopted(shell, server, session_time, write):
    there = server.start("quick", session_time, name="nightly", params={"rows": 4})
    write("quick", retry_attempt_name="nightly", params={"rows": 3})
    done = shell("run", "live.yaml")
    assert done.code == 1, done.text
    assert f"is taken by attempt {there['id']}" in done.out
    assert "help: choose another" in done.out
    assert [row["id"] for row in server.attempts("quick", session_time)] == [there["id"]]


def test_an_attempt_without_a_name_does_not_keep_ours_from_its_session(shell, server, session_time, write):
    there = server.start("quick", session_time)
    write("quick")
    assert shell("run", "live.yaml").code == 0
    ids = [row["id"] for row in server.attempts("quick", session_time)]
    assert ids == [there["id"], step(shell)["outputs"]["id"]]


def test_a_shared_session_is_joined(shell, server, session_time, write):
    there = server.start("quick", session_time)
    write("quick", session="shared")
    assert shell("run", "live.yaml").code == 0
    assert step(shell)["outputs"]["id"] == there["id"]
    assert len(server.attempts("quick", session_time)) == 1


def test_a_workflow_that_is_not_there_is_told(shell, server, session_time, write):
    write("quikc")
    done = shell("run", "live.yaml")
    assert done.code == 1
    assert "no workflow 'quikc'" in done.out
    assert "help: " in done.out
