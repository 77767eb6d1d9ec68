"""Plays a pipeline in time that is jumped over, and what was recorded of it; an ear at each connection."""

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path

from vendor_project import SECRETS

from pipeforge.commands import beginning, execution, linking, opening, places, worlds
from pipeforge.commands.jumping import JumpingLoop, LoopClock
from pipeforge.commands.recording import listen, playable
from pipeforge.emulators.core import Clock
from pipeforge.emulators.server import base_urls, build
from pipeforge.emulators.world import World
from pipeforge.engine.control import Control
from pipeforge.engine.events import StepIntended, StepWarned
from pipeforge.engine.state import replay
from pipeforge.journal.memory import MemoryJournal, MemoryStore
from pipeforge.journal.moments import Moment
from pipeforge.language.document import parse
from pipeforge.language.secrets import EmulatedSecrets, Secrets
from pipeforge.recording.tape import Tape
from pipeforge.recording.writing import yaml

TIMES = ("created_at", "started_at", "ended_at", "finished_at", "updated_at", "last_run_at", "link", "index")
IDS = ("id", "ids", "job_ids", "job_id", "session_id", "session_uuid", "key")
"""What the emulators choose anew."""

CONNECTIONS = {
    "trocco": {"vendor": "trocco", "api_key": "${{ secrets.TROCCO_API_KEY }}"},
    "td": {"vendor": "treasure", "region": "aws-tokyo", "api_key": "${{ secrets.TD_API_KEY }}"},
    "workato": {"vendor": "workato", "data_center": "jp", "api_token": "${{ secrets.WORKATO_API_TOKEN }}"},
    "shopfloor": {
        "vendor": "krewdata",
        "unit_id": "${{ secrets.KREWDATA_UNIT }}",
        "serial_number": "${{ secrets.KREWDATA_SERIAL }}",
        "krewdata_app_url": "https://example.cybozu.com/k/123",
    },
    "reckoner": {"vendor": "reckoner", "access_token": "${{ secrets.RECKONER_ACCESS_TOKEN }}"},
}


@dataclass(frozen=True)
class Played:
    """What came of it."""

    state: object
    events: list
    calls: list
    """What the vendors were asked."""
    world: str
    """The text of the recording."""

    @property
    def recorded(self):
        return worlds.numbered(parse(Path("seen.yaml"), self.world).data)

    def ended(self):
        """How each step ended, in words and outputs that do not hang on the day."""
        return {
            id_: (step.outcome, step.word, without_ids(step.detail), plain(step.outputs))
            for id_, step in self.state.steps.items()
        }

    def attempts(self):
        """How often each step was begun."""
        return [event.step for event in self.events if isinstance(event, StepIntended)]

    def warnings(self):
        return sum(isinstance(event, StepWarned) for event in self.events)

    def troubles(self):
        """The requests that were not answered well, in their order, with the status (0: no answer came)."""
        asked = [(row["method"], row["route"], row["status"] or 0, row["fault"]) for row in self.calls]
        return [(*request, status) for *request, status, fault in asked if fault or not 200 <= status < 300]

    def jobs(self):
        """How many jobs were started."""
        return sum(row["started"] is not None for row in self.calls)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key not in (*TIMES, *IDS)}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def without_ids(text):
    """Words that hold a job's or a page's address."""
    return " ".join(word for word in str(text).split() if not any(sign.isdigit() for sign in word))


def write(folder, steps, connections=None, **more):
    """A pipeline file with these steps."""
    used = {str(step["uses"]).partition(".")[0] for step in steps.values()}
    kept = connections or {name: one for name, one in CONNECTIONS.items() if one["vendor"] in used}
    whole = {"name": "p", "connections": kept, "defaults": {"timeout": "2h"}, "steps": steps, **more}
    Path(folder, "p.yaml").write_text(json.dumps(whole), encoding="utf-8")


def play(folder, world, *, hurried=False, again=False):
    """Runs p.yaml in this world. `again`: as a trial does, which knows no secret."""
    source = opening.opened(Path(folder, "p.yaml"), None, opening.Manner("en", quiet=True))
    planned = opening.plan(source, opening.Given(context_time="2026-01-31T02:00"))
    if hurried:
        planned = replace(planned, plan=linking.hurried(planned.plan))
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        clock = LoopClock(planned.plan.context_time, runner.get_loop())
        app = build(World.read(world), Clock(lambda: clock.now().timestamp()))
        emulation = linking.Emulation(app, base_urls(linking.EMULATED), clock)
        secrets = EmulatedSecrets() if again else Secrets(SECRETS, {})
        link = linking.Link(planned, secrets, emulation)
        tape = Tape(clock=lambda: clock.now().timestamp())
        redactors = listen(tape, planned, link)
        journal = MemoryJournal(MemoryStore(lambda: Moment("boot", *[clock.now().timestamp()] * 2)))
        state = runner.run(_carried(planned, link, journal))
        events = list(journal.read("played"))
        journal.close()
        text = yaml(playable(tape.world(redactors))[0])
        return Played(state, events, app.state.calls.rows(), text)


async def _carried(planned, link, journal):
    started = beginning.started(planned, link.clock.now(), "played")
    past = replay([started])
    try:
        writer = places.start(journal, started, planned.plan)
        await execution.carry_out(execution.Held(planned, past, writer, journal), link, writer, Control())
    finally:
        await link.aclose()
    return past
