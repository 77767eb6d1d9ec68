"""Did you mean: the nearest known name, or none rather than a wrong one."""

import unicodedata
from collections.abc import Iterable, Sequence

from pipeforge.language.saying import UNSAID, Said, either, say


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that `word` most likely misspells; None when there is none, or several are as likely."""
    found = equals(word, known)
    return found[0] if len(found) == 1 else None


def equals(word: str, known: Iterable[str]) -> list[str]:
    """The known names that `word` may misspell, one as likely as the other, in order.

    One edit (a letter added, lost, changed or two swapped) is always found; more only in longer words.
    A name that shares no letter with the word is never it. Of those equally far the ones with the same
    letters, swapped; then the ones that begin alike, since people rarely miss the first letter.
    """
    folded = _fold(word)
    allowed = 1 if len(word) < 5 else 2 if len(word) < 9 else 3
    best: tuple[int, bool, bool] | None = None
    found: list[str] = []
    for name in known:
        other = _fold(name)
        distance = _distance(folded, other, allowed)
        if distance > allowed or distance >= max(len(word), len(name)):
            continue
        rank = (distance, sorted(other) != sorted(folded), other[:1] != folded[:1])
        if best is None or rank < best:
            best, found = rank, []
        if rank == best:
            found.append(name)
    return sorted(set(found))


def likely(near: Sequence[str]) -> Said:
    """A hint that asks for one of these; unsaid when they are none, or too many."""
    if len(near) == 1:
        return say("did you mean '{near}'?", near=near[0])
    if 1 < len(near) <= _LISTED:
        return say("did you mean {names}?", names=either([say("'{value}'", value=name) for name in near]))
    return UNSAID


_LISTED = 3
"""chosen: of more names that are equally near none is more likely than the others."""


def suggest(word: str, known: Iterable[str], what: str) -> Said:
    """A hint: the nearest names, else the known ones when they are few."""
    names = sorted(known)
    meant = likely(equals(word, names))
    if meant:
        return meant
    if not names:
        return say("there are no {what}", what=what)
    if len(names) <= 12:
        return say("known {what}: {names}", what=what, names=", ".join(names))
    return say(
        "known {what}: {names}, … ({count} in all)", what=what, names=", ".join(names[:12]), count=len(names)
    )


def _fold(word: str) -> str:
    plain = word if word.isascii() else unicodedata.normalize("NFKC", word)
    return plain.casefold().replace("-", "_")


def _distance(a: str, b: str, limit: int) -> int:
    """Edits from a to b, a swap of neighbours counting as one; limit + 1 when there are more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (char != other))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, above = above, row
    return above[-1]
