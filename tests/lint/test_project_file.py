"""The project file's part in a check: connections, environments, env, settings, and findings in it."""

import pytest

PIPELINE = "name: p\nsteps: {a: {uses: trocco.run_job, with: {job_definition_id: 1}}}\n"
SHARED = 'connections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}\n'
TREASURE = (
    "name: p\nsteps: {a: {uses: treasure.run_workflow, with: {project: p, workflow: w, session_time: %s}}}\n"
)
TREASURE %= '"${{ context_time }}"'
BY_ENVIRONMENT = """\
connections:
  td: {vendor: treasure, api_key: "${{ secrets.KEY }}"}
environments:
  prod: {connections: {td: {region: aws-tokyo}}}
  test: {connections: {td: {base_url: "http://localhost:1"}}}
"""


def told(report):
    return [(str(one.path), one.span.line, one.code) for one in report.diagnostics]


def test_shared_connections_and_env_are_known(lint):
    project = SHARED + "env: [HOME]\n"
    pipeline = PIPELINE.replace("_id: 1", "_id: 1, custom_variables: {$h$: '${{ env.HOME }}'}")
    assert told(lint(pipeline, {"pipeforge.yaml": project})) == []
    assert told(lint(pipeline, {"pipeforge.yaml": SHARED})) == [("pipeline.yaml", 2, "PF302")]


def test_findings_in_the_project_file_bear_its_path(lint):
    project = "connektions: {}\n" + SHARED.replace("vendor", "vendr") + "defaults: {timeout: 5}\n"
    found = lint(PIPELINE, {"pipeforge.yaml": project})
    assert told(found) == [
        ("pipeforge.yaml", 1, "PF101"),
        ("pipeforge.yaml", 2, "PF412"),
        ("pipeforge.yaml", 3, "PF105"),
    ]
    broken = lint(PIPELINE, {"pipeforge.yaml": "connections: {"})
    assert ("pipeforge.yaml", 1, "PF001") in told(broken)


def test_the_project_file_is_found_upwards(lint, tmp_path, catalog):
    from pathlib import Path

    from pipeforge.lint.linter import check

    lint(PIPELINE, {"pipeforge.yaml": SHARED, "deep/er/p.yaml": PIPELINE})
    assert told(check(Path("deep/er/p.yaml"), catalog)) == []


def test_an_environment_brings_what_a_connection_leaves_out(lint):
    for environment in (None, "prod", "test"):
        assert told(lint(TREASURE, {"pipeforge.yaml": BY_ENVIRONMENT}, environment)) == []
    lacking = BY_ENVIRONMENT.replace('{base_url: "http://localhost:1"}', "{}")
    assert told(lint(TREASURE, {"pipeforge.yaml": lacking}, "prod")) == []
    assert told(lint(TREASURE, {"pipeforge.yaml": lacking}, "test")) == [("pipeforge.yaml", 2, "PF414")]
    assert told(lint(TREASURE, {"pipeforge.yaml": lacking})) == [("pipeforge.yaml", 5, "PF414")]


def test_what_an_environment_changes_is_checked_where_it_stands(lint):
    wrong = BY_ENVIRONMENT.replace("region: aws-tokyo", "region: aws-tokio, api_key: abc")
    expected = [("pipeforge.yaml", 4, "PF414"), ("pipeforge.yaml", 4, "PF501")]
    assert told(lint(TREASURE, {"pipeforge.yaml": wrong})) == expected
    assert told(lint(TREASURE, {"pipeforge.yaml": wrong}, "prod")) == expected
    assert told(lint(TREASURE, {"pipeforge.yaml": wrong}, "test")) == []


def test_a_misspelt_setting_of_an_environment_is_told_once_and_there(lint):
    lines = BY_ENVIRONMENT.replace("region: aws-tokyo", "regoin: aws-tokyo")
    for environment in (None, "prod"):
        found = lint(TREASURE, {"pipeforge.yaml": lines}, environment)
        assert told(found) == [("pipeforge.yaml", 4, "PF412")]
        assert found.diagnostics[0].hint == "did you mean 'region'?"


def test_an_environment_changes_only_connections_that_are_there(lint):
    wrong = BY_ENVIRONMENT.replace("test: {connections: {td:", "test: {connections: {tdd:")
    found = lint(TREASURE, {"pipeforge.yaml": wrong})
    assert told(found) == [("pipeforge.yaml", 5, "PF421")]
    assert found.diagnostics[0].hint == "did you mean 'td'?"


def test_an_unknown_environment_without_a_project_file_is_told_at_the_pipeline(lint):
    found = lint(PIPELINE + SHARED, environment="prod")
    assert told(found) == [("pipeline.yaml", 1, "PF110")]


@pytest.mark.parametrize(
    ("settings", "silent"),
    [
        ("lint: {ignore: [PF401]}", True),
        ("lint: {ignore: [PF4]}", True),
        ("lint: {ignore: [PF402]}", False),
        ("lint: {per_path: {'pipe*.yaml': [PF401]}}", True),
        ("lint: {per_path: {'other/*.yaml': [PF401]}}", False),
    ],
)
def test_rules_can_be_left_out(lint, settings, silent):
    pipeline = PIPELINE.replace("run_job", "run_jab")
    found = lint(pipeline, {"pipeforge.yaml": SHARED + settings + "\n"})
    assert told(found) == ([] if silent else [("pipeline.yaml", 2, "PF401")])


def test_the_command_line_leaves_out_too(lint):
    pipeline = PIPELINE.replace("run_job", "run_jab") + SHARED
    assert told(lint(pipeline, ignore=("PF401",))) == []
    assert told(lint(pipeline, ignore=("",))) == [("pipeline.yaml", 2, "PF401")]


def test_findings_in_a_record_file_bear_its_path(lint):
    pipeline = PIPELINE + SHARED + "records: {order: {file: records/order.yaml}}\n"
    record = "Day: {type: DATE, value: '2024-02-30'}\nLate: {type: DATE, value: '${{ contxt_time }}'}\n"
    found = lint(pipeline, {"records/order.yaml": record})
    assert told(found) == [("records/order.yaml", 1, "PF431"), ("records/order.yaml", 2, "PF302")]
    broken = lint(pipeline, {"records/order.yaml": "Day: {"})
    assert told(broken) == [("records/order.yaml", 1, "PF001")]


def test_a_written_out_secret_is_in_nothing_that_is_shown(lint):
    from pipeforge.commands.lint import FORMATS
    from pipeforge.loading import load
    from pipeforge.reports.diagnostics import concise, full

    pipeline = PIPELINE + SHARED.replace("vendor: trocco", "vendr: trocco").replace(
        '"${{ secrets.KEY }}"', "s3cr3t-k3y"
    )
    found = lint(pipeline)
    assert [code for _, _, code in told(found)] == ["PF412", "PF501"]
    shown = full(found.diagnostics, found.texts) + concise(found.diagnostics)
    for module in FORMATS.values():
        shown += load(f"pipeforge.reports.{module}:render")(found.diagnostics, found.texts)
    assert "s3cr3t" not in shown
    assert "••••••••••" in shown


def test_a_valid_pipeline_comes_with_its_model_and_its_data(lint):
    report = lint(PIPELINE, {"pipeforge.yaml": SHARED + "defaults: {timeout: 5m}\n"})
    assert report.pipeline is not None and list(report.pipeline.steps) == ["a"]
    assert report.project.defaults.timeout == 300
    assert report.data["name"] == "p"
    assert report.errors == ()


@pytest.mark.parametrize("project", ["connections: [a]\n", "connections: {a\n", "- connections\n"])
def test_a_project_file_that_cannot_be_read_is_one_finding(lint, project):
    assert [path for path, *_ in told(lint(PIPELINE, {"pipeforge.yaml": project}))] == ["pipeforge.yaml"]


@pytest.mark.parametrize("rate", ["100", "'100'", "1.5"])
def test_a_rate_without_its_window_is_told_so(lint, rate):
    project = SHARED.replace('}}"', f'}}}}", limits: {{requests: {rate}}}')
    (found,) = lint(PIPELINE, {"pipeforge.yaml": project}).diagnostics
    assert found.hint == "write how many in which time, as in `3500/10m` or `60/1m`"
