"""What the engine drives: treasure.backfill_schedule, one attempt for each past time of a schedule."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from pipeforge.adapter import Evidence, Handle, Json, Kind, Observation, Outcome
from pipeforge.adapters.calls import Call, Refused
from pipeforge.adapters.treasure.choices import RECOVERY_SESSIONS
from pipeforge.adapters.treasure.client import TreasureClient
from pipeforge.adapters.treasure.failure import explain_failure, explain_kill
from pipeforge.adapters.treasure.fields import utc
from pipeforge.adapters.treasure.finding import schedule
from pipeforge.adapters.treasure.kinds_schedules import BACKFILL_SCHEDULE, BackfillScheduleParams
from pipeforge.adapters.treasure.paging import AttemptPage, SessionPage, everything
from pipeforge.adapters.treasure.room import waiting
from pipeforge.adapters.treasure.rows import AttemptRow, Row, SessionRow
from pipeforge.adapters.treasure.wire import STATUS, Attempt, attempt_name
from pipeforge.errors import InDoubt, Rejected, Transient

_CONFLICT = 409


class Filled(Row):
    """The answer to a backfill: its attempts, by session time."""

    attempts: list[AttemptRow] = Field(default_factory=list)


class BackfillSchedule:
    """Starts attempts under one name of ours, which makes every repeat of the start harmless."""

    kind: ClassVar[Kind] = BACKFILL_SCHEDULE

    def __init__(self, client: TreasureClient) -> None:
        self._client = client

    async def prepare(self, params: BackfillScheduleParams) -> Evidence:
        """Which schedule it is, and where the sessions of its times will be looked for.

        A name of the author's must be free: what bears it later is ours. One of our key is nobody else's.
        """
        if params.skip_existing and self._client.api != "hosted":
            hint = "leave it out, and give `from_time` and `count` of the times that are wanted"
            raise Rejected("an open-source server has no `skip_existing`", hint)
        row = await schedule(self._client, params)
        evidence = {"schedule_id": row.id, "project_id": row.project.id, "workflow": row.workflow.name}
        found = await self._found(params, evidence, params.attempt_name) if params.attempt_name else []
        if found:
            raise Rejected(
                f"attempts named '{params.attempt_name}' are there already: {', '.join(found)}",
                "choose another `attempt_name`, or leave it out",
            )
        return evidence

    async def trigger(self, params: BackfillScheduleParams, key: str, evidence: Evidence) -> Handle:
        name, there = _name(params, key), evidence["schedule_id"]
        try:
            filled = await self._start(there, params, name)
        except Refused as refusal:
            raise waiting(refusal) from None
        if filled is not None and filled.attempts:
            return _handle(there, name, [row.id for row in filled.attempts])
        try:
            found = await self._found(params, evidence, name)
        except Transient as error:  # not to be prepared anew: what is there by now would seem somebody else's
            raise InDoubt(error.message, error.hint) from None
        if filled is not None and not found and not params.skip_existing:
            raise self._nothing(params)
        if found or filled is not None:
            return _handle(there, name, found)
        raise Rejected(
            f"attempts named '{name}' are there already, and cannot be found",
            "look at the workflow's sessions in the workflow console, and choose another `attempt_name`",
        )

    async def observe(self, handle: Handle) -> Observation:
        """They run one after the other: the first that goes on tells how far it has come."""
        http, ids = self._client.http, handle["attempts"]
        seen: list[Attempt] = []
        rows: list[AttemptRow] = []
        for id_ in ids:
            reply = await http.send(Call("GET", f"/api/attempts/{id_}"))
            attempt = http.read(reply, Attempt, safe=True)
            if not attempt.done:
                return Observation(None, f"{len(seen)} of {len(ids)} over", warning=_unseen(attempt))
            seen.append(attempt)
            rows.append(http.read(reply, AttemptRow, safe=True))
        outputs = {
            "schedule_id": handle["schedule_id"],
            "attempt_name": handle["attempt_name"],
            "attempts": [row.model_dump(mode="json") for row in rows],
        }
        warning = next(filter(None, map(_unseen, seen)), "")
        word = _word([attempt.word() for attempt in seen])
        return Observation(_outcome(seen), word, await self._detail(seen), outputs=outputs, warning=warning)

    async def cancel(self, handle: Handle) -> None:
        """The last first: each waits for the one before it, and must not begin when that is gone."""
        for id_ in reversed(handle["attempts"]):
            await self._client.kill_attempt(id_)

    async def recover(self, params: BackfillScheduleParams, key: str, evidence: Evidence) -> Handle | None:
        """Looks for the attempts of our name. None is safe even where the lost start is still at work: the
        next one bears the same name.

        inferred: a backfill is one transaction (digdag's source), so that all of them are there, or none.
        """
        name = _name(params, key)
        found = await self._found(params, evidence, name)
        if not found:
            return None
        if params.skip_existing or params.count in (None, len(found)):
            return _handle(evidence["schedule_id"], name, found)
        raise InDoubt(
            f"{len(found)} of {params.count} attempts named '{name}' are there",
            f"look at them in the workflow console: {', '.join(found)}",
        )

    def link(self, params: BackfillScheduleParams) -> str:
        """The console's list of workflows."""
        return self._client.console

    def handle_of(self, given: Json, params: BackfillScheduleParams, evidence: Evidence) -> Handle:
        ids = given.get("attempts") if isinstance(given, Mapping) else str(given).split(",")
        whole = isinstance(ids, list) and all(re.fullmatch(r"[0-9]{1,18}", str(id_).strip()) for id_ in ids)
        if not isinstance(ids, list) or not ids or not whole:
            raise ValueError("the attempts' ids are wanted, with commas between them")
        return _handle(
            evidence.get("schedule_id", ""), params.attempt_name or "", [str(i).strip() for i in ids]
        )

    async def _start(self, schedule_id: str, params: BackfillScheduleParams, name: str) -> Filled | None:
        """POST /api/schedules/{id}/backfill; None for 409: attempts of the name are there."""
        body: dict[str, Json] = {
            "fromTime": utc(params.from_time),
            "attemptName": name,
            "dryRun": False,
            **({"count": params.count} if params.count else {}),
            **({"skipExisting": True} if params.skip_existing else {}),
        }
        path = f"/api/schedules/{schedule_id}/backfill"
        reply = await self._client.http.send(Call("POST", path, json=body, accept=frozenset([_CONFLICT])))
        return None if reply.status == _CONFLICT else self._client.http.read(reply, Filled, safe=False)

    def _nothing(self, params: BackfillScheduleParams) -> Rejected:
        return Rejected(
            f"{self._client.http.access.name}: the schedule has no time from {params.from_time.isoformat()} "
            "on that has passed",
            "give an earlier `from_time`: times are run up to the one that the schedule has next",
        )

    async def _found(self, params: BackfillScheduleParams, evidence: Evidence, name: str) -> list[str]:
        """The ids of the attempts of a name, by session time."""
        path, since = f"/api/projects/{evidence['project_id']}/sessions", int(params.from_time.timestamp())
        call = Call("GET", path, [("workflow", evidence["workflow"])])
        http = self._client.http
        rows: list[SessionRow] = await everything(http, call, SessionPage, limit=RECOVERY_SESSIONS)
        found = {}
        for row in rows:
            time = _second(row.session_time)
            if time >= since and row.workflow.name in (None, evidence["workflow"]):
                below = Call("GET", f"/api/sessions/{row.id}/attempts")
                attempts: list[AttemptRow] = await everything(http, below, AttemptPage)
                mine = next((each.id for each in attempts if each.retry_attempt_name == name), None)
                if mine is not None:
                    found[time] = mine
        return [found[time] for time in sorted(found)]

    async def _detail(self, seen: Sequence[Attempt]) -> str:
        failed = next((attempt for attempt in seen if attempt.outcome() is Outcome.FAILED), None)
        if failed is not None:
            why = await explain_failure(self._client, failed.id)
            return f"attempt {failed.id} of {failed.session_time}: {why}"
        killed = next((attempt for attempt in seen if attempt.outcome() is Outcome.CANCELED), None)
        if killed is None:
            return ""
        why = await explain_kill(self._client, killed.id)
        return f"attempt {killed.id} of {killed.session_time}: {why}"


def _name(params: BackfillScheduleParams, key: str) -> str:
    return params.attempt_name or attempt_name(key)


def _handle(schedule_id: str, name: str, attempts: Sequence[str]) -> Handle:
    return {"schedule_id": schedule_id, "attempt_name": name, "attempts": list(attempts)}


def _outcome(seen: Sequence[Attempt]) -> Outcome:
    outcomes = {attempt.outcome() for attempt in seen}
    if Outcome.FAILED in outcomes:
        return Outcome.FAILED
    return Outcome.CANCELED if Outcome.CANCELED in outcomes else Outcome.SUCCEEDED


def _unseen(attempt: Attempt) -> str:
    word = attempt.word()
    return "" if word in STATUS else f"the vendor said '{word}', a status not documented"


def _word(words: Sequence[str]) -> str:
    """The worst word that was said."""
    return next(
        (word for word in ("error", "killed") if word in words), words[-1] if words else "nothing to run"
    )


def _second(text: str | None) -> int:
    """A session time in whole seconds, whatever its offset; -1 for what is none."""
    try:
        return int(datetime.fromisoformat(text or "").timestamp())
    except ValueError:
        return -1
