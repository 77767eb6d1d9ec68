"""What Treasure's kinds of role reads ask about one project, and the archive that is fetched."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

from pydantic import Field

from pipeforge.adapters.calls import Call
from pipeforge.adapters.treasure import kinds_projects as kinds
from pipeforge.adapters.treasure.choices import ARCHIVE_FETCHED, ARCHIVE_HELD, ARCHIVE_LISTED
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.fields import OfProject
from pipeforge.adapters.treasure.finding import project_id, segment
from pipeforge.adapters.treasure.paging import (
    ProjectPage,
    SchedulePage,
    SessionPage,
    WorkflowPage,
    everything,
    filters,
    revisions,
)
from pipeforge.adapters.treasure.rows import Row, Text, WorkflowRow
from pipeforge.errors import Rejected, Transient


class SecretRow(Row):
    """One secret's key."""

    key: Text


class SecretPage(Row):
    """A project's secrets."""

    rows: list[SecretRow] = Field(validation_alias="secrets")


async def list_projects(client: TreasureClient, params: kinds.ListProjectsParams) -> kinds.ProjectsOutputs:
    """GET /api/projects."""
    call = Call("GET", "/api/projects", filters({"name_pattern": params.name_pattern}))
    found = await everything(client.http, call, ProjectPage, limit=params.limit, size="count")
    return kinds.ProjectsOutputs(projects=found)


async def list_project_revisions(
    client: TreasureClient, params: kinds.ListProjectRevisionsParams
) -> kinds.RevisionsOutputs:
    """GET /api/projects/{id}/revisions."""
    found = await revisions(client.http, await project_id(client, params), params.limit)
    return kinds.RevisionsOutputs(revisions=found)


async def list_project_schedules(
    client: TreasureClient, params: kinds.ListProjectSchedulesParams
) -> kinds.SchedulesOutputs:
    """GET /api/projects/{id}/schedules."""
    path = f"/api/projects/{await project_id(client, params)}/schedules"
    call = Call("GET", path, filters({"workflow": params.workflow}))
    found = await everything(client.http, call, SchedulePage, limit=params.limit)
    return kinds.SchedulesOutputs(schedules=found)


async def list_project_sessions(
    client: TreasureClient, params: kinds.ListProjectSessionsParams
) -> kinds.ProjectSessionsOutputs:
    """GET /api/projects/{id}/sessions."""
    path = f"/api/projects/{await project_id(client, params)}/sessions"
    call = Call("GET", path, filters({"workflow": params.workflow}))
    found = await everything(client.http, call, SessionPage, limit=params.limit, size="page_size")
    return kinds.ProjectSessionsOutputs(sessions=found)


async def secret_keys(client: TreasureClient, project: str) -> list[str]:
    """GET /api/projects/{id}/secrets: the keys, never a value."""
    page = await client.http.fit(Call("GET", f"/api/projects/{project}/secrets"), SecretPage)
    return [row.key for row in page.rows]


async def list_secrets(client: TreasureClient, params: OfProject) -> kinds.SecretsOutputs:
    """GET /api/projects/{id}/secrets."""
    return kinds.SecretsOutputs(keys=await secret_keys(client, await project_id(client, params)))


async def list_project_workflows(
    client: TreasureClient, params: kinds.ListProjectWorkflowsParams
) -> kinds.WorkflowsOutputs:
    """GET /api/projects/{id}/workflows: of one revision, all in one page."""
    path = f"/api/projects/{await project_id(client, params)}/workflows"
    call = Call("GET", path, filters({"revision": params.revision}))
    return kinds.WorkflowsOutputs(workflows=(await client.http.fit(call, WorkflowPage)).rows)


async def get_project_workflow(client: TreasureClient, params: kinds.GetProjectWorkflowParams) -> WorkflowRow:
    """GET /api/projects/{id}/workflows/{name}."""
    path = f"/api/projects/{await project_id(client, params)}/workflows/{segment(params.workflow)}"
    return await client.http.fit(Call("GET", path, filters({"revision": params.revision})), WorkflowRow)


class ProjectArchive:
    """GET /api/projects/{id}/archive, for a pipeline that lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(
        self, client: TreasureClient, params: kinds.GetProjectArchiveParams
    ) -> kinds.ArchiveOutputs:
        content = await client.get_archive(await project_id(client, params), params.revision)
        files = _listed(content)
        if params.save_to is not None:
            _save(content, self._folder / params.save_to)
        return kinds.ArchiveOutputs(
            size=len(content),
            md5=base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
            files=files,
            saved_to=params.save_to,
        )


def _listed(content: bytes) -> list[kinds.ArchivedFile]:
    """The files of a tar.gz. Raises Rejected for one too large, Transient for what is none or torn."""
    if len(content) > ARCHIVE_FETCHED:
        size = f"{len(content) / 1024 / 1024:.0f} MiB"
        raise Rejected(f"the archive has {size}: it is not kept", "fetch it in the vendor's screen")
    found: list[kinds.ArchivedFile] = []
    held = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r|gz") as archive:
            for member in archive:
                held += member.size
                if len(found) >= ARCHIVE_LISTED or held > ARCHIVE_HELD:
                    break
                if member.isfile():
                    found.append(kinds.ArchivedFile(name=member.name, size=member.size))
    except (tarfile.TarError, OSError, EOFError, ValueError):
        raise Transient(
            "the archive cannot be read: it is torn, or no tar.gz", "it is fetched again"
        ) from None
    return sorted(found, key=lambda file: file.name)


def _save(content: bytes, path: Path) -> None:
    """All of it or nothing. Raises Rejected where it cannot be written."""
    try:
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Rejected(f"cannot write '{path}': {why}", "make the folder, or name another file") from None
