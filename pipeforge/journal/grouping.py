"""Group commit: what gathers while one commit is under way goes to disk together with the next."""

import asyncio
from typing import Final

from pipeforge.errors import JournalError
from pipeforge.journal.committing import Committer, Crowded, Entry, Stream, Write

ENOUGH: Final = 16
"""Waiting appends that are worth a commit at once. chosen: more hardly make it cheaper for each."""
GATHER: Final = 0.001
"""Seconds a group is given to fill up. chosen: about one commit's time, far below any vendor's answer."""
SLOW: Final = 0.005
"""Seconds: after a commit that took longer, the next is not made in the event loop's thread. chosen."""
NOTE_DELAY: Final = 1.0
"""Seconds after which a note goes to disk though no append came."""
SOON: Final = 0.05
"""Seconds for a note that others wait for. chosen: in a chain the next append is sooner, and takes it."""
MANY_NOTES: Final = 512
"""Notes that go to disk though neither an append nor the second came. chosen: bounds the memory."""


class GroupCommit:
    """Decides when, and in which thread, entries are committed.

    - An append gives the loop one turn, so that others may join. If it is still alone, and the commit before
      was of one append too (a chain), it is committed in place: cheaper than through the thread.
    - Otherwise the thread commits, and what comes meanwhile makes up the next group. While groups come, each
      is given GATHER seconds to fill up, or until there are ENOUGH.
    - After one error nothing is ever written again.
    """

    def __init__(self, write: Write) -> None:
        self.committer = Committer(write)
        self._pending: list[Entry] = []
        self._waiting = 0
        self._last_group = 1
        self._in_flight = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._look: asyncio.Handle | None = None
        self._later: asyncio.TimerHandle | None = None

    def failure(self, stream: Stream) -> JournalError | None:
        """Why nothing more can be written for a run; None while it can."""
        return self.committer.broken or stream.failure

    def note(self, entry: Entry, delay: float = NOTE_DELAY) -> None:
        """Keeps an entry for the next commit, or so many seconds. Raises JournalError."""
        self._check(entry.stream)
        loop = self._running_loop()
        self._pending.append(entry)
        if len(self._pending) >= MANY_NOTES:
            self._hand_over(loop)
        elif self._later is None or self._later.when() > loop.time() + delay:
            self._cancel_later()
            self._later = loop.call_later(delay, self._flush_notes, loop)

    def append(self, entry: Entry) -> asyncio.Future[None]:
        """Resolves when the entry, and all before it, are on disk. Raises JournalError, now or then."""
        self._check(entry.stream)
        loop = self._running_loop()
        waiter = loop.create_future()
        self._pending.append(Entry(entry.stream, entry.row, entry.ending, waiter, entry.work))
        self._waiting += 1
        if self._waiting >= ENOUGH:
            self._hand_over(loop)
        elif self._look is None and not self._in_flight:
            self._look = loop.call_soon(self._after_a_turn, loop)
        return waiter

    def stop(self) -> None:
        """Commits all that is pending, here and now; the loop may be gone already."""
        self.committer.stop()
        self._in_flight = False
        self._cancel_look()
        batch = self._taken()
        self.committer.commit(batch, wait=True)
        self._settle(batch)

    def _check(self, stream: Stream) -> None:
        failure = self.failure(stream)
        if failure is not None:
            raise _again(failure)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # An earlier loop may have gone with a commit under way: its end is awaited, nobody asks for it.
            self.committer.settle_down()
            self._in_flight = False
            self._look = self._later = None
            self._loop = loop
        return loop

    def _after_a_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        (self._gather if self._last_group > 1 else self._gathered)(loop)

    def _gather(self, loop: asyncio.AbstractEventLoop) -> None:
        self._look = loop.call_later(GATHER, self._gathered, loop)

    def _gathered(self, loop: asyncio.AbstractEventLoop) -> None:
        self._look = None
        if self._waiting == 1:
            self._commit_in_place(loop)
        else:
            self._hand_over(loop)

    def _flush_notes(self, loop: asyncio.AbstractEventLoop) -> None:
        self._later = None
        self._hand_over(loop)

    def _commit_in_place(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._in_flight or self.committer.last_time > SLOW:
            self._hand_over(loop)
            return
        batch = self._taken()
        try:
            self.committer.commit(batch, wait=False)
        except Crowded:
            self._send(batch, loop)
        else:
            self._settle(batch)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Gives all that is pending to the thread; while it is busy, that is left to `_done`."""
        if self._pending and not self._in_flight:
            self._cancel_look()
            self._send(self._taken(), loop)

    def _send(self, batch: list[Entry], loop: asyncio.AbstractEventLoop) -> None:
        self._in_flight = True
        self.committer.hand_over(batch, loop, self._done)

    def _done(self, batch: list[Entry]) -> None:
        self._in_flight = False
        self._settle(batch)
        loop = self._running_loop()
        overdue = self._pending and not self._waiting and self._later is None
        if overdue or self._waiting >= ENOUGH or (self._waiting and self._last_group == 1):
            self._hand_over(loop)
        elif self._waiting and self._look is None:
            self._gather(loop)

    def _taken(self) -> list[Entry]:
        batch, self._pending = self._pending, []
        self._waiting = 0
        self._cancel_later()
        return batch

    def _cancel_later(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _cancel_look(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _settle(self, batch: list[Entry]) -> None:
        waiters = [(entry, entry.waiter) for entry in batch if entry.waiter is not None]
        self._last_group = max(1, len(waiters))
        for entry, waiter in waiters:
            if waiter.done() or waiter.get_loop().is_closed():
                continue
            failure = self.failure(entry.stream)
            if failure is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(_again(failure))


def _again(failure: JournalError) -> JournalError:
    # A new one each time: one exception raised in many tasks would gather all their tracebacks.
    return type(failure)(failure.message, failure.hint)
