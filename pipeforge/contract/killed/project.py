"""One case: a project in a folder of its own, its emulators, and processes that die where they are told."""

import json
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from pipeforge.adapter import Json
from pipeforge.contract.checking import refuse
from pipeforge.contract.killed.stage import Life, Stage, until
from pipeforge.engine.state import RunState, replay
from pipeforge.journal.sqlite import open_journal

SECONDS = 30.0
"""Until a process counts as hung."""

_SHORT = 3
"""Characters; a secret that is no longer may occur in any text."""


class Project:
    """A context manager, for as long as the case lasts."""

    def __init__(self, stage: Stage, pipeline: Json, world: Mapping[str, Json]) -> None:
        self.stage = stage
        self.name, self.clock = stage.open(world)
        self.folder = stage.folder / self.name
        self.folder.mkdir()
        self.pipeline = stage.placed(self.name, pipeline)
        (self.folder / "p.yaml").write_text(json.dumps(self.pipeline), encoding="utf-8")

    def __enter__(self) -> "Project":
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.shut(self.name)
        shutil.rmtree(self.folder)

    @property
    def journal(self) -> Path:
        """Its journal's file."""
        return self.folder / ".pipeforge" / "journal.db"

    @property
    def run(self) -> str | None:
        """The run's id; None before there is one."""
        if not self.journal.exists():
            return None
        journal = open_journal(self.journal)
        found = journal.runs()
        journal.close()
        return found[0].run if found else None

    @property
    def state(self) -> RunState:
        """What the journal tells of the run."""
        run = self.run
        if run is None:
            return RunState()
        journal = open_journal(self.journal)
        state = replay(journal.read(run))
        journal.close()
        return state

    def begin(self, *argv: str, back: float = 0.0, lease: float | None = None, **plan: int) -> int:
        """A process; `plan`: see `points.Points`. To be given to `end`."""
        clock = str(self.stage.clock_file(self.name))
        asked = {"argv": argv, "folder": str(self.folder), "plan": plan, "clock": clock}
        pid: int = self.stage.ask(op="begin", **asked, back=back, lease=lease)["pid"]
        return pid

    def end(self, pid: int) -> Life:
        """A process to its end, which is decent: it does not hang, show a traceback or tell a secret."""
        done = self.stage.ask(op="end", pid=pid, seconds=SECONDS)
        told = done["out"] + done["err"]
        assert not done["hung"], f"a process hung for {SECONDS:.0f} s after these points: {done}"
        assert "Traceback" not in told, told
        assert "internal error" not in told, told
        shown = [each for each in self.stage.secrets if len(each) > _SHORT and each in told]
        assert not shown, "a secret is told"
        return Life(done["code"], tuple(done["points"].splitlines()), done["out"], done["err"])

    def live(self, **plan: int) -> Life:
        """A process that begins the run, or goes on with it where there is one."""
        run = self.run
        argv = ("run", "p.yaml") if run is None else ("resume", run)
        return self.end(self.begin(*argv, **plan))

    @property
    def over(self) -> bool:
        """Whether the run has ended, or needs a decision."""
        state = self.state
        return state.outcome is not None or state.paused == "undecided"

    def to_the_end(self) -> list[Life]:
        """Processes that nobody kills, until the run is over."""
        lives: list[Life] = []
        while not self.over:
            assert len(lives) < 3, [(life.code, life.err) for life in lives]
            lives.append(self.live())
            assert not lives[-1].killed, lives[-1]
        return lives

    def settle(self) -> None:
        """Lets requests that are still on their way arrive."""
        self.clock.jump(100.0)
        until(lambda: not self.clock.holding)

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        answer = self.stage.http.get(f"/{self.name}/_emulator/{path}", params=query)
        if answer.status_code != httpx.codes.OK:
            refuse(f"an emulator cannot tell its {path} as JSON: {answer.text}", "mend it in the emulator")
        return answer.json()

    def jobs(self) -> list[tuple[str, dict[str, Json]]]:
        """Every job that the API started, as (vendor, job)."""
        every = [(vendor, job) for vendor, jobs in self._get("jobs", {}).items() for job in jobs]
        return [(vendor, job) for vendor, job in every if job.get("by") == "api"]

    def calls(self, **query: str) -> list[dict[str, Json]]:
        """Every call that the emulators were asked."""
        return list(self._get("calls", query))

    def started(self) -> "Counter[tuple[str, str]]":
        """How many jobs there are, by vendor and what they run."""
        return Counter((vendor, str(job.get("of"))) for vendor, job in self.jobs())
