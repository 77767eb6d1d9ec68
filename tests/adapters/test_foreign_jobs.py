"""Somebody else's jobs beside a lost start, lists that lag, shift or end: one job or an honest unknown."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest
from emulated import emulated, recovered
from lived import DAY, Step
from test_whose_job import BOTH, CASES, KEY, MINUTE, number, numbers, opened, parts

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections
from pipeforge.adapters.claims import Newer, sort_out
from pipeforge.errors import InDoubt

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

LISTS = {"trocco": "GET /api/job_definitions/{id}/jobs", "reckoner": "GET /workflows/{id}/jobs"}
AT = datetime(2026, 1, 2, 3, 4, 30, tzinfo=UTC)


def listed(case):
    return LISTS[case.kind.partition(".")[0]]


async def lost(there, case, do="lose_answer"):
    """A start whose answer is lost: its adapter, its parameters and its evidence."""
    adapter, params = parts(there, case)
    evidence = await adapter.prepare(params)
    await there.fault(route=case.start, do=do, nth=1)
    with pytest.raises(InDoubt):
        await adapter.trigger(params, KEY, evidence)
    return adapter, params, evidence


@BOTH
async def test_ours_and_somebody_elses_at_the_same_time_are_both_named(case):
    async with opened(case) as there:
        adapter, params, evidence = await lost(there, case)
        await there.act("start", **case.other)
        with pytest.raises(InDoubt) as caught:
            await recovered(adapter, params, KEY, evidence)
        assert all(str(job) in caught.value.message for job in await numbers(there))


@pytest.mark.parametrize("trigger", ["button", "scheduled", "webhook"])
async def test_what_the_list_says_somebody_else_started_is_never_taken(trigger):
    case = CASES["reckoner"]
    async with opened(case) as there:
        adapter, params, evidence = await lost(there, case, "drop")
        await there.act("start", workflow=7, trigger=trigger)
        with pytest.raises(InDoubt, match="no new job by the API"):
            await recovered(adapter, params, KEY, evidence)


@BOTH
async def test_a_job_taken_for_a_lost_start_is_told_each_time(case):
    """trocco's list does not say who started a job, Reckoner's not which client did."""
    async with opened(case) as there:
        adapter, params, evidence = await lost(there, case, "drop")
        other = (await there.act("start", **case.other))["id"]
        handle = await recovered(adapter, params, KEY, evidence)
        seen = await adapter.observe(handle)
        assert number(handle) == other and "was lost" in seen.warning and str(other) in seen.warning
        assert not (await adapter.observe({**handle, "by_exclusion": False})).warning


@BOTH
async def test_a_start_whose_answer_came_is_not_warned_of(case):
    async with opened(case) as there:
        step = Step(there, case.kind, case.params)
        assert (await step.live()).warnings == ()


@BOTH
@pytest.mark.parametrize("later", [5 * MINUTE, 10 * MINUTE])
async def test_the_job_of_the_next_full_hour_is_not_taken(case, later):
    async with opened(case) as there:
        adapter, params = parts(there, case)
        evidence = await adapter.prepare(params)
        await anyio.sleep(later)
        await there.act("start", **case.other)
        with pytest.raises(InDoubt, match="only others"):
            await recovered(adapter, params, KEY, evidence)


@pytest.mark.parametrize("lag", [3.0, 40.0])
async def test_a_job_from_before_that_is_listed_late_is_not_taken(lag):
    """It was made before the list was read, and was not in it yet."""
    case, course = CASES["reckoner"], {"appears_after": 20.0 + lag, "stages": {"RUNNING": 600}}
    async with opened(case, {"workflows": {7: {"course": course}}}) as there:
        await anyio.sleep(7.0)  # no whole minute, as which a vendor might have cut it
        await there.act("start", **case.other)
        await anyio.sleep(20.0)
        adapter, params, evidence = await lost(there, case, "drop")
        with pytest.raises(InDoubt, match="only others"):
            await recovered(adapter, params, KEY, evidence)


async def test_somebody_elses_that_is_listed_sooner_than_ours_is_not_taken():
    case, soon = CASES["reckoner"], {"stages": {"RUNNING": 600}}
    courses = [{**soon, "appears_after": 4.0}, soon]
    async with opened(case, {"workflows": {7: {"course": courses}}}) as there:
        adapter, params, evidence = await lost(there, case)
        await there.act("start", **case.other)
        with pytest.raises(InDoubt, match="several new jobs"):
            await recovered(adapter, params, KEY, evidence)


@BOTH
async def test_a_list_that_lags_is_waited_for(case):
    async with opened(case) as there:
        adapter, params, evidence = await lost(there, case)
        await there.fault(route=listed(case), do="emptied", first=3)
        assert number(await recovered(adapter, params, KEY, evidence)) == (await numbers(there))[0]


@BOTH
@pytest.mark.parametrize("later", [0.0, DAY])
async def test_a_job_that_was_over_before_anybody_looked_is_found(case, later):
    async with opened(case) as there:
        step = Step(there, case.kind, case.params)
        assert await step.live(die_before="step_triggered") is None
        await anyio.sleep(MINUTE + later)
        state = await step.live()
        assert state.outcome is Outcome.SUCCEEDED and len(await there.jobs()) == 1


class Shifting:
    """An ASGI application that has somebody start one more job whenever a page of the list is read."""

    def __init__(self, there, case):
        self.there, self.case, self.made = there, case, []

    async def __call__(self, scope, receive, send):
        if scope["method"] == "GET" and scope["path"].endswith("/7/jobs"):
            self.made.append((await self.there.act("start", **self.case.other))["id"])
        await self.there.app(scope, receive, send)


ORDERS = {
    "trocco": [{"list_order": order} for order in ("newest", "oldest", "shuffled")],
    "reckoner": [{"unsorted": False}, {"unsorted": True}],
}


@pytest.mark.parametrize(
    ("vendor", "world"), [(name, each) for name, ones in ORDERS.items() for each in ones]
)
async def test_pages_that_shift_while_they_are_read_hide_no_job_of_ours(vendor, world):
    case = CASES[vendor]
    async with opened(case, world) as there:
        for _ in range(230):
            await there.act("start", **case.other)
        await anyio.sleep(MINUTE)
        _, params, evidence = await lost(there, case)
        [ours] = [job["id"] for job in await there.jobs() if job["by"] == "api"][-1:]
        shifting = Shifting(there, case)
        there.client = connections.connect("conn", there.settings, app=shifting)
        with pytest.raises(InDoubt) as caught:
            await recovered(there.adapter(case.kind), params, KEY, evidence)
        assert str(ours) in caught.value.message and len(shifting.made) > 2


class Timeless:
    """An ASGI application whose answers are not dated."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def tell(message):
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"date"]
            await send({**message, "headers": kept} if "headers" in message else message)

        await self.app(scope, receive, tell)


@BOTH
async def test_with_clocks_that_cannot_be_compared_nothing_is_taken_and_nothing_started_again(case):
    async with opened(case) as there:
        there.client = connections.connect("conn", there.settings, app=Timeless(there.app))
        adapter, params, evidence = await lost(there, case)
        with pytest.raises(InDoubt):
            await recovered(adapter, params, KEY, evidence)
        assert len(await there.jobs()) == 1


@BOTH
async def test_times_in_a_zone_that_is_not_told_lead_to_doubt_and_not_to_a_foreign_job(case):
    """A time without an offset that means UTC, where Japan time is taken."""
    async with opened(case) as there:
        adapter, params, evidence = await lost(there, case)
        await anyio.sleep(5.0)
        wrong = {"created_at": "2025-11-24 16:00:05", "started_at": "2025-11-24 16:00:05"}
        await there.fault(route=listed(case), do="rewrite", values=wrong)
        with pytest.raises(InDoubt, match="only others"):
            await recovered(adapter, params, KEY, evidence)


@pytest.mark.parametrize(
    ("made", "ours"),
    [
        (AT, True),
        (AT - timedelta(seconds=4), True),
        (AT - timedelta(seconds=6), False),
        (AT.replace(second=0), True),  # cut to the minute
        (AT.replace(minute=3, second=0), False),
        (AT + timedelta(minutes=3), True),
        (AT + timedelta(minutes=5), False),
        (None, True),
    ],
)
def test_which_times_can_be_ours(made, ours):
    claims = sort_out([Newer(5, made)], AT, AT + timedelta(seconds=30))
    assert claims == (([5], []) if ours else ([], [5]))


@BOTH
async def test_a_number_that_was_there_before_is_never_ours(case):
    """Also where the vendor gives it a new time."""
    async with opened(case) as there:
        await there.act("start", **case.other)
        await anyio.sleep(MINUTE)
        adapter, params, evidence = await lost(there, case, "drop")
        now = (there.clock.now(), "%Y-%m-%dT%H:%M:%S+00:00")
        fresh = datetime.fromtimestamp(now[0], UTC).strftime(now[1])
        await there.fault(route=listed(case), do="rewrite", values={"created_at": fresh, "started_at": fresh})
        with pytest.raises(InDoubt, match="no new job"):
            await recovered(adapter, params, KEY, evidence)


UNIT = {
    "unit_id": "unit-0123456789",
    "serial_number": "abcdef-jklmno-pqrstu",
    "krewdata_app_url": "https://example.cybozu.com/k/123",
}


@pytest.mark.parametrize("do", ["drop", "lose_answer"])
@pytest.mark.parametrize("concurrency", ["allowed", "refused"])
async def test_a_person_who_runs_the_unit_meanwhile_is_not_taken_for_us(do, concurrency):
    unit = {"concurrency": concurrency, "course": {"stages": {"Running": 20}}}
    async with emulated("krewdata", {"units": {UNIT["unit_id"]: unit}}, **UNIT) as there:
        step = Step(there, "krewdata.run_unit", {"app_id": 55, "user": "batch"})
        await there.fault(route="POST /{unit}/run", do=do, nth=1)
        await there.act("start", unit=UNIT["unit_id"])
        state = await step.live()
        ours = [job["id"] for job in await there.jobs() if job["by"] == "api"]
        assert len(ours) <= 1
        if state.outcome is Outcome.SUCCEEDED:
            assert state.handle["task_id"] == ours[0]
        else:
            assert state.outcome is Outcome.UNKNOWN and state.hint
