"""TLS and tunnels: what is written by hand goes over them too, and certificates are checked."""

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from raw_server import answer

from pipeforge.adapters import sockets
from pipeforge.adapters.calls import Access, Call
from pipeforge.adapters.http import Http
from pipeforge.errors import Transient

pytestmark = pytest.mark.anyio


@pytest.fixture
def served(tmp_path, monkeypatch):
    """The context of a server that is localhost, whose certificate we trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "localhost.pem"
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    sockets._tls.cache_clear()
    yield context
    sockets._tls.cache_clear()


@asynccontextmanager
async def server(serve, context=None):
    async def whole(reader, writer):
        with suppress(asyncio.IncompleteReadError, OSError):
            await serve(reader, writer)
        writer.close()

    listening = await asyncio.start_server(whole, "127.0.0.1", 0, ssl=context)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def vendor(reader, writer):
    while head := await reader.readuntil(b"\r\n\r\n"):
        body = await reader.readexactly(3) if b"Content-Length: 3" in head else b""
        line = head.split(b"\r\n")[0] + body
        writer.write(answer(200, b'"%s"' % line))
        await writer.drain()


async def test_requests_go_over_tls(served):
    async with server(vendor, served) as port, Http(Access("v", f"https://localhost:{port}/api")) as http:
        for _ in range(2):
            reply = await http.send(Call("POST", "/x", content=b"a=1"))
            assert reply.body == "POST /api/x HTTP/1.1a=1"


async def test_a_server_that_is_not_who_it_should_be_is_sent_nothing(served):
    async with server(vendor, served) as port, Http(Access("v", f"https://127.0.0.1:{port}")) as http:
        with pytest.raises(Transient, match=r"could not be sent.*certificate") as caught:
            await http.send(Call("POST", "/x"))
    assert " object at " not in caught.value.message


async def test_requests_go_through_a_tunnel(served, monkeypatch):
    asked = []

    async def tunnel(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).lower())
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    async with server(vendor, served) as port, server(tunnel) as proxy:
        monkeypatch.setenv("https_proxy", f"http://user:p%40ss@127.0.0.1:{proxy}")
        async with Http(Access("v", f"https://localhost:{port}")) as http:
            for _ in range(2):
                assert (await http.send(Call("GET", "/x"))).body == "GET /x HTTP/1.1"
    assert [head.split(b"\r\n")[0] for head in asked] == [b"connect localhost:%d http/1.1" % port]
    assert b"proxy-authorization: basic dxnlcjpwqhnz" in asked[0]


async def _pump(reader, writer):
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
