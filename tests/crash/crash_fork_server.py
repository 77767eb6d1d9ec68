"""A process that has imported everything and forks a child for each command, to be killed at a point.

Reads requests as JSON lines on stdin and answers each on stdout:
`{"op": "begin", "argv", "folder", "plan", "clock", "back", "lease"}` -> `{"pid"}`;
`{"op": "end", "pid", "seconds"}` -> `{"code", "points", "out", "err"}`, `code` negative after a signal.
"""

import asyncio
import ctypes
import gc
import importlib
import io
import json
import os
import pkgutil
import selectors
import signal
import sys
import threading
import time

import crash_seams

from pipeforge import adapters, cli, commands
from pipeforge.adapters import connections

PR_SET_PDEATHSIG = 1
ROOM = 1 << 20


def warm(folder):
    """Imports what a run needs, and has a run build all that is built once."""
    for module in pkgutil.iter_modules(commands.__path__):
        importlib.import_module(f"pipeforge.commands.{module.name}")
    for name in adapters.kinds():
        vendor = name.partition(".")[0]
        adapters.connection_model(vendor)
        adapters.kinds()[name]
        for table in (connections._CLIENTS, connections._ADAPTERS):
            connections.load(table[vendor])
    os.chdir(folder)
    kept, sys.stdout = sys.stdout, io.StringIO()
    errors, sys.stderr = sys.stderr, io.StringIO()
    code = cli.main(["run", "warm.yaml", "--log-format", "plain"])
    cli.main(["resume", "0000"])
    told, sys.stdout = sys.stdout.getvalue() + sys.stderr.getvalue(), kept
    sys.stderr = errors
    assert code == 0, told
    assert threading.active_count() == 1
    crash_seams.move_wall_clock()
    gc.collect()
    gc.freeze()


def die_with(parent):
    """Nothing is left behind by a test process that was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Children:
    """The processes under way, each with the pipes of its stdout, its stderr and its points."""

    def __init__(self):
        self._pipes = {}

    def begin(self, asked):
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

    def end(self, asked):
        pid, until = asked["pid"], time.monotonic() + asked["seconds"]
        out, err, points = _read_all(self._pipes.pop(pid), until)
        if time.monotonic() >= until:
            os.kill(pid, signal.SIGKILL)
            err += "\nit hung"
        _, status = os.waitpid(pid, 0)
        return {"code": os.waitstatus_to_exitcode(status), "points": points, "out": out, "err": err}


def _read_all(pipes, until):
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


def _live(asked, pipes):
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
        _lease(asked["lease"])
        crash_seams.install(pipes[2], asked["plan"], asked["clock"], asked["back"])
        code = cli.main(asked["argv"])
    finally:
        os._exit(code)


def _lease(seconds):
    """How long a silent process keeps its run, and a lock is waited for; None: as ever."""
    if seconds is None:
        return
    lease = sys.modules["pipeforge.journal.lease"]
    lease.EXPIRY = lease.HEARTBEAT = seconds
    sys.modules["pipeforge.freshness"].GOOD_FOR = seconds / 2
    defaults = sys.modules["pipeforge.journal.sqlite"].SqliteJournal.__init__.__kwdefaults__
    defaults |= {"heartbeat": seconds / 3, "patience": seconds}


def main():
    die_with(int(sys.argv[2]))
    asyncio.set_event_loop_policy(None)
    warm(sys.argv[1])
    children = Children()
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(getattr(children, asked["op"])(asked)), flush=True)


if __name__ == "__main__":
    main()
