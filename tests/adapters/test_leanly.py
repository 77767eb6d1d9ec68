import asyncio
import ssl
import subprocess
import sys

from pipeforge.adapters.leanly import LateRoots, leanly

FRESH = """
import ssl, sys
usual, inherited = ssl.create_default_context, ssl.SSLContext.set_default_verify_paths
import pipeforge.adapters.http
import aiohttp.connector, httpx
assert ssl.create_default_context is usual
assert ssl.SSLContext.set_default_verify_paths is inherited
assert not aiohttp.connector._SSL_CONTEXT_UNVERIFIED.get_ca_certs()
assert aiohttp.connector._SSL_CONTEXT_UNVERIFIED.verify_mode is ssl.CERT_NONE
assert callable(httpx.main)
loaded = {name.split(".")[0] for name in sys.modules}
print(*sorted({"click", "rich", "pygments", "networkx", "starlette"} & loaded))
print(type(aiohttp.connector._SSL_CONTEXT_VERIFIED).__name__, "httpx._main" in sys.modules)
"""


def test_the_http_library_comes_without_its_command_line_and_roots() -> None:
    said = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True).stdout
    assert said == "\nLateRoots False\n"


def test_late_roots_verify_as_the_default_context_does() -> None:
    usual = ssl.create_default_context()
    with leanly():
        late = ssl.create_default_context()
    assert isinstance(late, LateRoots)
    assert ssl.create_default_context is not LateRoots
    for name in ("verify_mode", "check_hostname", "minimum_version", "maximum_version", "verify_flags"):
        assert getattr(late, name) == getattr(usual, name), name
    assert not late.get_ca_certs()
    late.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="example.com")
    assert late.cert_store_stats() == usual.cert_store_stats()


def test_late_roots_serve_a_loop() -> None:
    async def refused() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await asyncio.open_connection("127.0.0.1", port, ssl=LateRoots(ssl.PROTOCOL_TLS_CLIENT))
        except (ssl.SSLError, ConnectionError):
            return
        finally:
            server.close()
        raise AssertionError("a server without TLS was taken")

    asyncio.run(refused())
