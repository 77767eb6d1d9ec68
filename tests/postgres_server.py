"""A real PostgreSQL server of the tests' own: its data in a temporary folder, on a free loopback port.

Its programs come from the system (Debian: `apt-get install postgresql`). Where they are missing, tests fail
and say so; PIPEFORGE_TEST_POSTGRES=skip leaves them out instead.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

USER, PASSWORD = "tester", "ünter-Wegs_7"
IN_URL = "%C3%BCnter-Wegs_7"
PR_SET_PDEATHSIG = 1

END_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
"""Ends all other connections to a database."""

QUICK = ("fsync=off", "full_page_writes=off")
"""No test but those of durability needs what is written to survive the machine."""

SETTINGS = (
    "shared_buffers=16MB",
    "max_connections=40",
    "max_wal_size=256MB",
    "autovacuum=off",
    "log_min_messages=fatal",
    "deadlock_timeout=100ms",
)


class Server:
    """A running server, which may be stopped and started."""

    def __init__(self, *settings):
        self.folder = Path(tempfile.mkdtemp(prefix="pf-postgres-"))
        self._data = self.folder / "data"
        self._settings = [*SETTINGS, *(settings or QUICK), f"unix_socket_directories={self.folder}"]
        self._process = None
        self._numbers, self._empty = count(), []
        self.port = _free_port()
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    def _make(self):
        user = _unprivileged()
        if user:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        word = self.folder / "password"
        word.write_text(PASSWORD + "\n", encoding="utf-8")
        word.chmod(0o644)
        authentication = ["--auth-host=scram-sha-256", "--auth-local=trust", "--pwfile", word]
        made = subprocess.run(
            [
                _program("initdb"),
                "-D",
                self._data,
                "-U",
                USER,
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
                *authentication,
            ],
            **_as(user),
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stdout + made.stderr

    def start(self):
        """Starts it, and waits until it answers. It ends with the thread that did this."""
        settings = [part for setting in self._settings for part in ("-c", setting)]
        self._process = subprocess.Popen(
            [_program("postgres"), "-D", self._data, "-p", str(self.port), "-h", "127.0.0.1", *settings],
            **_as(_unprivileged()),
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            preexec_fn=_die_with_us if sys.platform == "linux" else None,
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.02)

    def stop(self, how=signal.SIGINT):
        """SIGINT: ends all connections in order; SIGQUIT: as if it crashed."""
        self._process.send_signal(how)
        self._process.wait(60)

    def close(self):
        if self._process is not None and self._process.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database):
        """A connection past all passwords."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=USER, dbname=database, autocommit=True
        )

    @contextmanager
    def database(self):
        """The name of an empty database, for a while; then it is emptied, for the next."""
        name = self._empty.pop() if self._empty else self._new()
        yield name
        with self.connect(name) as connection:
            connection.execute(END_ALL)
            connection.execute("DROP SCHEMA IF EXISTS pipeforge CASCADE")
        self._empty.append(name)

    def _new(self):
        name = f"d{next(self._numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def url(self, database, password=IN_URL):
        """The address over TCP, with its password; None leaves it out."""
        word = f":{password}" if password else ""
        return f"postgresql://{USER}{word}@127.0.0.1:{self.port}/{database}"


def servers():
    """Generates one server; the body of a session's fixture."""
    need()
    server = Server()
    yield server
    server.close()


def need():
    """Fails or skips the test where the server's programs are missing."""
    if _program("postgres") and _program("initdb"):
        return
    if os.environ.get("PIPEFORGE_TEST_POSTGRES") == "skip":
        pytest.skip("PostgreSQL's server programs are missing, and PIPEFORGE_TEST_POSTGRES=skip says so")
    pytest.fail(
        "PostgreSQL's server programs are missing: apt-get install postgresql (any version from 12 on),"
        " or leave these tests out with PIPEFORGE_TEST_POSTGRES=skip",
        pytrace=False,
    )


def _program(name):
    """Debian keeps them beside the path, by version."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(newest[-1]) if newest else shutil.which(name)


def _unprivileged():
    """Who runs the server: it refuses to run as root. None: we do."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as(user):
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"} if user else {}


def _die_with_us():
    """A test process that is killed cannot tidy up: the kernel ends its server."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
