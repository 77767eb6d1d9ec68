"""Reads a command's arguments, and says what is wrong with them in our own manner, with the mend."""

import argparse
import difflib
from collections.abc import Iterable
from typing import NoReturn

from pipeforge.errors import UsageError


class Parser(argparse.ArgumentParser):
    """argparse, whose complaints become UsageError."""

    def __init__(self, name: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=f"pipeforge {name}",
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        word = message.removeprefix("unrecognized arguments: ").split(" ")[0].partition("=")[0]
        near = difflib.get_close_matches(word, self._option_string_actions, n=1)
        raise UsageError(message, f"did you mean {near[0]}?" if near else f"see `{self.prog} --help`")


def unknown(name: str, commands: Iterable[str]) -> UsageError:
    """What to say of a command that is none."""
    near = difflib.get_close_matches(name, list(commands), n=1)
    hint = f"did you mean `pipeforge {near[0]}`?" if near else "see `pipeforge --help`"
    return UsageError(f"unknown command '{name}'", hint)
