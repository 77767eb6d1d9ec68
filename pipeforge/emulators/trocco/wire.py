"""trocco's routes and the shapes of its answers."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from pipeforge.emulators.core import Asked, Desk, Json, Refused, Reply, Route, Vendor
from pipeforge.emulators.trocco import definitions
from pipeforge.emulators.trocco.definitions import NOT_AUTHORIZED, NOT_FOUND, existing
from pipeforge.emulators.trocco.reading import moment, parameters, refused, variables, whole, zone
from pipeforge.emulators.trocco.screen import Screen
from pipeforge.emulators.trocco.shapes import datamart, transfer, workflow
from pipeforge.emulators.trocco.state import Kind, Trocco
from pipeforge.emulators.trocco.world import TroccoWorld

PAGE = 50
LONGEST_PAGE = 100

_ORDERS: dict[str, Callable[[int], int]] = {
    "newest": lambda number: -number,
    "oldest": lambda number: number,
    "shuffled": lambda number: number * 618_033 % 1_000_003,
}


def open_vendor(world: TroccoWorld, desk: Desk) -> Vendor:
    """An account with everything that the world says."""
    account = Trocco(world, desk)
    wire = _Wire(account)
    screen = Screen(account)
    return Vendor(
        routes=(
            Route("POST", "/api/jobs", wire.post_job),
            Route("GET", "/api/jobs/{id}", wire.get_job),
            Route("POST", "/api/pipeline_jobs", wire.post_pipeline_job),
            Route("GET", "/api/pipeline_jobs/{id}", wire.get_pipeline_job),
            Route("GET", "/api/job_definitions/{id}/jobs", wire.list_jobs),
            Route("POST", "/api/datamart_jobs", wire.post_datamart_job),
            *definitions.routes(account),
        ),
        unmatched=lambda _: Reply(404, NOT_FOUND),
        refusals={
            "unauthorized": lambda _: Reply(401, NOT_AUTHORIZED),
            "forbidden": lambda _: Reply(403, NOT_AUTHORIZED),
            "not_found": lambda _: Reply(404, NOT_FOUND),
            "rate_limited": _too_many,
            "server_error": lambda _: Reply(500, {"error": "Internal Server Error"}),
        },
        status_key="status",
        first_word="queued",
        jobs=screen.jobs,
        acts={"cancel": screen.cancel, "start": screen.start},
        authorise=wire.authorise,
        finish=wire.finish,
    )


def _too_many(asked: Asked) -> Reply:
    """A scripted 429 ends at the next full second, not at the end of the window."""
    headers = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": str(int(asked.now) + 1)}
    return Reply(429, {"error": "Too Many Requests"}, headers)


class _Wire:
    """Handlers over one account."""

    def __init__(self, account: Trocco) -> None:
        self._account = account
        self._world = account.world

    def authorise(self, asked: Asked) -> None:
        scheme, _, key = asked.headers.get("authorization", "").partition(" ")
        known = self._world.credentials
        if scheme != "Token" or not key or " " in key or (known is not None and key not in known):
            raise Refused(Reply(401, NOT_AUTHORIZED))
        if not self._account.allowed():
            raise Refused(Reply(429, {"error": "Too Many Requests"}))
        if asked.method == "GET" and key in self._world.run_only_keys:
            raise Refused(Reply(403, NOT_AUTHORIZED))

    def finish(self, _: Asked, reply: Reply) -> Reply:
        return replace(reply, headers={**self._account.rate_headers(), **reply.headers})

    def post_job(self, asked: Asked) -> Reply:
        params = parameters(asked)
        number = existing(self._account, "transfer", whole(params, "job_definition_id"))
        given = {**_context(params, asked.now), "custom_variables": variables(params)}
        job = self._account.start("transfer", number, given)
        return Reply(200, transfer(self._account, job, created_only=True), started=job["id"])

    def post_pipeline_job(self, asked: Asked) -> Reply:
        params = parameters(asked)
        number = existing(self._account, "workflow", whole(params, "pipeline_definition_id"))
        job = self._account.start("workflow", number, _context(params, asked.now))
        return Reply(200, workflow(self._account, job), started=job["id"])

    def get_job(self, asked: Asked) -> Reply:
        return Reply(200, transfer(self._account, self._found("transfer", asked.params["id"])))

    def get_pipeline_job(self, asked: Asked) -> Reply:
        return Reply(200, workflow(self._account, self._found("workflow", asked.params["id"])))

    def post_datamart_job(self, asked: Asked) -> Reply:
        params = parameters(asked)
        number = existing(self._account, "datamart", whole(params, "datamart_definition_id"))
        memo = params.get("memo")
        if memo is not None and not isinstance(memo, str):
            raise refused("memo must be a string")
        given = {**_context(params, asked.now), "custom_variables": variables(params), "memo": memo}
        job = self._account.start("datamart", number, given)
        return Reply(200, datamart(job), started=job["id"])

    def list_jobs(self, asked: Asked) -> Reply:
        number = existing(self._account, "transfer", whole(asked.params, "id"))
        params = parameters(asked)
        limit = whole(params, "limit") if "limit" in params else PAGE
        if not 1 <= limit <= LONGEST_PAGE:
            raise refused(f"limit must be from 1 to {LONGEST_PAGE}")
        order = _ORDERS[self._world.list_order]
        past = _position(params.get("cursor"))
        jobs = [
            job for job in self._account.jobs("transfer") if job["of"] == number and order(job["id"]) > past
        ]
        kept = sorted(self._between(jobs, params), key=lambda job: order(job["id"]))
        more = len(kept) > limit
        cursor = urlsafe_b64encode(str(order(kept[limit - 1]["id"])).encode()).decode() if more else None
        return Reply(
            200, {"items": [transfer(self._account, job) for job in kept[:limit]], "next_cursor": cursor}
        )

    def _between(self, jobs: list[dict[str, Json]], params: Mapping[str, Json]) -> list[dict[str, Json]]:
        since, until = moment(params, "start_time"), moment(params, "end_time")
        if since is not None:
            jobs = [job for job in jobs if job["created"] >= since]
        if until is not None:
            jobs = [job for job in jobs if (self._account.finished_at(job) or inf) <= until]
        return jobs

    def _found(self, kind: Kind, number: str) -> dict[str, Json]:
        job = self._account.job(kind, number)
        if job is None:
            raise Refused(Reply(404, NOT_FOUND))
        return job


def _context(params: Mapping[str, Json], now: float) -> dict[str, Json]:
    """The time that queuing-time variables expand to, and the zone it was given in."""
    given = moment(params, "context_time")
    return {"context_time": now if given is None else given, "time_zone": zone(params).key}


def _position(cursor: Json) -> float:
    if not cursor:
        return -inf
    try:
        return int(urlsafe_b64decode(str(cursor)))
    except ValueError:
        raise refused("cursor is invalid") from None
