"""Did you mean: the nearest known name, or none rather than a wrong one."""

import unicodedata
from collections.abc import Iterable

from pipeforge.language.saying import Said, say


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that `word` most likely misspells.

    One edit (a letter added, lost, changed or two swapped) is always found; more only in longer words.
    A name that shares no letter with the word is never it. Among equals the one that begins alike: people
    rarely miss the first letter.
    """
    folded = _fold(word)
    best: tuple[int, bool, str] | None = None
    for name in known:
        allowed = 1 if len(word) < 5 else 2 if len(word) < 9 else 3
        distance = _distance(folded, _fold(name), allowed)
        rank = (distance, name[:1].casefold() != folded[:1], name)
        if distance <= allowed and distance < max(len(word), len(name)) and (best is None or rank < best):
            best = rank
    return best[2] if best else None


def suggest(word: str, known: Iterable[str], what: str) -> Said:
    """A hint: the nearest name, else the known ones when they are few."""
    names = sorted(known)
    near = nearest(word, names)
    if near is not None:
        return say("did you mean '{near}'?", near=near)
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
