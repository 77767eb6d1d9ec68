"""The stores that every test of the contract runs against, and a SQLite journal to look into."""

import pytest
from postgres_server import servers

from pipeforge.journal.address import Server
from pipeforge.journal.memory import MemoryJournal, MemoryStore
from pipeforge.journal.postgres import PostgresJournal
from pipeforge.journal.sqlite import SqliteJournal, open_journal

STORES = ("sqlite", "memory", "postgres")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, started when a test first needs it."""
    yield from servers()


@pytest.fixture(params=STORES)
def place(request, tmp_path):
    """Where a store keeps its runs: opened twice, it is the same journal."""
    if request.param == "sqlite":
        yield tmp_path / "state" / "journal.db"
        return
    if request.param == "memory":
        yield MemoryStore()
        return
    server = request.getfixturevalue("postgres")
    with server.database() as name:
        yield Server(server.url(name))


def opened(place):
    if isinstance(place, MemoryStore):
        return MemoryJournal(place)
    return PostgresJournal(place) if isinstance(place, Server) else open_journal(place)


@pytest.fixture
def journal(place):
    journal = opened(place)
    yield journal
    journal.close()


@pytest.fixture
def another(place):
    """The same journal as another process would open it."""
    journal = opened(place)
    yield journal
    journal.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


@pytest.fixture
def sqlite_journal(path):
    journal = SqliteJournal(path, patience=0.2)
    yield journal
    journal.close()
