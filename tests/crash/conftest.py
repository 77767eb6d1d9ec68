"""Takes the fixtures with which whole processes are killed: a shell, and emulators on a port."""

from command_fixtures import emulators, quick, served, shell

__all__ = ["emulators", "quick", "served", "shell"]
