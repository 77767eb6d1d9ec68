"""A place to die before and after every commit of every SQLite connection."""

import sqlite3
from typing import Any, ClassVar

from pipeforge.contract.killed.points import Points, Watch

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM")


class Telling(sqlite3.Connection):
    """A connection that tells of its commits. Each process makes its own class of it, with these two."""

    points: ClassVar[Points]
    watch: ClassVar[Watch]

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        """A statement."""
        word = sql.split(None, 1)[0].upper()
        if word == "BEGIN":
            return self._begin(sql)
        if word in ("COMMIT", "ROLLBACK"):
            return self._end(word, sql)
        if not self.in_transaction and (word in _WRITES or "journal_mode" in sql):
            self.points.pass_by(f"before {word.lower()}")
            done = super().execute(sql, *given)
            self.points.pass_by(f"after {word.lower()}")
            return done
        return super().execute(sql, *given)

    def _begin(self, sql: str) -> sqlite3.Cursor:
        super().execute(f"PRAGMA query_only = {'ON' if self.points.readonly else 'OFF'}")
        done = super().execute(sql)
        self.watch.transactions += 1
        return done

    def _end(self, word: str, sql: str) -> sqlite3.Cursor:
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

    def commit(self) -> None:
        """Ends a transaction, if one is open."""
        if self.in_transaction:
            self.execute("COMMIT")

    def close(self) -> None:
        """Gives it back."""
        self.points.pass_by("close database")
        super().close()


def tell_of_commits(points: Points, watch: Watch) -> None:
    """From now on every connection of this process does."""
    connect = sqlite3.connect
    factory = type("Connection", (Telling,), {"points": points, "watch": watch})

    def telling(*given: Any, **more: Any) -> sqlite3.Connection:
        opened: sqlite3.Connection = connect(*given, **{"factory": factory, **more})
        return opened

    sqlite3.connect = telling  # type: ignore[assignment]
