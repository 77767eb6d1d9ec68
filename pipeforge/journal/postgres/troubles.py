"""What goes wrong with a PostgreSQL server, in words: the database, the cause, the mend; never a password."""

from typing import Final

import psycopg

from pipeforge.errors import JournalError

Words = tuple[str, str]
"""The cause, and the mend."""

_RIGHTS: Final = (
    "this user may not do that there",
    "give it the right to make a schema: GRANT CREATE ON DATABASE … TO …; or, where others made the journal,"
    " to all that is in it: GRANT USAGE ON SCHEMA pipeforge TO …, and the same for its tables",
)
_PASSWORD: Final = (
    "the server refused the user or its password",
    "set PGUSER and PGPASSWORD, or write them into ~/.pgpass or a service file; the commands that pipeforge"
    " prints never hold a password",
)
_NO_DATABASE: Final = ("there is no such database", "make it: createdb NAME, or name another with --journal")
_DOWN: Final = (
    "there is no server, or it cannot be reached",
    "start it, check its host and port, then try again",
)
_LOST: Final = (
    "the connection to the server was lost, and did not come back",
    "see that the server runs and can be reached, then resume the run: what was under way is asked for",
)
_STARTING: Final = ("the server is starting up or going down", "wait a moment, then try again")
_SECURE: Final = (
    "no secure connection to the server can be made",
    "check sslmode and sslrootcert behind the ? of its address, and the server's certificate",
)
_FULL: Final = ("there is no space left on the server's disk", "free some space there, then resume the run")
_CROWD: Final = (
    "the server takes no more connections",
    "end some of them or raise max_connections; a run needs up to three",
)
_READ_ONLY: Final = (
    "it may only be read: a standby server, or set so",
    "name the primary server (of several hosts: target_session_attrs=read-write), or let it be written to",
)
_LOCKED: Final = (
    "somebody else keeps it locked",
    "end the transaction that is open there: pg_stat_activity tells whose it is",
)
_DAMAGED: Final = (
    "the server says that its data is damaged",
    "restore the database from a copy, and look at the vendors' side before running again",
)

_BY_STATE: Final = {
    "0A000": _READ_ONLY,  # what a standby says to whoever wants to write
    "28P01": _PASSWORD,
    "28000": _PASSWORD,
    "3D000": _NO_DATABASE,
    "42501": _RIGHTS,
    "25006": _READ_ONLY,
    "53100": _FULL,
    "53300": _CROWD,
    "55P03": _LOCKED,
    "57P03": _STARTING,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
}

# A refused connection has no code, only the words of libpq and the server (inferred: in English; what a
# server says in another language is told as it is).
_BY_WORDS: Final = (
    ("the database system is", _STARTING),
    ("closed unexpectedly", _LOST),
    ("closed the connection", _LOST),
    ("permission denied for database", _RIGHTS),
    ("password", _PASSWORD),
    ("no pg_hba.conf entry", _PASSWORD),
    ("authentication failed", _PASSWORD),
    ('role "', _PASSWORD),
    ('database "', _NO_DATABASE),
    ("too many clients", _CROWD),
    ("connection slots", _CROWD),
    ("session is read-only", _READ_ONLY),
    ("ssl", _SECURE),
    ("certificate", _SECURE),
    ("failed to resolve host", _DOWN),
    ("translate host name", _DOWN),
    ("refused", _DOWN),
    ("no such file or directory", _DOWN),
    ("timeout", _DOWN),
    ("timed out", _DOWN),
    ("unreachable", _DOWN),
    ("no route to host", _DOWN),
)

REPEATED: Final = frozenset({"40001", "40P01", "23505"})
"""Of two transactions that got in each other's way one is refused; it is done anew. 23505: both inserted the
same; the second try then sees what the other did."""

_PASSING: Final = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "53300"})
"""The server ends a session, or takes none for now."""


def told(error: psycopg.Error, name: str, *, was_there: bool = False) -> JournalError:
    """`was_there`: there was a connection before, so that it is the server that went away."""
    cause, hint = _words(error)
    if was_there and (cause, hint) in (_DOWN, _STARTING):
        cause, hint = _LOST
    return JournalError(f"journal '{name}': {cause}", hint)


def passes(error: psycopg.Error) -> bool:
    """Whether a new connection, now or in a while, may do better."""
    if error.sqlstate is not None:
        return error.sqlstate in _PASSING or error.sqlstate.startswith("08")
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and (
        _words(error) in (_DOWN, _STARTING, _CROWD, _LOST)
    )


def _words(error: psycopg.Error) -> Words:
    state = error.sqlstate
    if state in _BY_STATE:
        return _BY_STATE[state]
    if state is not None:
        if state in _PASSING or state.startswith("08"):
            return _LOST
        # The server's own first line, which speaks of statements of ours: no secret is in them.
        primary = error.diag.message_primary or type(error).__name__
        return f"the server refused ({state}): {primary}", "look at the server's log"
    if isinstance(error, psycopg.ProgrammingError):
        # Its words may quote any part of the address.
        return "its address cannot be understood", "check what stands behind a % or the ? in it"
    said = str(error).lower()
    found = next((words for part, words in _BY_WORDS if part in said), None)
    return found or _LOST
