"""Reckoner's routes and the shapes of its answers."""

from collections.abc import Mapping

from pipeforge.emulators.core import Asked, Desk, Handler, Json, Reply, Route, Vendor
from pipeforge.emulators.reckoner.catalog import Catalog
from pipeforge.emulators.reckoner.reading import bad, day, number, overrides, refused, stamp, window
from pipeforge.emulators.reckoner.screen import Screen
from pipeforge.emulators.reckoner.state import Reckoner
from pipeforge.emulators.reckoner.world import ReckonerWorld

REFRESH = "/auth/token/refresh"
LONGEST_PAGE = 100


def open_vendor(world: ReckonerWorld, desk: Desk) -> Vendor:
    """A team with everything that the world says."""
    team = Reckoner(world, desk)
    wire = _Wire(team)
    catalog = Catalog(team)
    screen = Screen(team)
    return Vendor(
        routes=(
            Route("GET", "/workflows/projects/{projectId}", catalog.list_workflows),
            Route("GET", "/workflows/{workflowId}/export", catalog.export_workflow),
            Route("GET", "/workflows/{workflowId}", catalog.get_workflow),
            Route("GET", "/integrations/projects/{projectId}", catalog.list_integrations),
            Route("DELETE", "/integrations/{serviceName}/{integrationId}", catalog.delete_integration),
            Route("GET", "/projects/{projectId}", catalog.get_project),
            Route("GET", "/projects", catalog.list_projects),
            Route("POST", "/workflows/{workflowId}/run", wire.run),
            Route("GET", "/workflows/{workflowId}/jobs/{jobId}", wire.get_job),
            Route("GET", "/workflows/{workflowId}/jobs", wire.list_jobs),
            Route("PUT", "/workflows/{workflowId}/jobs/{jobId}/cancel", wire.cancel),
            Route("POST", REFRESH, wire.refresh),
        ),
        unmatched=_says(404, "NOT_FOUND"),
        refusals={
            "unauthorized": _says(401, "UNAUTHORIZED"),
            "token_expired": _says(401, "TOKEN_EXPIRED"),
            "token_invalid": _says(401, "TOKEN_INVALID"),
            "token_revoked": _says(401, "TOKEN_REVOKED"),
            "subscription_inactive": _says(402, "SUBSCRIPTION_INACTIVE"),
            "forbidden": _says(403, "FORBIDDEN"),
            "feature_not_available": _says(403, "FEATURE_NOT_AVAILABLE"),
            "not_found": _says(404, "NOT_FOUND"),
            "rate_limited": _says(429, "RATE_LIMIT_EXCEEDED"),
            "server_error": _says(500, "INTERNAL_SERVER_ERROR"),
        },
        status_key="status",
        first_word="SUBMITTING",
        jobs=screen.jobs,
        acts={"start": screen.start, "cancel": screen.cancel, "expire_token": screen.expire},
        authorise=wire.authorise,
        secret_keys=frozenset({"access_token", "refresh_token"}),
    )


def _says(status: int, code: str) -> Handler:
    return lambda _: Reply(status, {"code": code, "message": code.replace("_", " ").lower()})


class _Wire:
    """Handlers over one team."""

    def __init__(self, team: Reckoner) -> None:
        self._team = team
        self._world = team.world

    def authorise(self, asked: Asked) -> None:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise refused(401, "UNAUTHORIZED", "an access token is required")
        prefix = "prt_" if asked.path == REFRESH else "pat_"
        if not token.startswith(prefix) or not self._team.accepts(token):
            raise refused(401, "TOKEN_INVALID", "the token is invalid")
        if self._team.expired(token):
            raise refused(401, "TOKEN_EXPIRED", "the token has expired")
        if asked.method != "GET" and asked.path != REFRESH and not self._world.subscription_active:
            raise refused(402, "SUBSCRIPTION_INACTIVE", "the subscription is not active")

    def run(self, asked: Asked) -> Reply:
        workflow = self._workflow(asked)
        given = overrides(asked)
        found = self._team.workflow(workflow)
        if found and found.parameters is not None and self._world.unknown_parameter == "reject":
            known = {each.name for each in found.variables()}
            strange = [each["name"] for each in given if each["name"] not in known]
            if strange:
                raise bad(f"unknown parameter {strange[0]}")
        job = self._team.start(workflow, given)
        return Reply(200, {"job_id": job["id"]}, started=job["id"])

    def get_job(self, asked: Asked) -> Reply:
        job = self._job(asked)
        shown = self._shown(job)
        if shown["status"] == "FAILED":
            shown["errors"] = job["errors"]
        return Reply(200, shown)

    def list_jobs(self, asked: Asked) -> Reply:
        workflow = self._workflow(asked)
        limit, page = window(asked, LONGEST_PAGE)
        since, until = day(asked, "started_at"), day(asked, "ended_at", end=True)
        jobs = [
            job
            for job in self._team.jobs(workflow)
            if self._team.listed(job)
            and (since is None or (self._team.started_at(job) or 0.0) >= since)
            and (until is None or (self._team.ended_at(job) or until) < until)
        ]
        jobs.sort(key=lambda job: job["id"] * 618_033 % 1_000_003 if self._world.unsorted else -job["id"])
        part = jobs[(page - 1) * limit : page * limit]
        return Reply(
            200, {"total": len(jobs), "jobs": [{"id": job["id"], **self._shown(job)} for job in part]}
        )

    def cancel(self, asked: Asked) -> Reply:
        if not self._world.can_cancel:
            raise refused(404, "NOT_FOUND", "not found")
        self._team.cancel(self._job(asked))
        return Reply(200)

    def refresh(self, _: Asked) -> Reply:
        token, ends = self._team.refresh()
        return Reply(200, {"access_token": token, "expires_at": stamp(ends)})

    def _workflow(self, asked: Asked) -> int:
        workflow = number(asked.params["workflowId"], "workflowId")
        if self._team.workflow(workflow) is None:
            raise refused(404, "NOT_FOUND", "the workflow was not found")
        return workflow

    def _job(self, asked: Asked) -> dict[str, Json]:
        job = self._team.job(self._workflow(asked), number(asked.params["jobId"], "jobId"))
        if job is None:
            raise refused(404, "NOT_FOUND", "the job was not found")
        return job

    def _shown(self, job: Mapping[str, Json]) -> dict[str, Json]:
        times = {"started_at": self._team.started_at(job), "ended_at": self._team.ended_at(job)}
        return {
            "status": self._team.status(job),
            "trigger": job["trigger"],
            **{name: stamp(time) for name, time in times.items() if time is not None},
        }
