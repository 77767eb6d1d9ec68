"""Reads a command's arguments, and says what is wrong with them in our own manner, with the mend."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from pipeforge.commands.streams import columns
from pipeforge.errors import UsageError
from pipeforge.loading import load

_USUAL = 80
"""Columns of help that goes to no terminal."""


class Parser(argparse.ArgumentParser):
    """argparse, whose complaints become UsageError."""

    def __init__(self, name: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=f"pipeforge {name}",
            description=description,
            epilog=epilog,
            formatter_class=_formatter,
            allow_abbrev=False,
        )
        self.mixed = False
        """Whether options may stand between the arguments of a list."""
        self.more: Callable[[Sequence[str]], str] | None = None
        """What --help tells of the arguments that were given, in place of the examples."""
        self.follows: Callable[[], Mapping[str, Sequence[str]]] | None = None
        """For shells: the words that its first argument can be, each with what may follow it."""
        self._given: Sequence[str] = ()

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._given = args or ()
        parse = super().parse_intermixed_args if self.mixed else super().parse_args
        return parse(args, namespace)

    def format_help(self) -> str:
        if self.more is not None:
            self.epilog = self.more(self._given) or self.epilog
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        for pattern, said in _SAID:
            found = re.fullmatch(pattern, message, re.DOTALL)
            if found:
                words, choices = said(found, list(self._option_string_actions))
                near = _near(choices[0], choices[1:], 0.7) if choices else ""
                raise UsageError(words, f"did you mean {near}?" if near else self._usual(choices[1:]))
        raise UsageError(message, f"see `{self.prog} --help`")

    def _usual(self, choices: Sequence[str]) -> str:
        listed = [choice for choice in choices if not choice.startswith("-")]
        return f"choose one of {', '.join(listed)}" if listed else f"see `{self.prog} --help`"


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Made for every option: to know the width, argparse would bring in all that packs and unpacks files."""
    return argparse.RawDescriptionHelpFormatter(prog, width=(columns(sys.stdout) or _USUAL) - 2)


def _near(word: str, words: Iterable[str], cutoff: float) -> str:
    """The word that was meant, if any is near enough."""
    found: list[str] = load("difflib:get_close_matches")(word, words, n=1, cutoff=cutoff)
    return found[0] if found else ""


def _stranger(found: re.Match[str], options: list[str]) -> tuple[str, list[str]]:
    word = found[1].split(" ")[0].partition("=")[0]
    if word.startswith("-"):
        return f"unknown option '{word}'", [word, *options]
    return f"'{word}' is one argument too many", []


def _choice(found: re.Match[str], _: list[str]) -> tuple[str, list[str]]:
    said = f"{found[1]} cannot be" if found[1].startswith("-") else "unknown argument"
    return f"{said} '{found[2]}'", [found[2], *re.findall(r"'([^']*)'", found[3])]


def _required(found: re.Match[str], _: list[str]) -> tuple[str, list[str]]:
    return f"{found[1]} {'are' if ', ' in found[1] else 'is'} missing", []


_SAID: Sequence[tuple[str, Callable[[re.Match[str], list[str]], tuple[str, list[str]]]]] = (
    (r"unrecognized arguments: (.*)", _stranger),
    (r"argument (?:-\w, )?(\S+): invalid choice: '(.*)' \(choose from (.*)\)", _choice),
    (r"argument (\S+): invalid int value: '(.*)'", lambda m, _: (f"{m[1]}: '{m[2]}' is no whole number", [])),
    (r"argument (\S+): expected one argument", lambda m, _: (f"{m[1]} wants a value", [])),
    (r"the following arguments are required: (.*)", _required),
    (r"argument (\S+): ignored explicit argument (.*)", lambda m, _: (f"{m[1]} takes no value", [])),
)
"""argparse's complaints: our words for each, and the word that was given before those that were possible."""


def unknown(name: str, commands: Iterable[str]) -> UsageError:
    """What to say of a command that is none."""
    near = _near(name, [*commands, "--version", "--help"], 0.6)
    hint = f"did you mean `pipeforge {near}`?" if near else "see `pipeforge --help`"
    return UsageError(f"unknown {'option' if name.startswith('-') else 'command'} '{name}'", hint)
