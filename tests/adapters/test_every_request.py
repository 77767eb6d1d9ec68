"""A process dies at each of a step's requests in turn, another goes on: one job, its end, nothing left on."""

from dataclasses import dataclass

import anyio
import pytest
from emulated import emulated
from lived import DAY, Step

from pipeforge.adapter import Outcome
from pipeforge.engine.state import replay

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

RECIPE = {"trigger_application": "salesforce", "past_jobs": 2, "polls": [1, 0], "course": {"seconds": 20}}
STOPPED = {**RECIPE, "running": False, "activation": 10.0}


@dataclass(frozen=True)
class Case:
    kind: str
    params: dict
    world: dict
    settings: dict
    ends_running: bool | None = None
    once: str = ""
    """The end of the path of the call that must be made once."""
    doubts: bool = False
    """Whether it may end unknown: a second poll could be a second run."""
    made: int = 1


def workato(kind, recipe, *, ends_running, once="", made=1, doubts=False, **params):
    params = {"recipe_id": 7, **params}
    settings = {"api_token": "token-of-mine"}
    return Case(kind, params, {"recipes": {7: recipe}}, settings, ends_running, once, doubts, made)


UNIT = {
    "unit_id": "unit-0123456789",
    "serial_number": "abcdef-jklmno-pqrstu",
    "krewdata_app_url": "https://example.cybozu.com/k/123",
}
TROCCO = {"api_key": "tra_0123456789abcdef"}
RECKONER = {"access_token": "pat_0123456789abcdef"}
UNIT_RUN = {"app_id": 55, "user": "batch"}

CASES = {
    "trocco job": Case("trocco.run_job", {"job_definition_id": 7}, {}, TROCCO, once="/jobs", doubts=True),
    "trocco workflow": Case(
        "trocco.run_workflow", {"pipeline_definition_id": 7}, {}, TROCCO, once="/pipeline_jobs", doubts=True
    ),
    "krewdata": Case("krewdata.run_unit", UNIT_RUN, {}, UNIT, doubts=True),
    "krewdata, old first": Case(
        "krewdata.run_unit", UNIT_RUN, {"token_order": "old_first"}, UNIT, doubts=True
    ),
    "reckoner": Case("reckoner.run_workflow", {"workflow_id": 7}, {}, RECKONER, once="/run", doubts=True),
    "poll": workato("workato.poll_recipe", RECIPE, ends_running=True),
    "poll scheduled": workato(
        "workato.poll_recipe",
        {**RECIPE, "trigger_application": "clock", "polls": [1]},
        ends_running=True,
        once="/poll_now",
        doubts=True,
    ),
    "poll started": workato(
        "workato.poll_recipe", STOPPED, ends_running=True, once="/start", ensure_running=True
    ),
    "poll scheduled, started": workato(
        "workato.poll_recipe",
        {**STOPPED, "trigger_application": "clock", "polls": [1]},
        ends_running=True,
        once="/start",
        ensure_running=True,
    ),
    "run": workato("workato.run_recipe", STOPPED, ends_running=False, once="/start"),
    "run scheduled": workato(
        "workato.run_recipe",
        {**STOPPED, "trigger_application": "clock", "polls": [1]},
        ends_running=False,
        once="/start",
    ),
    "start": workato("workato.start_recipe", STOPPED, ends_running=True, once="/start"),
    "stop": workato("workato.stop_recipe", {**RECIPE, "stopping": 10.0}, ends_running=False, made=0),
}

MOST = 60

IN_THE_MATRIX = ("trocco job", "trocco workflow", "krewdata", "reckoner")
"""Dying once at each of their requests, and more, is tried by `tests/crash/test_crash_matrix.py`, which can
see all that matters: whether there is one job, and how it ends."""


@pytest.mark.parametrize("name", [name for name in CASES if name not in IN_THE_MATRIX])
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("later", [1.0, DAY])
async def test_a_death_at_any_request_is_made_good(name, answered, later):
    for die_at in range(1, MOST):
        if not await one(CASES[name], die_at, answered, later):
            assert die_at > 2
            return
    raise AssertionError("more requests than were tried")


async def one(case, die_at, answered, later):
    vendor = case.kind.partition(".")[0]
    async with emulated(vendor, case.world, **case.settings) as there:
        step = Step(there, case.kind, case.params)
        died = await step.live_until(die_at, answered=answered)
        if died:
            await anyio.sleep(later)
            state = await step.live()
            unknown = case.doubts and state.outcome is Outcome.UNKNOWN
            assert state.outcome is Outcome.SUCCEEDED or unknown, (die_at, state.detail)
            made = [job for job in await there.jobs() if job["by"] == "api"]
            assert len(made) == case.made or (unknown and not made), (die_at, state.detail)
            asked = await there.calls("PUT", case.once) + await there.calls("POST", case.once)
            assert not case.once or len(asked) == 1 or (unknown and not asked), die_at
            assert not await there.calls("POST", "/kill"), die_at
            if case.ends_running is not None:
                assert (await there.client.get_recipe(7)).value.running is case.ends_running, die_at
        return died


TWICE = [name for name in CASES if CASES[name].settings in (TROCCO, RECKONER, UNIT)]
"""Kinds of few requests, so that a second death in the process after can be tried everywhere too."""


@pytest.mark.parametrize("name", TWICE)
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("later", [1.0, DAY])
async def test_two_deaths_start_nothing_twice(name, answered, later):
    case = CASES[name]
    for first in range(1, 4):
        for second in range(1, 4):
            async with emulated(case.kind.partition(".")[0], case.world, **case.settings) as there:
                step = Step(there, case.kind, case.params)
                for die_at in (first, second, MOST):
                    if not await step.live_until(die_at, answered=answered):
                        break
                    await anyio.sleep(later)
                state = replay(step.disk.events).steps["it"]
                made = [job for job in await there.jobs() if job["by"] == "api"]
                assert state.outcome in (Outcome.SUCCEEDED, Outcome.UNKNOWN), (first, second, state.detail)
                assert len(made) == 1 or (not made and state.outcome is Outcome.UNKNOWN), (first, second)
