"""What was seen of trocco: definitions by the jobs that were started of them, and how those went."""

import re
from collections.abc import Mapping, Sequence

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange, Part, given
from pipeforge.recording.stages import Look, went

_ENDS = frozenset({"succeeded", "error", "canceled", "skipped"})
_KINDS = {
    "/jobs": ("job_definitions", "job_definition_id", "job_definition_name"),
    "/pipeline_jobs": ("pipeline_definitions", "pipeline_definition_id", "name"),
    "/datamart_jobs": ("datamart_definitions", "datamart_definition_id", "name"),
}
_JOB = re.compile(r"(/jobs|/pipeline_jobs)/([0-9]+)")
_LIST = re.compile(r"/job_definitions/([0-9]+)/jobs")


def part(heard: Sequence[Exchange]) -> Part:
    """Jobs that were started here play again; everything else is answered as it was."""
    begun = [each for each in heard if _starts(each)]
    started = {(each.path, str(each.said["id"])): each for each in begun}
    looks: dict[tuple[str, str], list[Exchange]] = {key: [] for key in started}
    ours = {id(each) for each in begun}
    known = {str(each.sent.get("job_definition_id")) for each in begun}
    rest = []
    for each in heard:
        job = _JOB.fullmatch(each.path)
        listed = _LIST.fullmatch(each.path)
        if job and each.well and (job[1], job[2]) in looks:
            looks[(job[1], job[2])].append(each)
        elif not (listed and each.well and listed[1] in known) and id(each) not in ours:
            rest.append(each)
    section: dict[str, Json] = {}
    for key, start in started.items():
        _tell(section, start, looks[key])
    return Part(section, rest)


def _starts(each: Exchange) -> bool:
    return each.method == "POST" and each.well and each.path in _KINDS and "id" in each.said


def _tell(section: dict[str, Json], start: Exchange, looks: Sequence[Exchange]) -> None:
    """A job's course, behind those of the earlier jobs of its definition."""
    listed, number, name = _KINDS[start.path]
    told: Mapping[str, Json] = (looks[-1] if looks else start).said
    definition = section.setdefault(listed, {}).setdefault(str(start.sent[number]), {})
    definition |= given(name=told.get(name))
    seen = [Look(each.at, str(each.said.get("status"))) for each in looks]
    gone = went(start.at, seen, _ENDS, "queued")
    if start.path != "/datamart_jobs":
        definition.setdefault("course", []).append({"stages": gone.stages, **given(outcome=gone.outcome)})
