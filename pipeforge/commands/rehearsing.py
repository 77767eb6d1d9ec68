"""Runs a pipeline against emulators in this process, in a time that is jumped over: nothing is left of it."""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeforge.adapter import Outcome
from pipeforge.commands import beginning, execution, linking, opening, places, worlds
from pipeforge.commands.jumping import JumpingLoop, LoopClock, StandsStill
from pipeforge.engine.control import Control
from pipeforge.engine.events import Event, StepIntended
from pipeforge.engine.state import RunState, replay
from pipeforge.errors import UsageError
from pipeforge.journal.memory import MemoryJournal, MemoryStore
from pipeforge.journal.moments import Moment
from pipeforge.language import project as projects
from pipeforge.language import values
from pipeforge.language.nearest import suggest
from pipeforge.language.project_model import Project
from pipeforge.language.secrets import EmulatedSecrets
from pipeforge.language.trials import Situation, within_reach
from pipeforge.loading import load

RUN = "test-run"
"""The run's id, the same each time: so are the waits that are drawn by it."""

BEGIN = "2026-01-01T00:00"
"""The context_time where none is given: tests must not depend on the day."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of it."""

    state: RunState
    events: Sequence[Event]
    """Of the run; those of pipelines that its steps run are not among them."""
    calls: Sequence[Mapping[str, Any]]
    """What the vendors were asked, oldest first: the rows of `/_emulator/calls`."""
    exit_code: int
    """What `pipeforge run` would exit with."""
    seconds: float
    """How long it took, by the clock that was jumped."""

    @property
    def order(self) -> tuple[str, ...]:
        """The steps, in the order in which they were first triggered."""
        return tuple(dict.fromkeys(one.step for one in self.events if isinstance(one, StepIntended)))

    def outcome(self, step: str) -> Outcome | None:
        """How a step, or an item of one, ended; None where nothing became of it."""
        found = self.state.steps.get(step)
        return None if found is None else found.outcome

    def asked(self, vendor: str) -> list[Mapping[str, Any]]:
        """What one vendor was asked."""
        return [row for row in self.calls if row["vendor"] == vendor]

    def jobs(self, vendor: str) -> int:
        """How many jobs were started at a vendor."""
        return sum(row["started"] is not None for row in self.asked(vendor))


def rehearse(source: opening.Opened, given: Situation, folder: Path) -> Rehearsal:
    """Runs an opened pipeline as a test gives it. `folder`: where files that it names lie.

    Raises UsageError for what cannot be run so, and what planning raises.
    """
    with _environment(source.project, given.env), asyncio.Runner(loop_factory=JumpingLoop) as runner:
        planned = _planned(source, given)
        loop = runner.get_loop()
        clock = LoopClock(planned.plan.context_time, loop)
        emulation = _emulation(source, given, folder, clock)
        link = linking.Link(planned, EmulatedSecrets(), emulation)
        journal = MemoryJournal(MemoryStore(lambda: _moment(clock)))
        try:
            return runner.run(_carried(planned, link, journal, given.max_time))
        except StandsStill:
            raise UsageError(
                f"'{source.path}' never comes to an end as this test gives it",
                "give its steps a timeout, or the world's jobs an end",
            ) from None
        finally:
            journal.close()


async def _carried(
    planned: opening.Planned, link: linking.Link, journal: MemoryJournal, budget: float | None
) -> Rehearsal:
    loop, control = asyncio.get_running_loop(), Control()
    begun, started = loop.time(), beginning.started(planned, link.clock.now(), RUN)
    past = replay([started])
    try:
        writer = places.start(journal, started, planned.plan)
        assert writer is not None  # nobody else is in this journal
        held = execution.Held(planned, past, writer, journal)
        outcome = await execution.carry_out(held, link, writer, control, max_time=budget)
    finally:
        await link.aclose()
    assert link.emulated is not None
    return Rehearsal(
        past,
        list(journal.read(RUN)),
        link.emulated.app.state.calls.rows(),
        execution.exit_code(outcome, control),
        loop.time() - begun,
    )


def _planned(source: opening.Opened, given: Situation) -> opening.Planned:
    chosen = values.handed(source.pipeline, given.custom_variables)
    moment = given.context_time or BEGIN
    return opening.plan(source, opening.Given(given.environment, moment, custom_variables=chosen))


def _emulation(source: opening.Opened, given: Situation, folder: Path, clock: LoopClock) -> linking.Emulation:
    """Emulators whose time is the loop's. Raises UsageError for a world that is none."""
    server, packages = load("pipeforge.emulators.server"), linking.emulated_vendors()
    found = _world(source, given, folder)
    own = worlds.Written({"faults": given.faults}, "what is given as faults")
    world, more = worlds.opened(found, packages), worlds.opened(own, packages).faults
    moment = server.Clock(lambda: clock.now().timestamp())
    worlds.built(own, lambda: server.build(replace(world, faults=more), moment))  # tells of those alone
    whole = replace(world, faults=(*world.faults, *more))
    app = worlds.built(found, lambda: server.build(whole, moment))
    return linking.Emulation(app, server.base_urls(linking.EMULATED, packages), clock)


def _world(source: opening.Opened, given: Situation, folder: Path) -> worlds.Written:
    """What the world holds, and what it is called."""
    if isinstance(given.world, dict):
        return worlds.Written(worlds.numbered(given.world), "what is given as world")
    beside = source.path.parent / linking.WORLD
    path = within_reach(folder / given.world, folder) if given.world is not None else beside
    if given.world is None and not beside.is_file():
        return worlds.Written()
    return worlds.written(path)


def _moment(clock: LoopClock) -> Moment:
    seconds = clock.now().timestamp()
    return Moment("a boot of its own", seconds, seconds)


@contextmanager
def _environment(project: Project, given: Mapping[str, str]) -> Iterator[None]:
    """What templates read of the environment is what the test gives, whatever the machine's has.

    Raises UsageError for a variable that no template may read.
    """
    stranger = next((name for name in given if name not in project.env), None)
    if stranger is not None:
        listing = f"list it under `env:` of {projects.NAME}"
        hint = suggest(stranger, project.env, "variables") if project.env else listing
        raise UsageError(f"no template may read environment variable '{stranger}'", hint)
    before = {name: os.environ.get(name) for name in project.env}
    _set({name: given.get(name) for name in project.env})
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
