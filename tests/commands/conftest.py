"""Takes the fixtures that the tests of all commands use: a shell, and emulators on a port."""

from command_fixtures import emulators, quick, served, shell

__all__ = ["emulators", "quick", "served", "shell"]
