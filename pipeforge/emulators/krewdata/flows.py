"""The flows of a task at a moment: they share the running time, and after a failure the rest is canceled."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pipeforge.emulators.core import Json
from pipeforge.emulators.course import begins, lasts
from pipeforge.emulators.krewdata.world import WAITING

_ZONE = timedelta(hours=9)


def flow_info(task: Mapping[str, Json], now: float) -> list[dict[str, Json]]:
    """`flowInfo` of the status answer."""
    count = _that_run(task)
    began = task["created"] + begins(task["stages"], WAITING)
    over = task["created"] + lasts(task["stages"])
    share = (over - began) / count if count else 0.0
    shown: list[dict[str, Json]] = []
    for index, name in enumerate(task["flows"]):
        start = began + index * share if index else began  # a share may be endless
        end = over if index == count - 1 else start + share
        flow = {"flowExecUniqueKey": f"{task['id']}-{index + 1}", "flowName": name}
        shown.append(flow | _state(task, index < count, (start, end), now, last=index == count - 1))
    return shown


def _that_run(task: Mapping[str, Json]) -> int:
    """How many flows run at all: up to the one that fails."""
    total = len(task["flows"])
    return min(task["failing_flow"], total) if task["outcome"] == "Failure" else total


def _state(
    task: Mapping[str, Json], runs: bool, span: tuple[float, float], now: float, *, last: bool
) -> dict[str, Json]:
    start, end = span
    if not runs:
        over = now >= task["created"] + lasts(task["stages"])
        return {"status": "Cancel" if over else "Queuing"}
    if now < start:
        return {"status": "Queuing"}
    if now < end:
        return {"status": "Running", "startTime": _written(start), "endTime": ""}
    status = "Failure" if last and task["outcome"] == "Failure" else "Success"
    return {"status": status, "startTime": _written(start), "endTime": _written(end)}


def _written(seconds: float) -> str:
    return (datetime.fromtimestamp(seconds, UTC) + _ZONE).strftime("%Y-%m-%d %H:%M:%S")
