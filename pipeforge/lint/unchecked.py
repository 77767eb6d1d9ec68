"""The finding for what lint was asked to check and cannot: no such file, nothing matches, unreadable."""

from pathlib import Path

from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Diagnostic, Span
from pipeforge.language.saying import Said, say

CODE, NAME = "PF000", "unchecked"
"""No setting silences it: what was not checked must not look clean."""

_START = Span(1, 1, 1, 1)


def unchecked(path: Path, error: UsageError) -> Diagnostic:
    """Why a file cannot be checked. The file may be another than was asked for: one that governs it."""
    return Diagnostic(
        Path(getattr(error, "path", path)), _START, CODE, NAME, "error", error.message, error.hint or None
    )


def nothing_there(path: Path, message: Said) -> Diagnostic:
    """A folder or a pattern without pipelines."""
    mend = say(
        "a pipeline is a .yaml or .yml file with `steps:`; one in JSON is checked when it is named itself"
    )
    return Diagnostic(path, _START, CODE, NAME, "error", message, mend)
