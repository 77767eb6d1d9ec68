"""Planning: order, rendering, late names, fingerprints, the layers of defaults."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge import adapters, graphs, planning
from pipeforge.errors import UsageError
from pipeforge.language.model import Defaults, Pipeline
from pipeforge.language.templating import Template, TemplateError

MOMENT = datetime(2026, 1, 31, 2, 0, tzinfo=UTC)
CONNECTIONS = {"t": {"vendor": "trocco"}, "td": {"vendor": "treasure"}}
JOB = {"uses": "trocco.run_job", "with": {"job_definition_id": 1}}


def planned(
    steps: Mapping[str, Any], *, defaults: Any = None, project: Any = None, **scope: Any
) -> planning.Plan:
    data = {"name": "p", "steps": dict(steps), **({"defaults": defaults} if defaults else {})}
    return planning.plan(
        Pipeline.model_validate(data),
        adapters.kinds(),
        CONNECTIONS,
        {"context_time": MOMENT, "custom_variables": {}, "records": {}, "env": {}, **scope},
        defaults=Defaults.model_validate(project or {}),
        digest="d",
    )


def ids(plan: planning.Plan) -> list[str]:
    return [step.id for step in plan.steps]


def test_what_needs_comes_after_and_ties_keep_the_files_order() -> None:
    plan = planned({"c": JOB, "b": {**JOB, "needs": "a"}, "a": JOB, "d": {**JOB, "needs": ["c", "b"]}})
    assert ids(plan) == ["c", "a", "b", "d"]
    assert graphs.waves(plan) == [["c", "a"], ["b"], ["d"]]


@given(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11))))
def test_every_order_is_topological(pairs: set[tuple[int, int]]) -> None:
    needs: dict[int, list[str]] = {n: [] for n in range(12)}
    for low, high in {(min(p), max(p)) for p in pairs if p[0] != p[1]}:
        needs[low].append(f"s{high}")
    plan = planned({f"s{n}": {**JOB, "needs": sorted(needs[n])} for n in range(12)})
    place = {id_: number for number, id_ in enumerate(ids(plan))}
    assert len(place) == 12
    assert all(place[need] < place[f"s{n}"] for n in needs for need in needs[n])


def test_an_edge_that_follows_from_others_is_not_drawn() -> None:
    plan = planned({"a": JOB, "b": {**JOB, "needs": "a"}, "c": {**JOB, "needs": ["a", "b"]}})
    assert graphs.edges(plan) == [("a", "b"), ("b", "c")]


def test_what_is_known_is_rendered_and_what_is_late_stays_a_template() -> None:
    late = "${{ steps.a.outputs.id }} of ${{ custom_variables.x }}"
    plan = planned(
        {
            "a": {**JOB, "with": {"job_definition_id": "${{ custom_variables.n }}"}},
            "b": {**JOB, "needs": "a", "with": {"job_definition_id": 2, "custom_variables": {"$v$": late}}},
        },
        custom_variables={"n": 7, "x": "y"},
    )
    assert plan.steps[0].params == {"job_definition_id": 7}
    waiting = plan.steps[1].params["custom_variables"]["$v$"]
    assert isinstance(waiting, Template)
    scope = {**plan.scope, "steps": {"a": {"outputs": {"id": 12}}}}
    assert planning.bind(plan.steps[1].params, scope)["custom_variables"] == {"$v$": "12 of y"}


def test_a_text_that_was_given_is_never_taken_for_a_template() -> None:
    """Whoever may give a value, say a form in CI, must not thereby read what the author's templates can."""
    given = "${{ env.TOKEN }} ${{ steps.a.outputs.id }}"
    params = {"job_definition_id": 1, "custom_variables": {"$v$": "${{ custom_variables.x }}"}}
    late = {**params, "custom_variables": {"$v$": "${{ custom_variables.x }}, ${{ run.id }}"}}
    plan = planned(
        {"a": JOB, "b": {**JOB, "with": params}, "c": {**JOB, "with": late}}, custom_variables={"x": given}
    )
    scope = {**plan.scope, "env": {"TOKEN": "t"}, "steps": {"a": {"outputs": {"id": 12}}}, "run": {"id": "r"}}
    b, c = (planning.bind(step.params, scope)["custom_variables"]["$v$"] for step in plan.steps[1:])
    assert (b, c) == (given, f"{given}, r")


def test_a_late_name_that_never_came_is_told() -> None:
    plan = planned(
        {"a": JOB, "b": {**JOB, "needs": "a", "with": {"job_definition_id": "${{ steps.a.outputs.no }}"}}}
    )
    with pytest.raises(TemplateError, match="has no 'no'"):
        planning.bind(plan.steps[1].params, {**plan.scope, "steps": {"a": {"outputs": {}}}})


def test_the_fingerprint_follows_inputs_not_decoration() -> None:
    late = "${{ steps.a.outputs.id }}-${{ custom_variables.x }}"
    steps = {
        "a": JOB,
        "b": {**JOB, "needs": "a", "with": {"job_definition_id": 1, "custom_variables": {"$v$": late}}},
    }
    one = planned(steps, custom_variables={"x": 1})
    same = planned({**steps, "b": {**steps["b"], "description": "words"}}, custom_variables={"x": 1})
    other = planned(steps, custom_variables={"x": 2})
    assert [s.fingerprint for s in one.steps] == [s.fingerprint for s in same.steps]
    assert one.steps[0].fingerprint == other.steps[0].fingerprint
    assert one.steps[1].fingerprint != other.steps[1].fingerprint


def test_the_step_outweighs_the_pipeline_outweighs_the_project() -> None:
    own = {**JOB, "timeout": "1m"}
    plan = planned(
        {"a": own, "b": JOB}, defaults={"timeout": "2m"}, project={"timeout": "3m", "on_interrupt": "cancel"}
    )
    assert [step.timeout for step in plan.steps] == [60.0, 120.0]
    assert {step.on_interrupt for step in plan.steps} == {"cancel"}
    assert planned({"a": JOB}, project={"timeout": "3m"}).steps[0].timeout == 180.0
    assert planned({"a": JOB}).steps[0].timeout == planning.DEFAULT_TIMEOUT


def test_a_foreach_keeps_its_items_name_for_later() -> None:
    step = {**JOB, "foreach": {"items": [1, 2], "as": "n"}, "with": {"job_definition_id": "${{ n }}"}}
    foreach = planned({"a": step}).steps[0]
    assert foreach.foreach is not None and foreach.foreach.items == [1, 2]
    assert planning.bind(foreach.params, {"n": 2}) == {"job_definition_id": 2}


def test_the_connection_may_be_left_out_when_only_one_fits() -> None:
    assert planned({"a": JOB}).steps[0].connection == "t"
    with pytest.raises(UsageError, match="0 connections have vendor 'krewdata'"):
        planned({"a": {"uses": "krewdata.run_unit", "with": {}}})


def test_the_digest_changes_with_pipeline_records_and_connections_alone() -> None:
    parts = [({"a": 1}, {"a": 2}), ({}, {"r": 1}), ({}, {"c": {"vendor": "x"}})]
    seen = {planning.digest(*choice) for choice in itertools.product(*parts)}
    assert len(seen) == 8
    assert planning.digest({"a": 1, "b": 2}, {}, {}) == planning.digest({"b": 2, "a": 1}, {}, {})
