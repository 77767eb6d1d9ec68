"""Why an attempt failed: no word of the vendor's lost, no secret shown, and never waited for too long."""

import gzip

import anyio
import pytest
from emulated import emulated, settle, watched

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections, kinds
from pipeforge.adapters.treasure.kinds import RunWorkflowParams
from pipeforge.adapters.treasure.logs import log_tail
from pipeforge.adapters.treasure.wire import Task

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-build-1"
SECRET = "1/" + "c0ffee" * 6 + "abcd"
ASKED = RunWorkflowParams.model_validate(
    {"project": "sales", "workflow": "mart", "session_time": "2026-01-02T03:04:05+09:00"}
)


def opened(**task):
    script = {"name": "load", "outcome": "error", "message": "no such table", **task}
    world = {"credentials": [SECRET], "course": {"tasks": [script]}}
    return emulated("treasure", world, api_key=SECRET)


async def failed(there):
    run = there.adapter("treasure.run_workflow")
    handle, _ = await settle(run, ASKED, KEY)
    seen, _, _ = await watched(run, handle)
    assert seen.outcome is Outcome.FAILED
    return seen.detail


@pytest.mark.parametrize("before", range(355, 401, 5))
async def test_a_secret_across_the_cut_of_a_log_line_is_masked_whole(before):
    async with opened(log=["x" * before + SECRET + " and more"]) as there:
        assert "c0f" not in await failed(there)


def test_a_log_too_long_to_keep_begins_with_a_whole_line():
    packed = gzip.compress(("first" * 20_000 + "\n" + "second\n").encode())
    assert log_tail(packed) == ["second"]
    endless = log_tail(gzip.compress(b"x" * 90_000 + b"end"))
    assert len(endless) == 1 and endless[0].endswith("end")


@pytest.mark.parametrize("route", ["GET /api/attempts/{id}/tasks", "GET /api/logs/*"])
async def test_a_reason_that_is_slow_to_come_does_not_keep_the_end_from_being_told(route):
    async with opened(log=["x"]) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        await anyio.sleep(60)
        await there.fault(route=route, do="slow", seconds=50.0)
        begun = anyio.current_time()
        seen = await run.observe(handle)
        assert seen.outcome is Outcome.FAILED and anyio.current_time() - begun < 25
        assert "could not be read" in seen.detail
        assert "no such table" in seen.detail or "tasks" in route


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({}, ""),
        ({"message": "no  such\ntable"}, "no such table"),
        ({"message": None, "stacktrace": "at line 3"}, "at line 3"),
        ({"message": {"text": "in an object"}}, "in an object"),
        ({"error": "without a message"}, "without a message"),
    ],
)
def test_a_tasks_error_is_told_whatever_form_it_has(error, told):
    said = Task.model_validate({"id": 1, "fullName": "+a", "state": "error", "error": error}).message()
    assert told in said and bool(said) == bool(told)


async def test_a_long_log_says_how_the_rest_of_it_is_read():
    async with opened(log=[f"line {n}" for n in range(50)], seconds=1) as there:
        told = (await failed(there)).splitlines()
        assert told[2:-1] == [f"  line {n}" for n in range(30, 50)]
        more, attempt, file = told[-1].rsplit(" ", 2)
        assert more == "more of it: pipeforge call treasure.get_log_file"
        kind = kinds()["treasure.get_log_file"]
        pairs = dict(pair.split("=", 1) for pair in (attempt, file))
        reading = connections.adapter(kind, there.client)
        seen = await reading.observe(await reading.trigger(kind.params.model_validate(pairs), KEY, {}))
        assert len(seen.outputs["text"].splitlines()) == 50


async def test_a_short_log_is_shown_whole():
    async with opened(log=["one", "two"]) as there:
        assert (await failed(there)).splitlines()[1:] == ["log of +mart+load, the end:", "  one", "  two"]


async def test_of_a_killed_attempt_it_is_told_what_it_was_at():
    world = {"course": {"parallel": True, "tasks": [{"name": n, "seconds": 99} for n in ("load", "build")]}}
    async with emulated("treasure", world, api_key=SECRET) as there:
        run = there.adapter("treasure.run_workflow")
        handle, _ = await settle(run, ASKED, KEY)
        await run.cancel(handle)
        await there.fault(route="GET /api/attempts/{id}/tasks", do="forbidden", nth=1)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.CANCELED and "could not be read: conn: GET" in seen.detail
        seen = await run.observe(handle)
        assert seen.detail.splitlines()[1:] == ["it was at +mart+load, +mart+build"]
