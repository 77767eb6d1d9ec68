"""Where commands print: results to stdout, talk to stderr, and what the terminal can show."""

import os
import sys
from typing import TextIO


def out(text: str) -> None:
    """A result. Characters that the encoding lacks are escaped, never fatal."""
    _write(sys.stdout, text)


def talk(text: str) -> None:
    """For the person: progress, warnings, hints."""
    _write(sys.stderr, text)
    sys.stderr.flush()


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def is_live(stream: TextIO) -> bool:
    """Whether a live view makes sense there: a terminal that is not a CI log."""
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def colours(stream: TextIO) -> bool:
    """Whether colours are wanted there: NO_COLOR and FORCE_COLOR as everywhere."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
