"""The processes that outlive the cases: one that forks children, one that serves emulators."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import httpx

from pipeforge.adapter import Json
from pipeforge.adapters import foreign
from pipeforge.contract.checking import refuse, set_up
from pipeforge.contract.killed.clock import CaseClock
from pipeforge.contract.killed.worlds import packed, vendors
from pipeforge.contract.known import packages
from pipeforge.emulators.server import base_urls
from pipeforge.emulators.vendors import PACKAGES

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
"""Where cases live if there is such a place: what is proven is the order of writes, not the disk."""

BOUND = 60.0
"""Seconds until a process that gets ready, or a request that is on its way, counts as hung."""

_UNCLEAN = ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "PIPEFORGE_DEBUG", "PYTHONUNBUFFERED")
"""What would change the output from machine to machine."""


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables without those that would colour a test, or lead it through a proxy."""
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _UNCLEAN and not name.lower().endswith("_proxy")
    }
    return {**kept, "PIPEFORGE_LANG": "en"}


def until(condition: Callable[[], Any], told: Callable[[], str] = lambda: "") -> Any:
    """Waits until something is so, however slow the machine; gives what the condition gave."""
    give_up = time.monotonic() + BOUND
    while not (value := condition()):
        assert time.monotonic() < give_up, f"it never came to be: {told()}"
        time.sleep(0.01)
    return value


_MEND = (
    "mend the case: its params and settings fit the emulator, and in its world jobs succeed within seconds"
)


@dataclass(frozen=True, slots=True)
class Life:
    """One process from its beginning to its end."""

    code: int
    points: tuple[str, ...]
    out: str
    err: str
    hung: bool = False

    @property
    def killed(self) -> bool:
        """Whether it died where it was told to."""
        return self.code == -signal.SIGKILL

    @property
    def run(self) -> str:
        """The run's id, as it was told; looking into the journal would tidy its log away."""
        return self.err.split()[1]

    @property
    def death(self) -> str:
        """Where it died, for a person."""
        return f"{len(self.points)} {self.points[-1]}" if self.killed and self.points else f"code {self.code}"


class Stage:
    """Both processes, and the folder in which all happens. To be closed."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], pipeline: Json, world: Mapping[str, Json]
    ) -> None:
        """`pipeline`: a step of every kind, to warm up with in a world of jobs that are soon over."""
        where = MEMORY if MEMORY.is_dir() else folder
        self.folder = Path(tempfile.mkdtemp(dir=where, prefix="pipeforge-crash-"))
        self.secrets = tuple(environment.values())
        self._numbers = count(1)
        self._asked = count(1)
        self._told = (self.folder / "stderr").open("w+", encoding="utf-8")
        paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "XDG_CACHE_HOME": str(self.folder)}
        variables = {**clean(os.environ), **paths, **environment}
        with set_up("emulators", "mend the package"):
            self.packages = packages(*vendors(world))
        self._served = self._start("serving", variables, str(self.folder))
        self._forks = self._start("forking", variables)
        try:
            port = self._line(self._served, "the emulators do not come up on a port")
            self.root = f"http://127.0.0.1:{int(port)}"
            self.http = httpx.Client(base_url=self.root, trust_env=False, timeout=BOUND)
            self._warm(pipeline, world)
        except BaseException:
            self.close()
            raise

    def _start(self, module: str, environment: Mapping[str, str], *more: str) -> "subprocess.Popen[str]":
        # the process dies with us: it is told who its parent has to be
        return subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", f"pipeforge.contract.killed.{module}", *more, str(os.getpid())],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._told,
            text=True,
        )

    def _warm(self, pipeline: Json, world: Mapping[str, Json]) -> None:
        name, clock = self.open(world)
        folder = self.folder / name
        folder.mkdir()
        (folder / "warm.yaml").write_text(json.dumps(self.placed(name, pipeline)), encoding="utf-8")
        theirs = {link["vendor"] for link in pipeline["connections"].values()} - PACKAGES.keys()
        named = ["pipeforge", *{foreign.vendor(vendor).client.partition(".")[0] for vendor in theirs}]
        self._say({"folder": str(folder), "packages": named})
        why = "a pipeline with a step of each kind does not end by itself, before anything is killed"
        wrong = json.loads(self._line(self._forks, why, lambda: clock.jump(0.2)))
        if wrong:
            self._fail(f"{why}: {wrong}")

    def _line(
        self, process: "subprocess.Popen[str]", why: str, meanwhile: Callable[[], None] = lambda: None
    ) -> str:
        """What a process says when it is ready."""
        assert process.stdout is not None
        give_up = time.monotonic() + BOUND
        while not select.select([process.stdout], [], [], 0.02)[0]:
            if time.monotonic() > give_up:
                self._fail(f"{why}: nothing within {BOUND:.0f} s")
            meanwhile()
        return process.stdout.readline() or self._fail(why)

    def _fail(self, why: str) -> NoReturn:
        self._told.seek(0)
        last = self._told.read().strip().splitlines()[-12:]
        refuse("\n".join([why, *last]), _MEND)

    def _say(self, asked: Json) -> None:
        assert self._forks.stdin is not None
        self._forks.stdin.write(json.dumps(asked) + "\n")
        self._forks.stdin.flush()

    def ask(self, **asked: Json) -> dict[str, Any]:
        """What the process that forks answers."""
        number = next(self._asked)
        self._say({**asked, "number": number})
        while True:  # a test whose time was up has left its answer behind
            answer: dict[str, Any] = json.loads(self._line(self._forks, "the process that forks has died"))
            if answer["number"] == number:
                return answer

    def open(self, world: Mapping[str, Json]) -> tuple[str, CaseClock]:
        """Emulators of their own: the name under which they stand, and their clock."""
        name = f"c{next(self._numbers)}"
        clock = CaseClock.make(self.clock_file(name))
        answer = self.http.post(f"/_open/{name}", content=packed(world))
        if answer.status_code == httpx.codes.BAD_REQUEST:
            refuse(f"the emulators do not take the world of the case: {answer.text}", "mend that world")
        if answer.status_code != httpx.codes.NO_CONTENT:
            self._fail("the emulators cannot be opened")
        return name, clock

    def shut(self, name: str) -> None:
        """Forgets such emulators."""
        assert self.http.post(f"/_close/{name}").status_code == httpx.codes.NO_CONTENT
        self.clock_file(name).unlink()

    def clock_file(self, name: str) -> Path:
        """Where the clock of such emulators is."""
        return self.folder / f"{name}.clock"

    def placed(self, name: str, pipeline: Json) -> Json:
        """The pipeline with connections that lead to these emulators."""
        urls = base_urls(f"{self.root}/{name}", self.packages)
        links = {
            key: {**link, "base_url": urls[link["vendor"]]} for key, link in pipeline["connections"].items()
        }
        return {**pipeline, "connections": links}

    def close(self) -> None:
        """Ends both processes."""
        if hasattr(self, "http"):
            self.http.close()
        for process in (self._forks, self._served):
            process.kill()
            process.communicate()
        self._told.close()
        shutil.rmtree(self.folder, ignore_errors=True)
