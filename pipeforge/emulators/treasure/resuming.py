"""Which tasks a resumed attempt takes over from an earlier one."""

from collections.abc import Iterable, Sequence

from pipeforge.emulators.core import Refused
from pipeforge.emulators.treasure.refusing import error, invalid
from pipeforge.emulators.treasure.timeline import Node, Span


def taken_over(spans: Sequence[Span], now: float, start_from: str | None) -> list[str]:
    """Full names, sorted; of an attempt that there is not, none. 400 where the vendor refuses to resume."""
    if start_from is None:
        return _succeeded(spans, now)
    return _before(spans, now, start_from)


def _succeeded(spans: Sequence[Span], now: float) -> list[str]:
    if spans and spans[0].state_at(now) == "success":
        raise invalid("Resuming successfully completed attempts is not supported")
    return sorted(span.node.name for span in spans if span.state_at(now) == "success")


def _before(all_spans: Sequence[Span], now: float, start_from: str) -> list[str]:
    nodes = [span.node for span in all_spans]
    chosen = _matched(nodes, start_from)
    indexes = set(_upstream(nodes, chosen))
    spans = [span for span in all_spans if span.node.index in indexes]
    for span in spans:
        _must_have_succeeded(span, now)
    return sorted(span.node.name for span in spans)


def _matched(nodes: Sequence[Node], ending: str) -> Node:
    if ending and not ending.startswith("+"):
        raise Refused(error(500, f"Only names of tasks (+name+name) can be matched: {ending}"))
    found = [node for node in nodes if node.name.endswith(ending)]
    if not found:
        raise invalid(f"Task pattern '{ending}' doesn't match with any tasks.")
    if len(found) > 1:
        names = ", ".join(node.name for node in found)
        raise invalid(f"Task pattern '{ending}' is ambiguous. Matching candidates are [{names}]")
    return found[0]


def _upstream(nodes: Sequence[Node], node: Node) -> Iterable[int]:
    """All tasks before `node`, and before each group that holds it, with what is inside of them."""
    waiting = list(node.upstreams)
    while waiting:
        index = waiting.pop()
        yield from _inside(nodes, index)
        waiting += nodes[index].upstreams
    if node.parent is not None:
        yield from _upstream(nodes, nodes[node.parent])


def _inside(nodes: Sequence[Node], index: int) -> Iterable[int]:
    yield index
    for node in nodes:
        if node.parent == index:
            yield from _inside(nodes, node.index)


def _must_have_succeeded(span: Span, now: float) -> None:
    if span.state_at(now) != "success":
        raise invalid(f"Resuming non-successful tasks is not allowed: {span.node.name}")
