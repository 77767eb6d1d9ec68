"""Plays a step of any kind, and one after it, by the engine over emulators, on a clock that jumps.

A play is one step from its beginning to its end, through a scene: jobs that succeed, fail or never end, an
answer lost beforehand, a process that died and is resumed. It may meet one fault more.
"""

import asyncio
import json
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace

import crash_scenarios
import httpx
from crash_scenarios import CONNECTION_OF, VARIANTS, kind_of, links
from jumping_loop import EPOCH, JumpingLoop, LoopClock
from vendor_project import SECRETS

from pipeforge.adapters import connection_model, connections
from pipeforge.contract.killed.scripts import AFTER
from pipeforge.emulators.core import Clock
from pipeforge.emulators.server import base_urls, build
from pipeforge.emulators.world import World
from pipeforge.engine.control import Control
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunStarted
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import replay
from pipeforge.planning import Plan, PlannedStep, Retry

ROOT = "http://emulators"
FOLLOWING = 99
"""A workflow of trocco's that follows what Treasure does; all else the crash matrix's step follows."""

TIMEOUT = 900.0
"""Seconds: longer than what a recovery takes."""

HUNG = 30 * 86_400.0
"""Seconds on the clock that jumps."""

EVENING = 1_000.0
"""Seconds: until requests that their sender gave up have arrived."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What happens beside the fault."""

    name: str
    course: str = "short"
    step: dict = field(default_factory=dict)
    start: dict | None = None
    """A fault that strikes the first call that starts something."""
    dies: dict | None = None
    """Where the first process dies; the fault strikes the second."""


SCENES = [
    Scene("plain"),
    Scene("start lost", start={"do": "lose_answer", "nth": 1}),
    Scene("start dropped", start={"do": "drop", "nth": 1}),
    Scene("retried", course="failing", step={"retry": Retry(max_attempts=2, delay=10.0)}),
    Scene("timeout", course="endless", step={"timeout": 300.0}),
    Scene("resumed before", dies={"after": "step_intended"}),
    Scene("resumed between", dies={"before": "step_triggered"}),
    Scene("resumed after", dies={"after": "step_triggered"}),
]


class Died(BaseException):
    """The process is gone."""


class Disk:
    """An Emit: what is appended stays, what is only noted is lost with the process."""

    def __init__(self):
        begun = RunStarted(at=EPOCH, run="r1", pipeline="p", path="p.yaml", digest="d", context_time=EPOCH)
        self.events, self.noted, self.dies = [begun], [], {}

    async def append(self, event):
        if event.type == self.dies.get("before"):
            raise Died
        self.events += [*self.noted, event]
        self.noted = []
        if event.type == self.dies.get("after"):
            raise Died

    def note(self, event):
        self.noted.append(event)


class Door:
    """An ASGI application before the emulators': who gives up waiting does not undo what he asked for."""

    def __init__(self, app):
        self._app = app
        self._tasks = set()

    async def __call__(self, scope, receive, send):
        task = asyncio.ensure_future(self._app(scope, receive, send))
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        await asyncio.shield(task)

    def _forget(self, task):
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()


@dataclass(frozen=True)
class Played:
    """What became of it: our side and, by the emulator's own record, the vendor's."""

    state: object
    text: str
    """All events, as they are written down."""
    jobs: tuple
    """At the vendor, of our making."""
    after: int
    """Jobs of the step after."""
    calls: tuple
    """At the vendor, since the fault could strike."""
    outcome: object
    seconds: float

    @property
    def it(self):
        return self.state.steps["it"]

    @property
    def struck(self):
        return sum(bool(call["aimed"]) for call in self.calls)


@cache
def stage(name, course):
    """The world, the parameters and the connections of a kind; they are the crash matrix's."""
    vendor = kind_of(name).vendor
    settings = VARIANTS[name][2] if name in VARIANTS else {}
    world = crash_scenarios.world(course, "oss" if settings.get("api") == "oss" else "hosted")
    given = {
        link["vendor"]: {key: _opened(value) for key, value in link.items() if key != "recovery_window"}
        | {"base_url": base_urls(ROOT)[link["vendor"]]}
        for link in links(set(CONNECTION_OF.values()), settings).values()
    }
    params = {
        key: value.replace("${{ context_time }}", EPOCH.isoformat()) if isinstance(value, str) else value
        for key, value in crash_scenarios.step(name)["with"].items()
    }
    world["trocco"]["pipeline_definitions"][FOLLOWING] = {}
    mart = {**AFTER, "session_time": EPOCH.isoformat()}
    follow = "trocco.run_workflow" if vendor == "treasure" else "treasure.run_workflow"
    return SimpleNamespace(
        world=World.read(world),
        kind=kind_of(name),
        params=params,
        follow=kind_of(follow),
        follow_params={"pipeline_definition_id": FOLLOWING} if vendor == "treasure" else mart,
        settings={each: connection_model(each).model_validate(given[each]) for each in given},
    )


def _opened(value):
    for name, secret in SECRETS.items():
        value = value.replace("${{ secrets." + name + " }}", secret) if isinstance(value, str) else value
    return value


class Play:
    """One case: emulators of its own, a journal of its own."""

    def __init__(self, name, scene):
        self.scene, self.set = scene, stage(name, scene.course)
        zero = asyncio.get_running_loop().time()
        now = EPOCH.timestamp()
        self.loop = asyncio.get_running_loop()
        self.door = build(self.set.world, Clock(lambda: now + self.loop.time() - zero), cut=httpx.ReadError)
        self.admin = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.door), base_url=ROOT)
        self.disk, self.clock = Disk(), LoopClock()

    async def fault(self, vendor, fault):
        answer = await self.admin.post("/_emulator/faults", json={"vendor": vendor, **fault})
        assert answer.status_code == 200, answer.text

    async def get(self, path, **query):
        return (await self.admin.get(f"/_emulator/{path}", params=query)).json()

    async def live(self, dies=None):
        """One process to its end: the run's outcome; None too where it died."""
        self.disk.dies, self.disk.noted = dies or {}, []
        made, door = self.set, Door(self.door)
        clients = {
            name: connections.connect(name, made.settings[kind.vendor], app=door)
            for name, kind in (("conn", made.kind), ("down", made.follow))
        }
        adapters = {
            (made.kind.name, "conn"): connections.adapter(made.kind, clients["conn"]),
            (made.follow.name, "down"): connections.adapter(made.follow, clients["down"]),
        }
        limits = {"conn": made.settings[made.kind.vendor].limits_in_force()}
        try:
            return await execute(
                self._plan(),
                replay(self.disk.events),
                adapters,
                self.disk,
                control=Control(),
                terms=Terms(limits=limits, clock=self.clock),
            )
        except Died:
            return None
        finally:
            for client in clients.values():
                await client.aclose()

    def _plan(self):
        made, step = self.set, {"timeout": TIMEOUT, **self.scene.step}
        it = PlannedStep("it", made.kind, "conn", (), made.params, **step)
        after = PlannedStep("after", made.follow, "down", ("it",), made.follow_params)
        return Plan("p", "d", EPOCH, (it, after), {})


async def _played(name, scene, start, fault):
    play = Play(name, scene)
    vendor = play.set.kind.vendor
    async with play.admin:
        if scene.start:
            await play.fault(vendor, {"route": start, **scene.start})
        if scene.dies:
            await play.live(scene.dies)
        before = len(await play.get("calls", vendor=vendor))
        if fault:
            await play.fault(vendor, fault)
        began = play.loop.time()
        outcome = await asyncio.wait_for(play.live(), HUNG)
        seconds = play.loop.time() - began
        calls = (await play.get("calls", vendor=vendor))[before:]
        await asyncio.sleep(EVENING)
        jobs = await play.get("jobs")
        events = [*play.disk.events, *play.disk.noted]
        mine = tuple(job for job in jobs[vendor] if job["by"] == "api")
        after = sum(job["by"] == "api" for job in jobs[play.set.follow.vendor])
        starts = [call for call in calls if _is(call, start)]
        own = starts[scene.start["nth"] - 1 : scene.start["nth"]] if scene.start else []
        for call in calls:
            call["aimed"] = None if call in own and call["fault"] == scene.start["do"] else call["fault"]
        told = json.dumps([event.model_dump(mode="json") for event in events], ensure_ascii=False)
        return Played(replay(events), told, mine, after, tuple(calls), outcome, seconds)


def _is(call, route):
    return route_of(call) == route


def route_of(call):
    """`METHOD /path` as a fault names it."""
    return f"{call['method']} {call['route']}"


def play(name, scene, start="", fault=None):
    """A play to its end, on a loop of its own."""
    with asyncio.Runner(loop_factory=lambda: JumpingLoop(0.0)) as runner:
        return runner.run(_played(name, scene, start, fault))
