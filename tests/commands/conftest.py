"""Takes the fixtures that the tests of all commands use: a shell, and emulators on a port."""

from command_fixtures import believed, database, emulators, postgres, quick, served, shell

__all__ = ["believed", "database", "emulators", "postgres", "quick", "served", "shell"]
