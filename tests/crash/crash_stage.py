"""A case of the crash matrix: a project, emulators of its own, processes that die where they are told."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import httpx
from command_line import BASES, clean, until
from crash_seams import CaseClock
from vendor_project import SECRETS

from pipeforge.engine.state import RunState, replay
from pipeforge.journal.sqlite import open_journal

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")
"""Where cases live if there is such a place: what is proven is the order of writes, not the disk."""

SECONDS = 30.0
"""Until a process counts as hung."""

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Life:
    """One process from its beginning to its end."""

    code: int
    points: tuple[str, ...]
    out: str
    err: str

    @property
    def killed(self):
        return self.code == -signal.SIGKILL

    @property
    def run(self):
        """The run's id, as it was told; looking into the journal would tidy its log away."""
        return self.err.split()[1]

    @property
    def death(self):
        """Where it died, for a person."""
        return f"{len(self.points)} {self.points[-1]}" if self.killed and self.points else f"code {self.code}"


class Stage:
    """The processes that outlive the cases: one that forks, one that serves emulators."""

    def __init__(self, folder, warm):
        """`warm`: what a connection's URL is made of -> a pipeline of every kind, to warm up with."""
        path = f"{HERE.parent}{os.pathsep}{HERE.parent.parent}"
        environment = {**clean(os.environ), **SECRETS, "PYTHONPATH": path}
        where = MEMORY if MEMORY.is_dir() else folder
        self.folder = Path(tempfile.mkdtemp(dir=where, prefix="pipeforge-crash-"))
        self._served = self._start("crash_emulators.py", environment)
        self.root = f"http://127.0.0.1:{int(self._served.stdout.readline())}"
        self.http = httpx.Client(base_url=self.root, trust_env=False)
        first = Case(self, warm)
        first.write("warm.yaml", first.pipeline)
        self._forks = self._start("crash_fork_server.py", environment, first.folder)
        assert self._forks.stdout.readline() == "ready\n", "the warm-up failed"

    @staticmethod
    def _start(script, environment, *arguments):
        # the script dies with us: it is told who its parent has to be
        return subprocess.Popen(
            [sys.executable, HERE / script, *arguments, str(os.getpid())],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **asked):
        self._forks.stdin.write(json.dumps(asked) + "\n")
        self._forks.stdin.flush()
        answer = self._forks.stdout.readline()
        assert answer, "the fork server has died"
        return json.loads(answer)

    def tell(self, path, **given):
        assert self.http.post(path, json=given).status_code == 204

    def close(self):
        self.http.close()
        for process in (self._forks, self._served):
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Case:
    """A project in a folder of its own, with emulators of its own. To be closed."""

    def __init__(self, stage, scenario):
        """`scenario(emulators)`: the pipeline and the world; `emulators.url(vendor)` tells where they are."""
        self.stage, self.name = stage, f"c{next(_numbers)}"
        self.folder = stage.folder / self.name
        self.folder.mkdir()
        self._clock_file = stage.folder / f"{self.name}.clock"
        self.clock = CaseClock.make(self._clock_file)
        urls = SimpleNamespace(url=lambda vendor: f"{stage.root}/{self.name}{BASES[vendor]}")
        self.pipeline, world = scenario(urls)
        self.write("p.yaml", self.pipeline)
        stage.tell("/_open", case=self.name, world=world, clock=str(self._clock_file))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stage.tell("/_close", case=self.name)
        shutil.rmtree(self.folder)
        self._clock_file.unlink()

    def write(self, name, value):
        (self.folder / name).write_text(json.dumps(value), encoding="utf-8")

    @property
    def journal(self):
        return self.folder / ".pipeforge" / "journal.db"

    @property
    def run(self):
        """The run's id; None before there is one."""
        if not self.journal.exists():
            return None
        journal = open_journal(self.journal)
        found = journal.runs()
        journal.close()
        return found[0].run if found else None

    @property
    def state(self):
        """What the journal tells of the run."""
        run = self.run
        if run is None:
            return RunState()
        journal = open_journal(self.journal)
        state = replay(journal.read(run))
        journal.close()
        return state

    def begin(self, *argv, back=0.0, lease=None, **plan):
        """A process; `plan`: see `crash_seams.Points`. To be given to `end`."""
        asked = {"argv": argv, "folder": str(self.folder), "plan": plan, "clock": str(self._clock_file)}
        return self.stage.ask(op="begin", **asked, back=back, lease=lease)["pid"]

    def end(self, pid):
        done = self.stage.ask(op="end", pid=pid, seconds=SECONDS)
        assert "it hung" not in done["err"], done
        assert "Traceback" not in done["err"], done["err"]
        assert "internal error" not in done["err"], done["err"]
        return Life(done["code"], tuple(done["points"].splitlines()), done["out"], done["err"])

    def live(self, **plan):
        """A process that begins the run, or goes on with it where there is one."""
        run = self.run
        argv = ("run", "p.yaml") if run is None else ("resume", run)
        return self.end(self.begin(*argv, **plan))

    @property
    def over(self):
        """Whether the run has ended, or needs a decision."""
        state = self.state
        return state.outcome is not None or state.paused == "undecided"

    def to_the_end(self):
        """Processes that nobody kills, until the run is over."""
        lives = []
        while not self.over:
            assert len(lives) < 3, [(life.code, life.err) for life in lives]
            lives.append(self.live())
            assert not lives[-1].killed, lives[-1]
        return lives

    def settle(self):
        """Lets requests that are still on their way arrive."""
        self.clock.jump(100.0)
        until(lambda: not self.clock.holding)

    def _get(self, path, **query):
        return self.stage.http.get(f"/{self.name}/_emulator/{path}", params=query).json()

    def jobs(self):
        """Every job that the API started, as (vendor, job)."""
        every = [(vendor, job) for vendor, jobs in self._get("jobs").items() for job in jobs]
        return [(vendor, job) for vendor, job in every if job["by"] == "api"]

    def calls(self, **query):
        return self._get("calls", **query)

    def started(self):
        """How many jobs there are, by vendor and what they run."""
        return Counter((vendor, str(job["of"])) for vendor, job in self.jobs())
