"""What became of a request, and what that means: the one table that decides retry, refusal or doubt."""

from enum import Enum, StrEnum


class Happened(StrEnum):
    """What became of one request."""

    ANSWERED = "answered"
    """2xx in the expected form."""
    GARBLED = "garbled"
    """2xx whose body cannot be read: a page instead of JSON, a torn body."""
    UNSENT = "unsent"
    """Certainly never left: DNS, refused, TLS, connect timeout, a proxy that would not connect."""
    CUT = "cut"
    """Left, or may have left, and no answer came: read timeout, reset, closed."""
    MOVED = "moved"
    """301, 307, 308: ask elsewhere, not done here. Never followed, because the credentials would go along."""
    THROTTLED = "throttled"
    """429."""
    REFUSED = "refused"
    """4xx with the vendor's own body."""
    BARRED = "barred"
    """4xx from something else: a proxy, a firewall, a web server that knows no such API."""
    UNAVAILABLE = "unavailable"
    """502, 503, 504, 408: something in between gave up."""
    BROKEN = "broken"
    """Every other answer: 500, 302, 1xx."""


class Verdict(Enum):
    """What to do about it."""

    DONE = "done"
    RETRY = "retry"
    """Ask again, a bounded number of times; then as TRANSIENT."""
    TRANSIENT = "transient"
    REJECTED = "rejected"
    IN_DOUBT = "in doubt"


VERDICTS: dict[Happened, tuple[Verdict, Verdict]] = {
    # what happened         a safe request       any other request
    Happened.ANSWERED: (Verdict.DONE, Verdict.DONE),
    Happened.GARBLED: (Verdict.RETRY, Verdict.IN_DOUBT),
    Happened.UNSENT: (Verdict.RETRY, Verdict.TRANSIENT),
    Happened.CUT: (Verdict.RETRY, Verdict.IN_DOUBT),
    Happened.MOVED: (Verdict.REJECTED, Verdict.REJECTED),
    Happened.THROTTLED: (Verdict.RETRY, Verdict.TRANSIENT),
    Happened.REFUSED: (Verdict.REJECTED, Verdict.REJECTED),
    Happened.BARRED: (Verdict.REJECTED, Verdict.IN_DOUBT),
    Happened.UNAVAILABLE: (Verdict.RETRY, Verdict.IN_DOUBT),
    Happened.BROKEN: (Verdict.TRANSIENT, Verdict.IN_DOUBT),
}
"""Safe: a read, or a request whose repetition changes nothing."""

_BY_STATUS: dict[int, Happened] = {
    301: Happened.MOVED,
    307: Happened.MOVED,
    308: Happened.MOVED,
    408: Happened.UNAVAILABLE,
    429: Happened.THROTTLED,
    502: Happened.UNAVAILABLE,
    503: Happened.UNAVAILABLE,
    504: Happened.UNAVAILABLE,
}


def sort_answer(status: int, *, readable: bool, own: bool) -> Happened:
    """`readable`: a 2xx body has the expected form. `own`: the body is an object, as vendors' errors are."""
    if 200 <= status < 300:
        return Happened.ANSWERED if readable else Happened.GARBLED
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500:
        return Happened.REFUSED if own else Happened.BARRED
    return Happened.BROKEN


def decide(happened: Happened, *, safe: bool) -> Verdict:
    """The verdict of the table above."""
    return VERDICTS[happened][0 if safe else 1]
