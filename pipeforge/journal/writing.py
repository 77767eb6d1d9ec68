"""The writer of one run: numbers its events and gives them to the group."""

from collections.abc import Callable, Sequence
from functools import partial

from pipeforge.engine.events import Event, RunFinished, RunPaused, RunResumed, StepSettled
from pipeforge.errors import JournalError, RunEnded
from pipeforge.journal import Claim, Wait, places
from pipeforge.journal.committing import Entry, Stream
from pipeforge.journal.grouping import SOON, GroupCommit
from pipeforge.journal.rows import row, stamp
from pipeforge.journal.store import Session


class StoredWriter:
    """A `Writer`: numbers the events and gives them to the group."""

    def __init__(self, stream: Stream, group: GroupCommit, release: Callable[[Stream], None]) -> None:
        self.run = stream.run
        self._stream = stream
        self._group = group
        self._release = release
        self._ended = False
        self._closed = False

    async def append(self, event: Event) -> None:
        """See `Writer.append`. When it is canceled while it waits, the event may be written or not."""
        await self._group.append(self._entry(event))

    def note(self, event: Event) -> None:
        """See `Writer.note`. On disk after about a second even if nothing else comes."""
        self._group.note(self._entry(event))

    async def claim(self, *claims: Claim, force: bool = False) -> Wait | None:
        """See `Writer.claim`."""
        self._check()
        stream = self._stream
        answers: list[Wait | None] = []

        def work(session: Session) -> None:
            answers.append(places.take(session, stream.run, stream.token, claims, force=force))

        await self._group.append(Entry(stream, None, work=work))
        return answers[-1]

    async def give_back(self, *claims: Claim) -> None:
        """See `Writer.give_back`. Nothing is left to do for a run that was closed or taken over."""
        if self._closed or self._stream.failure is not None:
            return
        try:
            await self._group.append(self._giving_back(claims))
        except JournalError:
            if self._stream.failure is None:
                raise

    def let_go(self, *claims: Claim) -> None:
        """See `Writer.let_go`."""
        if not self._closed and self._stream.failure is None:
            self._group.note(self._giving_back(claims), SOON)

    async def close(self) -> None:
        """See `Writer.close`. May be called again. Raises JournalError when what is noted cannot be written,
        but does not repeat what an append already said.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._group.failure(self._stream) is None:
                await self._group.append(Entry(self._stream, None))
        finally:
            self._release(self._stream)

    def _giving_back(self, claims: Sequence[Claim]) -> Entry:
        work = partial(places.give_back, run=self._stream.run, claims=claims)
        return Entry(self._stream, None, work=work)

    def _check(self) -> None:
        if self._closed:
            raise JournalError(
                f"the writer of run '{self.run}' is closed", "open the run again to append to it"
            )

    def _entry(self, event: Event) -> Entry:
        self._check()
        if self._ended:
            raise RunEnded(f"run '{self.run}' has ended", "start a new run: an ended one never goes on")
        stream = self._stream
        kept = row(stream.run, stream.seq, event)
        stream.seq += 1
        if isinstance(event, RunFinished):
            self._ended = True
            return Entry(stream, kept, (stamp(event.at), str(event.outcome)))
        if isinstance(event, RunPaused) and event.reason == "undecided":
            return Entry(stream, kept, (None, "unknown"))
        if isinstance(event, StepSettled | RunResumed):
            return Entry(stream, kept, (None, None))
        return Entry(stream, kept)
