"""Reads a command's arguments, and says what is wrong with them in our own manner, with the mend."""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

from pipeforge.commands.streams import columns
from pipeforge.errors import UsageError
from pipeforge.language.saying import Said, say
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
                mend = say("did you mean {near}?", near=near) if near else self._usual(choices[1:])
                raise UsageError(words, mend)
        raise UsageError(message, say("see `{command} --help`", command=self.prog))

    def _usual(self, choices: Sequence[str]) -> Said:
        listed = ", ".join(choice for choice in choices if not choice.startswith("-"))
        if listed:
            return say("choose one of {names}", names=listed)
        return say("see `{command} --help`", command=self.prog)


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Made for every option: to know the width, argparse would bring in all that packs and unpacks files."""
    return argparse.RawDescriptionHelpFormatter(prog, width=(columns(sys.stdout) or _USUAL) - 2)


def _near(word: str, words: Iterable[str], cutoff: float) -> str:
    """The word that was meant, if any is near enough."""
    found: list[str] = load("difflib:get_close_matches")(word, words, n=1, cutoff=cutoff)
    return found[0] if found else ""


def _stranger(found: re.Match[str], options: list[str]) -> tuple[Said, list[str]]:
    word = found[1].split(" ")[0].partition("=")[0]
    if word.startswith("-"):
        return say("unknown option '{word}'", word=word), [word, *options]
    return say("'{word}' is one argument too many", word=word), []


def _choice(found: re.Match[str], _: list[str]) -> tuple[Said, list[str]]:
    choices = [found[2], *re.findall(r"'([^']*)'", found[3])]
    if found[1].startswith("-"):
        return say("{option} cannot be '{given}'", option=found[1], given=found[2]), choices
    return say("unknown argument '{given}'", given=found[2]), choices


def _required(found: re.Match[str], _: list[str]) -> tuple[Said, list[str]]:
    if ", " in found[1]:
        return say("{names} are missing", names=found[1]), []
    return say("{name} is missing", name=found[1]), []


def _number(found: re.Match[str], _: list[str]) -> tuple[Said, list[str]]:
    return say("{option}: '{given}' is no whole number", option=found[1], given=found[2]), []


def _without_value(found: re.Match[str], _: list[str]) -> tuple[Said, list[str]]:
    return say("{option} wants a value", option=found[1]), []


def _with_value(found: re.Match[str], _: list[str]) -> tuple[Said, list[str]]:
    return say("{option} takes no value", option=found[1]), []


_SAID: Sequence[tuple[str, Callable[[re.Match[str], list[str]], tuple[Said, list[str]]]]] = (
    (r"unrecognized arguments: (.*)", _stranger),
    (r"argument (?:-\w, )?(\S+): invalid choice: '(.*)' \(choose from (.*)\)", _choice),
    (r"argument (\S+): invalid int value: '(.*)'", _number),
    (r"argument (\S+): expected one argument", _without_value),
    (r"the following arguments are required: (.*)", _required),
    (r"argument (\S+): ignored explicit argument (.*)", _with_value),
)
"""argparse's complaints: our words for each, and the word that was given before those that were possible."""


def unknown(name: str, commands: Iterable[str]) -> UsageError:
    """What to say of a command that is none."""
    near = _near(name, [*commands, "--version", "--help"], 0.6)
    hint = say("did you mean `{command}`?", command=f"pipeforge {near}")
    if not near:
        hint = say("see `{command} --help`", command="pipeforge")
    if name.startswith("-"):
        return UsageError(say("unknown option '{word}'", word=name), hint)
    return UsageError(say("unknown command '{name}'", name=name), hint)
