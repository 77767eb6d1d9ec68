"""What the vendors' documents let one check without asking them: parameters, settings, records, times."""

import pytest
from marking import CONNECTIONS

TROCCO = "uses: trocco.run_job, with: {job_definition_id: 1, "
WORKFLOW = "uses: trocco.run_workflow, with: {pipeline_definition_id: 1, "
TREASURE = "uses: treasure.run_workflow, with: {project: p, workflow: w, "
UNIT = "uses: krewdata.run_unit, with: {app_id: 55, user: batch, record: {a: "
RECKONER = "uses: reckoner.run_workflow, with: {"

CASES = {
    "no dollars": (TROCCO + "custom_variables: {region: jp}}", "PF405", "region", "$region$"),
    "a blank in a name": (TROCCO + "custom_variables: {$a b$: jp}}", "PF405", "$a b$", "without blanks"),
    "true": (TROCCO + "custom_variables: {$a$: true}}", "PF405", "true", "quotes"),
    "nothing": (TROCCO + "custom_variables: {$a$: null}}", "PF405", "null", '""'),
    "a zone": (TROCCO + "time_zone: Etc/UTC}", "PF402", "time_zone", "offset"),
    "variables of a workflow": (
        WORKFLOW + "custom_variables: {$a$: 1}}",
        "PF402",
        "custom_variables",
        "trocco.run_job",
    ),
    "no instant": (WORKFLOW + "context_time: 2024/05/01}", "PF405", "2024/05/01", "2024-05-01 00:00:00"),
    "too large": (
        "uses: trocco.run_job, with: {job_definition_id: 9223372036854775808}",
        "PF405",
        "9223372036854775808",
        "at most",
    ),
    "a naive session": (
        TREASURE + "session_time: '2024-05-01T00:00:00'}",
        "PF405",
        "'2024-05-01T00:00:00'",
        "+09:00",
    ),
    "a formatted session": (
        TREASURE + "session_time: '${{ context_time | date(\"%Y-%m-%d\") }}'}",
        "PF406",
        "'${{ context_time | date(\"%Y-%m-%d\") }}'",
        "leave the filter",
    ),
    "a name of Treasure's": (
        TREASURE.replace("project:", "projectName:") + "session_time: '${{ context_time }}'}",
        "PF402",
        "projectName",
        "write project:",
    ),
    "an id that changes": (
        TREASURE + "session_time: '${{ context_time }}', workflowId: 7}",
        "PF402",
        "workflowId",
        "change with every push",
    ),
    "an attempt's name": (
        TREASURE + "session_time: '${{ context_time }}', retry_attempt_name: a b}",
        "PF405",
        "a b",
        "digits",
    ),
    "a recipe": ("uses: workato.stop_recipe, with: {id: 7}", "PF402", "id", "recipe_id"),
    "a user": ("uses: krewdata.run_unit, with: {app_id: 55, user: ' batch'}", "PF405", "' batch'", "blank"),
    "the unit's app": (
        "uses: krewdata.run_unit, with: {app_id: 123, user: batch}",
        "PF408",
        "123",
        "called from",
    ),
    "a file's size": (UNIT + "{type: FILE, value: [{fileKey: x, size: 12}]}}}", "PF431", "12", "quotes"),
    "a person's name": (
        UNIT + "{type: USER_SELECT, value: [{code: x, name: 12}]}}}",
        "PF431",
        "12",
        "quotes",
    ),
    "a row's number": (UNIT + "{type: SUBTABLE, value: [{id: 1.5, value: {}}]}}}", "PF431", "1.5", "new row"),
    "a fraction": (RECKONER + "workflow_id: 1, parameters: {a: 1.50}}", "PF405", "1.50", "quotes"),
    "a list": (RECKONER + "workflow_id: 1, parameters: {a: [1]}}", "PF405", "[1]", "one text"),
    "another word": (RECKONER + "workflow_id: 1, params: {a: b}}", "PF402", "params", "parameters"),
}


@pytest.mark.parametrize(("step", "code", "at", "mend"), CASES.values(), ids=CASES)
def test_it_is_told_at_its_place_with_its_mend(lint, step, code, at, mend):
    text = f"{CONNECTIONS}steps:\n  a: {{{step}}}\n"
    found = lint(text, ignore=["PF209"]).diagnostics
    assert [one.code for one in found] == [code]
    span = found[0].span
    assert text.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1] == at
    assert mend in (found[0].hint or "")


PATHS = {
    "POST /workflows/{workflow_id}/run": [],
    "POST /v2/{workflow_id}": [],
    "POST /workflows/{id}/run": ["PF414"],
    "POST /workflows/run": ["PF414"],
    "POST /workflows/{workflow_id/run": ["PF414"],
}


@pytest.mark.parametrize(("path", "codes"), PATHS.items())
def test_paths_of_reckoner_hold_what_they_must(lint, path, codes):
    head = CONNECTIONS.replace("vendor: reckoner,", f'vendor: reckoner, paths: {{runWorkflow: "{path}"}},')
    text = f"{head}steps:\n  a: {{uses: reckoner.run_workflow, with: {{workflow_id: 1}}}}\n"
    assert [one.code for one in lint(text, ignore=["PF209"]).diagnostics] == codes


TIMES = {
    "Asia/Tokyo": [],
    "Japan": [],
    "Asia/Seoul": [],
    "UTC": ["PF407"],
    "America/New_York": ["PF407"],
}


@pytest.mark.parametrize(("zone", "codes"), TIMES.items())
@pytest.mark.parametrize(
    "value",
    [
        '"2024-05-01 00:00:00"',
        "'${{ context_time | date(\"%Y-%m-%d %H:%M:%S\") }}'",
        '\'${{ context_time | start_of("day") | date("%Y-%m-%d") }}\'',
        "'${{ custom_variables.day }}'",
    ],
)
def test_a_time_that_trocco_would_misread(lint, zone, codes, value):
    variable = "custom_variables: {day: '${{ context_time | date(\"%Y-%m-%d\") }}'}\n"
    head = CONNECTIONS + f"timezone: {zone}\n" + (variable if "custom" in value else "")
    text = f"{head}steps:\n  a: {{{TROCCO}context_time: {value}}}}}\n"
    assert [one.code for one in lint(text, ignore=["PF209"]).diagnostics] == codes


def test_two_connections_to_one_unit_are_told_only_where_both_are_used(lint):
    unit = CONNECTIONS[CONNECTIONS.index("  k:") :]
    head = CONNECTIONS + unit.replace("  k:", "  l:").replace("k/123", "k/124")
    one = "  a: {uses: krewdata.run_unit, connection: k, with: {app_id: 55, user: batch}}\n"
    other = "  b: {uses: krewdata.run_unit, needs: a, connection: l, with: {app_id: 55, user: batch}}\n"
    assert [one.code for one in lint(head + "steps:\n" + one + other, ignore=["PF209"]).diagnostics] == [
        "PF416"
    ]
    assert lint(head + "steps:\n" + one, ignore=["PF209"]).diagnostics == ()


@pytest.mark.parametrize(("environment", "codes"), [(None, []), ("test", ["PF525"]), ("prod", [])])
def test_settings_are_judged_as_the_environment_has_them(lint, environment, codes):
    project = "environments:\n  test: {connections: {t: {base_url: 'http://trocco.io'}}}\n  prod: {}\n"
    text = f"{CONNECTIONS}steps:\n  a: {{uses: trocco.run_job, with: {{job_definition_id: 1}}}}\n"
    found = lint(text, {"pipeforge.yaml": project}, environment, ignore=["PF209"]).diagnostics
    assert [(one.code, one.path.name) for one in found] == [(code, "pipeforge.yaml") for code in codes]
