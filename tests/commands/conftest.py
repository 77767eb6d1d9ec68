"""A shell in a folder of its own, and emulators on a port whose jobs end at once or when the clock is jumped."""

from command_fixtures import emulators, quick, served, shell

__all__ = ["emulators", "quick", "served", "shell"]
