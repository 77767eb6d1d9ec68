"""An Acme that needs no account: written from its documents, knowing nothing of the modules beside it."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from pipeforge.emulators.core import Asked, Behaviour, Desk, Json, Package, Refused, Reply, Route, Vendor
from pipeforge.emulators.course import Course, Section, word_at


class AcmeCourse(Course):
    """How a run goes."""

    STAGES: ClassVar[Mapping[str, float]] = {"queued": 0.2, "running": 0.6}
    outcome: Literal["done", "failed"] = "done"
    rows: int = 12


class AcmeWorld(Section):
    """What there is at Acme, and how its runs go."""

    course: AcmeCourse = Field(default_factory=AcmeCourse)
    past: int = Field(default=0, ge=0)
    """How many runs there were before."""
    reports: dict[str, str | None] | None = None
    """The reports that there are, each with its schedule if it has one; without this, every one is there."""


def refused(status: int, error: str) -> Reply:
    return Reply(status, {"error": error})


class Acme:
    def __init__(self, world: AcmeWorld, desk: Desk) -> None:
        self.world, self.desk = world, desk
        self.runs = desk.shelf("runs")
        while len(self.runs) < world.past:
            self.make("past", by="hand")

    def make(self, report: str, by: str = "api") -> dict[str, Json]:
        number, now = self.desk.number("run"), self.desk.clock.now()
        stages = self.world.course.pairs()
        run = {"id": number, "of": report, "by": by, "at": now, "stages": stages, "canceled": False}
        self.runs[str(number)] = run
        return run

    def shown(self, run: Mapping[str, Json]) -> dict[str, Json]:
        course, elapsed = self.world.course, self.desk.clock.now() - run["at"]
        status = "canceled" if run["canceled"] else word_at(run["stages"], course.outcome, elapsed)
        return {"id": run["id"], "status": status, "rows": course.rows if status == "done" else 0}

    def start(self, asked: Asked) -> Reply:
        keys, body = self.desk.shelf("keys"), asked.json()
        if body["key"] in keys:
            return Reply(200, self.shown(self.runs[keys[body["key"]]]))
        run = self.make(body["report"])
        keys[body["key"]] = str(run["id"])
        return Reply(201, self.shown(run), started=run["id"])

    def look(self, asked: Asked) -> Reply:
        return Reply(200, self.shown(self._run(asked)))

    def find(self, asked: Asked) -> Reply:
        number = self.desk.shelf("keys").get(asked.params["key"])
        if number is None:
            raise Refused(refused(404, "no run has this key"))
        return Reply(200, self.shown(self.runs[number]))

    def define(self, asked: Asked) -> Reply:
        name, there = asked.params["name"], self.world.reports
        if there is not None and name not in there:
            raise Refused(refused(404, "there is no such report"))
        return Reply(200, {"name": name, "schedule": (there or {}).get(name)})

    def cancel(self, asked: Asked) -> Reply:
        run = self._run(asked)
        run["canceled"] = run["canceled"] or self.shown(run)["status"] in ("queued", "running")
        return Reply(200, self.shown(run))

    def _run(self, asked: Asked) -> dict[str, Json]:
        run: dict[str, Json] | None = self.runs.get(asked.params["id"])
        if run is None:
            raise Refused(refused(404, "there is no such run"))
        return run


def open_vendor(world: AcmeWorld, desk: Desk) -> Vendor:
    acme = Acme(world, desk)
    return Vendor(
        routes=(
            Route("POST", "/reports", acme.start),
            Route("GET", "/reports/{id}", acme.look),
            Route("DELETE", "/reports/{id}", acme.cancel),
            Route("GET", "/keys/{key}", acme.find),
            Route("GET", "/definitions/{name}", acme.define),
            Route("GET", "/account", lambda _: Reply(200, {"name": "acme"})),
        ),
        unmatched=lambda _: refused(404, "there is no such path"),
        refusals={
            "unauthorized": lambda _: refused(401, "the key is not known"),
            "forbidden": lambda _: refused(403, "the key may not do this"),
            "not_found": lambda _: refused(404, "there is no such report"),
            "rate_limited": lambda _: refused(429, "too many requests"),
            "server_error": lambda _: refused(500, "something went wrong"),
        },
        status_key="status",
        first_word="queued",
        jobs=lambda: [{"of": run["of"], "by": run["by"], **acme.shown(run)} for run in acme.runs.values()],
    )


BEHAVIOURS = (Behaviour("one key makes one run", "stated", "Acme API, Idempotency"),)
PACKAGE = Package("acme", "", AcmeWorld, open_vendor, BEHAVIOURS)
