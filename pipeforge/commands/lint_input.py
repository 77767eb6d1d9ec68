"""Checks what `pipeforge lint -` is given on standard input, as an editor or a hook hands it over."""

import argparse
import sys
from pathlib import Path

from pipeforge.commands.lint_checking import Checked, left_out
from pipeforge.commands.lint_one import check_one
from pipeforge.errors import UsageError
from pipeforge.language.reading import MAX_BYTES
from pipeforge.language.saying import say

_NAMELESS = Path("<stdin>")


def checked(args: argparse.Namespace) -> tuple[Checked, Path]:
    """What was found, and the file's name. Raises UsageError for more than any pipeline has."""
    name: Path = args.stdin_filename or _NAMELESS
    if name.is_dir():
        raise UsageError(
            say("--stdin-filename '{name}' is a folder", name=name),
            say("name the file that the text will be"),
        )
    raw = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        raise UsageError(
            say("standard input is larger than {limit} MiB", limit=limit),
            say("split the pipeline into smaller files"),
        )
    result = check_one(
        name, {name.resolve(): raw}, environment=args.env, ignore=left_out(args), language=args.lang
    )
    return Checked(list(result.diagnostics), dict(result.texts), frozenset()), name
