"""What was seen of krewData: units by the tasks that were started of them, and how those went."""

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange, Part, Place, given, items
from pipeforge.recording.stages import Look, went

_ENDS = frozenset({"Success", "Failure"})


def part(heard: Sequence[Exchange]) -> Part:
    """Tasks that were started here play again; refusals are given as they were, tokens never."""
    started = {str(each.said["taskId"]): each for each in heard if each.path == "/run" and _yes(each)}
    looks: dict[str, list[Exchange]] = {task: [] for task in started}
    jobs, places, rest = _jobs(started), dict[int, Place](), []
    for each in heard:
        task = str(each.sent.get("taskId"))
        if task in jobs:
            places[id(each)] = Place(each.path, jobs[task])
        if each.path == "/status" and _yes(each) and task in looks:
            looks[task].append(each)
        elif not _yes(each) or each.path == "/status":
            rest.append(each)
    units: dict[str, Json] = {}
    for task, start in started.items():
        _tell(units.setdefault(start.unit, {"name": _name(start), "course": []}), start, looks[task])
    alone = next(iter(units.values())) if len(units) == 1 else None
    section = given(unit=alone) if alone else given(units=units or None)
    if any(each.well and not _yes(each) for each in heard):
        section["http_status"] = "always_200"
    return Part(section, rest, places=places)


def _jobs(started: Mapping[str, Exchange]) -> dict[str, dict[str, Json]]:
    """Each as a fault tells it: the how manyth of its unit."""
    counted: Counter[str] = Counter()
    told = {}
    for task, start in started.items():
        counted[start.unit] += 1
        told[task] = {"of": _name(start), "nth": counted[start.unit]}
    return told


def _name(start: Exchange) -> str:
    """What a unit is called; its id is a secret, that of a trial is none."""
    return start.unit or "unit"


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
