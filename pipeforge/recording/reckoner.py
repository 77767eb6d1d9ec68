"""What was seen of Reckoner: workflows by the jobs that were started of them, and how those went."""

import re
from collections.abc import Sequence

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange, Part, given, items
from pipeforge.recording.stages import Look, went

_ENDS = frozenset({"COMPLETED", "FAILED", "CANCELED", "SERVER_ERROR"})
_RUN = re.compile(r"/workflows/([0-9]+)/run")
_JOBS = re.compile(r"/workflows/([0-9]+)/jobs")
_JOB = re.compile(r"/workflows/([0-9]+)/jobs/([0-9]+)(/cancel)?")
_CATEGORIES = ("source", "transform", "analytics", "sink")


def part(heard: Sequence[Exchange]) -> Part:
    """Jobs that were started here play again; everything else is answered as it was."""
    started: dict[str, tuple[str, Exchange]] = {}
    looks: dict[str, list[Exchange]] = {}
    rest = []
    for each in heard:
        run, job = _RUN.fullmatch(each.path), _JOB.fullmatch(each.path)
        if run and each.well and "job_id" in each.said:
            started[str(each.said["job_id"])] = (run[1], each)
        elif job and each.well and job[2] in started:
            looks.setdefault(job[2], []).append(each)
        elif not (each.path == "/auth/token/refresh" or _expired(each)):
            rest.append(each)
    used = {workflow for workflow, _ in started.values()}
    workflows: dict[str, Json] = {}
    for number, (workflow, start) in started.items():
        course = _course(start, [look for look in looks.get(number, []) if look.method == "GET"])
        workflows.setdefault(workflow, {"course": []})["course"].append(course)
    return Part(given(workflows=workflows or None), [each for each in rest if not _lists(each, used)])


def _expired(each: Exchange) -> bool:
    """What a new access token answers: there are none to expire in a trial."""
    return each.status == 401 and each.said.get("code") == "TOKEN_EXPIRED"


def _lists(each: Exchange, used: set[str]) -> bool:
    """Whether it lists jobs among which ours are: the emulator lists those that it has."""
    listed = _JOBS.fullmatch(each.path)
    return listed is not None and each.well and listed[1] in used


def _course(start: Exchange, looks: Sequence[Exchange]) -> dict[str, Json]:
    seen = [Look(each.at, str(each.said.get("status"))) for each in looks]
    gone = went(start.at, seen, _ENDS, "SUBMITTING")
    course = {"stages": gone.stages, **given(outcome=gone.outcome)}
    if gone.outcome == "FAILED":
        course["errors"] = [_error(each) for each in items(looks[-1].said.get("errors"))]
    return course


def _error(error: dict[str, Json]) -> dict[str, Json]:
    """Texts alone; a category that no document has is that of a source."""
    told = {name: str(error.get(name) or "") for name in ("task_name", "category", "subcategory", "message")}
    return told if told["category"] in _CATEGORIES else {**told, "category": "source"}
