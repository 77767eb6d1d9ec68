"""How an attempt goes: its task tree laid out in time, as a pure function of script, start and kill."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import inf

from pipeforge.emulators.core import Json
from pipeforge.emulators.treasure.world import TaskScript, TreasureCourse

DAY = 86_400.0
ATTEMPT_LIFE = 7 * DAY
TASK_LIFE = DAY
ALERT_SECONDS = 1.0
"""chosen: how long `^failure-alert` takes, by which `done` comes later than the failing task's end."""
ALERT: Mapping[str, Json] = {"_type": "notify", "_command": "Workflow session attempt failed"}
"""The alert's config, as digdag's own engine makes it."""
FAILED = ("error", "group_error")


@dataclass(frozen=True, slots=True)
class Node:
    """One task of an attempt before anything has run. The root has index 0 and parent None."""

    index: int
    name: str
    """Full name, such as `+wf+load+a`."""
    parent: int | None
    upstreams: tuple[int, ...]
    script: TaskScript

    @property
    def is_group(self) -> bool:
        return self.parent is None or bool(self.script.tasks)


@dataclass(frozen=True, slots=True)
class Span:
    """One task in time. `begun` is None if it never runs, `ended` infinite if it never ends."""

    node: Node
    begun: float | None
    ended: float
    state: str
    """Its last state."""

    def state_at(self, now: float) -> str:
        if now >= self.ended:
            return self.state
        if self.begun is None or now < self.begun:
            return "blocked"
        return "planned" if self.node.is_group else "running"


@dataclass(frozen=True, slots=True)
class Kill:
    """A kill that reaches the tasks: none begins after `at`, running ones are gone at `at + grace`."""

    at: float
    grace: float

    @property
    def cut(self) -> float:
        return self.at + self.grace


@dataclass(frozen=True, slots=True)
class Life:
    """An attempt in time: every task of it, when tasks may first run, and when its cancel flag was set."""

    spans: tuple[Span, ...]
    starts: float
    flagged: float = inf

    @property
    def ended(self) -> float:
        return self.spans[0].ended

    def done(self, now: float) -> bool:
        return now >= self.ended

    def success(self, now: float) -> bool:
        return self.done(now) and self.spans[0].state == "success"

    def cancel_requested(self, now: float) -> bool:
        return now >= self.flagged


def lay_out(workflow: str, course: TreasureCourse, config: Mapping[str, Json]) -> tuple[Node, ...]:
    """The task tree in the order of its ids: a parent before its children, elder siblings first.

    `config`: the workflow's definition; what it says beside tasks is the root's.
    """
    own = {key: value for key, value in config.items() if not key.startswith("+")}
    root = TaskScript(name=f"+{workflow}", tasks=_leaves(course), parallel=course.parallel, config=own)
    return tuple(_walk(root, "", None, (), count()))


def _leaves(course: TreasureCourse) -> list[TaskScript]:
    """The scripted tasks, or the one that stands for them."""
    if course.tasks:
        return course.tasks
    killed = course.outcome == "killed"
    return [
        TaskScript(
            name="+main",
            seconds=inf if killed else course.seconds,
            outcome="error" if course.outcome == "error" else "success",
            message=course.message,
            log=course.log,
        )
    ]


def _walk(
    task: TaskScript, prefix: str, parent: int | None, upstreams: tuple[int, ...], numbers: Iterator[int]
) -> Iterator[Node]:
    index = next(numbers)
    name = prefix + (task.name if task.name[0] in "+^" else f"+{task.name}")
    yield Node(index, name, parent, upstreams, task)
    before: tuple[int, ...] = ()
    for child in task.tasks:
        made = list(_walk(child, name, index, before, numbers))
        before = () if task.parallel else (made[0].index,)
        yield from made


def live(
    nodes: tuple[Node, ...],
    course: TreasureCourse,
    begun: float | None,
    *,
    killed: float | None = None,
    skipped: Collection[str] = (),
) -> Life:
    """The life of an attempt that got a place at `begun` (None: it waits) and was killed at `killed`."""
    starts = inf if begun is None else begun + course.waits
    flagged = inf if killed is None else killed
    if flagged < starts:
        spans = _Unfolding(nodes, skipped, Kill(flagged, 0.0)).spans(flagged)
        return Life(tuple(replace(span, begun=None) for span in spans), starts, flagged)
    if starts == inf:
        return Life(tuple(Span(node, None, inf, "blocked") for node in nodes), starts, flagged)
    free = _Unfolding(nodes, skipped, None).spans(starts)
    by_hand = None if killed is None or course.kill_lost else Kill(killed, course.kill_seconds)
    by_server = _server_kill(free, course, starts)
    kill = min((each for each in (by_hand, by_server) if each), key=lambda each: each.at, default=None)
    spans = free if kill is None else _Unfolding(nodes, skipped, kill).spans(starts)
    if by_server is not None and by_server is kill:
        flagged = min(flagged, by_server.at)
    return Life(_with_alert(spans, skipped), starts, flagged)


def _server_kill(spans: Sequence[Span], course: TreasureCourse, starts: float) -> Kill | None:
    """The server's own kill: as scripted, after seven days, or when a task has run for a day."""
    moments = [starts + ATTEMPT_LIFE]
    if course.outcome == "killed":
        moments.append(starts + course.seconds)
    for span in spans[1:]:
        if not span.node.is_group and span.begun is not None and span.ended > span.begun + TASK_LIFE:
            moments.append(span.begun + TASK_LIFE)
    return Kill(min(moments), 0.0) if min(moments) < spans[0].ended else None


def _with_alert(spans: tuple[Span, ...], skipped: Collection[str]) -> tuple[Span, ...]:
    """A root that failed gains a `^failure-alert` task and ends after it; a resume takes an alert over."""
    root = spans[0]
    if root.state not in FAILED:
        return spans
    script = TaskScript(name="^failure-alert", config=dict(ALERT))
    node = Node(len(spans), f"{root.node.name}^failure-alert", 0, (), script)
    if node.name in skipped:
        return (*spans, Span(node, None, root.ended, "success"))
    over = root.ended + ALERT_SECONDS
    return (replace(root, ended=over), *spans[1:], Span(node, root.ended, over, "success"))


class _Unfolding:
    """One pass over the tree that gives every task its time."""

    def __init__(self, nodes: tuple[Node, ...], skipped: Collection[str], kill: Kill | None) -> None:
        self._nodes = nodes
        self._skipped = skipped
        self._kill = kill
        self._starts = 0.0
        self._made: dict[int, Span] = {}
        self._children: dict[int, list[Node]] = {node.index: [] for node in nodes}
        for node in nodes:
            if node.parent is not None:
                self._children[node.parent].append(node)

    def spans(self, starts: float) -> tuple[Span, ...]:
        self._starts = starts
        self._run(self._nodes[0], starts)
        return tuple(self._made[node.index] for node in self._nodes)

    def _run(self, node: Node, at: float) -> Span:
        span = self._group(node, at) if self._children[node.index] else self._leaf(node, at)
        self._made[node.index] = span
        return span

    def _leaf(self, node: Node, at: float) -> Span:
        script = node.script
        if node.name in self._skipped:
            return Span(node, None, at, "success")
        if self._kill is not None and at >= self._kill.at and at > self._starts:
            return Span(node, None, max(at, self._kill.at), "canceled")
        if at == inf:
            return Span(node, None, inf, "blocked")
        ended = at + script.seconds
        if self._kill is not None and ended > self._kill.cut:
            return Span(node, at, self._kill.cut, "canceled")
        return Span(node, at, ended, "error" if script.outcome == "error" else "success")

    def _group(self, node: Node, at: float) -> Span:
        """Tasks behind one without success stay `blocked` for good: the server never makes them ready."""
        over, failed, spans = at, False, []
        for child in self._children[node.index]:
            if failed:
                self._block(child)
                continue
            span = self._run(child, at if node.script.parallel else over)
            failed = not node.script.parallel and span.state in (*FAILED, "canceled")
            over = max(over, span.ended)
            spans.append(span)
        states = {span.state for span in spans}
        skipped = node.name in self._skipped
        return Span(node, None if skipped or at == inf else at, over, _group_state(states))

    def _block(self, node: Node) -> None:
        self._made[node.index] = Span(node, None, inf, "blocked")
        for child in self._children[node.index]:
            self._block(child)


def _group_state(states: Collection[str]) -> str:
    if "canceled" in states:
        return "canceled"
    return "group_error" if any(state in FAILED for state in states) else "success"
