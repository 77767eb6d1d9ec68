"""The same for the project file and for a record's file."""

import copy
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PIPELINE = """\
name: p
records: {r: {file: r.json}}
steps:
  a:
    uses: trocco.run_job
    with: {job_definition_id: "${{ env.HOME | int }}", custom_variables: {$r$: "${{ records.r | json }}"}}
"""
PROJECT = {
    "connections": {
        "t": {
            "vendor": "trocco",
            "api_key": "${{ secrets.KEY }}",
            "limits": {"running": 1, "requests": "1/1m"},
        },
        "td": {"vendor": "treasure", "api_key": "${{ secrets.TD }}"},
    },
    "environments": {"prod": {"connections": {"td": {"region": "jp"}}}, "test": {"connections": {}}},
    "defaults": {"timeout": "2h", "retry": {"max_attempts": 2}},
    "env": ["HOME"],
    "lint": {"ignore": [], "per_path": {"*.yaml": ["PF204"]}},
    "journal": ".pipeforge/journal.db",
}
RECORD = {"F": {"type": "SUBTABLE", "value": [{"value": {"Q": {"type": "NUMBER", "value": "2"}}}]}}
WORDS = ["vendor", "trocco", "td", "PF4", "${{ secrets.X }}", "${{", "", "type", "*"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=5,
)


def routes(value, route=()):
    yield route
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from routes(inner, (*route, key))


def changed(data, route, value):
    if not route:
        return value
    out = copy.deepcopy(data)
    holder = out
    for part in route[:-1]:
        holder = holder[part]
    holder[route[-1]] = value
    return out


SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@given(st.sampled_from(list(routes(PROJECT))), VALUES, st.sampled_from([None, "prod", "none"]))
@SETTINGS
def test_whatever_the_project_file_holds_there_are_only_findings(lint, route, value, environment):
    project = json.dumps(changed(PROJECT, route, value))
    report = lint(PIPELINE, {"pipeforge.yaml": project, "r.json": json.dumps(RECORD)}, environment)
    assert all(
        one.message and str(one.path) in ("pipeforge.yaml", "pipeline.yaml") for one in report.diagnostics
    )


@given(st.sampled_from(list(routes(RECORD))), VALUES)
@SETTINGS
def test_whatever_the_record_file_holds_there_are_only_findings(lint, route, value):
    files = {"pipeforge.yaml": json.dumps(PROJECT), "r.json": json.dumps(changed(RECORD, route, value))}
    report = lint(PIPELINE, files)
    assert all(str(one.path) == "r.json" for one in report.diagnostics)


def test_unchanged_they_are_clean(lint):
    files = {"pipeforge.yaml": json.dumps(PROJECT), "r.json": json.dumps(RECORD)}
    assert lint(PIPELINE, files).diagnostics == ()
