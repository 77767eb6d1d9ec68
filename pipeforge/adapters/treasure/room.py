"""Tells a start that found no room in the account from one that was refused for good."""

from pipeforge.adapters.calls import Refused
from pipeforge.adapters.treasure.choices import LIMIT_WAIT, LIMIT_WORDS
from pipeforge.errors import Rejected, Transient

_HINT = "the account runs as many attempts as it may: the start waits for room"


def waiting(refusal: Refused) -> Transient | Rejected:
    """What a refused start is: put off until there is room, or refused for good."""
    said = refusal.body.get("message") if isinstance(refusal.body, dict) else None
    full = isinstance(said, str) and any(words in said.lower() for words in LIMIT_WORDS)
    if refusal.status == 400 and full:
        return Transient(refusal.message, _HINT, retry_after=LIMIT_WAIT)
    return refusal
