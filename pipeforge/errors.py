"""What can go wrong, as a tree. Every message is lower case, names the offending value and has a mend.

PipeforgeError                the user sees the message and the hint, never a traceback
├── UsageError                the command or its configuration is wrong (exit 2)
├── InvalidPipeline           the pipeline has findings (exit 1); carries them
├── JournalError              the journal cannot be read or written (exit 3)
│   ├── Busy                  another process holds the run (exit 5)
│   └── RunEnded              a run that ended can never trigger again
└── AdapterError              something between us and a vendor; never leaves the engine
    ├── Transient             the request certainly had no effect; the same may be tried again
    ├── Rejected              the vendor refused for good; nothing was started
    └── InDoubt               the request may have had its effect; nobody here can know
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from collections.abc import Sequence


class PipeforgeError(Exception):
    """Something the user can act upon: what happened, and the mend."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PipeforgeError):
    """The command line, the environment or a configuration file is wrong."""


class InvalidPipeline(PipeforgeError):
    """The pipeline has findings of severity error."""

    def __init__(self, message: str, diagnostics: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class JournalError(PipeforgeError):
    """The journal cannot be read or written."""


class Busy(JournalError):
    """Another process holds the run; the message says which and since when."""


class RunEnded(JournalError):
    """The run has ended: it can never trigger anything again."""


class AdapterError(PipeforgeError):
    """Something went wrong between us and a vendor. Its words are kept in the message."""


class Transient(AdapterError):
    """The request certainly had no effect (or was a read): the same may be tried again.

    `retry_after` is in seconds; None leaves the pace to the caller.
    """

    def __init__(self, message: str, hint: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class Rejected(AdapterError):
    """The vendor clearly refused: nothing was started, and asking again will not help."""


class InDoubt(AdapterError):
    """The request may have had its effect. The hint says what to look at and where."""
