"""What was seen of krewData: units by the tasks that were started of them, and how those went."""

from collections.abc import Sequence

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange, Part, given, items
from pipeforge.recording.stages import Look, went

_ENDS = frozenset({"Success", "Failure"})


def part(heard: Sequence[Exchange]) -> Part:
    """Tasks that were started here play again; refusals are given as they were, tokens never."""
    started = {str(each.said["taskId"]): each for each in heard if each.path == "/run" and _yes(each)}
    looks: dict[str, list[Exchange]] = {task: [] for task in started}
    rest = []
    for each in heard:
        task = str(each.sent.get("taskId"))
        if each.path == "/status" and _yes(each) and task in looks:
            looks[task].append(each)
        elif not _yes(each) or each.path == "/status":
            rest.append(each)
    units: dict[str, Json] = {}
    for task, start in started.items():
        _tell(units.setdefault(start.unit, {"course": []}), start, looks[task])
    alone = next(iter(units.values())) if len(units) == 1 else None
    section = given(unit=alone) if alone else given(units=units or None)
    if any(each.well and not _yes(each) for each in heard):
        section["http_status"] = "always_200"
    return Part(section, rest)


def _yes(each: Exchange) -> bool:
    """Whether both the status and the code in the body say so."""
    return each.well and str(each.said.get("code")) == "200"


def _tell(unit: dict[str, Json], start: Exchange, looks: Sequence[Exchange]) -> None:
    """A task's course, behind those of the earlier tasks of its unit."""
    seen = [Look(each.at, str(each.said.get("taskStatus"))) for each in looks]
    gone = went(start.at, seen, _ENDS, "Queuing")
    course: dict[str, Json] = {"stages": gone.stages, **given(outcome=gone.outcome)}
    last = looks[-1].said if looks else {}
    flows = items(last.get("flowInfo"))
    if flows:
        unit["flows"] = [str(flow.get("flowName") or f"Flow{place}") for place, flow in enumerate(flows, 1)]
    if gone.outcome == "Failure":
        failed = [place for place, flow in enumerate(flows, 1) if flow.get("status") == "Failure"]
        course |= {
            "error_code": str(last.get("errorCode") or ""),
            "error_message": str(last.get("errorMessage") or ""),
            "failing_flow": failed[0] if failed else 0,
        }
    unit["course"].append(course)
