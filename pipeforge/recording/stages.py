"""How a job went, from when it was started and what was seen of it: its stages and how it ended."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

from pipeforge.adapter import Json


class Look(NamedTuple):
    """A vendor's word for a job at a moment (UNIX seconds)."""

    at: float
    word: str


class Went(NamedTuple):
    """The stages of a job as a world writes them; `outcome` None where its end was not seen."""

    stages: list[Json]
    outcome: str | None
    seconds: float
    """From its start to its end."""


def went(began: float, looks: Sequence[Look], ends: Collection[str], first: str) -> Went:
    """A stage lasts from the first look that shows it to the first that shows another; one that was the last
    seen has no end. `first`: the word of a job that was never looked at."""
    changes = [look for place, look in enumerate(looks) if not place or looks[place - 1].word != look.word]
    over = next((place for place, look in enumerate(changes) if look.word in ends), None)
    shown = changes if over is None else changes[: over + 1]
    if not shown:
        return Went([{first: inf}], None, inf)
    starts = [began, *(look.at for look in shown[1:])]
    lengths = [round(after - before, 2) for before, after in pairwise(starts)]
    stages: list[Json] = [{look.word: max(length, 0.0)} for look, length in zip(shown, lengths, strict=False)]
    if over is None:
        return Went([*stages, {shown[-1].word: inf}], None, inf)
    if over == 0:  # over at the first look
        stages = [{first: round(max(shown[0].at - began, 0.0), 2)}]
    return Went(stages, shown[-1].word, round(max(shown[-1].at - began, 0.0), 2))
