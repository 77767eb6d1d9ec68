"""The request limiter and the waiting headers, on a loop that jumps instead of sleeping."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from raw_server import NoWait

from pipeforge.adapters.calls import Access, Call
from pipeforge.adapters.http import Http
from pipeforge.adapters.limiter import LONGEST_WAIT, PATIENCE, RequestLimiter, asked_wait
from pipeforge.errors import Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

NOW = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)
RESET = str(int(NOW.timestamp()) + 30)


async def patient(limiter):
    """A caller that waits as long as it is told to."""
    while (wait := await limiter.turn()) > 0:
        await asyncio.sleep(wait)


async def insistent(http, call):
    """The same over a connection: what an engine does with a Transient."""
    while True:
        try:
            return await http.send(call)
        except Transient as error:
            await asyncio.sleep(error.retry_after)


@pytest.mark.parametrize("seconds", [10.0, 100.0])
async def test_no_window_ever_holds_more_than_allowed(seconds):
    limiter, loop = RequestLimiter((3, seconds)), asyncio.get_running_loop()
    times = []

    async def ask():
        await patient(limiter)
        times.append(loop.time())

    await asyncio.gather(*(ask() for _ in range(10)))
    assert all(later - earlier > seconds - 0.01 for earlier, later in zip(times, times[3:], strict=False))
    assert times[-1] - times[0] >= 3 * seconds - 0.01


async def test_a_hold_stops_everybody_and_is_capped():
    limiter, loop = RequestLimiter(), asyncio.get_running_loop()
    start = loop.time()
    limiter.hold(10.0)
    limiter.hold(5.0)
    assert await limiter.turn() == 0.0
    assert loop.time() - start == pytest.approx(10.0, abs=0.1)
    limiter.hold(10**9)
    assert await limiter.turn() == pytest.approx(LONGEST_WAIT, abs=0.1)


async def test_nobody_is_kept_waiting_where_an_interrupt_is_not_heard():
    limiter, loop = RequestLimiter((1, 10.0)), asyncio.get_running_loop()

    async def ask():
        begin = loop.time()
        told = await limiter.turn()
        return told, loop.time() - begin

    answers = await asyncio.gather(*(ask() for _ in range(6)))
    assert all(waited <= 2 * PATIENCE for _, waited in answers)
    assert [told == 0.0 for told, _ in answers].count(True) >= 2


@pytest.mark.parametrize(
    ("headers", "throttled", "expected"),
    [
        ({}, True, None),
        ({"retry-after": "7"}, True, 7.0),
        ({"retry-after": "1.5"}, False, 1.5),
        ({"retry-after": "-3"}, True, None),
        ({"retry-after": "0"}, True, None),
        ({"x-rate-limit-reset": "60", "date": DATE}, True, None),
        ({"retry-after": "999999"}, True, LONGEST_WAIT),
        ({"retry-after": "soon"}, True, None),
        ({"retry-after": "nan"}, True, None),
        (
            {"retry-after": format_datetime(NOW + timedelta(seconds=40), usegmt=True), "date": DATE},
            True,
            40.0,
        ),
        ({"x-rate-limit-reset": RESET, "date": DATE}, True, 31.0),
        ({"x-rate-limit-reset": RESET, "date": DATE}, False, None),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": RESET, "date": DATE}, False, 31.0),
        ({"x-rate-limit-remaining": "5", "x-rate-limit-reset": RESET, "date": DATE}, False, None),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "?"}, False, None),
        ({"retry-after": "soon", "x-rate-limit-reset": RESET, "date": DATE}, True, 31.0),
    ],
)
async def test_the_wait_that_headers_ask_for(headers, throttled, expected):
    assert asked_wait(headers, throttled=throttled) == expected


def app_that_says(*answers):
    """An application that gives these (status, headers) in turn, the last one again, and notes when."""
    times = []

    async def app(scope, receive, send):
        status, headers = answers[min(len(times), len(answers) - 1)]
        times.append(asyncio.get_running_loop().time())
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b"{}"})

    return app, times


@pytest.mark.parametrize("wait", ["10", "60"])
async def test_retry_after_is_obeyed_by_a_read_and_by_everybody_else(wait):
    app, times = app_that_says((429, {"retry-after": wait}), (200, {}))
    async with Http(Access("v", "http://v"), app=app, rng=NoWait()) as http:
        await asyncio.gather(insistent(http, Call("GET", "/a")), insistent(http, Call("POST", "/a")))
        await http.send(Call("GET", "/b"))
    assert len(times) == 4
    assert all(later - times[0] >= float(wait) for later in times[1:])


async def test_retry_after_is_told_to_the_caller_of_a_start():
    app, times = app_that_says((429, {"retry-after": "60"}))
    async with Http(Access("v", "http://v"), app=app) as http:
        with pytest.raises(Transient) as caught:
            await http.send(Call("POST", "/a"))
    assert (caught.value.retry_after, len(times)) == (60.0, 1)


async def test_a_vendor_that_asks_for_no_wait_is_not_hammered():
    """`Retry-After: 0`, or a reset in the past, and refused all the same: the caller keeps its own pace."""
    app, times = app_that_says((429, {"retry-after": "0"}))
    async with Http(Access("v", "http://v"), app=app) as http:
        with pytest.raises(Transient) as caught:
            await http.send(Call("GET", "/a"))
    assert caught.value.retry_after is None
    assert len(set(times)) == len(times) == 4


async def test_the_next_request_waits_when_nothing_remains():
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": RESET, "date": DATE}
    app, times = app_that_says((200, headers), (200, {}))
    async with Http(Access("v", "http://v"), app=app) as http:
        await http.send(Call("POST", "/a"))
        await insistent(http, Call("POST", "/a"))
    assert times[1] - times[0] == pytest.approx(31.0, abs=0.1)


async def test_retries_back_off_with_jitter():
    app, times = app_that_says((503, {}))
    async with Http(Access("v", "http://v"), app=app) as http:
        with pytest.raises(Transient):
            await http.send(Call("GET", "/a"))
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(gaps) == 3
    assert all(0.0 <= gap <= 30.0 for gap in gaps)
    assert len(set(gaps)) == 3


async def test_the_connections_own_limit_is_kept():
    app, times = app_that_says((200, {}))
    async with Http(Access("v", "http://v", requests=(2, 60.0)), app=app) as http:
        await asyncio.gather(*(insistent(http, Call("POST", "/a")) for _ in range(5)))
    assert all(later - earlier > 59.9 for earlier, later in zip(times, times[2:], strict=False))
    assert len(times) == 5
