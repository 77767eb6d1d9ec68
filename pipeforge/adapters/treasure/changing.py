"""What Treasure's kinds of role changes do: in one request, or a few that may be repeated."""

from datetime import UTC, datetime
from pathlib import Path

from pipeforge.adapter import Evidence, Json
from pipeforge.adapters.calls import Call, Refused, Reply
from pipeforge.adapters.treasure import kinds_changes as kinds
from pipeforge.adapters.treasure import kinds_schedules as schedules
from pipeforge.adapters.treasure.archive import Archive, pack
from pipeforge.adapters.treasure.asking import get_attempt
from pipeforge.adapters.treasure.asking_projects import secret_keys
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.fields import OfAttempt, OfProject, OfSchedule, utc
from pipeforge.adapters.treasure.finding import get_project, named, project_id, schedule_id, segment
from pipeforge.adapters.treasure.kinds_attempts import KillAttemptOutputs
from pipeforge.adapters.treasure.paging import revisions
from pipeforge.adapters.treasure.rows import ProjectRow, ScheduleRow
from pipeforge.errors import InDoubt, Rejected, Transient
from pipeforge.language.nearest import nearest

_GONE = 404
_CONFLICT = 409


async def kill_attempt(client: TreasureClient, params: OfAttempt, evidence: Evidence) -> KillAttemptOutputs:
    """POST /api/attempts/{id}/kill; 409 is one that is over already."""
    asked = await client.kill_attempt(params.attempt_id)
    shown = await get_attempt(client, params)
    return KillAttemptOutputs.model_validate({**shown.model_dump(), "kill_requested": asked})


async def project_evidence(client: TreasureClient, params: OfProject) -> Evidence:
    """Which project is meant: by id, so that one made anew under its name is not taken for it."""
    found = await get_project(client, params)
    return {"project_id": found.id, "name": found.name}


async def confirmed(client: TreasureClient, params: kinds.DeleteProjectParams) -> Evidence:
    """The same, if its name is the one that was confirmed. Raises Rejected."""
    evidence = await project_evidence(client, params)
    if params.confirm != evidence["name"]:
        raise Rejected(
            f"`confirm` is '{params.confirm}', but the project is named '{evidence['name']}'",
            "repeat the name of what is to be deleted",
        )
    return evidence


async def delete_project(
    client: TreasureClient, params: kinds.DeleteProjectParams, evidence: Evidence
) -> kinds.DeleteProjectOutputs:
    """DELETE /api/projects/{id}; a 404 for one that is not there any more says that it is done.

    What is lost here is in doubt, not to be prepared anew: that would look for the name, and find it gone.
    """
    there = OfProject(project_id=evidence["project_id"])
    try:
        await client.http.send(Call("DELETE", f"/api/projects/{there.project_id}", any_body=True))
    except Refused as refusal:
        if refusal.status != _GONE or await _is_there(client, there):
            raise
    return kinds.DeleteProjectOutputs(id=evidence["project_id"], name=evidence["name"])


async def _is_there(client: TreasureClient, params: OfProject) -> bool:
    try:
        await get_project(client, params)
    except Refused as refusal:
        if refusal.status == _GONE:
            return False
        raise
    except Transient as error:
        raise InDoubt(error.message, error.hint) from None
    return True


async def put_secret(
    client: TreasureClient, params: kinds.PutSecretParams, evidence: Evidence
) -> kinds.SecretOutputs:
    """PUT /api/projects/{id}/secrets/{key}. Raises Rejected where the connection has no such value."""
    value = client.values.get(params.value_of)
    if value is None:
        near = nearest(params.value_of, client.values)
        meant = f"did you mean '{near}'? else " if near else ""
        raise Rejected(
            f"{client.http.access.name}: no '{params.value_of}' among `secret_values`",
            f'{meant}add it to the connection, as in {params.value_of}: "${{{{ secrets.NAME }}}}"',
        )
    project = await project_id(client, params)
    body = {"value": value.get_secret_value()}
    call = Call("PUT", _secret(project, params.key), json=body, safe=True, any_body=True, quiet=True)
    await client.http.send(call)
    return kinds.SecretOutputs(project_id=project, key=params.key)


async def delete_secret(
    client: TreasureClient, params: kinds.DeleteSecretParams, evidence: Evidence
) -> kinds.SecretOutputs:
    """DELETE /api/projects/{id}/secrets/{key}; a 404 for a key that is not there says that it is done."""
    project = await project_id(client, params)
    try:
        await client.http.send(Call("DELETE", _secret(project, params.key), safe=True, any_body=True))
    except Refused as refusal:
        if refusal.status != _GONE or params.key in await secret_keys(client, project):
            raise
    return kinds.SecretOutputs(project_id=project, key=params.key)


def _secret(project: str, key: str) -> str:
    return f"/api/projects/{project}/secrets/{segment(key)}"


class Push:
    """Pushes a folder that lies beside a pipeline."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def before(self, client: TreasureClient, params: kinds.PushProjectParams) -> Evidence:
        """What is to be pushed, and under which name. Raises Rejected for a folder that cannot be."""
        archive = self._packed(client, params)
        project = await named(client, params.project)
        if project is None:
            return {"digest": archive.digest, "revision": params.revision or archive.digest}
        if _holds(project, archive) and params.revision in (None, project.revision):
            return {"digest": archive.digest, "revision": project.revision, "there": True}
        name = params.revision or await _unused(client, project, archive.digest)
        return {"digest": archive.digest, "revision": name}

    async def __call__(
        self, client: TreasureClient, params: kinds.PushProjectParams, evidence: Evidence
    ) -> kinds.PushProjectOutputs:
        """PUT /api/projects; 409 is a revision that is there.

        A name made from the content was free when it was chosen, so it is ours. One of the author's is ours
        if it is the latest, with our content.
        """
        archive = self._packed(client, params)
        if archive.digest != evidence["digest"]:
            hint = "push when nothing writes to the folder"
            raise Rejected(f"'{params.folder}' has changed since it was looked at", hint)
        if evidence.get("there"):
            return _pushed(await self._project(client, params), archive, new=False)
        reply = await client.http.send(_push_call(params, evidence["revision"], archive))
        if reply.status == _CONFLICT:
            project = await self._project(client, params)
            if params.revision and not (project.revision == params.revision and _holds(project, archive)):
                raise _taken(client, params.revision, reply)
            return _pushed(project.model_copy(update={"revision": evidence["revision"]}), archive, new=True)
        return _pushed(client.http.read(reply, ProjectRow, safe=True), archive, new=True)

    def _packed(self, client: TreasureClient, params: kinds.PushProjectParams) -> Archive:
        redactor = client.redactor
        return pack(self._folder / params.folder, params.exclude, lambda text: redactor.text(text) != text)

    async def _project(self, client: TreasureClient, params: kinds.PushProjectParams) -> ProjectRow:
        return await get_project(client, OfProject(project=params.project))


def _taken(client: TreasureClient, revision: str, reply: Reply) -> Rejected:
    return Rejected(
        f"{client.http.access.name}: revision '{revision}' was not pushed: {_words(reply)}",
        "give another `revision`, or leave it out: the content names it",
    )


def _holds(project: ProjectRow, archive: Archive) -> bool:
    """Whether its latest revision has just this content. Another machine may have compressed it otherwise."""
    return project.archive_md5 == archive.md5 or project.revision.startswith(archive.digest)


async def _unused(client: TreasureClient, project: ProjectRow, digest: str) -> str:
    """The digest, or where an older revision bears it, the digest and the time: its content comes back."""
    taken = {row.revision for row in await revisions(client.http, project.id, None)}
    return f"{digest}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}" if digest in taken else digest


def _push_call(params: kinds.PushProjectParams, revision: str, archive: Archive) -> Call:
    query = [("project", params.project), ("revision", revision)]
    query += [("schedule_from", utc(params.schedule_from))] if params.schedule_from else []
    query += [("clear_schedule", name) for name in params.clear_schedules]
    query += [("clear_schedule_all", "true")] if params.clear_all_schedules else []
    return Call(
        "PUT",
        "/api/projects",
        query,
        content=archive.content,
        headers={"content-type": "application/gzip", "content-length": str(len(archive.content))},
        safe=True,
        accept=frozenset([_CONFLICT]),
    )


def _pushed(project: ProjectRow, archive: Archive, *, new: bool) -> kinds.PushProjectOutputs:
    return kinds.PushProjectOutputs(
        id=project.id,
        name=project.name,
        revision=project.revision,
        pushed=new,
        files=archive.files,
        size=len(archive.content),
        archive_md5=archive.md5,
    )


async def disable_schedule(client: TreasureClient, params: OfSchedule, evidence: Evidence) -> ScheduleRow:
    """POST /api/schedules/{id}/disable, which takes no body."""
    path = f"/api/schedules/{await schedule_id(client, params)}/disable"
    return await client.http.fit(Call("POST", path, safe=True), ScheduleRow)


async def enable_schedule(
    client: TreasureClient, params: schedules.EnableScheduleParams, evidence: Evidence
) -> ScheduleRow:
    """POST /api/schedules/{id}/enable; what becomes of missed times is always said: the servers differ.

    409 is a `next_time` that the schedule has come to already: fine if it is on, as after a lost answer.
    """
    found = await schedule_id(client, params)
    body: dict[str, Json] = {"skipSchedule": params.skip_missed}
    if params.next_time is not None:
        body["nextTime"] = utc(params.next_time)
    path = f"/api/schedules/{found}/enable"
    reply = await client.http.send(Call("POST", path, json=body, safe=True, accept=frozenset([_CONFLICT])))
    if reply.status != _CONFLICT:
        return client.http.read(reply, ScheduleRow, safe=True)
    row = await client.http.fit(Call("GET", f"/api/schedules/{found}"), ScheduleRow)
    if row.disabled_at is None:
        return row
    raise Rejected(
        f"{client.http.access.name}: the schedule was not switched on: {_words(reply)}",
        f"it has nothing to skip before {row.next_schedule_time}: leave `next_time` out, or give a later one",
    )


def _words(reply: Reply) -> str:
    """The server's own, of an answer that was judged here."""
    said = reply.body.get("message") if isinstance(reply.body, dict) else None
    return said if isinstance(said, str) else f"it answered {reply.status}"


async def skip_schedule(
    client: TreasureClient, params: schedules.SkipScheduleParams, evidence: Evidence
) -> schedules.SkipScheduleOutputs:
    """POST /api/schedules/{id}/skip; 409 is a schedule that has come as far already."""
    found = await schedule_id(client, params)
    times = {"nextTime": params.next_time, "fromTime": params.from_time, "nextRunTime": params.next_run_time}
    body: dict[str, Json] = {key: utc(time) for key, time in times.items() if time is not None}
    body |= {"dryRun": params.dry_run, **({"count": params.count} if params.count else {})}
    call = Call("POST", f"/api/schedules/{found}/skip", json=body, safe=True, accept=frozenset([_CONFLICT]))
    reply = await client.http.send(call)
    if reply.status == _CONFLICT:
        row = await client.http.fit(Call("GET", f"/api/schedules/{found}"), ScheduleRow)
    else:
        row = client.http.read(reply, ScheduleRow, safe=True)
    skipped = reply.status != _CONFLICT
    return schedules.SkipScheduleOutputs.model_validate({**row.model_dump(), "skipped": skipped})
