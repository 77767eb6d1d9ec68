"""What was seen of Reckoner: workflows by the jobs that were started of them, and how those went."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange, Part, Place, given, items
from pipeforge.recording.stages import Look, went

_ENDS = frozenset({"COMPLETED", "FAILED", "CANCELED", "SERVER_ERROR"})
_RUN = re.compile(r"/workflows/([0-9]+)/run")
_JOBS = re.compile(r"/workflows/([0-9]+)/jobs")
_JOB = re.compile(r"/workflows/([0-9]+)/jobs/([0-9]+)(/cancel)?")
_CATEGORIES = ("source", "transform", "analytics", "sink")


def part(heard: Sequence[Exchange]) -> Part:
    """Jobs that were started here play again; everything else is answered as it was."""
    started, lost = _begun(heard)
    looks: dict[str, list[Exchange]] = {}
    places: dict[int, Place] = {}
    told, jobs = {id(each) for _, each in started.values()} - lost, _jobs(started)
    used = {workflow for workflow, _ in started.values()}
    used |= {run[1] for each in heard if each.lost and (run := _RUN.fullmatch(each.path))}
    rest = []
    for each in heard:
        job = _JOB.fullmatch(each.path)
        if job and job[2] in started:
            places[id(each)] = Place(f"/workflows/{job[1]}/jobs/{{id}}{job[3] or ''}", jobs[job[2]])
        if id(each) in told or (each.well and _is_listing(each, used)):
            continue
        if job and each.well and job[2] in started:
            looks.setdefault(job[2], []).append(each)
        elif not (each.path == "/auth/token/refresh" or _expired(each)):
            rest.append(each)
    workflows: dict[str, Json] = {}
    for number, (workflow, start) in started.items():
        course = _course(start, [look for look in looks.get(number, []) if look.method == "GET"])
        workflows.setdefault(workflow, {"course": []})["course"].append(course)
    return Part(given(workflows=workflows or None), rest, frozenset(lost), places)


def _begun(heard: Sequence[Exchange]) -> tuple[dict[str, tuple[str, Exchange]], set[int]]:
    """By job, its workflow and start, in their order; the ids of starts that were lost and found again."""
    started: dict[str, tuple[str, Exchange]] = {}
    open_: list[tuple[str, Exchange]] = []
    lost = set()
    for each in heard:
        run, job = _RUN.fullmatch(each.path), _JOB.fullmatch(each.path)
        if run and each.well and "job_id" in each.said:
            started[str(each.said["job_id"])] = (run[1], each)
        elif run and each.lost:
            open_.append((run[1], each))
        elif job and each.well and job[2] not in started:
            mine = next((one for one in open_ if one[0] == job[1]), None)
            if mine is not None:
                open_.remove(mine)
                started[job[2]] = mine
                lost.add(id(mine[1]))
    return dict(sorted(started.items(), key=lambda item: item[1][1].at)), lost


def _jobs(started: Mapping[str, tuple[str, Exchange]]) -> dict[str, dict[str, Json]]:
    """Each as a fault tells it: the how manyth of its workflow."""
    counted: Counter[str] = Counter()
    told = {}
    for number, (workflow, _) in started.items():
        counted[workflow] += 1
        told[number] = {"of": int(workflow), "nth": counted[workflow]}
    return told


def _expired(each: Exchange) -> bool:
    """What a new access token answers: there are none to expire in a trial."""
    return each.status == 401 and each.said.get("code") == "TOKEN_EXPIRED"


def _is_listing(each: Exchange, used: set[str]) -> bool:
    """Whether it lists jobs among which ours are: the emulator lists those that it has."""
    listed = _JOBS.fullmatch(each.path)
    return listed is not None and listed[1] in used


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
