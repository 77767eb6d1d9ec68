"""What is peculiar to sockets: an encoding that is undone, requests that are the same to all transports."""

import gzip
import json

import httpx
import pytest
from raw_server import RawServer, answer

from pipeforge.adapters.calls import Access, Call
from pipeforge.adapters.http import Http
from pipeforge.adapters.sockets import Request

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


async def test_an_address_reaches_the_vendor_as_it_is_written():
    async with RawServer([answer(200, BODY)]) as server, Http(Access("v", server.url)) as http:
        await http.send(
            Call("GET", "/jobs%2F1/%E5%A3%B2", query=[("at", "2026-01-01 00:00:00"), ("q", "a&b=ü")])
        )
    line = server.requests[0].split(b"\r\n")[0]
    assert line == b"GET /jobs%2F1/%E5%A3%B2?at=2026-01-01+00:00:00&q=a%26b%3D%C3%BC HTTP/1.1"
