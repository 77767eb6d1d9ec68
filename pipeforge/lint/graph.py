"""Who needs whom: rings, and what a step can count on being over. Linear in the steps, without a library."""

from collections.abc import Iterable, Mapping, Sequence

Edges = Mapping[str, Sequence[str]]
"""From each step to the steps it needs; only steps that exist."""


def components(edges: Edges) -> list[list[str]]:
    """Strongly connected components, each after those it needs (Tarjan's algorithm, without recursion)."""
    found: list[list[str]] = []
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_: list[str] = []
    on_stack: set[str] = set()
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        open_.append(root)
        on_stack.add(root)
        while work:
            node, needs = work[-1]
            for need in needs:
                if need not in index:
                    index[need] = low[need] = len(index)
                    open_.append(need)
                    on_stack.add(need)
                    work.append((need, iter(edges[need])))
                    break
                if need in on_stack:
                    low[node] = min(low[node], index[need])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_close(node, open_, on_stack))
    return found


def _close(node: str, open_: list[str], on_stack: set[str]) -> list[str]:
    """Takes a finished component off the stack."""
    component: list[str] = []
    while not component or component[-1] != node:
        component.append(open_.pop())
        on_stack.discard(component[-1])
    return component


def rings(edges: Edges) -> list[list[str]]:
    """For every component that holds one, a shortest ring from its first step, in the order of `edges`."""
    if _in_order(edges):
        return []
    place = {name: number for number, name in enumerate(edges)}
    found = []
    for component in components(edges):
        if len(component) > 1:
            first = min(component, key=place.__getitem__)
            found.append(_ring(first, edges, set(component)))
    return sorted(found, key=lambda ring: place[ring[0]])


def _in_order(edges: Edges) -> bool:
    """Whether every step stands behind all that it needs, as in most files: then there is no ring."""
    before: set[str] = set()
    for name, needs in edges.items():
        if not before.issuperset(needs):
            return False
        before.add(name)
    return True


def _ring(first: str, edges: Edges, inside: set[str]) -> list[str]:
    """The shortest way from a step over its needs back to itself."""
    came_from: dict[str, str] = {}
    wave = [first]
    while wave:
        following = []
        for node in wave:
            for need in edges[node]:
                if need == first and node != first:
                    return _way(first, node, came_from)
                if need in inside and need != first and need not in came_from:
                    came_from[need] = node
                    following.append(need)
        wave = following
    raise AssertionError("a component of several steps holds a ring")


def _way(first: str, last: str, came_from: Mapping[str, str]) -> list[str]:
    way = [last]
    while way[-1] != first:
        way.append(came_from[way[-1]])
    return way[::-1]


_BLOCK = 4096
"""How many questions are answered in one walk: bounds the memory."""


def reaches(edges: Edges, asked: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of the pairs asked (step, other), those where the step needs the other, directly or through others."""
    pairs = list(asked)
    if not pairs:
        return set()
    order = components(edges)
    targets = list(dict.fromkeys(other for _, other in pairs))
    found: set[tuple[str, str]] = set()
    for start in range(0, len(targets), _BLOCK):
        bit = {name: 1 << number for number, name in enumerate(targets[start : start + _BLOCK])}
        over = _over(edges, order, bit)
        found |= {(step, other) for step, other in pairs if other in bit and over[step] & bit[other]}
    return found


def _over(edges: Edges, order: list[list[str]], bit: Mapping[str, int]) -> dict[str, int]:
    """For each step, the targets it needs at some distance, as bits."""
    over: dict[str, int] = {}
    for component in order:
        bits = 0
        for node in component:
            for need in edges[node]:
                bits |= over.get(need, 0) | bit.get(need, 0)
        over.update(dict.fromkeys(component, bits))
    return over
