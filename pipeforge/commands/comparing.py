"""What came of a run, held against what a test expects: every difference, with its place in the test."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from pipeforge import adapters
from pipeforge.commands.rehearsing import Rehearsal
from pipeforge.engine.state import StepState
from pipeforge.language.diagnostics import Route
from pipeforge.language.durations import text as duration
from pipeforge.language.nearest import suggest
from pipeforge.language.trials import Expectation, Request
from pipeforge.reports.trials import Difference

_UNCOUNTED = "a recipe makes its jobs by itself: expect `requests` of workato instead"


def differences(expected: Expectation, found: Rehearsal) -> list[Difference]:
    """All of them, in the order of the keys of a test."""
    return [
        *_run(expected, found),
        *_steps(expected, found),
        *_order(expected.order, found),
        *_outputs(expected, found),
        *_vendors(expected, found),
    ]


def _run(expected: Expectation, found: Rehearsal) -> Iterator[Difference]:
    wanted, outcome = expected.outcome, str(found.state.outcome or _open(found))
    if expected.exit_code is not None and expected.exit_code != found.exit_code:
        yield Difference(("exit_code",), f"the exit code is {found.exit_code}, not {expected.exit_code}")
    if wanted is not None and wanted != outcome:
        yield Difference(("outcome",), f"the run is {outcome}, not {wanted}", _first_trouble(found))
    if expected.lasts is not None and found.seconds > expected.lasts:
        took, longest = duration(round(found.seconds, 3)), duration(expected.lasts)
        yield Difference(("lasts",), f"it takes {took}, longer than {longest}")


def _open(found: Rehearsal) -> str:
    """A run that waits for a person has no outcome of its own yet."""
    return "unknown" if found.state.paused == "undecided" else found.state.paused or "not over"


def _first_trouble(found: Rehearsal) -> str:
    for id_, step in found.state.steps.items():
        if step.outcome is not None and not step.ok and step.detail:
            return f"'{id_}' {step.outcome}: {step.detail}"
    return ""


def _steps(expected: Expectation, found: Rehearsal) -> Iterator[Difference]:
    yield from _outcomes(expected.outcomes, found)
    yield from _not_started(expected.not_started, found)
    for id_, count in expected.attempts.items():
        step, route = found.state.steps.get(id_, StepState()), ("attempts", id_)
        if step.last != count:
            said = f"'{id_}' was tried {_times(step.last)}, not {_times(count)}"
            yield _absent(route, id_, found) or Difference(route, said)
    for id_, text in expected.details.items():
        detail, route = found.state.steps.get(id_, StepState()).detail, ("details", id_)
        if text not in detail:
            said = f"of '{id_}' is told '{detail}', without '{text}'"
            yield _absent(route, id_, found) or Difference(route, said)


def _outcomes(wanted: Mapping[str, str], found: Rehearsal) -> Iterator[Difference]:
    for id_, word in wanted.items():
        step, route = found.state.steps.get(id_), ("outcomes", id_)
        if step is None or step.outcome is None:
            said = f"'{id_}' has no outcome, where {word} is expected"
            yield _absent(route, id_, found) or Difference(route, said)
        elif step.outcome != word:
            yield Difference(route, f"'{id_}' is {step.outcome}, not {word}", step.detail)


def _not_started(wanted: Sequence[str], found: Rehearsal) -> Iterator[Difference]:
    for index, id_ in enumerate(wanted):
        route = ("not_started", index)
        strange = _absent(route, id_, found)
        if strange is not None:
            yield strange
        elif any(one == id_ or one.startswith(f"{id_}[") for one in found.order):
            yield Difference(route, f"'{id_}' was started")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _absent(route: Route, id_: str, found: Rehearsal) -> Difference | None:
    """What is said of a step that the pipeline has not; None where it has."""
    known = [outline.id for outline in found.state.outlines]
    if id_ in found.state.steps or id_.partition("[")[0] in known:
        return None
    return Difference(route, f"the pipeline has no step '{id_}'", suggest(id_, known, "steps"))


def _order(wanted: Sequence[str], found: Rehearsal) -> Iterator[Difference]:
    places = {id_: number for number, id_ in reversed(list(enumerate(found.order)))}
    for id_ in list(places):
        places.setdefault(id_.partition("[")[0], places[id_])
    for index, id_ in enumerate(wanted):
        if id_ not in places:
            route = ("order", index)
            yield _absent(route, id_, found) or Difference(route, f"'{id_}' was not started")
    known = [(index, id_) for index, id_ in enumerate(wanted) if id_ in places]
    for (_, earlier), (index, later) in pairwise(known):
        if places[earlier] > places[later]:
            yield Difference(("order", index), f"'{later}' was started before '{earlier}'")


def _outputs(expected: Expectation, found: Rehearsal) -> Iterator[Difference]:
    for id_, wanted in expected.outputs.items():
        route: Route = ("outputs", id_)
        given = found.state.steps.get(id_, StepState()).outputs
        if not isinstance(given, Mapping):
            yield Difference(route, f"'{id_}' gives a list, for it is a foreach", f"write {id_}[0]")
            continue
        for name, value in wanted.items():
            if name not in given:
                hint = suggest(name, given, "outputs") if given else "it gave none"
                yield _absent(route, id_, found) or Difference(
                    (*route, name), f"'{id_}' gives no '{name}'", hint
                )
            elif given[name] != value:
                shown = _shown(given[name])
                yield Difference((*route, name), f"'{name}' of '{id_}' is {shown}, not {_shown(value)}")


def _vendors(expected: Expectation, found: Rehearsal) -> Iterator[Difference]:
    for name, vendors in (("jobs", expected.jobs), ("requests", expected.requests)):
        for vendor in vendors:
            if vendor not in adapters.vendors():
                hint = suggest(vendor, adapters.vendors(), "vendors")
                yield Difference((name, vendor), f"there is no vendor '{vendor}'", hint)
    for vendor, count in expected.jobs.items():
        if vendor in adapters.vendors() and found.jobs(vendor) != count:
            started = found.jobs(vendor)
            said = f"{vendor} started {_jobs(started)}, not {_jobs(count)}"
            yield Difference(("jobs", vendor), said, _UNCOUNTED if vendor == "workato" else "")
    for vendor, listed in expected.requests.items():
        rows = found.asked(vendor)
        for request in dict.fromkeys(one.request for one in listed):
            wanted = [(index, one) for index, one in enumerate(listed) if one.request == request]
            yield from _requests(("requests", vendor), request, wanted, rows)


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _requests(
    route: Route, request: str, wanted: list[tuple[int, Request]], rows: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    method, _, path = request.partition(" ")
    pattern = re.compile("[^/]+".join(map(re.escape, path.split("*"))))
    made = [row for row in rows if row["method"] == method and pattern.fullmatch(unquote(row["path"]))]
    if len(made) != len(wanted):
        others = dict.fromkeys(f"{row['method']} {row['path']}" for row in rows)
        listed = f"asked were: {', '.join(others)}" if others and not made else ""
        said = f"{request} was made {_times(len(made))}, not {_times(len(wanted))}"
        yield Difference((*route, wanted[-1][0]), said, listed)
    for (index, one), row in zip(wanted, made, strict=False):
        if one.query is not None:
            unlike = _unlike(dict(row["query"]), _texts(one.query))
            yield from _told((*route, index, "query"), f"{request} asked", unlike)
        if one.body is not None:
            unlike = _unlike(_body(row["body"]), _body(one.body))
            yield from _told((*route, index, "body"), f"{request} carried", unlike)


def _told(route: Route, what: str, unlike: Sequence[str]) -> Iterator[Difference]:
    if unlike:
        yield Difference(route, f"{what} {unlike[0]}" if len(unlike) == 1 else "\n".join([what, *unlike]))


def _unlike(found: Any, wanted: Any) -> list[str]:
    """In which keys two values differ, where both are mappings."""
    if found == wanted:
        return []
    if not isinstance(found, Mapping) or not isinstance(wanted, Mapping):
        return [f"{_shown(found)}, not {_shown(wanted)}"]
    told = []
    for key in dict.fromkeys([*wanted, *found]):
        if key not in found:
            told.append(f"no {key}, not {_shown(wanted[key])}")
        elif key not in wanted:
            told.append(f"{key}: {_shown(found[key])}, of which the test says nothing")
        elif found[key] != wanted[key]:
            told.append(f"{key}: {_shown(found[key])}, not {_shown(wanted[key])}")
    return told


def _texts(pairs: Mapping[str, Any]) -> dict[str, str]:
    """A query is text; what stands in YAML may look like a number."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in pairs.items()}


def _body(body: Any) -> Any:
    """The pairs of a form as a mapping, with a list where a key comes again."""
    if not isinstance(body, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in body):
        return body
    values: dict[str, list[Any]] = {}
    for key, value in body:
        values.setdefault(str(key), []).append(value)
    return {key: found[0] if len(found) == 1 else found for key, found in values.items()}


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
