"""Wraps every place where a process touches disk, network or sleep, to count them and to die at one of them.

Nothing here knows a kind, an event or a command. The seams are:

- the audit events of Python itself: a file opened for writing, a folder made, a file moved or removed, a
  database opened, a socket connected (`points`);
- every commit of every SQLite connection, before and after (`databases`);
- every request that leaves through the door of `pipeforge.adapters.http` (`network`);
- the event loop with nothing left to do but to wait for a timer. It then jumps there, and the case's clock
  (that of the emulators, and the wall clock of this process) jumps with it (`hurrying`).
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from pipeforge.contract.killed.clock import CaseClock
from pipeforge.contract.killed.databases import tell_of_commits
from pipeforge.contract.killed.hurrying import Loop, Moved, Policy, Selector
from pipeforge.contract.killed.network import tell_of_requests
from pipeforge.contract.killed.points import Points, Watch, audit


def install(pipe: int, plan: Mapping[str, int], clock_file: Path, back: float) -> None:
    """In the child, before its command begins. `back`: seconds that its wall clock goes behind."""
    points, watch, clock = Points(pipe, plan), Watch(), CaseClock(clock_file)
    Moved.ahead = staticmethod(lambda: clock.ahead - back)
    tell_of_commits(points, watch)
    tell_of_requests(points, watch, clock)
    asyncio.set_event_loop_policy(Policy(lambda: Loop(Selector(points, watch, clock))))
    audit(points)
