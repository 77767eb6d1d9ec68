"""A valid pipeline with any part replaced or taken away: findings, never an exception."""

import copy
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeforge.language.document import parse
from pipeforge.reports.diagnostics import full

DATA = parse(Path("p.yaml"), (Path(__file__).parent / "ok" / "everything.yaml").read_text("utf-8")).data
WORDS = [
    "uses",
    "type",
    "vendor",
    "${{ item.x }}",
    "${{ steps.build_mart.outputs }}",
    "${{",
    "a: b",
    "",
    "90",
    "trocco",
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=5,
)


def routes(value, route=()):
    if route:
        yield route
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from routes(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from routes(inner, (*route, index))


ROUTES = list(routes(DATA))


def without_surrogates(text):
    return text.encode("utf-8", "ignore").decode()


@given(st.lists(st.tuples(st.sampled_from(ROUTES), st.none() | VALUES), min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_whatever_is_changed_there_are_only_findings(lint, changes):
    data = copy.deepcopy(DATA)
    for route, value in changes:
        holder = data
        try:
            for part in route[:-1]:
                holder = holder[part]
            if value is None:
                del holder[route[-1]]
            else:
                holder[route[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    report = lint(without_surrogates(json.dumps(data, ensure_ascii=False)))
    assert len(set(report.diagnostics)) == len(report.diagnostics)
    for one in report.diagnostics:
        assert one.message and one.span.line == 1 and one.span.column >= 1
        assert "Input should" not in one.message and "pydantic" not in one.message.lower()
    assert full(report.diagnostics, report.texts).count("\n --> ") == len(report.diagnostics)


@given(st.sampled_from(ROUTES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_same_file_gives_the_same_findings(lint, route):
    data = copy.deepcopy(DATA)
    holder = data
    for part in route[:-1]:
        holder = holder[part]
    holder[route[-1]] = {"x": [1], "y": "${{ nothing }}"}
    text = json.dumps(data, ensure_ascii=False)
    assert lint(text).diagnostics == lint(text).diagnostics
