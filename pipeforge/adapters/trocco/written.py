"""An instant as a step has it by the time that it starts: a template has become a text, which may be none."""

from datetime import datetime

from pipeforge.errors import Rejected


def given_instant(value: datetime | str | None, name: str = "context_time") -> datetime | None:
    """Raises Rejected for a text."""
    if isinstance(value, str):
        raise Rejected(f"{name} '{value}' is not an instant", "write 2024-05-01 00:00:00")
    return value
