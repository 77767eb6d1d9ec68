"""Follows a run that another process holds, from what that one writes into the journal."""

import argparse
import time

from pipeforge.commands.telling import Teller
from pipeforge.engine.state import RunState, apply, replay
from pipeforge.journal import Journal

LOOK = 0.3
"""Seconds between looks. chosen: a person sees no delay, and a look costs 0.5 ms."""


def follow(journal: Journal, run: str, args: argparse.Namespace, *, anew: bool) -> RunState:
    """Tells what happens until the run is over or paused, or nobody holds it; gives how it stands then.

    `anew`: only what happens from now on.
    """
    events = journal.read(run)
    past, seen = replay(events), len(events)
    teller = Teller(past, args.log_format)
    journal.heed(teller.absence)
    if anew:
        teller.join()
    for event in () if anew else events:
        teller.event(event)
    with teller.around():
        while True:
            held = journal.summary(run).held_by  # asked first: what the holder wrote last is read after it
            for event in (new := journal.read(run, seen)):
                apply(past, event)
                teller.event(event)
            seen += len(new)
            if past.outcome is not None or past.paused or not held:
                return past
            time.sleep(LOOK)
