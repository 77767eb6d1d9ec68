"""All vendors as one ASGI application: /trocco, /treasure, /workato, /krewdata, /reckoner and /_emulator."""

from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from pipeforge.emulators.admin import endpoints
from pipeforge.emulators.calls import Calls
from pipeforge.emulators.core import Behaviour, Clock, Desk, Json, Package, Vendor
from pipeforge.emulators.dispatch import ConnectionCut, Counter, Floor
from pipeforge.emulators.faults import Script
from pipeforge.emulators.keeping import keep, restore
from pipeforge.emulators.vendors import PACKAGES
from pipeforge.emulators.world import World


def build(
    world: World | None = None,
    clock: Clock | None = None,
    *,
    state: Path | None = None,
    anew: bool = False,
    cut: Callable[[str], Exception] = ConnectionCut,
    at_root: str | None = None,
) -> Starlette:
    """The application, with every vendor of the world opened in it.

    `state` is the file in which memory, faults and jumped time outlive the process; with `anew` the faults
    begin anew, from the world. `cut` makes the exception
    that stands for a cut connection where there is no socket: give the client library's own error to have the
    client see just that. The vendor `at_root` answers there as well as at its place, for clients that know a
    host and a port alone. Raises ValueError if the world names a fault that cannot strike, or if `state` is
    no state file.

    What was asked is in the application's `state.calls`, for who has it in the same process.
    """
    the_world = world or World.read()
    the_clock = clock or Clock()
    packages = the_world.packages
    memories: dict[str, dict[str, Json]] = {name: {} for name in packages}
    kept = restore(state, the_clock, memories) if state else None
    vendors: dict[str, Vendor] = {
        name: package.open(the_world.sections[name], Desk(the_clock, memories[name]))
        for name, package in packages.items()
    }
    script = Script(vendors)
    if kept is None or anew:
        script.add(the_world.faults)
    else:
        script.load(kept)
    floor = Floor(the_clock, script, Calls(), cut)
    if state is not None:
        floor.save = lambda: keep(state, the_clock, script, memories)
    behaviours = {name: package.behaviours for name, package in packages.items()}
    counters = {name: Counter(name, vendors[name], floor) for name in packages}
    mounts = [Mount(f"/{name}{package.base}", app=counters[name]) for name, package in packages.items()]
    mounts.append(Mount("/_emulator", routes=endpoints(floor, vendors, behaviours)))
    if at_root is not None:
        mounts.append(Mount(packages[at_root].base, app=counters[at_root]))
    app = Starlette(routes=mounts)
    app.state.calls = floor.calls
    return app


def base_urls(
    root: str, packages: Mapping[str, Package] = PACKAGES, at_root: str | None = None
) -> dict[str, str]:
    """By vendor, the base URL a connection is given, for emulators that stand at `root`."""
    bare = root.rstrip("/")
    return {
        name: f"{bare}{package.base}" if name == at_root else f"{bare}/{name}{package.base}"
        for name, package in packages.items()
    }


def explain(packages: Mapping[str, Package] = PACKAGES) -> list[tuple[str, Behaviour]]:
    """Every behaviour of every vendor, as (vendor, row), for `pipeforge emulate --explain`."""
    return [(name, row) for name, package in packages.items() for row in package.behaviours]
