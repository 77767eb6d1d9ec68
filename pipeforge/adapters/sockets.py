"""The far end of HTTP: a transport of httpx over aiohttp's sockets, and requests that cost little to make.

What httpx and its usual bridge to aiohttp build around a request costs more than aiohttp's own work.
"""

import functools
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pipeforge.adapters.leanly import leanly

with leanly():
    import aiohttp
    import httpx

_KEEPALIVE = (
    10.0  # chosen: seconds; below the idle limit of common servers, so that a pooled connection is alive
)

# The request certainly never left. Everything else that a transport can raise leaves us in doubt.
_UNSENT = (
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

    Its URL is taken apart when somebody asks for the parts; over sockets nobody does.
    """

    def __init__(self, method: str, address: str, headers: Mapping[str, str], content: bytes) -> None:
        self.method = method
        self.address = address
        self.headers = httpx.Headers(headers, encoding="ascii")  # told, it need not be found out
        self.extensions = {}
        self.body = content
        self.stream = httpx.ByteStream(content)

    @functools.cached_property
    def url(self) -> httpx.URL:  # type: ignore[override]  # an attribute there
        return httpx.URL(self.address)


class Body(httpx.AsyncByteStream):
    """Of an answer: whole, and nothing is left to be closed."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


class Sockets(httpx.AsyncBaseTransport):
    """Kept-alive connections to one host. Nothing is repeated, no redirect followed, no cookie kept.

    What goes wrong is raised as aiohttp has it, see `unsent` and `words`.
    """

    def __init__(self, base_url: str, proxy: str | None, connect: float, read: float) -> None:
        """`connect` and `read`: seconds for a connection to come about, and between two reads."""
        self._proxy = proxy
        self._secure = urlsplit(base_url).scheme == "https"
        self._timeout = aiohttp.ClientTimeout(sock_connect=connect, sock_read=read)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer, its encoding undone."""
        if self._session is None:
            self._session = _session(self._secure, self._proxy, self._timeout)
        assert isinstance(request, Request)
        async with self._session.request(
            request.method,
            request.address,
            headers=request.headers.multi_items(),
            data=request.body or None,
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=Body(content))

    async def aclose(self) -> None:
        """Gives the sockets back."""
        if self._session is not None:
            await self._session.close()


async def whole(response: httpx.Response) -> bytes:
    """The body as the transport gives it, which undid its encoding; the response is closed."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    try:
        return b"".join([part async for part in response.stream])
    finally:
        await response.aclose()


def into(app: Any) -> httpx.AsyncBaseTransport:
    """A transport into an ASGI application in this process."""
    return httpx.ASGITransport(app=app)


def unsent(error: BaseException) -> bool:
    """Whether the request certainly never left."""
    return isinstance(error, _UNSENT)


def words(error: BaseException) -> str:
    """The cause in words; a library's own text may be empty."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _session(secure: bool, proxy: str | None, timeout: aiohttp.ClientTimeout) -> aiohttp.ClientSession:
    context = _tls() if secure else True
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE, limit=0, ssl=context),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=proxy,
        timeout=timeout,
    )
    # aiohttp would silently repeat a PUT or DELETE once when a pooled connection breaks: we decide that
    session._retry_connection = False
    return session


@functools.cache
def _tls() -> ssl.SSLContext:
    """The system's or certifi's roots; read once because it takes 20 ms."""
    return httpx.create_ssl_context()


def proxy_of(base_url: str) -> str | None:
    """The proxy that the environment names for this host (HTTPS_PROXY, NO_PROXY and their kin)."""
    parts = urlsplit(base_url)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
