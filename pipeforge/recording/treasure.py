"""What was seen of Treasure Workflow: projects and workflows by their attempts, and how those went."""

import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from pipeforge.adapter import Json
from pipeforge.recording import tasks
from pipeforge.recording.exchange import Exchange, Part, Place, given, items
from pipeforge.recording.stages import Look, Went, went

_ENDS = frozenset({"success", "error", "killed"})
_ATTEMPT = re.compile(r"/api/attempts/([0-9]+)(/tasks|/kill)?")
_LOG = re.compile(r"/api/logs/([0-9]+)/files(/.+)?")
_WORKFLOWS = re.compile(r"/api/projects/[0-9]+/workflows")
_SESSIONS = re.compile(r"/api/projects/[0-9]+/sessions|/api/sessions/[0-9]+/attempts")
_CONFLICT = 409
_GZIP = 31
_LOG_BYTES = 256 * 1024
"""chosen: of one log file, unpacked."""


@dataclass(slots=True)
class _Seen:
    """What was seen of one attempt."""

    start: Exchange
    shown: Mapping[str, Json]
    """As it was shown first."""
    looks: list[Exchange] = field(default_factory=list)
    tasks: list[dict[str, Json]] = field(default_factory=list)
    logs: dict[str, list[str]] = field(default_factory=dict)
    """By the task's full name."""


def part(heard: Sequence[Exchange]) -> Part:
    """Attempts that were started here go again; everything else is answered as it was."""
    attempts, lost = _begun(heard)
    told = {id(seen.start) for seen in attempts.values()} - lost
    places: dict[int, Place] = {}
    jobs, rest = _jobs(attempts), []
    for each in heard:
        if (found := _ATTEMPT.fullmatch(each.path) or _LOG.fullmatch(each.path)) and found[1] in attempts:
            places[id(each)] = Place(each.path.replace(found[1], "{id}", 1), jobs[found[1]])
        again = each.status == _CONFLICT and str(each.said.get("id")) in attempts
        if not (id(each) in told or again or _is_of(each, attempts) or _looks_up(each)):
            rest.append(each)
    if not attempts:
        return Part({}, rest)
    projects: dict[str, Json] = {}
    for seen in attempts.values():
        _tell(projects, seen)
    hosted = any("status" in seen.shown for seen in attempts.values())
    section = {"shape": "hosted" if hosted else "oss", "projects": projects}
    return Part(section, rest, frozenset(lost), places)


def _begun(heard: Sequence[Exchange]) -> tuple[dict[str, _Seen], set[int]]:
    """Attempts by id, in the order of their starts; the ids of starts that were lost and found again."""
    attempts: dict[str, _Seen] = {}
    open_: list[Exchange] = []
    lost = set()
    for each in heard:
        starts = each.method == "PUT" and each.path == "/api/attempts"
        found = _ATTEMPT.fullmatch(each.path)
        number = str(each.said.get("id"))
        if starts and each.lost:
            open_.append(each)
        elif starts and each.well and "id" in each.said:
            attempts.setdefault(number, _Seen(each, each.said))
        elif number not in attempts and ((starts and "id" in each.said) or (found and each.well)):
            mine = next((one for one in open_ if _is_its(each.said, one.sent)), None)
            if mine is not None:
                open_.remove(mine)
                attempts[number] = _Seen(mine, each.said)
                lost.add(id(mine))
    return dict(sorted(attempts.items(), key=lambda item: item[1].start.at)), lost


def _is_its(attempt: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    """Whether an attempt is that of a start: by the names in both."""
    workflow = sent.get("workflowName", _name(attempt.get("workflow")))
    same_name = attempt.get("retryAttemptName") == sent.get("retryAttemptName")
    return same_name and workflow == _name(attempt.get("workflow"))


def _jobs(attempts: Mapping[str, _Seen]) -> dict[str, dict[str, Json]]:
    """Each as a fault tells it: the how manyth of its workflow."""
    counted: Counter[str] = Counter()
    told = {}
    for number, seen in attempts.items():
        of = f"{_name(seen.shown.get('project'))}/{_name(seen.shown.get('workflow'))}"
        counted[of] += 1
        told[number] = {"of": of, "nth": counted[of]}
    return told


def _is_of(each: Exchange, attempts: Mapping[str, _Seen]) -> bool:
    """Whether it is about one of these attempts, and its emulator says so by itself; it is kept with it."""
    attempt, log = _ATTEMPT.fullmatch(each.path), _LOG.fullmatch(each.path)
    found = attempt or log
    over = each.status == _CONFLICT and found is not None and found[2] == "/kill"
    if found is None or found[1] not in attempts or not (each.well or over):
        return False
    seen = attempts[found[1]]
    if log and log[2]:
        name = log[2][1:].partition("%40")[0].partition("@")[0].replace("%2B", "+").replace("%5E", "^")
        seen.logs[name] = _lines(each.content)
    elif attempt and attempt[2] == "/tasks":
        seen.tasks = items(each.said.get("tasks"))
    elif attempt and attempt[2] is None:
        seen.looks.append(each)
    return True


def _looks_up(each: Exchange) -> bool:
    """What is asked before a start and to find one again: its ids are the emulator's own in a trial."""
    by_name = "name" in each.sent and (each.path == "/api/projects" or _WORKFLOWS.fullmatch(each.path))
    return each.method == "GET" and each.well and bool(by_name or _SESSIONS.fullmatch(each.path))


def _tell(projects: dict[str, Json], seen: _Seen) -> None:
    """An attempt's course, behind those of the earlier attempts of its workflow."""
    told = seen.shown
    project = projects.setdefault(_name(told.get("project")), {"workflows": {}})
    workflow = project["workflows"].setdefault(_name(told.get("workflow")), {"course": []})
    if zone := _zone(str(told.get("sessionTime") or "")):
        workflow["timezone"] = zone
    looks = [Look(each.at, _word(each.said)) for each in seen.looks]
    gone = went(seen.start.at, looks, _ENDS, "running")
    workflow["course"].append(_course(gone, seen))


def _course(gone: Went, seen: _Seen) -> dict[str, Json]:
    waits = sum(
        seconds
        for stage in gone.stages
        for word, seconds in stage.items()
        if word in ("queued", "blocked") and seconds != inf
    )
    course: dict[str, Json] = given(waits=round(waits, 2) or None)
    if seen.tasks and gone.outcome != "killed":
        return course | {"tasks": tasks.tree(seen.tasks, seen.logs)}
    ran = gone.seconds if gone.seconds == inf else round(max(gone.seconds - waits, 0.0), 2)
    return course | {"seconds": ran} | given(outcome=gone.outcome)


def _word(attempt: Mapping[str, Json]) -> str:
    """Its status; a server of one's own tells it in flags."""
    if attempt.get("status"):
        return str(attempt["status"])
    if not attempt.get("done"):
        return "running"
    failed = "killed" if attempt.get("cancelRequested") else "error"
    return "success" if attempt.get("success") else failed


def _name(named: Json) -> str:
    return str(named.get("name")) if isinstance(named, dict) else ""


def _zone(time: str) -> str:
    """A zone in which the time reads so; empty for offsets that are no whole hours."""
    offset = re.search(r"([+-])([0-9]{2}):00$", time)
    if offset is None:
        return "UTC" if time.endswith("Z") else ""
    if offset[0] == "+09:00":
        return "Asia/Tokyo"
    hours = int(offset[2])
    return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{hours}" if hours else "UTC"


def _lines(packed: bytes) -> list[str]:
    try:
        text = zlib.decompressobj(_GZIP).decompress(packed, _LOG_BYTES)
    except zlib.error:
        return []
    return [line for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
