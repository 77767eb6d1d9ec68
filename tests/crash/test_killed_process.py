"""kill -9 of a real run over all five vendors; then `resume`; and the jobs are counted at the emulators."""

from collections import Counter

from command_fixtures import LONG
from command_line import until
from vendor_project import VENDOR_OF, number, pipeline, steps

EVERY = {step: "succeeded" for step in VENDOR_OF}
ONE_EACH = Counter(VENDOR_OF.values())


def count(emulators):
    return Counter(job["vendor"] for job in emulators.jobs())


def resumed(shell, emulators):
    """The run resumed, with all jobs over; the command's end and how each step ended."""
    emulators.jump(LONG)
    run = shell.runs()[0]["run"]
    done = shell("resume", run)
    return done, shell.outcomes(run)


def test_jobs_that_run_are_found_again(shell, emulators):
    shell.write("p.yaml", pipeline(steps(number()), emulators))
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_triggered"', times=len(EVERY))
    running.kill()
    done, outcomes = resumed(shell, emulators)
    assert (done.code, outcomes) == (0, EVERY), done.text
    assert count(emulators) == ONE_EACH
