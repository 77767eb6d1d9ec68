"""The parts of one open Treasure emulator, put together in one place."""

from dataclasses import dataclass
from math import floor

from pipeforge.emulators.core import Desk
from pipeforge.emulators.treasure.catalog import Catalog
from pipeforge.emulators.treasure.filling import Filler
from pipeforge.emulators.treasure.ledger import Ledger
from pipeforge.emulators.treasure.pushes import Pushes
from pipeforge.emulators.treasure.records import Start
from pipeforge.emulators.treasure.refusing import of_the_world
from pipeforge.emulators.treasure.schedules import Schedules
from pipeforge.emulators.treasure.shapes import Shapes
from pipeforge.emulators.treasure.shapes_schedules import ScheduleShapes
from pipeforge.emulators.treasure.state import Attempts
from pipeforge.emulators.treasure.world import TreasureWorld


@dataclass(frozen=True, slots=True)
class Parts:
    """What the handlers work with."""

    world: TreasureWorld
    catalog: Catalog
    ledger: Ledger
    attempts: Attempts
    shapes: Shapes
    schedules: Schedules
    filler: Filler
    pushes: Pushes
    timetables: ScheduleShapes


PAST = "past"


def remember(world: TreasureWorld, catalog: Catalog, attempts: Attempts, desk: Desk) -> None:
    """The sessions that the world says there were before it was opened for the first time. ValueError."""
    if desk.memory.get(PAST):
        return
    desk.memory[PAST] = True
    begun = [
        (floor(desk.clock.now() - ago), project, name)
        for project, listed in (world.projects or {}).items()
        for name, workflow in ((listed and listed.workflows) or {}).items()
        for ago in (workflow.past if workflow else [])
    ]
    for moment, project, name in sorted(begun):
        workflow = catalog.demand_workflow(catalog.demand(project), name)
        with of_the_world(project, name, PAST):
            made, _ = attempts.start(Start(str(workflow["id"]), moment, by="hand"))
        made["created"] = made["begun"] = float(moment)


def assemble(world: TreasureWorld, desk: Desk) -> Parts:
    """All parts over one memory."""
    catalog, ledger = Catalog(world, desk), Ledger(desk)
    attempts = Attempts(world, catalog, ledger, desk)
    shapes = Shapes(world, catalog, ledger, attempts)
    schedules = Schedules(world, catalog, attempts, desk)
    filler = Filler(schedules, attempts, ledger)
    pushes = Pushes(world, catalog, schedules, desk)
    timetables = ScheduleShapes(world, schedules, shapes, desk.clock)
    remember(world, catalog, attempts, desk)
    return Parts(world, catalog, ledger, attempts, shapes, schedules, filler, pushes, timetables)
