"""Takes the fixtures with which whole processes are killed: a shell, emulators on a port, and the stage."""

import os
from pathlib import Path

import pytest
from command_fixtures import database, emulators, kept, postgres, quick, served, shell
from crash_scenarios import everything
from vendor_project import SECRETS

from pipeforge.contract.killed.stage import Stage

__all__ = ["database", "emulators", "kept", "postgres", "quick", "served", "shell"]

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def stage(tmp_path_factory):
    """The processes that the crash matrix is played with."""
    there = Stage(tmp_path_factory.mktemp("stage"), SECRETS, *everything())
    yield there
    there.close()


def pytest_collection_modifyitems(items):
    """A test of the matrix is a hundred runs; all deaths of a kind take as long as they take."""
    bound = 0 if os.environ.get("PIPEFORGE_CRASH") == "all" else 600
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.timeout(bound))


def pytest_terminal_summary(terminalreporter):
    """How many deaths there were."""
    every = [each for kept in terminalreporter.stats.values() for each in kept]
    calls = [each.user_properties for each in every if getattr(each, "when", "") == "call"]
    told = [value for properties in calls for key, value in properties if key == "deaths"]
    if told:
        terminalreporter.write_line(f"crash matrix: {sum(told)} deaths in {len(told)} scenarios")
