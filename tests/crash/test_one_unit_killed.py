"""Forty starts of one krewData unit by three processes that are killed on the way, counted by the unit."""

from itertools import pairwise

import pytest
from command_line import until
from vendor_project import pipeline, steps, world

WINDOW = 0.5
MOST = 4
COUNTS = (14, 13, 13)
"""Steps of each process."""

SECONDS = 0.02
"""Of one job: over before anybody can find that its process was killed."""


@pytest.fixture
def unit(served):
    """An emulator of which a unit stands any number of starts, so that we alone keep to the limit."""
    there = world(0)
    there["krewdata"] = {"course": {"stages": {"Running": SECONDS}}, "starts_per_minute": 10_000}
    yield served("patient_unit", there)


def written(shell, unit, number):
    """A pipeline that starts the unit many times; its file."""
    whole = pipeline({}, unit)
    step = steps(1)["krewdata_unit"]
    text = pipeline({f"s{n}": step for n in range(COUNTS[number])}, unit, name=f"p{number}")
    text = text.replace(
        '"vendor": "krewdata",', f'"vendor": "krewdata", "limits": {{"starts": "{MOST}/{WINDOW}s"}},'
    )
    assert text != whole
    shell.write(f"p{number}.yaml", text)
    return f"p{number}.yaml"


def most_within(times, seconds):
    return max(sum(at <= other < at + seconds for other in times) for at in times)


@pytest.mark.usefixtures("kept")
def test_three_processes_and_kills_never_exceed_what_the_unit_stands(shell, unit):
    before = len(unit.calls("krewdata", "POST"))
    files = [written(shell, unit, number) for number in range(3)]
    running = {file: shell.begin("run", file, "--log-format", "json") for file in files}
    for kill, file in enumerate((files[0], files[1], files[0], files[2], files[1]), 1):
        until(lambda kill=kill: len(unit.jobs("krewdata")) >= 3 * kill, lambda: running[files[0]].err)
        running[file].kill()
        run = next(row["run"] for row in shell.runs() if f"{row['pipeline']}.yaml" == file)
        running[file] = shell.begin("resume", run, "--log-format", "json")
    ended = {file: one.end() for file, one in running.items()}
    outcomes = [outcome for row in shell.runs() for outcome in shell.outcomes(row["run"]).values()]
    assert all(done.code in (0, 4) for done in ended.values()), [done.text for done in ended.values()]
    assert len(outcomes) == sum(COUNTS)
    assert set(outcomes) <= {"succeeded", "unknown"}
    assert outcomes.count("unknown") <= 5  # one a kill: the answer that it did not hear
    assert outcomes.count("succeeded") <= len(unit.jobs("krewdata")) <= sum(COUNTS)
    calls = unit.calls("krewdata", "POST")[before:]
    tokens = [row["at"] for row in calls if row["path"].endswith("/token")]
    assert most_within(tokens, WINDOW * 0.98) <= MOST
    starts = sorted(job["created"] for job in unit.jobs("krewdata"))
    assert all(later - earlier >= SECONDS for earlier, later in pairwise(starts))
