"""One vendor connection against a real socket: the table of verdicts row by row, and what must never leak."""

import asyncio
import contextlib
import logging
import socket
import traceback
from urllib.parse import parse_qsl

import pytest
from pydantic import BaseModel
from raw_server import CLOSE, HANG, RESET, NoWait, RawServer, answer

from pipeforge import __version__
from pipeforge.adapters.calls import Access, Call, Refused
from pipeforge.adapters.http import Http
from pipeforge.adapters.verdicts import VERDICTS, Happened, Verdict, sort_answer
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = pytest.mark.anyio

SECRET = "tra_0123456789abcdef"
OK = answer(200, b'{"id": 7}')
HTML = b"<html><body>Bad Gateway</body></html>"
READ = Call("GET", "/jobs/7")
START = Call("POST", "/jobs", json={"x": 1})
PUT = Call("PUT", "/jobs/7", json={"x": 1})
TRIES = 4


def http_to(url, **changes):
    access = Access(
        name="trocco",
        base_url=url,
        headers={"Authorization": f"Token {SECRET}"},
        secrets=(SECRET,),
        **{"connect_timeout": 0.3, "read_timeout": 0.3, **changes},
    )
    return Http(access, rng=NoWait())


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def outcome(call, *script, **changes):
    """What `call` came to, and how many requests the server saw."""
    async with RawServer(script) as server, http_to(server.url, **changes) as http:
        try:
            return await http.send(call), len(server.requests)
        except Exception as error:
            return error, len(server.requests)


# what the server does, what a read comes to, what a start comes to
ROWS = {
    "2xx": ([OK], None, None),
    "2xx that is a page": ([answer(200, HTML, kind="text/html")], Transient, InDoubt),
    "2xx that is empty": ([answer(200)], Transient, InDoubt),
    "2xx torn off": ([b"HTTP/1.1 200 X\r\nContent-Length: 99\r\n\r\n{<torn>"], Transient, InDoubt),
    "closed without an answer": ([CLOSE], Transient, InDoubt),
    "reset without an answer": ([RESET], Transient, InDoubt),
    "no answer in time": ([HANG], Transient, InDoubt),
    "half a header": ([b"HTTP/1.1 200 X\r\nContent-Le<torn>"], Transient, InDoubt),
    "not HTTP at all": ([b"SSH-2.0-OpenSSH_9.6\r\n<torn>"], Transient, InDoubt),
    "301": ([answer(301, b"", "Location: /elsewhere")], Rejected, Rejected),
    "307": ([answer(307, b"", "Location: /elsewhere")], Rejected, Rejected),
    "302": ([answer(302, b"", "Location: /elsewhere")], Transient, InDoubt),
    "400 of the vendor": ([answer(400, b'{"error": "no"}')], Rejected, Rejected),
    "401 of the vendor": ([answer(401, b'{"error": "Not Authorized"}')], Rejected, Rejected),
    "409 of the vendor": ([answer(409, b'{"message": "exists"}')], Rejected, Rejected),
    "403 of a firewall": ([answer(403, HTML, kind="text/html")], Rejected, InDoubt),
    "404 of a web server": ([answer(404, HTML, kind="text/html")], Rejected, InDoubt),
    "408": ([answer(408, b'{"error": "slow"}')], Transient, InDoubt),
    "429": ([answer(429, b'{"error": "wait"}')], Transient, Transient),
    "429 that is a page": ([answer(429, HTML, kind="text/html")], Transient, Transient),
    "500": ([answer(500, b'{"error": "oops"}')], Transient, InDoubt),
    "502 that is a page": ([answer(502, HTML, kind="text/html")], Transient, InDoubt),
    "503": ([answer(503)], Transient, InDoubt),
    "504": ([answer(504)], Transient, InDoubt),
}
ASKED_ONCE = {"2xx", "302", "500"}


@pytest.mark.parametrize("row", ROWS)
async def test_a_read_follows_the_table(row):
    script, expected, _ = ROWS[row]
    result, asked = await outcome(READ, *script)
    assert expected is None or type(result) in (expected, Refused if expected is Rejected else expected)
    assert asked == (1 if expected is Rejected or row in ASKED_ONCE else TRIES)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("call", [START, PUT], ids=["POST", "PUT"])
async def test_a_start_follows_the_table_and_is_sent_once(row, call):
    script, _, expected = ROWS[row]
    result, asked = await outcome(call, *script)
    assert expected is None or type(result) in (expected, Refused if expected is Rejected else expected)
    assert asked == 1


@contextlib.contextmanager
def refused_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def unknown_host():
    yield "http://no-such-host.invalid"


@contextlib.contextmanager
def full_backlog():
    """A host that answers no SYN: nothing takes its connections and its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("place", [refused_port, unknown_host, full_backlog])
@pytest.mark.parametrize("call", [READ, START], ids=["read", "start"])
async def test_what_certainly_never_left_is_transient(place, call):
    with place() as url:
        async with http_to(url) as http:
            with pytest.raises(Transient, match="could not be sent"):
                await http.send(call)


@pytest.mark.parametrize("call", [READ, START], ids=["read", "start"])
async def test_a_failed_tls_handshake_is_transient(call):
    async with RawServer([OK]) as server, http_to(server.url.replace("http:", "https:")) as http:
        with pytest.raises(Transient, match="could not be sent"):
            await http.send(call)
    assert server.requests == []


async def test_a_start_on_a_pooled_connection_that_breaks_is_in_doubt_and_not_repeated(monkeypatch):
    monkeypatch.setattr("pipeforge.adapters.sockets._FRESH", 60.0)
    async with RawServer([OK, CLOSE, OK]) as server, http_to(server.url) as http:
        await http.send(PUT)
        with pytest.raises(InDoubt):
            await http.send(PUT)
        assert (server.connections, len(server.requests)) == (1, 2)


async def test_a_read_is_repeated_until_it_is_answered():
    result, asked = await outcome(READ, CLOSE, answer(503), OK)
    assert (result.body, asked) == ({"id": 7}, 3)


async def test_a_start_said_to_be_safe_is_repeated():
    result, asked = await outcome(Call("PUT", "/attempts", json={}, safe=True), CLOSE, OK)
    assert (result.body, asked) == ({"id": 7}, 2)


async def test_the_table_is_total_and_never_repeats_what_is_not_safe():
    assert set(VERDICTS) == set(Happened)
    assert all(unsafe is not Verdict.RETRY for _, unsafe in VERDICTS.values())


def test_every_status_is_sorted():
    answered = [s for s in range(100, 600) if sort_answer(s, readable=True, own=True) is Happened.ANSWERED]
    assert answered == list(range(200, 300))


async def test_an_accepted_status_is_handed_back():
    result, _ = await outcome(Call("POST", "/run", accept=frozenset({409})), answer(409, b"taken"))
    assert (result.status, result.body, result.text) == (409, None, "taken")


async def test_a_refusal_keeps_the_vendors_words_and_the_answer():
    error, _ = await outcome(READ, answer(400, '{"message": "不正なリクエストです。"}'.encode()))
    assert "trocco: GET /jobs/7 answered 400: 不正なリクエストです。" in error.message
    assert (error.status, error.body) == (400, {"message": "不正なリクエストです。"})


async def test_a_redirect_is_not_followed_with_the_credentials():
    async with RawServer([OK]) as elsewhere:
        error, _ = await outcome(READ, answer(301, b"", f"Location: {elsewhere.url}/jobs/7"))
    assert isinstance(error, Rejected)
    assert "base_url" in error.hint
    assert elsewhere.requests == []


async def test_what_is_sent():
    form = [("v[][name]", "$a$"), ("v[][value]", "1 2"), ("v[][name]", "$b$"), ("v[][value]", "é")]
    async with RawServer([OK]) as server, http_to(server.url + "/api/") as http:
        await http.send(Call("POST", "/jobs", query=[("job_definition_id", "12")], form=form))
        await http.send(Call("POST", "/jobs", json={"name": "é"}))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api/jobs?job_definition_id=12 HTTP/1.1")
    assert f"user-agent: pipeforge/{__version__}".encode() in head.lower()
    assert f"authorization: Token {SECRET}".lower().encode() in head.lower()
    assert parse_qsl(body.decode()) == form
    assert b"=%24a%24&" in body
    assert server.requests[1].endswith('{"name":"é"}'.encode())


async def test_a_body_is_read_leniently():
    result, _ = await outcome(READ, answer(200, b'\xef\xbb\xbf{"text": "a\tb\nc"}'))
    assert result.body == {"text": "a\tb\nc"}


class Job(BaseModel):
    id: int


@pytest.mark.parametrize(("call", "expected"), [(READ, Transient), (START, InDoubt)])
async def test_a_body_that_does_not_fit_names_the_place(call, expected):
    async with RawServer([answer(200, b'{"id": "x"}')]) as server, http_to(server.url) as http:
        with pytest.raises(expected, match="unexpected answer: id"):
            await http.fit(call, Job)


@pytest.mark.parametrize("script", [
    [answer(401, f'{{"error": "bad key {SECRET}"}}'.encode())],
    [answer(200, f"<html>{SECRET}</html>".encode())],
    [RESET],
    [answer(429, SECRET.encode())],
])  # fmt: skip
@pytest.mark.parametrize("call", [READ, START, Call("POST", f"/trigger/{SECRET}/run")])
async def test_no_secret_leaks(call, script, caplog):
    caplog.set_level(logging.DEBUG)
    async with RawServer(script) as server, http_to(server.url) as http:
        with pytest.raises((Transient, Rejected, InDoubt)) as caught:
            await http.send(call)
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.hint
        assert SECRET not in shown + repr(http) + repr(http.access) + repr(vars(caught.value)) + caplog.text
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None


@pytest.mark.parametrize("before", range(300, 420, 7))
async def test_half_a_secret_does_not_leak_where_a_message_is_cut(before):
    error, _ = await outcome(READ, answer(400, f'{{"error": "{"x" * before}{SECRET}"}}'.encode()))
    assert SECRET[:6] not in error.message


async def test_cookies_are_not_kept():
    async with (
        RawServer([answer(200, b"{}", "Set-Cookie: s=1; Path=/")]) as server,
        http_to(server.url) as http,
    ):
        await http.send(READ)
        await http.send(READ)
    assert b"cookie" not in server.requests[1].lower()


async def test_the_proxy_of_the_environment_is_used(monkeypatch):
    async with RawServer([OK]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "direct.invalid")
        async with http_to("http://vendor.invalid") as http:
            await http.send(READ)
        async with http_to("http://direct.invalid") as http:
            with pytest.raises(Transient):
                await http.send(READ)
    assert [request.split(b"\r\n")[0] for request in proxy.requests] == [
        b"GET http://vendor.invalid/jobs/7 HTTP/1.1"
    ]


async def test_the_proxys_password_is_sent_and_masked(monkeypatch):
    async with RawServer([answer(403, b"no p@ss here", kind="text/plain")]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//user:p%40ss@"))
        async with http_to("http://vendor.invalid") as http:
            with pytest.raises(Rejected, match=r"no \*\*\* here"):
                await http.send(READ)
    assert b"proxy-authorization: basic dXNlcjpwQHNz".lower() in proxy.requests[0].lower()


async def test_an_asgi_application_stands_in_for_the_vendor():
    async def app(scope, receive, send):
        if scope["path"] == "/cut":
            raise ConnectionResetError("cut")
        if scope["path"] == "/hang":
            await asyncio.sleep(60)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"id": 1}'})

    access = Access("trocco", "http://emulator", connect_timeout=0.05, read_timeout=0.05)
    async with Http(access, app=app, rng=NoWait()) as http:
        assert (await http.send(READ)).body == {"id": 1}
        for path in ("/cut", "/hang"):
            with pytest.raises(InDoubt):
                await http.send(Call("POST", path))


async def test_closing_leaves_no_connection_open():
    async with RawServer([OK]) as server:
        async with http_to(server.url) as http:
            await http.send(READ)
        async with asyncio.timeout(5):
            while server._open:
                await asyncio.sleep(0.01)
