"""Where commands print: results to stdout, talk to stderr, and what the terminal can show."""

from __future__ import annotations

import errno
import os
import sys

from pipeforge.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from typing import TextIO


def out(text: str, *, at_once: bool = False) -> None:
    """A result. Characters that the encoding lacks are escaped, never fatal. `at_once`: more may take long.

    Raises BrokenPipeError when the reader has gone, UsageError when it cannot be written for another reason.
    """
    try:
        _write(sys.stdout, text)
        if at_once:
            sys.stdout.flush()
    except OSError as error:
        drop(sys.stdout)
        raise _lost(error) from None


def flush() -> None:
    """What was printed leaves. Raises as `out` does."""
    try:
        sys.stdout.flush()
    except OSError as error:
        drop(sys.stdout)
        raise _lost(error) from None


def _lost(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError) or error.errno == errno.EIO:  # EIO: the terminal was closed
        return BrokenPipeError()
    return UsageError(f"cannot write the output: {error.strerror}", "make room, or write it elsewhere")


def talk(text: str) -> None:
    """For the person: progress, warnings, hints. When nobody is there to hear it, the work goes on."""
    try:
        _write(sys.stderr, text)
        sys.stderr.flush()
    except OSError:
        drop(sys.stderr)


def drop(stream: TextIO) -> None:
    """What is still to come goes nowhere: else Python would try once more as it ends, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def is_live(stream: TextIO) -> bool:
    """Whether a live view makes sense there: a terminal that is not a CI log."""
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def columns(stream: TextIO) -> int | None:
    """How many the terminal has, or COLUMNS says; None where lines may be of any length."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def colours(stream: TextIO) -> bool:
    """Whether colours are wanted there: NO_COLOR and FORCE_COLOR as everywhere."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
