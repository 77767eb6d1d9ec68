"""The journal in a PostgreSQL database: the store for several machines."""

from collections.abc import Callable

from pipeforge.journal import Absence, Journal
from pipeforge.journal.address import Server
from pipeforge.journal.lease import HEARTBEAT
from pipeforge.journal.postgres.absence import Watch
from pipeforge.journal.postgres.database import PostgresStore
from pipeforge.journal.stored import StoredJournal


def open_journal(server: Server) -> Journal:
    """The journal of a server. Nobody is asked before it is used, nothing made before a run starts."""
    return PostgresJournal(server)


class PostgresJournal(StoredJournal):
    """A `Journal` in one database. Leases and claims go by the database's clock."""

    def __init__(self, server: Server, *, window: float | None = None, heartbeat: float = HEARTBEAT) -> None:
        """`heartbeat`: seconds between beats.

        `window`: seconds for which a server that went away is waited for; as a rule as long as a lease lives.
        """
        self._watch = Watch()
        super().__init__(PostgresStore(server, self._watch, window), heartbeat)

    def heed(self, tell: Callable[[Absence], None]) -> None:
        """See `Journal.heed`."""
        self._watch.tell = tell
