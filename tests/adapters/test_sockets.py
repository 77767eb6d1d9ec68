"""What is peculiar to sockets: what is written to them, an encoding that is undone, how many there are."""

import asyncio
import gzip
import json
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
from raw_server import RawServer, answer

from pipeforge import __version__
from pipeforge.adapters.calls import Access, Call
from pipeforge.adapters.http import Http
from pipeforge.adapters.making import AT_ONCE, Turnstile
from pipeforge.adapters.sockets import Request, Sockets, headers_of, into, whole
from pipeforge.alarms import Alarms
from pipeforge.errors import InDoubt, Transient

pytestmark = pytest.mark.anyio

BODY = json.dumps({"id": 7, "name": "売上"}).encode()


async def test_an_answer_that_was_packed_comes_unpacked():
    packed = answer(200, gzip.compress(BODY), "Content-Encoding: gzip")
    async with RawServer([packed]) as server, Http(Access("v", server.url)) as http:
        reply = await http.send(Call("GET", "/x"))
    assert reply.body == {"id": 7, "name": "売上"}


async def test_headers_that_an_answer_repeats_are_joined_whatever_they_hold():
    script = [answer(200, BODY, "X-Note: one", "x-note: two", "X-Word: gr\u00fcn")]
    async with RawServer(script) as server, Http(Access("v", server.url)) as http:
        reply = await http.send(Call("GET", "/x"))
    assert reply.headers["x-note"] == "one, two"
    assert reply.headers["x-word"] == "gr\u00fcn"


@pytest.mark.parametrize("content", [b"", b"a=1"])
async def test_a_start_tells_the_length_of_its_body(content):
    async with RawServer([answer(200, BODY)]) as server, Http(Access("v", server.url)) as http:
        await http.send(Call("POST", "/x", content=content))
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert body == content
    assert f"content-length: {len(content)}".encode() in head.lower()


async def test_a_request_is_httpx_s_own_to_whoever_takes_it_apart():
    address = "https://example.com:8443/api/jobs%2F1/%E5%A3%B2?at=2026-01-01+00%3A00%3A00"
    ours = Request("POST", address, {"accept": "application/json"}, b"a=1")
    theirs = httpx.Request("POST", address, headers={"accept": "application/json"}, content=b"a=1")
    assert (ours.method, ours.url, ours.read()) == (theirs.method, theirs.url, theirs.read())
    assert theirs.headers.items() >= ours.headers.items()
    assert b"".join([part async for part in ours.stream]) == b"a=1"


async def test_an_answer_is_httpx_s_own_to_whoever_takes_it_apart():
    async with RawServer([answer(200, BODY, "X-Note: one", "x-note: two")]) as server:
        sockets = Sockets(server.url, None, 1.0, 1.0)
        for ask in (lambda seen: seen.headers["X-Note"], lambda seen: seen.headers.get("x-note")):
            seen = await sockets.handle_async_request(Request("GET", server.url, {}, b""))
            assert ask(seen) == "one, two"
            assert (await seen.aread(), seen.json(), seen.is_success) == (BODY, json.loads(BODY), True)
            assert not hasattr(seen, "no_such_thing")
            await seen.aclose()
        await sockets.aclose()


async def test_headers_that_are_added_to_a_request_are_sent():
    async with RawServer([answer(200, BODY)]) as server:
        sockets, request = Sockets(server.url, None, 1.0, 1.0), Request("POST", server.url, {"a": "1"}, b"")
        request.headers["b"] = "2"
        await sockets.handle_async_request(request)
        await sockets.aclose()
    assert b"\r\na: 1\r\nb: 2\r\n" in server.requests[0]


async def test_a_start_never_leaves_over_a_connection_that_the_server_may_be_giving_up(monkeypatch):
    """What is lost then would be in doubt. Looks go over it: they are repeated."""
    monkeypatch.setattr("pipeforge.adapters.sockets._FRESH", 0.02)
    start, look = Call("POST", "/x"), Call("GET", "/x")
    async with RawServer([answer(200, BODY)]) as server, Http(Access("v", server.url)) as http:
        counts = []
        for call in (start, look, start, look, start):
            await http.send(call)
            counts.append(server.connections)
            await asyncio.sleep(0.04)
    assert counts == [1, 1, 2, 2, 3]


async def test_a_start_takes_the_connection_of_a_look_that_has_just_ended(monkeypatch):
    monkeypatch.setattr("pipeforge.adapters.sockets._FRESH", 60.0)
    start, look = Call("POST", "/x"), Call("GET", "/x")
    async with RawServer([answer(200, BODY)]) as server, Http(Access("v", server.url)) as http:
        for call in (look, start, look):
            await http.send(call)
    assert server.connections == 1


async def test_an_address_reaches_the_vendor_as_it_is_written():
    async with RawServer([answer(200, BODY)]) as server, Http(Access("v", server.url)) as http:
        await http.send(
            Call("GET", "/jobs%2F1/%E5%A3%B2", query=[("at", "2026-01-01 00:00:00"), ("q", "a&b=ü")])
        )
    line = server.requests[0].split(b"\r\n")[0]
    assert line == b"GET /jobs%2F1/%E5%A3%B2?at=2026-01-01+00%3A00%3A00&q=a%26b%3D%C3%BC HTTP/1.1"


async def test_what_stands_on_the_wire():
    async with RawServer([answer(200, BODY)]) as server:
        access = Access("v", f"{server.url}/売/api/", headers={"Authorization": "Token k"})
        async with Http(access) as http:
            await http.send(Call("GET", "/x"))
            await http.send(Call("POST", "/x", form=[("a", "ä b")], headers={"X-More": "1"}))
    head = (
        f" HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept-Encoding: gzip, deflate\r\n"
        f"user-agent: pipeforge/{__version__}\r\naccept: application/json\r\nauthorization: Token k\r\n"
    )
    more = (
        "x-more: 1\r\ncontent-type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na=%C3%A4+b"
    )
    path = "/%E5%A3%B2/api/x"
    assert server.requests == [f"GET {path}{head}\r\n".encode(), f"POST {path}{head}{more}".encode()]


async def test_both_doors_lead_to_the_same():
    seen = []

    async def app(scope, receive, send):
        body = (await receive())["body"]
        seen.append((scope["method"], scope["raw_path"], scope["query_string"], dict(scope["headers"]), body))
        await send({"type": "http.response.start", "status": 201, "headers": [(b"X-Word", b"w")]})
        await send({"type": "http.response.body", "body": BODY})

    headers = {"accept": "application/json", "content-type": "text/plain"}
    async with RawServer([answer(201, BODY, "X-Word: w")]) as server:
        request = Request("PUT", f"{server.url}/jobs%2F1/%E5%A3%B2?at=2026-01-01+00%3A00", headers, b"a=1")
        sockets = Sockets(server.url, None, 1.0, 1.0)
        answers = [await door.handle_async_request(request) for door in (sockets, into(app))]
        bodies = [await whole(answer) for answer in answers]
        await sockets.aclose()
    line, *rest = server.requests[0].partition(b"\r\n\r\n")[0].decode().split("\r\n")
    ((method, path, query, heard, body),) = seen
    assert line == f"{method} {path.decode()}?{query.decode()} HTTP/1.1"
    sent = dict(one.lower().split(": ", 1) for one in rest)
    assert {name: sent[name] for name in headers} == {name: heard[name.encode()].decode() for name in headers}
    assert server.requests[0].endswith(b"\r\n\r\n" + body)
    assert [(one.status_code, headers_of(one)["x-word"]) for one in answers] == [(201, "w")] * 2
    assert bodies == [BODY] * 2


@pytest.mark.parametrize(
    "call",
    [
        Call("POST", "/a b"),
        Call("POST", "/a\r\nX: 1"),
        Call("POST", "/ä"),
        Call("POST", "/a", headers={"x": "1\r\ny: 2"}),
        Call("POST", "/a", headers={"x": "1\ny: 2"}),
        Call("POST", "/a", headers={"x\0": "1"}),
        Call("POST", "/a", headers={"x": "ü"}),
    ],
    ids=repr,
)
async def test_what_would_tear_a_request_apart_does_not_leave(call):
    async with RawServer([answer(200, BODY)]) as server, Http(Access("v", server.url)) as http:
        with pytest.raises(Transient, match="could not be sent"):
            await http.send(call)
    assert not server.connections


async def test_an_answer_is_awaited_that_was_only_announced():
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + answer(200, BODY)
    async with RawServer([early]) as server, Http(Access("v", server.url)) as http:
        assert (await http.send(Call("POST", "/x"))).status == 200
        assert (await http.send(Call("POST", "/x"))).body == {"id": 7, "name": "売上"}
    assert server.connections == 1


async def test_a_body_that_stops_half_way_ends_with_the_time_between_two_reads():
    head = b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{<torn>"
    async with _served(lambda reader, writer: _send(reader, writer, head, wait=30)) as port:
        access = Access("v", f"http://127.0.0.1:{port}", read_timeout=0.05)
        async with asyncio.timeout(10), Http(access) as http:
            with pytest.raises(InDoubt, match="no answer"):
                await http.send(Call("POST", "/x"))


async def test_a_large_body_may_take_longer_to_leave_than_an_answer_to_come():
    size = 8_000_000

    async def slowly(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.4)  # longer than an answer may take
        await reader.readexactly(size)
        await _send(reader, writer, answer(200, BODY))

    async with _served(slowly) as port:
        access = Access("v", f"http://127.0.0.1:{port}", read_timeout=0.2)
        async with Http(access) as http:
            assert (await http.send(Call("PUT", "/x", content=bytes(size)))).status == 200


async def test_an_answer_counts_that_comes_before_all_was_heard():
    async def refusing(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await _send(reader, writer, answer(413, b'{"error": "too large"}'), wait=0.5)

    async with _served(refusing) as port, Http(Access("v", f"http://127.0.0.1:{port}")) as http:
        reply = await http.send(Call("PUT", "/x", content=bytes(8_000_000), accept=frozenset({413})))
        assert reply.status == 413


async def test_a_burst_makes_few_connections():
    async with RawServer([answer(200, BODY)]) as server, Http(Access("v", server.url)) as http:
        await asyncio.gather(*(http.send(Call("GET", "/x")) for _ in range(300)))
    assert len(server.requests) == 300
    assert server.connections <= 200  # how few depends on how fast answers come; each for itself would be 300


async def test_a_vendor_that_takes_its_time_is_asked_all_at_once():
    many, waiting, all_here = 3 * AT_ONCE, [], asyncio.Event()

    async def together(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        waiting.append(1)
        if len(waiting) == many:
            all_here.set()
        await all_here.wait()
        await _send(reader, writer, answer(200, BODY))

    async with _served(together) as port, Http(Access("v", f"http://127.0.0.1:{port}")) as http:
        async with asyncio.timeout(20):
            replies = await asyncio.gather(*(http.send(Call("GET", "/x")) for _ in range(many)))
    assert [reply.status for reply in replies] == [200] * many


async def test_who_leaves_the_line_hands_its_turn_on():
    turnstile = Turnstile(Alarms())
    assert [await turnstile.come(1.0) for _ in range(AT_ONCE)] == [True] * AT_ONCE
    line = [asyncio.create_task(turnstile.come(1.0)) for _ in range(3)]
    await asyncio.sleep(0)
    line[0].cancel()
    turnstile.freed()
    line[1].cancel()  # told already that one is free
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*line[:2])
    assert await line[2] is False
    with pytest.raises(TimeoutError):
        await turnstile.come(0.01)
    turnstile.over()
    assert await turnstile.come(1.0) is True
    last = asyncio.create_task(turnstile.come(9.0))
    await asyncio.sleep(0)
    turnstile.over()
    assert await last is True


@asynccontextmanager
async def _served(serve):
    async def whole(reader, writer):
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(whole, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _send(reader, writer, said, wait=0.0):
    writer.write(said)
    await writer.drain()
    with suppress(TimeoutError):
        async with asyncio.timeout(wait):
            await reader.read(1)
