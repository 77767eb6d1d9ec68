"""How trocco behaves: definitions, and jobs as functions of their start, their course and the time."""

from collections.abc import Mapping
from typing import Literal

from pipeforge.emulators.core import Desk, Json
from pipeforge.emulators.course import begins, lasts, pick, word_at
from pipeforge.emulators.trocco.world import (
    WAITING,
    DatamartDefinition,
    Definition,
    TransferDefinition,
    TroccoCourse,
    TroccoWorld,
    WorkflowDefinition,
)

Kind = Literal["transfer", "workflow", "datamart"]
ENDED = ("succeeded", "error", "canceled", "skipped")
RATE_WINDOW = 600

_PLAIN: dict[Kind, type[Definition]] = {
    "transfer": TransferDefinition,
    "workflow": WorkflowDefinition,
    "datamart": DatamartDefinition,
}
"""A definition of which the world says nothing."""


class Trocco:
    """One account."""

    def __init__(self, world: TroccoWorld, desk: Desk) -> None:
        self.world = world
        self._desk = desk
        if not desk.shelf("opened"):
            desk.shelf("opened")["at"] = desk.clock.now()
            self._remember()

    def definition(self, kind: Kind, number: int) -> Definition | None:
        """The definition, None if there is none; without a list in the world, all exist."""
        listed = self._listed(kind)
        return _PLAIN[kind]() if listed is None else listed.get(number)

    def definitions(self, kind: Kind) -> Mapping[int, Definition]:
        """What a list shows; where all exist, the first three."""
        listed = self._listed(kind)
        return {number: _PLAIN[kind]() for number in (1, 2, 3)} if listed is None else listed

    def name(self, kind: Kind, number: int) -> str:
        found = self.definition(kind, number)
        return (found and found.name) or f"{kind} {number}"

    def start(
        self, kind: Kind, number: int, given: Mapping[str, Json], by: str = "api", ago: float = 0.0
    ) -> dict[str, Json]:
        """Make a job of a definition that exists. `given`: what came with the request, as understood."""
        definition = self.definition(kind, number)
        assert definition is not None
        siblings = [job for job in self.jobs(kind) if job["of"] == number]
        course = pick(definition.course, self.world.course, len(siblings) + 1)
        if definition.alone and any(not self.ended(job) for job in siblings):
            stages: list[Json] = [] if self.world.skipped_at_once else [["queued", 0.1]]
            course = TroccoCourse(outcome="skipped")
        else:
            stages = self._with_retries(definition, course)
        job = {
            "id": self._desk.number(kind),
            "kind": kind,
            "of": number,
            "by": by,
            "created": self._desk.clock.now() - ago,
            "stages": stages,
            "outcome": course.outcome,
            "interrupted": None,
            **given,
        }
        self._desk.shelf(kind)[str(job["id"])] = job
        return job

    def jobs(self, kind: Kind) -> list[dict[str, Json]]:
        """All jobs, oldest first."""
        return list(self._desk.shelf(kind).values())

    def job(self, kind: Kind, number: str) -> dict[str, Json] | None:
        found: dict[str, Json] | None = self._desk.shelf(kind).get(number)
        return found

    def status(self, job: Mapping[str, Json]) -> str:
        now = self._desk.clock.now()
        interrupted = job["interrupted"]
        if interrupted is not None and now >= interrupted:
            return "interrupting" if now < interrupted + self.world.interrupting else "canceled"
        return word_at(job["stages"], job["outcome"], now - job["created"])

    def ended(self, job: Mapping[str, Json]) -> bool:
        over: float = job["created"] + lasts(job["stages"])
        done = job["interrupted"] is not None or self._desk.clock.now() >= over
        return done and self.status(job) in ENDED

    def started_at(self, job: Mapping[str, Json]) -> float | None:
        """When it left its queue; None before that, and for a job that never ran."""
        began: float = job["created"] + begins(job["stages"], WAITING)
        stopped = job["interrupted"]
        runs = began <= self._desk.clock.now() and (stopped is None or began < stopped)
        return began if runs and job["outcome"] != "skipped" else None

    def finished_at(self, job: Mapping[str, Json]) -> float | None:
        if not self.ended(job):
            return None
        stopped = job["interrupted"]
        ended: float = (
            job["created"] + lasts(job["stages"]) if stopped is None else stopped + self.world.interrupting
        )
        return ended

    def interrupt(self, job: dict[str, Json]) -> None:
        """What the stop button does; ValueError if the job is over."""
        if self.ended(job):
            raise ValueError(f"job {job['id']} is {self.status(job)} already")
        job["interrupted"] = self._desk.clock.now()

    def allowed(self) -> bool:
        """Count a call against the account's limit; whether it is within it."""
        rate = self._rate()
        rate["used"] += 1
        return bool(rate["used"] <= self.world.rate_limit)

    def rate_headers(self) -> dict[str, str]:
        rate = self._rate()
        return {
            "X-Rate-Limit-Limit": str(self.world.rate_limit),
            "X-Rate-Limit-Remaining": str(max(0, self.world.rate_limit - rate["used"])),
            "X-Rate-Limit-Reset": str((rate["window"] + 1) * RATE_WINDOW),
        }

    def _rate(self) -> dict[str, int]:
        window = int(self._desk.clock.now()) // RATE_WINDOW
        rate: dict[str, int] = self._desk.shelf("rate")
        if rate.get("window") != window:
            rate.update(window=window, used=0)
        return rate

    def _with_retries(self, definition: Definition, course: TroccoCourse) -> list[Json]:
        """A workflow that fails is run again by trocco itself, and fails each time."""
        stages: list[Json] = list(course.pairs())
        if not isinstance(definition, WorkflowDefinition) or course.outcome != "error":
            return stages
        turning = self.world.turning
        wait = max(turning, definition.min_retry_interval * 60.0)
        return stages + [["error", turning], ["retry_waiting", wait], *stages] * definition.max_retries

    def _remember(self) -> None:
        """The jobs that there were before, oldest first."""
        past = [
            (hours, kind, number)
            for kind in _PLAIN
            for number, definition in (self._listed(kind) or {}).items()
            for hours in range(1, definition.past_jobs + 1)
        ]
        for hours, kind, number in sorted(past, key=lambda each: -each[0]):
            self.start(kind, number, {"context_time": None}, by="hand", ago=hours * 3600.0)

    def _listed(self, kind: Kind) -> Mapping[int, Definition] | None:
        listed: dict[Kind, Mapping[int, Definition] | None] = {
            "transfer": self.world.job_definitions,
            "workflow": self.world.pipeline_definitions,
            "datamart": self.world.datamart_definitions,
        }
        return listed[kind]
