"""One request and the whole of its answer, over sockets or into an application in this process."""

import functools
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pipeforge.adapters.leanly import leanly

with leanly():
    import aiohttp
    import httpx
    from httpx_aiohttp import AiohttpTransport

_KEEPALIVE = (
    10.0  # chosen: seconds; below the idle limit of common servers, so that a pooled connection is alive
)

# The request certainly never left. Everything else that a transport can raise leaves us in doubt; a look at
# the cause is needed because httpx's transport maps aiohttp's "server disconnected" to httpx.ConnectTimeout.
_UNSENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case; what was said more than once is joined by commas."""
    content: bytes


Exchange = Callable[[str, str, Mapping[str, str], bytes | None], Awaitable[Answer]]
"""Sends method, URL, headers and content. What goes wrong is raised as the library has it: see `unsent`."""


class Sockets(AiohttpTransport):
    """httpx's transport over aiohttp, with a way past what httpx builds around a request: most of the cost.

    Nothing is repeated, no redirect followed, no cookie kept.
    """

    def __init__(self, secure: bool, proxy: str | None) -> None:
        context = _tls() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(verify=context, client=functools.partial(_session, proxy, context))

    async def exchange(
        self,
        timeout: aiohttp.ClientTimeout,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> Answer:
        """One request and its answer, its encoding undone."""
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self.get_client()
        async with self.client.request(
            method,
            url,
            headers=headers,
            data=content or None,
            timeout=timeout,
            allow_redirects=False,
            auto_decompress=True,
        ) as response:
            body = await response.read()
            return Answer(response.status, _headers(response.headers.items()), body)


def over(transport: httpx.AsyncBaseTransport, connect: float, read: float) -> Exchange:
    """Exchanges over a transport, with its time limits in seconds; `read` is between two reads."""
    if isinstance(transport, Sockets):
        timeout = aiohttp.ClientTimeout(sock_connect=connect, sock_read=read)
        return functools.partial(transport.exchange, timeout)
    limits = {"connect": connect, "read": read, "write": read}
    return functools.partial(_exchange, transport, {"timeout": limits})


async def _exchange(
    transport: httpx.AsyncBaseTransport,
    extensions: Mapping[str, Any],
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes | None,
) -> Answer:
    request = httpx.Request(method, url, headers=headers, content=content, extensions=dict(extensions))
    response = await transport.handle_async_request(request)
    try:
        body = await response.aread()
    finally:
        await response.aclose()
    return Answer(response.status_code, _headers(response.headers.items()), body)


def _headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in items:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def unsent(error: BaseException) -> bool:
    """Whether the request certainly never left."""
    return isinstance(error, _UNSENT) or isinstance(error.__cause__, _UNSENT)


def words(error: BaseException) -> str:
    """The cause in words; a transport's own text may be empty."""
    own = isinstance(error, aiohttp.ClientError | TimeoutError)
    name = type(error if own else error.__cause__ or error).__name__
    text = " ".join(str(error).split())
    return f"{name}: {text}" if text else name


def into(app: Any) -> httpx.AsyncBaseTransport:
    """A transport into an application in this process."""
    return httpx.ASGITransport(app=app)


def sockets(base_url: str, proxy: str | None) -> Sockets:
    """A transport over sockets; TLS as the URL says."""
    return Sockets(urlsplit(base_url).scheme == "https", proxy)


@functools.cache
def _tls() -> ssl.SSLContext:
    """The system's or certifi's roots; read once because it takes 20 ms."""
    return httpx.create_ssl_context()


def _session(proxy: str | None, context: ssl.SSLContext) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE, limit=0, ssl=context)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=proxy,
        auto_decompress=False,
    )
    # aiohttp would silently repeat a PUT or DELETE once when a pooled connection breaks: we decide that
    session._retry_connection = False
    return session


def proxy_for(base_url: str) -> str | None:
    """The proxy that the environment names for this host (HTTPS_PROXY, NO_PROXY and their kin)."""
    parts = urlsplit(base_url)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")
