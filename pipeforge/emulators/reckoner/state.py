"""How Reckoner behaves: tokens that expire, and jobs as functions of start, course and time."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from secrets import token_hex

from pipeforge.emulators.core import Desk, Json
from pipeforge.emulators.course import begins, lasts, pick, word_at
from pipeforge.emulators.reckoner.definitions import Integration
from pipeforge.emulators.reckoner.world import WAITING, ReckonerCourse, ReckonerWorld, Workflow

ENDED = ("COMPLETED", "FAILED", "CANCELED", "SERVER_ERROR")


class Reckoner:
    """One team's workflows."""

    def __init__(self, world: ReckonerWorld, desk: Desk) -> None:
        self.world = world
        self._desk = desk
        if not desk.memory.get("begun"):
            desk.memory["begun"] = True
            for number, workflow in (world.workflows or {}).items():
                for past in workflow.past_jobs:
                    self._make(number, past, past.trigger, ago=past.ago)

    def workflow(self, number: int) -> Workflow | None:
        return Workflow() if self.world.workflows is None else self.world.workflows.get(number)

    def start(self, number: int, parameters: list[Json], trigger: str = "external_api") -> dict[str, Json]:
        """Make a job of a workflow that exists."""
        workflow = self.workflow(number)
        assert workflow is not None
        nth = len(self.jobs(number)) - len(workflow.past_jobs) + 1
        return self._make(number, pick(workflow.course, self.world.course, nth), trigger, parameters)

    def _make(
        self,
        number: int,
        course: ReckonerCourse,
        trigger: str,
        parameters: Sequence[Json] = (),
        ago: float = 0.0,
    ) -> dict[str, Json]:
        job = {
            "id": self._desk.number("job", first=1001),
            "of": number,
            "by": "api" if trigger == "external_api" else "hand",
            "trigger": trigger,
            "parameters": list(parameters),
            "created": self._desk.clock.now() - ago,
            "stages": course.pairs(),
            "canceled": None,
            **course.model_dump(exclude={"stages", "ago", "trigger"}),
        }
        self._desk.shelf("jobs")[str(job["id"])] = job
        return job

    def integrations(self) -> dict[str, list[Integration]]:
        """By service, those that were not deleted."""
        gone = self._desk.shelf("deleted")
        return {
            service: [each for each in listed if str(each.integration_id) not in gone]
            for service, listed in self.world.integrations.items()
        }

    def delete(self, integration: int) -> None:
        self._desk.shelf("deleted")[str(integration)] = True

    def jobs(self, number: int | None = None) -> list[dict[str, Json]]:
        """All jobs, or those of one workflow, oldest first."""
        return [job for job in self._desk.shelf("jobs").values() if number in (None, job["of"])]

    def job(self, number: int, job: int) -> dict[str, Json] | None:
        found: dict[str, Json] | None = self._desk.shelf("jobs").get(str(job))
        return found if found and found["of"] == number else None

    def status(self, job: Mapping[str, Json]) -> str:
        now = self._desk.clock.now()
        canceled = job["canceled"]
        usual = word_at(job["stages"], job["outcome"], now - job["created"])
        if canceled is None or now < canceled:
            return usual
        if job["heeds_cancel"]:
            return "CANCEL_STARTED" if now < canceled + self.world.cancelling else "CANCELED"
        return usual if usual in ENDED else "CANCEL_STARTED"

    def listed(self, job: Mapping[str, Json]) -> bool:
        appeared = self._desk.clock.now() >= job["created"] + job["appears_after"]
        return bool(appeared and self.world.saves_job_result)

    def started_at(self, job: Mapping[str, Json]) -> float | None:
        """When it began to run; None before that, and for a job that was canceled before."""
        began: float = job["created"] + begins(job["stages"], WAITING)
        canceled = job["canceled"]
        stopped = canceled is not None and job["heeds_cancel"] and canceled <= began
        return began if began <= self._desk.clock.now() and not stopped else None

    def ended_at(self, job: Mapping[str, Json]) -> float | None:
        if self.status(job) not in ENDED:
            return None
        canceled = job["canceled"]
        usual: float = job["created"] + lasts(job["stages"])
        stopped = canceled is not None and job["heeds_cancel"]
        return canceled + self.world.cancelling if stopped else usual

    def cancel(self, job: dict[str, Json]) -> None:
        """Ask the job to stop; one that is over, or was asked before, stays as it is."""
        if self.status(job) not in ENDED and job["canceled"] is None:
            job["canceled"] = self._desk.clock.now()

    def accepts(self, token: str) -> bool:
        """Whether the token was ever good."""
        known = self.world.credentials
        return known is None or token in known or _digest(token) in self._desk.shelf("issued")

    def expired(self, token: str) -> bool:
        ends: float | None = self._desk.shelf("issued").get(_digest(token))
        over = ends is not None and self._desk.clock.now() >= ends
        return over or token in self.world.expired or _digest(token) in self._desk.shelf("expired")

    def expire(self, token: str) -> None:
        self._desk.shelf("expired")[_digest(token)] = True

    def refresh(self) -> tuple[str, float]:
        """A new access token and when it ends, in UNIX seconds."""
        token = "pat_" + token_hex(20)
        ends = self._desk.clock.now() + self.world.token_lifetime
        self._desk.shelf("issued")[_digest(token)] = ends
        return token, ends


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
