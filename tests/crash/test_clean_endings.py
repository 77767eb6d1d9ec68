"""What CI services and terminals do to a process: whatever it is in the middle of, it leaves in time."""

import signal
import time

import pytest
from command_fixtures import LONG
from vendor_project import number, pipeline, steps

IN_TIME = 10.0
"""Seconds from a SIGTERM to the SIGKILL of CI services and containers."""

SLOW = 45
"""Seconds of a vendor's answer that nobody should wait for."""


def begun(shell, emulators, step, until, **more):
    """A run of one step that has come so far, and its id."""
    shell.write("p.yaml", pipeline({step: {**steps(number())[step], **more}}, emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    until(running)
    return running, shell.runs()[0]["run"]


def asked(emulators, vendor, method):
    """Waits until the vendor has a request of this method that is not answered yet."""
    before = len(emulators.calls(vendor, method))

    def wait(running):
        give_up = time.monotonic() + 30
        while len(emulators.calls(vendor, method)) == before:
            assert time.monotonic() < give_up and not running.ended(), running.err
            time.sleep(0.02)

    return wait


def triggered(running):
    running.until('"step_triggered"')


def left_in(running, shell, run, seconds):
    """Its end, in time and resumable, with the command told."""
    began = time.monotonic()
    done = running.end()
    assert time.monotonic() - began < seconds
    assert done.code == 130
    assert f"pipeforge resume {run}" in done.out
    assert "Traceback" not in done.text
    assert shell.shown(run)["paused"] == "interrupted"


def test_sigterm_leaves_before_it_is_killed_though_a_vendor_does_not_answer(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow", triggered, on_interrupt="cancel")
    emulators.fault("treasure", route="POST *", do="slow", seconds=SLOW)
    running.send(signal.SIGTERM)
    left_in(running, shell, run, IN_TIME)
    emulators.mend()
    emulators.jump(LONG)
    assert shell("resume", run).code in (0, 1)
    assert len(emulators.jobs()) == 1


def test_github_actions_interrupts_then_terminates_and_the_second_leaves_at_once(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow", triggered, on_interrupt="cancel")
    emulators.fault("treasure", route="POST *", do="slow", seconds=SLOW)
    running.send(signal.SIGINT)
    running.until('"step_canceling"')
    running.send(signal.SIGTERM)
    left_in(running, shell, run, 2.5)
    emulators.mend()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda each: each.name)
def test_a_preparation_is_not_waited_for(shell, emulators, stop):
    emulators.fault("reckoner", route="GET *", do="slow", seconds=SLOW)
    running, run = begun(shell, emulators, "reckoner_workflow", asked(emulators, "reckoner", "GET"))
    running.send(stop)
    left_in(running, shell, run, 3)
    assert emulators.jobs() == []
    emulators.mend()
    assert shell.shown(run)["steps"] == {}


def test_a_question_what_became_of_a_start_is_not_waited_for(shell, emulators):
    emulators.fault("reckoner", route="POST *", do="lose_answer", first=1)
    emulators.fault("reckoner", route="GET *", do="slow", seconds=SLOW, nth=[2, 3, 4, 5, 6])
    running, run = begun(shell, emulators, "reckoner_workflow", asked(emulators, "reckoner", "POST"))
    time.sleep(0.5)  # now it asks
    running.send(signal.SIGINT)
    left_in(running, shell, run, 5)
    emulators.mend()
    assert shell.shown(run)["steps"]["reckoner_workflow"]["phase"] == "intended"
    emulators.jump(LONG)
    assert shell("resume", run).code == 0
    assert len(emulators.jobs()) == 1


def test_a_time_budget_leaves_the_jobs_and_tells_how_to_go_on(shell, emulators):
    shell.write(
        "p.yaml", pipeline({"a": {**steps(number())["td_workflow"], "on_interrupt": "cancel"}}, emulators)
    )
    done = shell.process("run", "p.yaml", "--max-time", "1s")
    run = shell.runs()[0]["run"]
    assert done.code == 6
    assert f"pipeforge resume {run}" in done.out
    assert [job["status"] for job in emulators.jobs()] == ["running"]


def test_a_killed_process_has_on_disk_what_was_done(shell, emulators):
    running, run = begun(shell, emulators, "td_workflow", triggered)
    running.kill()
    emulators.jump(LONG)
    assert shell("resume", run).code == 0
    assert len(emulators.jobs()) == 1
