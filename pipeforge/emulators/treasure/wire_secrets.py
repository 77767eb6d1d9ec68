"""A project's secrets: keys that are told and values that are not even kept."""

import re

from pipeforge.emulators.core import Asked, Desk, Json, Reply, Route, fingerprint
from pipeforge.emulators.treasure import asking
from pipeforge.emulators.treasure.catalog import Project
from pipeforge.emulators.treasure.parts import Parts
from pipeforge.emulators.treasure.refusing import invalid

_PART = r"[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?"
KEY = re.compile(rf"{_PART}(\.{_PART})*")
KEY_LENGTH = 255
VALUE_LENGTH = 16 * 1024


class SecretWire:
    """Handlers around secrets. Of a value only a fingerprint is kept, so that a test can tell two apart."""

    def __init__(self, parts: Parts, desk: Desk) -> None:
        self._parts = parts
        self._kept: dict[str, dict[str, str]] = desk.shelf("secrets")

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/projects/{id}/secrets", self._list),
            Route("GET", "/api/projects/{id}/secrets/", self._list),
            Route("PUT", "/api/projects/{id}/secrets/{key}", self._put),
            Route("DELETE", "/api/projects/{id}/secrets/{key}", self._delete),
        )

    def _list(self, asked: Asked) -> Reply:
        project = self._project(asked)
        return Reply(200, {"secrets": [{"key": key} for key in sorted(self._of(project))]})

    def _put(self, asked: Asked) -> Reply:
        key, value = self._key(asked), asking.json_object(asked).get("value")
        if not isinstance(value, str) or len(value.encode("utf-8", "surrogatepass")) > VALUE_LENGTH:
            raise invalid("Invalid secret")
        project = self._project(asked)
        self._of(project)[key] = fingerprint(value)
        return self._done(project, key)

    def _delete(self, asked: Asked) -> Reply:
        key, project = self._key(asked), self._project(asked)
        self._of(project).pop(key, None)
        return self._done(project, key)

    def _done(self, project: Project, key: str) -> Reply:
        """Hosted: 204 and nothing. oss: which one it was."""
        if self._parts.world.hosted:
            return Reply(204)
        named: Json = {"id": str(project["id"]), "name": project["name"]}
        return Reply(200, {"key": key, "project": named})

    def _project(self, asked: Asked) -> Project:
        return self._parts.catalog.project(asked.params["id"])

    def _of(self, project: Project) -> dict[str, str]:
        listed = (self._parts.world.projects or {}).get(project["name"])
        told = {key: fingerprint(key) for key in listed.secrets} if listed else {}
        return self._kept.setdefault(str(project["id"]), told)

    def _key(self, asked: Asked) -> str:
        key = asked.params["key"]
        if len(key) > KEY_LENGTH or KEY.fullmatch(key) is None:
            raise invalid("Invalid secret")
        return key
