"""Which steps follow which: needs that are there twice over, and steps that may run side by side."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeforge.lint.graph import Edges, components, reaches

_BLOCK = 4096
"""How many needs are asked about in one walk: bounds the memory."""


class Implied(NamedTuple):
    """A need that another need of the same step brings along."""

    step: str
    need: str
    through: str


def implied(edges: Edges, passing: Mapping[str, bool]) -> list[Implied]:
    """Needs that are there through another one. `passing`: the steps whose own needs count for followers.

    Steps in a ring are left out.
    """
    order = components(edges)
    level: dict[str, int] = {}
    for component in order:
        depth = max((level.get(need, -1) for node in component for need in edges[node]), default=-1) + 1
        level.update(dict.fromkeys(component, depth))
    ringed = {node for component in order if len(component) > 1 for node in component}
    asked = (
        [
            (step, need)
            for step, needs in edges.items()
            if len(needs) > 1 and step not in ringed
            for need in needs
            if level[need] < max(level[other] for other in needs) and need not in ringed
        ]
        if len(order) > 2
        else []
    )
    targets = list(dict.fromkeys(need for _, need in asked))
    found: list[Implied] = []
    for start in range(0, len(targets), _BLOCK):
        bit = {name: 1 << number for number, name in enumerate(targets[start : start + _BLOCK])}
        behind = _behind(edges, order, bit, passing)
        for step, need in asked:
            through = _through(edges[step], need, bit.get(need, 0), behind)
            if through is not None:
                found.append(Implied(step, need, through))
    return found


def _behind(
    edges: Edges, order: list[list[str]], bit: Mapping[str, int], passing: Mapping[str, bool]
) -> dict[str, int]:
    """For each step, the targets that are certain to be over, and well, once it is: as bits."""
    behind: dict[str, int] = {}
    for component in order:
        for node in component:
            bits = 0
            for need in edges[node] if passing[node] and len(component) == 1 else ():
                bits |= behind[need] | bit.get(need, 0)
            behind[node] = bits
    return behind


def _through(needs: Sequence[str], need: str, bit: int, behind: Mapping[str, int]) -> str | None:
    return next((other for other in needs if other != need and bit and behind[other] & bit), None)


def unordered(edges: Edges, groups: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """In each group, the neighbours (earlier, later) in the order of running, neither needing the other.

    A group without such a pair runs one after another. Steps in a ring are left out.
    """
    order = components(edges)
    place = {component[0]: n for n, component in enumerate(order) if len(component) == 1}
    pairs = []
    for group in groups:
        row = sorted((step for step in group if step in place), key=place.__getitem__)
        pairs += list(pairwise(row))
    there = reaches(edges, [(later, earlier) for earlier, later in pairs])
    return [(earlier, later) for earlier, later in pairs if (later, earlier) not in there]
