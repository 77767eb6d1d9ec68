"""Fetches files of Treasure Workflow, from the server or from the storage that it sends us on to."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from pipeforge.adapters.calls import Access, Call, Pairs
from pipeforge.adapters.http import Http

ACCEPT = {"accept": "application/gzip, */*"}


async def download(http: Http, elsewhere: Callable[[Access], Http], path: str, query: Pairs = ()) -> bytes:
    """A file; also where the vendor sends us on to its storage, which wants no credentials of ours.

    `elsewhere` opens that storage. Its address is signed, and so a secret. Raises what `Http.send` raises.
    """
    call = Call("GET", path, query, headers=ACCEPT, any_body=True, accept=frozenset([303]))
    reply = await http.send(call)
    if reply.status != 303:
        return reply.content
    there = urlsplit(urljoin(f"{http.access.base_url}{path}", reply.headers.get("location", "")))
    access = Access(http.access.name, f"{there.scheme}://{there.netloc}", secrets=(there.query,))
    async with elsewhere(access) as storage:
        signed = f"{there.path}?{there.query}" if there.query else there.path
        fetch = Call("GET", signed, headers=ACCEPT, any_body=True, quiet=True)
        return (await storage.send(fetch)).content
