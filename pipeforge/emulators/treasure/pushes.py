"""Pushing projects: archives, revisions, and the workflows and schedules that come with them."""

import base64
import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass

from pipeforge.emulators.core import Desk, Json
from pipeforge.emulators.treasure import dig
from pipeforge.emulators.treasure.catalog import Catalog, Project
from pipeforge.emulators.treasure.compiling import check_project
from pipeforge.emulators.treasure.refusing import conflict, invalid, missing
from pipeforge.emulators.treasure.schedules import Schedules
from pipeforge.emulators.treasure.shelves import Revision
from pipeforge.emulators.treasure.world import TreasureWorld


@dataclass(frozen=True, slots=True)
class Push:
    """A push, read and found well-formed."""

    project: str
    revision: str
    archive: bytes
    schedule_from: int | None = None
    clear: tuple[str, ...] = ()
    clear_all: bool = False


class Pushes:
    """What was pushed to each project, oldest first."""

    def __init__(self, world: TreasureWorld, catalog: Catalog, schedules: Schedules, desk: Desk) -> None:
        self._world = world
        self._catalog = catalog
        self._schedules = schedules
        self._desk = desk
        self._revisions: dict[str, list[Revision]] = desk.shelf("revisions")

    def push(self, asked: Push) -> Project:
        """The project with its new revision. 400 for a bad archive, 409 for a revision that is there."""
        if len(asked.archive) > self._world.archive_size:
            limit = self._world.archive_size
            raise invalid(f"Size of the uploaded archive file exceeds limit ({limit} bytes)")
        check_project(asked.project)
        if not asked.revision.strip():
            raise invalid("Validating revision failed: its name is blank")
        found = dig.workflows(asked.archive, self._world.archive_size)
        for name in asked.clear:
            if name not in found:
                raise invalid(f"{name} does not exist")
        tables = {name: self._schedules.read(config) for name, config in found.items()}
        project = self._catalog.standing(asked.project)
        if project is not None and any(r["revision"] == asked.revision for r in self.of(project)):
            raise conflict(
                f"Revision already exists: project id={project['id']} revision name={asked.revision}"
            )
        if project is not None:
            self._kept(project)  # what was there before the first push stays a revision
        made = revise(self._catalog, self._desk.clock.now(), asked, found)
        rows = self._revisions.setdefault(str(made["id"]), [])
        rows.append(self._row(asked.revision, asked.archive))
        self._schedules.follow(made, tables, asked.schedule_from, forget=asked.clear, anew=asked.clear_all)
        return made

    def of(self, project: Project) -> list[Revision]:
        """All revisions, newest first."""
        return list(reversed(self._kept(project)))

    def archive(self, project: Project, revision: str | None) -> bytes:
        """The bytes that were pushed, or for what was not, those that could have been. 404."""
        wanted = revision or project["revision"]
        for row in self.of(project):
            if row["revision"] == wanted:
                return base64.b64decode(row["archive"]) if row["archive"] else self._made_up(project, wanted)
        raise missing(f"revision {wanted} of project id={project['id']}")

    def md5(self, project: Project) -> str:
        """Of the latest archive, in base64."""
        newest = self.of(project)[0]
        return newest["md5"] or _md5(self._made_up(project, newest["revision"]))

    def shown_md5(self, project: Project, row: Revision) -> str:
        """Of one revision's archive, in base64."""
        return row["md5"] or _md5(self._made_up(project, row["revision"]))

    def _kept(self, project: Project) -> list[Revision]:
        rows = self._revisions.setdefault(str(project["id"]), [])
        if not any(row["revision"] == project["revision"] for row in rows):
            rows.append(self._row(project["revision"], None, project["updated"]))
        return rows

    def _row(self, revision: str, archive: bytes | None, created: float | None = None) -> Revision:
        return Revision(
            revision=revision,
            created=self._desk.clock.now() if created is None else created,
            md5=None if archive is None else _md5(archive),
            archive=None if archive is None else base64.b64encode(archive).decode(),
        )

    def _made_up(self, project: Project, revision: str) -> bytes:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for workflow in self._catalog.in_revision(project, revision):
                config, zone = self._catalog.definition(workflow)
                text = dig.written(config, zone).encode()
                member = tarfile.TarInfo(f"{workflow['name']}{dig.ENDING}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text))
        return gzip.compress(packed.getvalue(), mtime=0)


def revise(catalog: Catalog, now: float, asked: Push, found: Mapping[str, dict[str, Json]]) -> Project:
    """A new revision with just these workflows, in a project that is there or is made."""
    project = catalog.standing(asked.project) or catalog.add_project(asked.project, asked.revision)
    project["revision"], project["updated"], project["pushed"] = asked.revision, now, True
    for name, config in found.items():
        catalog.add_workflow(project, name, config)
    return project


def repeat(catalog: Catalog, now: float, name: str, revision: str) -> Project:
    """What a person does with a new revision: the same workflows again, under new ids."""
    project = catalog.demand(name)
    kept = catalog.workflows(project)
    project["revision"], project["updated"] = revision, now
    for each in kept:
        catalog.add_workflow(project, each["name"], each["config"])
    return project


def recreate(catalog: Catalog, name: str) -> Project:
    """What a person does who deletes a project and makes it anew: same names, new ids."""
    project = catalog.demand(name)
    kept = catalog.workflows(project)
    catalog.delete(project)
    again = catalog.add_project(name, "1")
    for each in kept:
        catalog.add_workflow(again, each["name"], each["config"])
    return again


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
