"""The stores that every test of the contract runs against, and a SQLite journal to look into."""

import pytest

from pipeforge.journal.sqlite import SqliteJournal, open_journal

STORES = ("sqlite",)


@pytest.fixture(params=STORES)
def place(request, tmp_path):
    """Where a store keeps its runs: opened twice, it is the same journal."""
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(place):
    journal = open_journal(place)
    yield journal
    journal.close()


@pytest.fixture
def another(place):
    """The same journal as another process would open it."""
    journal = open_journal(place)
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
