"""Where runs are kept: a file, or a database on a server; opened when a command needs it."""

from pathlib import Path

from pipeforge.errors import UsageError
from pipeforge.journal import Journal, sqlite
from pipeforge.journal.address import Server, server
from pipeforge.loading import load

Place = Path | Server
"""As text it is what a person types to name it again; never with a password."""


def place(text: str) -> Place:
    """What a text names. Raises UsageError for an address that is none of a database."""
    return server(text) if "://" in text else Path(text)


def below(root: Path, text: str) -> Place:
    """The same for what a project file in the folder `root` says. Raises UsageError."""
    named = place(text)
    if isinstance(named, Path):
        return root / named
    if named.has_password:
        raise UsageError(
            f"the project file holds the password of journal '{named}'",
            "take it out there, and set it as PGPASSWORD, or write it into ~/.pgpass",
        )
    return named


def settled(named: Place) -> Place:
    """Fit to be compared, from whichever folder it was named."""
    return named.resolve() if isinstance(named, Path) else named


def open_journal(named: Place) -> Journal:
    """The journal there. Nothing is touched before it is used. Raises UsageError when psycopg lacks."""
    if isinstance(named, Path):
        return sqlite.open_journal(named)
    try:
        journal: Journal = load("pipeforge.journal.postgres:open_journal")(named)
    except ImportError:
        raise UsageError(
            f"journal '{named}' needs the package psycopg, which is not there or finds no libpq",
            "install it with pipeforge: pip install 'pipeforge[postgres]'",
        ) from None
    return journal
