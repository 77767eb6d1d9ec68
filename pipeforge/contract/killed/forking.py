"""A process that has imported everything and forks a child for each command, to be killed at a point.

Is told a JSON value a line on stdin and answers each on stdout. The first is the folder of a pipeline to warm
up with, and the packages whose modules tell the time; its answer is what went wrong, or nothing. Then
`{"op": "begin", "argv", "folder", "plan", "clock", "back", "lease"}` -> `{"pid"}`;
`{"op": "end", "pid", "seconds"}` -> `{"code", "points", "out", "err", "hung"}`: the code is negative after a
signal.
"""

import asyncio
import gc
import io
import json
import os
import pkgutil
import selectors
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from pipeforge import cli, commands
from pipeforge.contract.killed.belonging import answers, die_with
from pipeforge.contract.killed.hurrying import move_wall_clock
from pipeforge.contract.killed.seams import install
from pipeforge.journal.sqlite import SqliteJournal
from pipeforge.loading import load


def warm(folder: str, packages: Sequence[str]) -> str:
    """Imports what a run needs, has a run build what is built once; what is wrong, empty if nothing is."""
    for module in pkgutil.iter_modules(commands.__path__):
        load(f"pipeforge.commands.{module.name}")
    os.chdir(folder)
    with redirect_stdout(sys.stderr):
        code = cli.main(["run", "warm.yaml", "--log-format", "plain"])
    if code:
        return f"it ended with {code}"
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        cli.main(["resume", "0000"])
    left = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
    if left:
        return f"a client leaves a thread behind when it is closed: {', '.join(left)}"
    move_wall_clock(packages)
    gc.collect()
    gc.freeze()
    return ""


class Children:
    """The processes under way, each with the pipes of its stdout, its stderr and its points."""

    def __init__(self) -> None:
        self._pipes: dict[int, list[int]] = {}

    def begin(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Forks one."""
        pipes = [os.pipe() for _ in range(3)]
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            die_with(parent)
            _live(asked, [end for _, end in pipes])
        for _, end in pipes:
            os.close(end)
        self._pipes[pid] = [begin for begin, _ in pipes]
        return {"pid": pid}

    def end(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Waits for the end of one."""
        pid, until = asked["pid"], time.monotonic() + asked["seconds"]
        out, err, points = _read_all(self._pipes.pop(pid), until)
        hung = time.monotonic() >= until
        if hung:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return {"code": code, "points": points, "out": out, "err": err, "hung": hung}


def _read_all(pipes: Sequence[int], until: float) -> list[str]:
    found = {pipe: b"" for pipe in pipes}
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map() and (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                piece = os.read(key.fd, 65536)
                found[key.fd] += piece
                if not piece:
                    selector.unregister(key.fd)
    for pipe in pipes:
        os.close(pipe)
    return [text.decode("utf-8", "replace") for text in found.values()]


def _live(asked: dict[str, Any], pipes: Sequence[int]) -> None:
    """The child: its command from the beginning to its end."""
    code = 70
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(pipes[0], 1)
        os.dup2(pipes[1], 2)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8", write_through=True)
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8", write_through=True)
        os.chdir(asked["folder"])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _shorten(asked["lease"])
        install(pipes[2], asked["plan"], Path(asked["clock"]), asked["back"])
        code = cli.main(asked["argv"])
    finally:
        os._exit(code)


def _shorten(seconds: float | None) -> None:
    """How long a silent process keeps its run, and a lock is waited for; None: as ever."""
    if seconds is None:
        return
    there = load("pipeforge.journal.lease")
    there.EXPIRY = there.HEARTBEAT = seconds
    load("pipeforge.freshness").GOOD_FOR = seconds / 2
    defaults = SqliteJournal.__init__.__kwdefaults__ or {}
    defaults |= {"heartbeat": seconds / 3, "patience": seconds}


def main(parent: str) -> None:
    """Until there is nothing more to read."""
    out = answers()
    die_with(int(parent))
    asyncio.set_event_loop_policy(None)
    first = json.loads(sys.stdin.readline())
    wrong = warm(first["folder"], first["packages"])
    print(json.dumps(wrong), file=out)
    children = Children()
    while not wrong and (line := sys.stdin.readline()):
        asked = json.loads(line)
        act = children.begin if asked["op"] == "begin" else children.end
        print(json.dumps({**act(asked), "number": asked["number"]}), file=out)


if __name__ == "__main__":
    main(sys.argv[1])
