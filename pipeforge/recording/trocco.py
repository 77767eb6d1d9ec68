"""What was seen of trocco: definitions by the jobs that were started of them, and how those went."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange, Part, Place, given
from pipeforge.recording.stages import Look, went

_ENDS = frozenset({"succeeded", "error", "canceled", "skipped"})


class _Kind(NamedTuple):
    name: str
    listed: str
    number: str
    title: str


_KINDS = {
    "/jobs": _Kind("transfer", "job_definitions", "job_definition_id", "job_definition_name"),
    "/pipeline_jobs": _Kind("workflow", "pipeline_definitions", "pipeline_definition_id", "name"),
    "/datamart_jobs": _Kind("datamart", "datamart_definitions", "datamart_definition_id", "name"),
}
"""By the path that starts one."""
_JOB = re.compile(r"(/jobs|/pipeline_jobs)/([0-9]+)")
_LIST = re.compile(r"/job_definitions/([0-9]+)/jobs")


def part(heard: Sequence[Exchange]) -> Part:
    """Jobs that were started here play again; everything else is answered as it was."""
    started = {(each.path, str(each.said["id"])): each for each in heard if _starts(each) and each.well}
    lost = _found_again(heard, started)
    begun = {**started, **lost}
    begun = {key: begun[key] for key in sorted(begun, key=lambda key: begun[key].at)}
    looks: dict[tuple[str, str], list[Exchange]] = {key: [] for key in begun}
    ours = {id(each) for each in started.values()}
    known = {str(each.sent.get("job_definition_id")) for each in heard if _starts(each)}
    jobs, places, rest = _jobs(begun), dict[int, Place](), []
    for each in heard:
        job = _JOB.fullmatch(each.path)
        listed = _LIST.fullmatch(each.path)
        key = (job[1], job[2]) if job else ("", "")
        if key in looks:
            places[id(each)] = Place(f"{key[0]}/{{id}}", jobs[key])
        if key in looks and each.well:
            looks[key].append(each)
        elif not (listed and each.well and listed[1] in known) and id(each) not in ours:
            rest.append(each)
    section: dict[str, Json] = {}
    for key, start in begun.items():
        _tell(section, start, looks[key])
    return Part(section, rest, frozenset(map(id, lost.values())), places)


def _starts(each: Exchange) -> bool:
    return each.method == "POST" and each.path in _KINDS and ("id" in each.said or not each.well)


def _found_again(
    heard: Sequence[Exchange], started: Mapping[tuple[str, str], Exchange]
) -> dict[tuple[str, str], Exchange]:
    """Starts whose answer was lost, by the job that was looked at as theirs."""
    found: dict[tuple[str, str], Exchange] = {}
    open_: list[Exchange] = []
    for each in heard:
        job = _JOB.fullmatch(each.path)
        if each.lost and _starts(each):
            open_.append(each)
        elif job and each.well and (job[1], job[2]) not in {*started, *found}:
            number = _KINDS[job[1]].number
            mine = [one for one in open_ if one.path == job[1] and _same_number(one.sent, each.said, number)]
            if mine:
                found[job[1], job[2]] = mine[0]
                open_.remove(mine[0])
    return found


def _same_number(sent: Mapping[str, Json], said: Mapping[str, Json], number: str) -> bool:
    return str(sent.get(number)) == str(said.get(number))


def _jobs(begun: Mapping[tuple[str, str], Exchange]) -> dict[tuple[str, str], dict[str, Json]]:
    """Each as a fault tells it: the how manyth of its definition."""
    counted: Counter[tuple[str, str]] = Counter()
    told = {}
    for key, start in begun.items():
        kind = _KINDS[start.path]
        number = str(start.sent[kind.number])
        counted[start.path, number] += 1
        told[key] = {"of": int(number), "nth": counted[start.path, number], "kind": kind.name}
    return told


def _tell(section: dict[str, Json], start: Exchange, looks: Sequence[Exchange]) -> None:
    """A job's course, behind those of the earlier jobs of its definition."""
    kind = _KINDS[start.path]
    told: Mapping[str, Json] = (looks[-1] if looks else start).said
    definition = section.setdefault(kind.listed, {}).setdefault(str(start.sent[kind.number]), {})
    definition |= given(name=told.get(kind.title))
    seen = [Look(each.at, str(each.said.get("status"))) for each in looks]
    gone = went(start.at, seen, _ENDS, "queued")
    if start.path != "/datamart_jobs":
        definition.setdefault("course", []).append({"stages": gone.stages, **given(outcome=gone.outcome)})
