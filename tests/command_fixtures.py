"""Fixtures of the tests that drive pipeforge through its command line; conftests take them from here."""

import os

import pytest
from command_line import Emulators, Shell, clean
from postgres_server import PASSWORD, servers
from vendor_project import SECRETS, world

from pipeforge.lint import stamps

LONG = 60
"""Seconds of a job at `emulators`: over only once the emulators' clock is jumped."""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Commands in an empty folder, with every secret set."""
    environment = {**clean(os.environ), **SECRETS}
    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    shell = Shell(folder, environment)
    yield shell
    for running in shell.begun:
        running.clear_away()


@pytest.fixture
def believed(monkeypatch):
    """Lint believes the stamps of files at once: the tests write none long enough before."""
    monkeypatch.setattr(stamps, "SETTLED", -(10**18))


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, started when a test first needs it."""
    yield from servers()


@pytest.fixture
def database(shell, postgres, monkeypatch):
    """The address of an empty database, without the password: that is in the environment."""
    with postgres.database() as name:
        shell.environment["PGPASSWORD"] = PASSWORD
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        yield postgres.url(name, password=None)


@pytest.fixture(params=["file", "postgres"])
def kept(request, shell):
    """The project's runs are kept in its file, or in a database."""
    if request.param == "postgres":
        shell.write("pipeforge.yaml", {"journal": request.getfixturevalue("database")})
    return request.param


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """Emulators on a port by their world; each is started once."""
    there = {}

    def start(name, a_world, *words):
        if name not in there:
            there[name] = Emulators(tmp_path_factory.mktemp(name), a_world, *words)
        there[name].forget()
        return there[name]

    yield start
    for emulators in there.values():
        emulators.close()


@pytest.fixture
def emulators(served):
    """Emulators whose jobs are over when the clock is jumped by LONG."""
    there = served("long", world(LONG))
    yield there
    there.mend()


@pytest.fixture
def quick(served):
    """Emulators whose jobs are over at once."""
    there = served("quick", world(0))
    yield there
    there.mend()
