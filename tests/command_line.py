"""pipeforge as a person starts it: commands in a folder, and the emulators on a port."""

import ctypes
import io
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import httpx

from pipeforge.cli import main

COMMAND = [sys.executable, "-m", "pipeforge"]
PR_SET_PDEATHSIG = 1
BOUND = 30.0
"""Seconds until a test gives up waiting for a condition."""

BASES = {
    "trocco": "/trocco",
    "treasure": "/treasure",
    "workato": "/workato/api",
    "krewdata": "/krewdata/trigger/v1",
    "reckoner": "/reckoner/api/external/v1",
}
"""By vendor, where an emulator stands below its root."""

UNCLEAN = ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "PIPEFORGE_DEBUG", "PYTHONUNBUFFERED")
"""What would change the output from machine to machine."""


def clean(environment):
    """The variables without those that would colour a test, or lead it through a proxy."""
    return {
        name: value
        for name, value in environment.items()
        if name not in UNCLEAN and not name.lower().endswith("_proxy")
    } | {"PIPEFORGE_LANG": "en"}


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err


class Running:
    """A command that goes on; its stderr is read as it comes."""

    def __init__(self, arguments, folder, environment):
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self._out, self._err = [], []
        self._readers = [
            threading.Thread(target=lines.extend, args=(stream,), daemon=True)
            for lines, stream in ((self._out, self._process.stdout), (self._err, self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def err(self):
        return "".join(self._err)

    def until(self, text, times=1):
        """Waits until stderr holds the text so many times; gives all of it."""
        until(lambda: self.err.count(text) >= times or self._process.poll() is not None, self._told)
        assert self.err.count(text) >= times, self._told()
        return self.err

    def ended(self):
        """Whether it is over."""
        return self._process.poll() is not None

    def ended_or(self, text, times=1):
        """Waits for its end or for the text; tells whether it was the end."""
        until(lambda: self.err.count(text) >= times or self._process.poll() is not None, self._told)
        return self._process.poll() is not None

    def _told(self):
        return f"exit code {self._process.poll()}\n{''.join(self._out)}{self.err}"

    def send(self, number):
        self._process.send_signal(number)

    def kill(self):
        """kill -9, and waits until it is gone."""
        self._process.send_signal(signal.SIGKILL)
        return self.end()

    def end(self):
        """Waits for its end; may be asked again."""
        code = self._process.wait(BOUND)
        for reader in self._readers:
            reader.join(BOUND)
        self._process.stdout.close()
        self._process.stderr.close()
        return Done(code, "".join(self._out), self.err)

    def clear_away(self):
        if self._process.poll() is None:
            self._process.kill()
            self.end()


class Shell:
    """Commands in one folder."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.begun = []

    def __call__(self, *arguments):
        """A command in this process, whose current folder and environment are the shell's already."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([str(argument) for argument in arguments])
        return Done(code, out.getvalue(), err.getvalue())

    def begin(self, *arguments, **more):
        """A command as a process that goes on."""
        running = Running([str(each) for each in arguments], self.folder, {**self.environment, **more})
        self.begun.append(running)
        return running

    def process(self, *arguments, **more):
        """A command as a process, to its end. `more`: environment variables."""
        return self.begin(*arguments, **more).end()

    def write(self, name, text):
        """A file of the folder."""
        path = Path(self.folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        return path

    def runs(self, *arguments):
        """What `pipeforge runs` lists, the newest first."""
        return json.loads(self("runs", "--format", "json", *arguments).out)["runs"]

    def shown(self, run, *arguments):
        """What `pipeforge show` tells of a run."""
        return json.loads(self("show", run, "--format", "json", *arguments).out)

    def outcomes(self, run, *arguments):
        """How each step of a run ended."""
        return {id_: step["outcome"] for id_, step in self.shown(run, *arguments)["steps"].items()}


def _die_with_us():
    """A test process that is killed cannot tidy up: the kernel ends its emulators."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Emulators:
    """`pipeforge emulate` on a free port; `words` are more of its arguments."""

    def __init__(self, folder, world, *words):
        path = Path(folder, "world.json")
        path.write_text(json.dumps(world), encoding="utf-8")
        self._process = subprocess.Popen(
            [*COMMAND, "emulate", *words, "--port", "0", "--world", path],
            env=clean(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=_die_with_us if sys.platform == "linux" else None,
        )
        ready, _, _ = select.select([self._process.stdout], [], [], BOUND)
        self.root = self._process.stdout.readline().strip() if ready else ""
        assert self.root, f"the emulators did not start: exit code {self._process.poll()}"
        self._http = httpx.Client(base_url=f"{self.root}/_emulator", trust_env=False)
        self._known = set()

    def url(self, vendor):
        return self.root + BASES[vendor]

    def close(self):
        self._http.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _get(self, path, **query):
        return self._http.get(path, params=query).json()

    def _post(self, path, body):
        answer = self._http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def forget(self):
        """Ends what a test left: faults, running jobs, limits that count the last minute."""
        self._http.delete("/faults")
        self.jump(90)
        self._known = {(vendor, job["of"], job["id"]) for vendor, job in self._all()}

    def _all(self):
        return [(vendor, job) for vendor, jobs in self._get("/jobs").items() for job in jobs]

    def jobs(self, vendor=None):
        """The jobs that this test started, with `vendor` beside what the emulator tells."""
        new = [(name, job) for name, job in self._all() if (name, job["of"], job["id"]) not in self._known]
        return [{"vendor": name, **job} for name, job in new if vendor in (None, name)]

    def jump(self, seconds):
        self._post("/clock", {"jump": seconds})

    def fault(self, vendor, **fault):
        self._post("/faults", {"vendor": vendor, **fault})

    def mend(self):
        """Takes all faults back."""
        self._http.delete("/faults")

    def act(self, vendor, action, **given):
        return self._post("/act", {"vendor": vendor, "action": action, **given})

    def calls(self, vendor, method="*"):
        return [row for row in self._get("/calls", vendor=vendor) if method in ("*", row["method"])]


def until(condition, told=lambda: ""):
    """Waits until something is so, however slow the machine; gives what the condition gave."""
    give_up = time.monotonic() + BOUND
    while not (value := condition()):
        assert time.monotonic() < give_up, f"it never came to be: {told()}"
        time.sleep(0.01)
    return value
