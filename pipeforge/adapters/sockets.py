"""The far end of HTTP: a transport of httpx straight onto the connections that aiohttp makes and reads.

What the clients of httpx and aiohttp build around a request costs several times the request. So what they
would write is written here, and httpx's own view of it is made only for those who ask for it.
"""

import asyncio
import functools
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from pipeforge.adapters.leanly import leanly
from pipeforge.adapters.making import Turnstile
from pipeforge.alarms import Alarms

with leanly():
    import aiohttp
    import httpx
    import yarl

_KEEPALIVE = 10.0
"""chosen: seconds; below the idle limit of common servers, so that a pooled connection is alive."""
_FRESH = 1.0
"""chosen: seconds; far below any server's limit. Over a connection that the server gives up just then a start
would be lost, and be in doubt; a look is repeated."""
_READS = frozenset({"GET", "HEAD"})
_AUTHORIZED = "Proxy-Authorization"


class Unsendable(ValueError):
    """What was to be sent is no request: it would tear the head of one apart. It did not leave."""


# The request certainly never left. Everything else that a transport can raise leaves us in doubt.
_UNSENT = (
    Unsendable,
    ConnectionRefusedError,
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


class Request(httpx.Request):
    """A request for any transport of httpx, with the headers that it is given and no others.

    Over sockets nobody takes it apart.
    """

    def __init__(self, method: str, address: str, headers: Mapping[str, str], content: bytes) -> None:
        self.method = method
        self.address = address
        self.given = headers
        self.body = content

    @functools.cached_property
    def url(self) -> httpx.URL:  # type: ignore[override]  # these are attributes there
        return httpx.URL(self.address)

    @functools.cached_property
    def headers(self) -> httpx.Headers:  # type: ignore[override]
        return httpx.Headers(self.given, encoding="ascii")  # told, it need not be found out

    @functools.cached_property
    def stream(self) -> httpx.ByteStream:  # type: ignore[override]
        return httpx.ByteStream(self.body)

    @functools.cached_property
    def extensions(self) -> dict[str, Any]:  # type: ignore[override]
        return {}

    def lines(self) -> str:
        """Its headers as they are sent, also those that somebody put there since. Raises Unsendable."""
        told = self.headers if "headers" in self.__dict__ else self.given
        signs = "".join([*told, *told.values()])
        if not signs.isascii() or not signs.isprintable():
            raise Unsendable("a header holds signs that no request may hold")
        return "".join([f"{name}: {value}\r\n" for name, value in told.items()])


class Answer(httpx.Response):
    """A response of httpx's whose body has come: what was received is kept, the rest made when asked for."""

    def __init__(self, status: int, raw: Any, body: bytes) -> None:
        self.status_code = status
        self.raw = raw
        self.body = body

    def __getattr__(self, name: str) -> Any:
        if "stream" in self.__dict__:
            raise AttributeError(name)
        super().__init__(self.status_code, headers=self.raw, stream=Body(self.body))
        return getattr(self, name)


class Body(httpx.AsyncByteStream):
    """Of an answer: whole, and nothing is left to be closed."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


class _Way(NamedTuple):
    """To the vendor's host: what keeps its connections, and what asks it for one."""

    connector: aiohttp.TCPConnector
    asking: aiohttp.ClientRequest
    """Never sent: it names host, TLS and proxy, and takes up the proxy's credentials."""
    lines: str
    """Of every head: what is the same for all that goes there."""
    turnstile: Turnstile


class Sockets(httpx.AsyncBaseTransport):
    """Kept-alive connections to one host. Nothing is repeated, no redirect followed, no cookie kept.

    What goes wrong is raised as aiohttp has it, see `unsent` and `words`.
    """

    def __init__(self, base_url: str, proxy: str | None, connect: float, read: float) -> None:
        """`connect` and `read`: seconds for a connection to come about, and between two reads."""
        self._base = base_url.rstrip("/")
        self._url = yarl.URL(self._base)
        self._proxy = yarl.URL(proxy) if proxy else None
        self._root = self._url.raw_path.rstrip("/")
        self._through = self._proxy is not None and self._url.scheme == "http"
        if self._through:  # such a proxy wants the whole address, and its credentials with each request
            self._root = f"{self._url.origin()}{self._root}"
        self._connect = connect
        self._timeout = aiohttp.ClientTimeout(sock_connect=connect)
        self._read = read
        self._alarms = Alarms()
        self._ways: dict[float, _Way] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer, its encoding undone."""
        assert isinstance(request, Request)
        way = self._to(_KEEPALIVE)
        if request.method not in _READS and way.turnstile.rested() > _FRESH:
            way = self._to(_FRESH)
        head = self._head(request, way)
        try:
            connection = await self._connection(way)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {self._url}") from error
        if self._through and (authorized := way.asking.headers.get(_AUTHORIZED)):
            head += f"{_AUTHORIZED}: {authorized}\r\n".encode()
        try:
            answer = await self._exchanged(connection, request.method, b"%s\r\n%s" % (head, request.body))
        except BaseException:
            connection.close()
            raise
        connection.release()
        way.turnstile.freed()
        return answer

    async def _connection(self, way: _Way) -> Any:
        """One that is free, or a new one."""
        making = await way.turnstile.come(self._connect)
        try:
            return await way.connector.connect(way.asking, [], self._timeout)
        finally:
            if making:
                way.turnstile.over()

    async def _exchanged(self, connection: Any, method: str, data: bytes) -> Answer:
        protocol, transport = connection.protocol, connection.transport
        if transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("the connection was closed")
        protocol.set_response_params(skip_payload=method == "HEAD", read_until_eof=True)
        transport.write(data)
        if protocol.writing_paused:
            return await self._at_length(protocol)
        with self._alarms.until(asyncio.get_running_loop().time() + self._read):
            message, payload = await _first(protocol)
        if payload.is_eof():
            return Answer(message.code, message.raw_headers, payload.read_nowait())
        protocol.read_timeout = self._read
        protocol.start_timeout()
        return Answer(message.code, message.raw_headers, await payload.read())

    async def _at_length(self, protocol: Any) -> Answer:
        """Of a body that takes its time to leave: only then the answer is waited for."""
        protocol.read_timeout = self._read
        sending = asyncio.ensure_future(_left(protocol))
        try:
            message, payload = await _first(protocol)
            return Answer(message.code, message.raw_headers, await payload.read())
        finally:
            if not sending.done():  # it answered before it had heard all
                sending.cancel()
                protocol.force_close()

    def _head(self, request: Request, way: _Way) -> bytes:
        """All of it but the empty line. Raises Unsendable."""
        target = self._root + request.address.removeprefix(self._base) or "/"
        if not target.isascii() or not target.isprintable() or " " in target:
            raise Unsendable("the address holds signs that no request may hold")
        told = request.lines()
        if request.body or request.method not in _READS:
            told += f"Content-Length: {len(request.body)}\r\n"
        return f"{request.method} {target} HTTP/1.1\r\n{way.lines}{told}".encode("ascii")

    def _to(self, kept: float) -> _Way:
        """Over connections that have rested for no longer than that."""
        way = self._ways.get(kept)
        if way is None:
            loop, context = asyncio.get_running_loop(), _tls() if self._url.scheme == "https" else True
            connector = aiohttp.TCPConnector(keepalive_timeout=kept, limit=0, ssl=context)
            asking = aiohttp.ClientRequest("GET", self._url, loop=loop, proxy=self._proxy)
            lines = [f"{name}: {asking.headers[name]}\r\n" for name in ("Host", "Accept-Encoding")]
            way = self._ways[kept] = _Way(connector, asking, "".join(lines), Turnstile(self._alarms))
        return way

    async def aclose(self) -> None:
        """Gives the sockets back."""
        for way in self._ways.values():
            await way.connector.close()


async def whole(response: httpx.Response) -> bytes:
    """The body as the transport gives it, which undid its encoding; the response is closed."""
    if isinstance(response, Answer):
        return response.body
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        return b"".join([part async for part in response.stream])
    finally:
        await response.aclose()


def headers_of(response: httpx.Response) -> dict[str, str]:
    """By name in lower case; those that are repeated are joined."""
    if not isinstance(response, Answer):
        return {name.lower(): value for name, value in response.headers.items()}
    found: dict[str, str] = {}
    for key, value in response.raw:
        name, text = _text(key).lower(), _text(value)
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def into(app: Any) -> httpx.AsyncBaseTransport:
    """A transport into an ASGI application in this process."""
    return httpx.ASGITransport(app=app)


async def _left(protocol: Any) -> None:
    """Waits until a body has left; if it never does, the answer that does not come tells."""
    with suppress(aiohttp.ClientError, OSError):
        await aiohttp.http.StreamWriter(protocol, asyncio.get_running_loop()).drain()
        protocol.start_timeout()


async def _first(protocol: Any) -> tuple[Any, Any]:
    """An answer's head and what brings its body; what only says that there will be one is passed over."""
    message, payload = await protocol.read()
    while message.code < 200 and message.code != 101:
        message, payload = await protocol.read()
    return message, payload


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def unsent(error: BaseException) -> bool:
    """Whether the request certainly never left."""
    return isinstance(error, _UNSENT)


def words(error: BaseException) -> str:
    """The cause in words; a library's own text may be empty."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@functools.cache
def _tls() -> ssl.SSLContext:
    """The system's or certifi's roots; read once because it takes 20 ms."""
    return httpx.create_ssl_context()
