"""The address of a database server that keeps a journal, and how it is shown: never with a password."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from pipeforge.errors import UsageError

_URL: Final = re.compile(
    r"""(?P<scheme>postgres(?:ql)?)://
        (?:(?P<user>[^:/?\#@]*)(?P<password>:[^/?\#@]*)?@)?
        (?P<hosts>(?:\[[^\]@/?\#]*\]|[^:,@/?\#\[\]]*)(?::\d*)?
           (?:,(?:\[[^\]@/?\#]*\]|[^:,@/?\#\[\]]*)(?::\d*)?)*)
        (?P<database>/[^@/?\#]*)?
        (?P<query>\?[^@\#]*)?""",
    re.VERBOSE,
)
_SECRET: Final = re.compile("password|secret", re.IGNORECASE)
"""In the name of a setting. libpq has `password` and `sslpassword`; inferred: later ones are called alike."""


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a PostgreSQL server, by its URL. As text it has no password."""

    url: str = field(repr=False)

    def __str__(self) -> str:
        parts = _parts(self.url)
        user = f"{parts['user']}@" if parts["user"] else ""
        settings = [one for one in (parts["query"] or "?")[1:].split("&") if one and not _is_secret(one)]
        query = "?" + "&".join(settings) if settings else ""
        return f"{parts['scheme']}://{user}{parts['hosts']}{parts['database'] or ''}{query}"

    @property
    def has_password(self) -> bool:
        """Whether the URL itself holds one."""
        parts = _parts(self.url)
        settings = (parts["query"] or "?")[1:].split("&")
        return bool(parts["password"]) or any(_is_secret(one) for one in settings)


def server(url: str) -> Server:
    """The server that a URL names. Raises UsageError, which does not repeat what cannot be understood."""
    scheme = url.partition("://")[0]
    if scheme not in ("postgresql", "postgres"):
        raise UsageError(
            f"journal '{scheme}://…' is neither a file nor a database that can keep runs",
            "name a file, such as .pipeforge/journal.db, or a server: postgresql://user@host/database",
        )
    if not _URL.fullmatch(url):
        raise UsageError(
            f"the journal's address '{scheme}://…' cannot be understood",
            "write postgresql://user@host:5432/database; the characters : / ? # @ % in a user's name or a"
            " password as %3A %2F %3F %23 %40 %25, or better, set the password as PGPASSWORD",
        )
    return Server(url)


def _parts(url: str) -> dict[str, str | None]:
    found = _URL.fullmatch(url)
    assert found is not None, "made by server()"
    return found.groupdict()


def _is_secret(setting: str) -> bool:
    return bool(_SECRET.search(unquote(setting.partition("=")[0])))
