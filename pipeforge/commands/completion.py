"""print what makes a shell complete commands, options and their words"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeforge.commands.parsing import Parser
from pipeforge.commands.streams import out
from pipeforge.loading import load, load_large
from pipeforge.reports.completion import SHELLS, Command, Option

EXAMPLE = """examples:
  pipeforge completion bash > ~/.local/share/bash-completion/completions/pipeforge
  pipeforge completion zsh > ~/.zfunc/_pipeforge          with `fpath+=~/.zfunc` before `compinit`
  pipeforge completion fish > ~/.config/fish/completions/pipeforge.fish

Print it anew after an upgrade: it is made from this version's own commands."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=list(SHELLS), help="the shell that is to complete")


def run(args: argparse.Namespace) -> int:
    commands: Mapping[str, str] = load("pipeforge.cli:COMMANDS")  # loaded long since: it called us
    out(SHELLS[args.shell]([_command(name, about) for name, about in commands.items()]))
    return 0


def _command(name: str, about: str) -> Command:
    """What can be typed behind a command, by its own argument parser."""
    module = load_large(f"pipeforge.commands.{name}")
    parser = Parser(name, module.__doc__, module.EXAMPLE)
    module.arguments(parser)
    actions = list(_actions(parser))
    words = [str(word) for action in actions if not action.option_strings for word in action.choices or ()]
    files = any(action.type is Path for action in actions if not action.option_strings)
    follows = parser.follows() if parser.follows else {}
    return Command(name, about, tuple(map(_option, _optional(actions))), (*words, *follows), files, follows)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    # argparse has no public way to ask what was added; the name has been the same since Python 2.7.
    yield from parser._actions


def _optional(actions: list[argparse.Action]) -> Iterator[argparse.Action]:
    return (action for action in actions if action.option_strings and action.help != argparse.SUPPRESS)


def _option(action: argparse.Action) -> Option:
    choices = tuple(str(choice) for choice in action.choices or ())
    return Option(tuple(action.option_strings), action.help or "", action.nargs != 0, choices)
