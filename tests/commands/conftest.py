"""Takes the fixtures that the tests of all commands use: a shell, and emulators on a port."""

from command_fixtures import database, emulators, postgres, quick, served, shell

__all__ = ["database", "emulators", "postgres", "quick", "served", "shell"]
