"""A script played without a kill, and what a play of it that was killed is held against."""

from collections import Counter
from collections.abc import Mapping
from typing import NoReturn

from pipeforge.adapter import Guarantee, Json, Role
from pipeforge.contract.checking import refuse
from pipeforge.contract.killed.project import Project
from pipeforge.contract.killed.scripts import AFTER, NOTHING, Script, Trouble, pipeline, world
from pipeforge.contract.killed.stage import Life, Stage

DOWNSTREAM = ("treasure", f"{AFTER['project']}/{AFTER['workflow']}")
_LOOKED_UP = "before GET treasure/api/projects"
"""The first request of the step after."""

READS = ("GET", "HEAD")
NIGHT = 72_000.0
"""Seconds; less than the day after which Treasure kills what still runs."""


class Whole:
    """What becomes of a script that nobody kills."""

    def __init__(self, stage: Stage, script: Script, trouble: Trouble = NOTHING) -> None:
        self.stage, self.script, self.trouble, self.kind = stage, script, trouble, script.known()
        self.fault: Mapping[str, Json] | None = None
        self.interrupt: int | None = None
        self.strikes = self._aim() if trouble.fault or trouble.interrupted else True
        with self.case() as case:
            first = case.live(**self.plan)
            self.points = first.points
            self._ended(case, first)
            case.settle()
            state, self.jobs = case.state, case.started()
            self.calls = case.calls()
        self.outcome, self.after = (str(state.steps[id_].outcome) for id_ in ("it", "after"))
        self.attempts, self.ended = state.steps["it"].attempt, state.outcome is not None
        if trouble.step.get("retry"):
            self.strikes = self.attempts > 1
        if trouble is NOTHING:
            self._fit(f"{state.steps['it'].detail} {state.steps['it'].hint}")

    def _ended(self, case: Project, first: Life) -> None:
        """It comes to its end by itself."""
        lives = [first]
        while not case.over:
            if len(lives) > 3 or lives[-1].killed:
                self._refuse(f"the run does not end, though nobody kills it:\n{lives[-1].out}{lives[-1].err}")
            lives.append(case.live())

    def _fit(self, why: str) -> None:
        """What must be so for anything to be told by a death."""
        if self.outcome != "succeeded":
            self._refuse(f"its step ends '{self.outcome}', though nobody kills it: {why}")
        if not any(call["vendor"] == self.kind.vendor for call in self.calls):
            self._refuse("its emulator is asked nothing: does the client take `base_url` from its settings?")
        if not any(f" {self.kind.vendor}/" in at for at in self.points if at.startswith("before ")):
            self._refuse("its requests do not leave by pipeforge.adapters.http, where a death can be placed")
        if self.kind.role is Role.RUNS and self.writes and not self.made(self.jobs):
            self._refuse("its emulator tells of no job that is by 'api': see `jobs` of emulators.core:Vendor")

    def _refuse(self, what: str) -> NoReturn:
        refuse(f"{self.script.kind}, '{self.trouble.name}': {what}", "mend the case, or the emulator's world")

    @property
    def plan(self) -> dict[str, int]:
        """What happens beside the kill."""
        return {"interrupt": self.interrupt} if self.interrupt else {}

    @property
    def writes(self) -> bool:
        """Whether it does anything at the vendor but read."""
        vendor = self.kind.vendor
        return any(call["vendor"] == vendor and call["method"] not in READS for call in self.calls)

    @property
    def certain(self) -> bool:
        """Whether it can always be known. To ask for a change that may be repeated takes time, though."""
        if self.kind.guarantee is Guarantee.IDEMPOTENT:
            return self.trouble.course != "endless"
        return self.kind.guarantee is Guarantee.EXACTLY_ONCE

    def case(self) -> Project:
        """One more play."""
        there = world(self.script, self.trouble, self.fault)
        return Project(self.stage, pipeline(self.script, self.trouble), there)

    def _aim(self) -> bool:
        """Where the trouble strikes: the first call that starts something, or a while after its answer."""
        with self.case() as case:
            points = case.live().points
            calls = [call for call in case.calls(vendor=self.kind.vendor) if call["method"] not in READS]
        started = [call for call in calls if call["started"]] or calls
        if not started:
            return False
        call = started[0]
        end = call["path"].rpartition("/")[2]
        if self.trouble.fault:
            place = call["path"] if call["route"].endswith("}") else f"*{end}"  # a number fits no route's end
            route = f"{call['method']} {place}"
            self.fault = {"vendor": call["vendor"], "route": route, "nth": 1, **self.trouble.fault}
            return True
        answered = next(n for n, at in enumerate(points) if _is(at, f"answered {call['method']}", end))
        waits = [n for n, at in enumerate(points, 1) if n > answered and at.startswith("waits")]
        self.interrupt = waits[1] if len(waits) > 1 else None
        return self.interrupt is not None

    def deaths(self) -> range:
        """The numbers of the points to die at: what the trouble does not touch is left to the run without,
        what comes after the step to the kind of the step after it.
        """
        first, last = 1, len(self.points)
        looks = [n for n, at in enumerate(self.points, 1) if at == _LOOKED_UP]
        plain = self.trouble is NOTHING
        if self.kind.vendor != "treasure":
            last = looks[0] if looks else last
        elif not plain and len(looks) > 1:
            last = looks[1]
        if self.interrupt:
            first = self.interrupt
        elif not plain:
            first = next(n for n, at in enumerate(self.points, 1) if at.startswith(("before P", "before D")))
        return range(first, last + 1)

    @staticmethod
    def made(jobs: "Counter[tuple[str, str]]") -> int:
        """Jobs but those of the step after."""
        return jobs.total() - jobs[DOWNSTREAM]

    def judge(self, case: Project) -> str:
        """What is wrong with what became of a case; empty if nothing is."""
        state, jobs = case.state, case.started()
        it, after = (state.steps[id_] for id_ in ("it", "after"))
        made, wanted = self.made(jobs), self.made(self.jobs)
        found = f"it {it.outcome} ({it.detail}), after {after.outcome}, {made} jobs, {jobs[DOWNSTREAM]} after"
        if it.outcome == "unknown":
            # Refused in one request, done in another that was still on its way: one job, as it was asked for.
            most = max(wanted, "succeeded" in self.trouble.ends)
            fine = made <= most and not jobs[DOWNSTREAM] and after.outcome == "blocked" and it.hint
            return "" if fine and not self.certain else found
        if after.outcome == "unknown" or it.outcome not in {self.outcome, *self.trouble.ends}:
            return found
        through = jobs[DOWNSTREAM] == (after.outcome == "succeeded") == (it.outcome == "succeeded")
        if str(it.outcome) != self.outcome:
            wanted = max(wanted, it.outcome == "succeeded")
        return "" if made == wanted and through else found


def _is(point: str, start: str, end: str) -> bool:
    return point.startswith(start) and point.endswith(end)


def later(number: int, life: Life) -> float:
    """Seconds between two processes: what is on its way shall arrive; else now and then a night passes."""
    at = life.points[number - 1] if number <= len(life.points) else ""  # that one may connect yet
    return 1.0 if number % 2 or at.startswith("gone") else NIGHT
