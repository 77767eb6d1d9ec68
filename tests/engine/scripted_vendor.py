"""A vendor in memory whose jobs and faults are scripted, its adapters, an Emit that can die at any seam."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from jumping_loop import LoopClock
from pydantic import BaseModel, ConfigDict

from pipeforge.adapter import Guarantee, Kind, Observation, Outcome, Pace
from pipeforge.engine.control import Control
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunStarted
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import RunState, replay
from pipeforge.errors import InDoubt, Rejected, Transient
from pipeforge.language.templating import render
from pipeforge.planning import Plan, PlannedStep

CONTEXT_TIME = datetime(2024, 1, 1, tzinfo=UTC)


class Params(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    job: str
    """Which script the job goes by."""
    size: int = 0


class Outputs(BaseModel):
    id: int


class Died(BaseException):
    """The process is gone: nothing it did after this counts."""


class Seams:
    """Counts every place where the run touches disk or vendor, and dies at one of them."""

    def __init__(self, die_at: int | None = None) -> None:
        self.die_at = die_at
        self.passed = 0
        self.names: list[str] = []

    def touch(self, name: str) -> None:
        self.passed += 1
        self.names.append(name)
        if self.die_at is not None and self.passed >= self.die_at:
            raise Died(name)


class Recorder:
    """An Emit: `events` is what a disk would hold, so what is only noted is lost with the process."""

    def __init__(self, events=(), seams: Seams | None = None) -> None:
        self.events = list(events)
        self._noted: list[Any] = []
        self._seams = seams or Seams()

    async def append(self, event) -> None:
        self._seams.touch(f"before {event.type}")
        await asyncio.sleep(0)
        self.events += [*self._noted, event]
        self._noted.clear()
        self._seams.touch(f"after {event.type}")

    def note(self, event) -> None:
        self._seams.touch(f"note {event.type}")
        self._noted.append(event)

    def of(self, type_: str, step: str | None = None) -> list[Any]:
        return [e for e in self.events if e.type == type_ and (step is None or e.step == step)]

    def end(self, step: str):
        (event,) = self.of("step_finished", step)
        return event


@dataclass
class Script:
    """How the jobs of one name go. `faults`: what befalls the calls, one after the other, by verb."""

    course: list[tuple[str, float]] = field(default_factory=lambda: [("done", 0)])
    """The words and after how many seconds each is true; the last stays."""
    courses: list[list[tuple[str, float]]] | None = None
    """One for each job, where they differ; the last one stays."""
    faults: dict[str, list[Any]] = field(default_factory=dict)
    on_cancel: str | None = "killed"
    recover: str = "find"
    """find · cannot"""
    outputs: dict[str, Any] = field(default_factory=dict)
    look_again: float | None = None


WORDS = {
    "done": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "killed": Outcome.CANCELED,
    "passed over": Outcome.SKIPPED,
}


@dataclass
class Job:
    id: int
    name: str
    key: str
    params: Params
    course: list[tuple[str, float]]
    started: float
    killed: str | None = None


class Vendor:
    """Every job that was ever started, and every call, by loop time."""

    def __init__(self, **scripts: Script) -> None:
        self.scripts = scripts
        self.jobs: list[Job] = []
        self.calls: list[tuple[float, str, str]] = []
        self.running = self.most_running = 0
        self.seams = Seams()
        self._faults = defaultdict(deque)
        for name, script in scripts.items():
            for verb, faults in script.faults.items():
                self.befall(verb, name, *faults)

    def befall(self, verb: str, name: str, *faults: Any) -> None:
        """The next calls of this verb for jobs of this name meet these faults."""
        self._faults[verb, name].extend(faults)

    def script(self, name: str) -> Script:
        return self.scripts.setdefault(name, Script())

    def times(self, verb: str, name: str | None = None) -> list[float]:
        return [at for at, v, n in self.calls if v == verb and (name is None or n == name)]

    def keys(self) -> list[str]:
        return [job.key for job in self.jobs]

    def call(self, verb: str, name: str) -> Any:
        self.calls.append((asyncio.get_running_loop().time(), verb, name))
        faults = self._faults[verb, name]
        return faults.popleft() if faults else None

    def start(self, params: Params, key: str) -> Job:
        script = self.script(params.job)
        nth = sum(job.name == params.job for job in self.jobs)
        course = script.courses[min(nth, len(script.courses) - 1)] if script.courses else script.course
        now = asyncio.get_running_loop().time()
        job = Job(len(self.jobs) + 1, params.job, key, params, course, now)
        self.jobs.append(job)
        self.most_running = max(self.most_running, sum(self.word(j) not in WORDS for j in self.jobs))
        return job

    def word(self, job: Job) -> str:
        if job.killed:
            return job.killed
        passed = asyncio.get_running_loop().time() - job.started
        word = "queued"
        for next_word, after in job.course:
            if passed >= after:
                word = next_word
        return word


@dataclass
class Gives:
    """A fault: the job is started or found, and what the adapter calls its handle is this."""

    handle: Any


class _Adapter:
    """The five calls; a fault is an exception to raise, or one of the words below."""

    kind: ClassVar[Kind]

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor

    async def _answer(self, verb: str, name: str) -> Any:
        self.vendor.seams.touch(f"before {verb}")
        fault = self.vendor.call(verb, name)
        await asyncio.sleep(0)
        if isinstance(fault, float):
            await asyncio.sleep(fault)
        elif isinstance(fault, Exception):
            raise fault
        return fault

    async def prepare(self, params):
        await self._answer("prepare", params.job)
        self.vendor.seams.touch("after prepare")
        return {"newest": len(self.vendor.jobs)}

    async def trigger(self, params, key, evidence):
        fault = await self._answer("trigger", params.job)
        if fault == "dropped":
            raise InDoubt("connection reset", "look at the job list")
        job = self.vendor.start(params, key)
        self.vendor.seams.touch("after trigger")
        if fault == "lost":
            raise InDoubt("read timed out", "look at the job list")
        if fault == "lost to a bug":
            raise KeyError("s3cret")
        if fault == "hangs":
            await asyncio.sleep(1e6)
        return fault.handle if isinstance(fault, Gives) else {"id": job.id}

    async def observe(self, handle):
        job = self.vendor.jobs[handle["id"] - 1]
        fault = await self._answer("observe", job.name)
        script = self.vendor.script(job.name)
        word = fault if isinstance(fault, str) else self.vendor.word(job)
        self.vendor.seams.touch("after observe")
        return Observation(
            outcome=WORDS.get(word),
            word=word,
            detail=f"the vendor says {word}",
            outputs={"id": job.id, **script.outputs} if word == "done" else {},
            look_again=script.look_again,
            warning="" if word in {*WORDS, "queued", "running"} else f"unknown word '{word}'",
        )

    async def cancel(self, handle):
        job = self.vendor.jobs[handle["id"] - 1]
        await self._answer("cancel", job.name)
        if self.vendor.word(job) not in WORDS:
            job.killed = self.vendor.script(job.name).on_cancel
        self.vendor.seams.touch("after cancel")

    async def recover(self, params, key, evidence):
        fault = await self._answer("recover", params.job)
        self.vendor.seams.touch("after recover")
        if isinstance(fault, Gives):
            return fault.handle
        if self.vendor.script(params.job).recover == "cannot":
            raise InDoubt("the vendor keeps no list", "look at its console")
        found = [job for job in self.vendor.jobs if job.key == key]
        return {"id": found[0].id} if found else None


def kind(name: str, *, cancellable: bool = True) -> Kind:
    return Kind(name, Params, Outputs, Params, Guarantee.RECONCILABLE, cancellable, "A scripted job.")


class Run(_Adapter):
    kind = kind("vendor.run")


class Stuck(_Adapter):
    """Its jobs cannot be canceled."""

    kind = kind("vendor.stuck", cancellable=False)


def late(value: Any) -> Any:
    """What planning leaves of a value whose names are known only when the step starts."""
    return render(value, {}, frozenset(["steps", "run", "item", "region"]))


def step(id_: str, *needs: str, uses=Run, connection: str = "vendor", **more: Any) -> PlannedStep:
    more.setdefault("params", {"job": id_})
    more.setdefault("pace", Pace(first=10, longest=60, factor=2))
    return PlannedStep(id=id_, kind=uses.kind, connection=connection, needs=needs, **more)


def plan(*steps: PlannedStep, **scope: Any) -> Plan:
    return Plan("nightly", "d1", CONTEXT_TIME, steps, {"context_time": CONTEXT_TIME, **scope})


def started() -> RunStarted:
    return RunStarted(
        at=CONTEXT_TIME, run="r1", pipeline="nightly", path="p.yaml", digest="d1", context_time=CONTEXT_TIME
    )


class World:
    """A vendor, a disk and a clock: what stays when the process dies."""

    def __init__(self, *steps: PlannedStep, vendor: Vendor | None = None, scope=None, **terms: Any) -> None:
        self.plan = plan(*steps, **(scope or {}))
        self.vendor = vendor or Vendor()
        self.disk = Recorder([started()])
        self.clock = LoopClock()
        self.control = Control()
        self.terms = terms
        self.state = RunState()

    async def run(self, *, die_at: int | None = None, writer=None, control=None) -> Outcome | None:
        """One process: replays what the disk holds and goes on. Raises Died when it was to die.

        `writer`: where events go instead of `disk`.
        """
        seams = self.vendor.seams = Seams(die_at)
        self.disk = Recorder(self.disk.events, seams)
        self.state = replay(self.disk.events)
        self.control = control or Control()
        adapters = {(a.kind.name, c): a(self.vendor) for a in (Run, Stuck) for c in ("vendor", "other")}
        terms = Terms(clock=self.clock, **self.terms)
        return await execute(
            self.plan, self.state, adapters, writer or self.disk, control=self.control, terms=terms
        )

    def outcomes(self) -> dict[str, str]:
        return {id_: str(s.outcome) for id_, s in self.state.steps.items() if s.outcome is not None}


TRANSIENT = Transient("connection refused")
REJECTED = Rejected("no such definition", "check the id")
