"""Pushing and fetching archives, and the storage that may hand them out: routes and handlers."""

from datetime import datetime
from hashlib import sha256
from math import floor

from pipeforge.emulators.core import Asked, Reply, Route
from pipeforge.emulators.treasure import asking
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.pushes import Push
from pipeforge.emulators.treasure.refusing import error, invalid

STORAGE = "/storage/"
GZIP = {"Content-Type": "application/gzip"}


class ArchiveWire:
    """Handlers around archives."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("PUT", "/api/projects", self._push),
            Route("GET", "/api/projects/{id}/archive", self._archive),
            Route("GET", f"{STORAGE}projects/{{id}}/{{revision}}", self._stored),
        )

    def _push(self, asked: Asked) -> Reply:
        kind = asked.headers.get("content-type", "")
        if kind.partition(";")[0].strip() != "application/gzip":
            raise invalid(f"Unsupported content type: {kind}")
        if asked.headers.get("content-length") != str(len(asked.body)):
            raise invalid("Content-Length header doesn't match with uploaded data size")
        project = self._parts.pushes.push(
            Push(
                project=_required(asked, "project"),
                revision=_required(asked, "revision"),
                archive=asked.body,
                schedule_from=_since(asked.one("schedule_from")),
                clear=tuple(value for name, value in asked.query if name == "clear_schedule"),
                clear_all=asking.truth(asked, "clear_schedule_all"),
            )
        )
        return Reply(200, self._parts.shapes.project(project, self._parts.pushes.md5(project)))

    def _archive(self, asked: Asked) -> Reply:
        project = self._parts.catalog.project(asked.params["id"])
        revision = asked.one("revision") or project["revision"]
        content = self._parts.pushes.archive(project, revision)
        told, storage = (asked.one("direct_download") or "true").lower(), self._parts.world.storage
        if storage == "always_signed" or (storage == "signed" and told == "true"):
            place = f"../../..{STORAGE}projects/{project['id']}/{revision}"
            return Reply(
                303, None, {"Location": f"{place}?signature={_signature(asked.params['id'], revision)}"}
            )
        return Reply(200, content, GZIP)

    def _stored(self, asked: Asked) -> Reply:
        """Signed addresses refuse other credentials."""
        if asked.headers.get("authorization") is not None:
            return error(400, "Only one auth mechanism allowed")
        if asked.one("signature") != _signature(asked.params["id"], asked.params["revision"]):
            return error(403, "Request has expired")
        project = self._parts.catalog.project(asked.params["id"])
        return Reply(200, self._parts.pushes.archive(project, asked.params["revision"]), GZIP)


def _signature(project_id: str, revision: str) -> str:
    return sha256(f"{project_id} {revision}".encode()).hexdigest()


def _required(asked: Asked, name: str) -> str:
    value = asked.one(name)
    if not value:
        raise invalid(f"{name}= is required")
    return value


def _since(text: str | None) -> int | None:
    """UNIX seconds of an instant that ends with Z."""
    if text is None:
        return None
    if not text.endswith("Z"):
        raise invalid(f"schedule_from={text} is not an instant")
    try:
        return floor(datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise invalid(f"schedule_from={text} is not an instant") from None
