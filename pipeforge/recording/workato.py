"""What was seen of Workato: recipes as they stood, what their polls found, and how the jobs went."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeforge.adapter import Json
from pipeforge.recording.exchange import Exchange, Part, Place, given, items

_RECIPE = re.compile(r"(?:/managed_users/[^/]+)?/recipes/([0-9]+)(/[a-z_]+)?(/[^/]+)?")
_RECIPES = re.compile(r"(?:/managed_users/[^/]+)?/recipes")
_POLLS = ("/poll_now", "/start")
_MOST_PAST = 100
"""chosen: jobs from before a run that are played again."""


@dataclass(slots=True)
class _Seen:
    """What was seen of one recipe."""

    first: dict[str, Json] = field(default_factory=dict)
    """As it was shown at first."""
    polls: int = 0
    past: set[str] = field(default_factory=set)
    """Jobs from before the first poll."""
    found: dict[str, int] = field(default_factory=dict)
    """New jobs, oldest first, each with the poll after which it was seen first."""
    jobs: dict[str, dict[str, Json]] = field(default_factory=dict)
    """As they were last shown."""


def part(heard: Sequence[Exchange]) -> Part:
    """Recipes that were polled or changed here are played again; everything else is answered as it was."""
    touched = {found[1] for each in heard if each.method != "GET" and (found := _RECIPE.fullmatch(each.path))}
    made = {
        str(each.said.get("id")) for each in heard if each.method == "POST" and _RECIPES.fullmatch(each.path)
    }
    recipes: dict[str, _Seen] = {}
    done, rest = _worked(heard), []
    for each in heard:
        found = _RECIPE.fullmatch(each.path)
        if id(each) in done and found:
            recipes.setdefault(found[1], _Seen()).polls += 1
            rest.append(each)
        elif found and each.well and _accepted(each) and found[1] in touched | made:
            _note(recipes.setdefault(found[1], _Seen()), found[2] or "", found[3] or "", each)
        elif _RECIPES.fullmatch(each.path) and each.well and (touched or made):
            for row in _rows(each.body):
                _shown(recipes.setdefault(str(row.get("id")), _Seen()), row)
        else:
            rest.append(each)
    told: dict[str, Json] = {number: _told(seen) for number, seen in recipes.items() if number not in made}
    return Part(given(recipes=told or None), rest, frozenset(done), _places(heard, recipes))


def _worked(heard: Sequence[Exchange]) -> set[int]:
    """Of the polls and starts whose answer was lost, those that were done. A poll without news is as none;
    a start shows in the recipe before it is asked for again."""
    done, open_ = set(), dict[str, Exchange]()
    for each in heard:
        found = _RECIPE.fullmatch(each.path)
        if found is None:
            continue
        if each.lost and found[2] == "/poll_now":
            done.add(id(each))
        elif each.method != "GET":
            open_.pop(found[1], None)
            if each.lost and found[2] == "/start":
                open_[found[1]] = each
        elif found[1] in open_ and each.well and _runs(found[2], each):
            done.add(id(open_.pop(found[1])))
    return done


def _runs(what: str | None, each: Exchange) -> bool:
    return not what and any(row.get("running") is True for row in _rows(each.body))


def _places(heard: Sequence[Exchange], recipes: Mapping[str, _Seen]) -> dict[int, Place]:
    """Of answers about single jobs: the how manyth of its recipe that was found here."""
    places = {}
    for each in heard:
        found = _RECIPE.fullmatch(each.path)
        if found and found[2] == "/jobs" and found[3] and found[1] in recipes:
            new = list(recipes[found[1]].found)
            if found[3][1:] in new:
                job = {"of": int(found[1]), "nth": new.index(found[3][1:]) + 1}
                places[id(each)] = Place(each.path.removesuffix(found[3]) + "/{id}", job)
    return places


def _accepted(each: Exchange) -> bool:
    """A refusal may come with 200."""
    return each.said.get("success") is not False


def _note(seen: _Seen, what: str, job: str, each: Exchange) -> None:
    if each.method == "GET" and not what:
        for row in _rows(each.body):
            _shown(seen, row)
    elif what in _POLLS and each.method != "GET":
        seen.polls += 1
    elif what == "/jobs" and not job:
        _list(seen, _rows(each.body))
    elif what == "/jobs":
        for row in _rows(each.body):
            seen.jobs[str(row.get("id"))] = row


def _shown(seen: _Seen, row: dict[str, Json]) -> None:
    if not seen.first:
        seen.first = row


def _list(seen: _Seen, rows: Sequence[dict[str, Json]]) -> None:
    """The newest first, as Workato lists them."""
    for row in reversed(rows):
        number = str(row.get("id"))
        if not seen.polls:
            seen.past.add(number)
        elif number not in seen.past:
            seen.found.setdefault(number, seen.polls)
            seen.jobs[number] = row


def _rows(body: Json) -> list[dict[str, Json]]:
    """What an answer shows, however it is wrapped."""
    inner = body.get("result", body) if isinstance(body, dict) else body
    if isinstance(inner, dict):
        listed = next((inner[name] for name in ("items", "jobs") if isinstance(inner.get(name), list)), None)
        return [inner] if listed is None else items(listed)
    return items(inner)


def _told(seen: _Seen) -> dict[str, Json]:
    first = seen.first
    recipe = given(
        name=first.get("name"),
        description=first.get("description"),
        folder_id=_whole(first.get("folder_id")),
        stop_cause=first.get("stop_cause"),
        trigger_application=first.get("trigger_application"),
        version_no=_whole(first.get("version_no")),
        code=_decoded(first.get("code"), dict),
        config=_decoded(first.get("config"), list),
        past_jobs=min(len(seen.past), _MOST_PAST) or None,
    )
    if first.get("trigger_application") == "clock":
        recipe["trigger"] = "scheduled"
    if first.get("running") is False:
        recipe["running"] = False
    if seen.polls:
        polls = [sum(poll == number for poll in seen.found.values()) for number in range(1, seen.polls + 1)]
        recipe["polls"] = [*polls, 0] if polls[-1] else polls
    courses = [_course(seen.jobs[number]) for number in seen.found]
    return recipe | ({"course": courses} if courses else {})


def _course(job: dict[str, Json]) -> dict[str, Json]:
    status = str(job.get("status") or ("failed" if job.get("is_error") else "succeeded"))
    ended = job.get("completed_at") is not None
    course: dict[str, Json] = {"seconds": _seconds(job) if ended else float("inf")}
    if ended:
        course["outcome"] = status
    return course | given(error=_words(job), title=job.get("title"))


def _words(job: dict[str, Json]) -> Json:
    error = job.get("error") or job.get("error_parts")
    return error if isinstance(error, str) or error is None else json.dumps(error, ensure_ascii=False)


def _seconds(job: dict[str, Json]) -> float:
    try:
        began, ended = (datetime.fromisoformat(str(job.get(name))) for name in ("started_at", "completed_at"))
        return max(round((ended - began).total_seconds(), 2), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _whole(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _decoded(value: Json, kind: type) -> Json:
    """A recipe's code and config travel as JSON in a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, kind) and value else None
