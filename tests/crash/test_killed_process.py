"""kill -9 of a real run over all five vendors; then `resume`; and the jobs are counted at the emulators."""

from collections import Counter

import pytest
from command_fixtures import LONG
from command_line import until
from vendor_project import VENDOR_OF, number, pipeline, steps

EVERY = dict.fromkeys(VENDOR_OF, "succeeded")
ONE_EACH = Counter(VENDOR_OF.values())
STARTS = (
    ("trocco", "POST *"),
    ("treasure", "PUT /api/attempts"),
    ("workato", "POST */poll_now"),
    ("workato", "PUT */start"),
    ("krewdata", "POST */run"),
    ("reckoner", "POST */run"),
)
"""The calls that start a job."""

PREPARATIONS = (
    ("trocco", "GET */jobs"),
    ("workato", "GET *"),
    ("krewdata", "POST */token"),
    ("reckoner", "GET */jobs"),
)
"""The calls that come before a start; trocco.run_workflow and treasure.run_workflow need none."""

NEVER = 3600
"""Seconds that no test lasts."""


def count(emulators):
    return Counter(job["vendor"] for job in emulators.jobs())


def struck(emulators):
    """How many calls were hit by a fault so far."""
    return sum(row["fault"] is not None for vendor in ONE_EACH for row in emulators.calls(vendor))


def resumed(shell, emulators):
    """The run resumed, with all jobs over; the command's end and how each step ended."""
    emulators.jump(LONG)
    run = shell.runs()[0]["run"]
    done = shell("resume", run)
    return done, shell.outcomes(run)


@pytest.mark.usefixtures("kept")
def test_jobs_that_run_are_found_again(shell, emulators):
    shell.write("p.yaml", pipeline(steps(number()), emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_triggered"', times=len(EVERY))
    running.kill()
    done, outcomes = resumed(shell, emulators)
    assert (done.code, outcomes) == (0, EVERY), done.text
    assert count(emulators) == ONE_EACH


def test_starts_whose_answers_were_not_heard_are_settled_by_asking(shell, emulators):
    """The work is done at the vendor; the answer is still on its way when the process dies."""
    for vendor, route in STARTS:
        emulators.fault(vendor, route=route, do="slow", seconds=NEVER)
    shell.write("p.yaml", pipeline(steps(number()), emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    until(lambda: sum(count(emulators).values()) == len(EVERY), lambda: running.err)
    running.kill()
    emulators.mend()
    done, outcomes = resumed(shell, emulators)
    # trocco has no list of workflow jobs; krewData tells that the token was used, not by which task
    assert outcomes == {**EVERY, "trocco_workflow": "unknown", "krewdata_unit": "unknown"}, done.text
    assert done.code == 4
    assert count(emulators) == ONE_EACH


def test_starts_that_never_reached_the_vendor_are_made_once_or_told(shell, emulators):
    """The intent is on disk, the request is lost. Workato is asked for 45 seconds: too long for a test."""
    chosen = {id_: step for id_, step in steps(number()).items() if VENDOR_OF[id_] != "workato"}
    for vendor, route in STARTS:
        emulators.fault(vendor, route=route, do="slow", seconds=NEVER, after=False)
    before = struck(emulators)
    shell.write("p.yaml", pipeline(chosen, emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    until(lambda: struck(emulators) - before == len(chosen), lambda: running.err)
    running.kill()
    emulators.mend()
    run = shell.runs()[0]["run"]
    resume = shell.begin("resume", run, "--log-format", "json")
    resume.until('"step_triggered"', times=2)
    emulators.jump(LONG)
    done = resume.end()
    told = {"td_workflow": "succeeded", "krewdata_unit": "succeeded"}
    assert shell.outcomes(run) == {**dict.fromkeys(chosen, "unknown"), **told}, done.text
    assert done.code == 4
    assert count(emulators) == {"treasure": 1, "krewdata": 1}
    assert done.out.count("help: ") == 3  # what to look at, for each that is unknown


def test_killed_before_any_intent_everything_starts_once(shell, emulators):
    for vendor, route in PREPARATIONS:
        emulators.fault(vendor, route=route, do="slow", seconds=NEVER)
    before = struck(emulators)
    shell.write("p.yaml", pipeline(steps(number()), emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    until(lambda: struck(emulators) - before == 5, lambda: running.err)
    running.until('"step_triggered"', times=2)
    assert running.err.count('"step_intended"') == 2
    running.kill()
    emulators.mend()
    run = shell.runs()[0]["run"]
    resume = shell.begin("resume", run, "--log-format", "json")
    resume.until('"step_triggered"', times=5)
    emulators.jump(LONG)
    done = resume.end()
    assert (done.code, shell.outcomes(run)) == (0, EVERY), done.text
    assert count(emulators) == ONE_EACH
