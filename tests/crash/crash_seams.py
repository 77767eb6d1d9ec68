"""Wraps every place where a process touches disk, network or sleep, counts them, and dies at one of them.

Nothing here knows a kind, an event or a command. The seams are:

- the audit events of Python itself: a file opened for writing, a folder made, a file moved or removed, a
  database opened, a socket connected;
- every commit of every SQLite connection, before and after;
- every request that leaves through the door of `pipeforge.adapters.http`: before it leaves; gone, with the
  vendor at work only later; work done and no answer; half of the answer; all of the answer;
- the event loop with nothing left to do but to wait for a timer. It then jumps there, and the case's clock
  (that of the emulators, and the wall clock of this process) jumps with it.
"""

import asyncio
import datetime as calendar
import inspect
import mmap
import os
import resource
import selectors
import signal
import sqlite3
import struct
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx

from pipeforge.adapters import http

HOLD = "x-crash-hold"
"""A header for the emulators: do this request's work only so many seconds later."""

LATE = 10.0
"""Seconds that a request which has left is still on its way to its work."""

REAL_TIME = ("pipeforge-heartbeat", "pipeforge-listener")
"""Threads that look at the real clock: where they are cannot be counted on."""

SHORT = 0.005
"""Seconds: shorter waits are waited for."""

QUIET = 0.001
"""Seconds that threads and sockets are given before a jump."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
TOUCHES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM")
FORMAT = struct.Struct("d")


class CaseClock:
    """Seconds that a case is ahead of the machine: a file that its processes and its emulators share."""

    SIZE = 16

    def __init__(self, path):
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), self.SIZE)

    @classmethod
    def make(cls, path):
        Path(path).write_bytes(bytes(cls.SIZE))
        return cls(path)

    @property
    def ahead(self):
        return FORMAT.unpack_from(self._memory)[0]

    def jump(self, seconds):
        FORMAT.pack_into(self._memory, 0, self.ahead + seconds)

    @property
    def held(self):
        """How many requests the emulators hold back, or held."""
        return self._memory[8]

    def hold(self):
        self._memory[8] += 1

    @property
    def holding(self):
        """Whether one of them is not worked on yet."""
        return self._memory[8] != self._memory[9]

    def let_go(self):
        self._memory[9] += 1


class Points:
    """The places a process has passed, told through a pipe as they come; what is to happen at which."""

    def __init__(self, pipe, plan):
        """`plan`: by word (kill, interrupt, stop, full, readonly) the number of a point, from 1."""
        self._pipe, self._plan = pipe, plan
        self._lock = threading.RLock()
        self.count = 0
        self.readonly = False

    def come(self, name):
        """Counts a place; whether the process is to die there."""
        with self._lock:
            self.count += 1
            os.write(self._pipe, f"{name}\n".encode())
            if self._plan.get("interrupt") == self.count:
                os.kill(os.getpid(), signal.SIGINT)
            if self._plan.get("stop") == self.count:
                os.kill(os.getpid(), signal.SIGSTOP)
            if self._plan.get("full") == self.count:
                _fill_the_disk()
            if self._plan.get("readonly") == self.count:
                self.readonly = True
            return self._plan.get("kill") == self.count

    def pass_by(self, name):
        """Counts a place, or dies there."""
        if threading.current_thread().name not in REAL_TIME and self.come(name):
            self.die()

    def die(self):
        """At once, as by `kill -9`."""
        with self._lock:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)


def _fill_the_disk():
    """No file of this process may grow beyond what there is (Python ignores SIGXFSZ: a write fails)."""
    largest = max((each.stat().st_size for each in Path.cwd().rglob("*") if each.is_file()), default=0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


class Watch:
    """What a process has under way, so that the loop knows when it only waits for time to pass."""

    def __init__(self):
        self.requests = 0
        self.transactions = 0

    @property
    def idle(self):
        return not self.requests and not self.transactions


def audit(points):
    """Python tells of every file and socket; only this case's folder counts."""
    home = os.getcwd()

    def ours(path):
        return isinstance(path, (str, bytes, os.PathLike)) and os.fsdecode(path).startswith(home)

    def hook(event, args):
        if event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & WRITING and ours(path):
                points.pass_by(f"open {Path(os.fsdecode(path)).name}")
        elif event == "sqlite3.connect" or event == "socket.connect":
            points.pass_by(event)
        elif event in TOUCHES and ours(args[0]):
            points.pass_by(f"{event} {Path(os.fsdecode(args[0])).name}")

    sys.addaudithook(hook)


class Connection(sqlite3.Connection):
    """A connection that tells of its commits. Each process makes its own class of it, with these two."""

    points = watch = None

    def execute(self, sql, *given):
        word = sql.split(None, 1)[0].upper()
        if word == "BEGIN":
            return self._begin(sql)
        if word in ("COMMIT", "ROLLBACK"):
            return self._end(word, sql)
        if not self.in_transaction and (word in WRITES or "journal_mode" in sql):
            self.points.pass_by(f"before {word.lower()}")
            done = super().execute(sql, *given)
            self.points.pass_by(f"after {word.lower()}")
            return done
        return super().execute(sql, *given)

    def _begin(self, sql):
        super().execute(f"PRAGMA query_only = {'ON' if self.points.readonly else 'OFF'}")
        done = super().execute(sql)
        self.watch.transactions += 1
        return done

    def _end(self, word, sql):
        try:
            if word == "COMMIT":
                self.points.pass_by("before commit")
            done = super().execute(sql)
        finally:
            if not self.in_transaction:
                self.watch.transactions -= 1
        if word == "COMMIT":
            self.points.pass_by("after commit")
        return done

    def commit(self):
        self.execute("COMMIT") if self.in_transaction else None

    def close(self):
        self.points.pass_by("close database")
        super().close()


class Halves(httpx.AsyncByteStream):
    """An answer's body in two halves, with a place to die between them."""

    def __init__(self, content, points, what, ended):
        self._content, self._points, self._what, self._ended = content, points, what, ended

    async def __aiter__(self):
        middle = len(self._content) // 2
        yield self._content[:middle]
        self._points.pass_by(f"half an answer to {self._what}")
        yield self._content[middle:]
        if not self._what.startswith("GET "):
            self._points.pass_by(f"answered {self._what}")

    async def aclose(self):
        self._ended()


class Transport(httpx.AsyncBaseTransport):
    """The door to the network, with a place to die at each of its sides."""

    def __init__(self, inner, points, watch, clock):
        self._inner, self._points, self._watch, self._clock = inner, points, watch, clock

    async def handle_async_request(self, request):
        what = f"{request.method} {request.url.path.partition('/')[2].partition('/')[2]}"
        self._points.pass_by(f"before {what}")
        writes = request.method not in ("GET", "HEAD")
        if writes and self._points.come(f"gone {what}"):
            await self._leave_it_on_its_way(request)
        self._watch.requests += 1
        try:
            response = await self._inner.handle_async_request(request)
            content = b"".join([chunk async for chunk in response.stream])
            await response.aclose()
        except BaseException:
            self._ended()
            raise
        if writes:
            self._points.pass_by(f"unanswered {what}")
        body = Halves(content, self._points, what, self._ended)
        return httpx.Response(response.status_code, headers=response.headers, stream=body)

    async def _leave_it_on_its_way(self, request):
        request.headers[HOLD] = str(LATE)
        before = self._clock.held
        sending = asyncio.ensure_future(self._inner.handle_async_request(request))
        self._watch.requests += 1
        while self._clock.held == before and not sending.done():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.001)
        self._points.die()

    def _ended(self):
        self._watch.requests -= 1

    async def aclose(self):
        await self._inner.aclose()


class Selector(selectors.DefaultSelector):
    """Jumps to the next timer when there is nothing else to wait for."""

    def __init__(self, points, watch, clock):
        super().__init__()
        self._points, self._watch, self._clock = points, watch, clock
        self.jumped = 0.0

    def select(self, timeout=None):
        if timeout is None or timeout < SHORT:
            return super().select(timeout)
        if not self._watch.idle:
            return super().select(min(timeout, SHORT))
        ready = super().select(QUIET)
        if not ready and self._watch.idle:
            self._points.pass_by(f"waits {timeout:.0f}s")
            self.jumped += timeout
            self._clock.jump(timeout)
        return ready


class Loop(asyncio.SelectorEventLoop):
    """An event loop in a hurry."""

    def __init__(self, selector):
        self._hurried = selector
        super().__init__(selector)

    def time(self):
        return super().time() + self._hurried.jumped


class Policy(asyncio.DefaultEventLoopPolicy):
    """Every loop of this process is in a hurry."""

    def __init__(self, make):
        super().__init__()
        self._make = make

    def new_event_loop(self):
        return self._make()


class _OurTime(type):
    def __instancecheck__(cls, value):
        return isinstance(value, calendar.datetime)


class Moved(calendar.datetime, metaclass=_OurTime):
    """A wall clock that may be ahead of the machine's, or behind."""

    ahead = staticmethod(lambda: 0.0)

    @classmethod
    def now(cls, tz=None):
        return calendar.datetime.now(tz) + calendar.timedelta(seconds=cls.ahead())


def move_wall_clock():
    """Has every module of ours that asks for the time ask `Moved`; once, in the process that forks."""
    system = time.time
    time.time = lambda: system() + Moved.ahead()
    for name, module in list(sys.modules.items()):
        asks = name.startswith("pipeforge.") and getattr(module, "datetime", None) is calendar.datetime
        if asks and "datetime.now(" in inspect.getsource(module):
            module.datetime = Moved


def install(pipe, plan, clock_file, back):
    """In the child, before its command begins. `back`: seconds that its wall clock goes behind."""
    points, watch, clock = Points(pipe, plan), Watch(), CaseClock(clock_file)
    Moved.ahead = staticmethod(lambda: clock.ahead - back)
    real_connect = sqlite3.connect
    factory = type("Connection", (Connection,), {"points": points, "watch": watch})
    sqlite3.connect = lambda *given, **more: real_connect(*given, **{"factory": factory, **more})
    real_transport = http._transport
    http._transport = lambda *given: Transport(real_transport(*given), points, watch, clock)
    asyncio.set_event_loop_policy(Policy(lambda: Loop(Selector(points, watch, clock))))
    audit(points)
