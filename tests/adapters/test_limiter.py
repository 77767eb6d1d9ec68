"""The request limiter and the waiting headers, on a loop that jumps instead of sleeping."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from raw_server import NoWait

from pipeforge.adapters.calls import Access, Call
from pipeforge.adapters.http import Http
from pipeforge.adapters.limiter import LONGEST_WAIT, RequestLimiter, asked_wait
from pipeforge.errors import Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

NOW = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)
RESET = str(int(NOW.timestamp()) + 30)


async def test_no_window_ever_holds_more_than_allowed():
    limiter, loop = RequestLimiter((3, 10.0)), asyncio.get_running_loop()
    times = []

    async def ask():
        await limiter.turn()
        times.append(loop.time())

    await asyncio.gather(*(ask() for _ in range(10)))
    assert all(later - earlier > 9.99 for earlier, later in zip(times, times[3:], strict=False))
    assert times[-1] - times[0] == pytest.approx(30.0, abs=0.1)


async def test_a_hold_stops_everybody_and_is_capped():
    limiter, loop = RequestLimiter(), asyncio.get_running_loop()
    start = loop.time()
    limiter.hold(20.0)
    limiter.hold(5.0)
    await limiter.turn()
    assert loop.time() - start == pytest.approx(20.0, abs=0.1)
    start = loop.time()
    limiter.hold(10**9)
    await limiter.turn()
    assert loop.time() - start == pytest.approx(LONGEST_WAIT, abs=0.1)


@pytest.mark.parametrize(
    ("headers", "throttled", "expected"),
    [
        ({}, True, None),
        ({"retry-after": "7"}, True, 7.0),
        ({"retry-after": "1.5"}, False, 1.5),
        ({"retry-after": "-3"}, True, 0.0),
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


async def test_retry_after_is_obeyed_by_a_read_and_by_everybody_else():
    app, times = app_that_says((429, {"retry-after": "60"}), (200, {}))
    async with Http(Access("v", "http://v"), app=app, rng=NoWait()) as http:
        await asyncio.gather(http.send(Call("GET", "/a")), http.send(Call("GET", "/a")))
        await http.send(Call("GET", "/b"))
    assert times[-1] - times[0] >= 60.0


async def test_retry_after_is_told_to_the_caller_of_a_start():
    app, times = app_that_says((429, {"retry-after": "60"}))
    async with Http(Access("v", "http://v"), app=app) as http:
        with pytest.raises(Transient) as caught:
            await http.send(Call("POST", "/a"))
    assert (caught.value.retry_after, len(times)) == (60.0, 1)


async def test_the_next_request_waits_when_nothing_remains():
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": RESET, "date": DATE}
    app, times = app_that_says((200, headers), (200, {}))
    async with Http(Access("v", "http://v"), app=app) as http:
        await http.send(Call("POST", "/a"))
        await http.send(Call("POST", "/a"))
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
        await asyncio.gather(*(http.send(Call("GET", "/a")) for _ in range(5)))
    assert times[4] - times[0] == pytest.approx(120.0, abs=0.1)
