"""plan and graph: order, waves, rendered parameters, guarantees; as text, Markdown, JSON, Mermaid, DOT."""

import json

import pytest

PIPELINE = """
name: sales
timezone: Asia/Tokyo
custom_variables:
  region: {type: string, enum: [jp, us], default: jp}
  full: {type: boolean, default: false}
  day: ${{ context_time | date("%Y-%m-%d") }}
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.TROCCO_API_KEY }}"}
  td: {vendor: treasure, region: aws-tokyo, api_key: "${{ secrets.TD_API_KEY }}"}
  reckoner: {vendor: reckoner, access_token: "${{ secrets.RECKONER_ACCESS_TOKEN }}"}
steps:
  load:
    uses: trocco.run_job
    with:
      job_definition_id: 7
      context_time: ${{ context_time }}
      custom_variables: {$day$: "${{ custom_variables.day }}"}
    timeout: 1h
    retry: {max_attempts: 3, delay: 1m}
  stores:
    uses: reckoner.run_workflow
    foreach: {items: [tokyo, osaka], as: store, max_parallel: 1}
    with: {workflow_id: 42, parameters: {store: "${{ store }}", region: "${{ custom_variables.region }}"}}
    timeout: 30m
  mart:
    needs: [load, stores]
    uses: treasure.run_workflow
    with:
      project: sales
      workflow: mart
      session_time: ${{ context_time }}
      params: {job: "${{ steps.load.outputs.id }}"}
    timeout: 2h
  tidy:
    needs: [load, mart]
    run_when: always
    if: ${{ custom_variables.full }}
    uses: reckoner.run_workflow
    with: {workflow_id: 43}
    timeout: 10m
"""

TEXT = """\
sales for 2026-01-31T02:00:00+09:00

wave 1: 2 steps side by side
  load  trocco.run_job on trocco
    job_definition_id: 7
    context_time: 2026-01-31T02:00:00+09:00
    custom_variables: {"$day$": "2026-01-31"}
    up to 3 attempts after a definite failure, 1m apart
    reconcilable; cannot be canceled; timeout 1h
    a lost answer: {load}

  stores  reckoner.run_workflow on reckoner
    workflow_id: 42
    parameters: {"store": "${{ store }}", "region": "jp"}
    for each store of 2 items, 1 side by side
    reconcilable; can be canceled; timeout 30m
    a lost answer: {stores}

wave 2
  mart  treasure.run_workflow on td
    project: sales
    workflow: mart
    session_time: 2026-01-31T02:00:00+09:00
    params: {"job": "${{ steps.load.outputs.id }}"}
    after load, stores
    exactly_once; can be canceled; timeout 2h
    a lost answer: {mart}

wave 3
  tidy  reckoner.run_workflow on reckoner
    workflow_id: 43
    after load, mart, however they ended
    will be skipped: its `if` is false
    reconcilable; can be canceled; timeout 10m
    a lost answer: {stores}

guarantees
  exactly_once  the vendor deduplicates on our key
  reconcilable  our job can be found again by evidence, or we know that it cannot
"""


@pytest.fixture
def plan(shell):
    """The plan of the pipeline above for one instant."""
    shell.write("sales.yaml", PIPELINE)

    def made(*arguments, command="plan"):
        done = shell(command, "sales.yaml", "--context-time", "2026-01-31T02:00", *arguments)
        assert done.code == 0, done.err
        return done.out

    return made


def test_text_is_this(shell, plan):
    recoveries = {
        "{load}": "trocco.run_job",
        "{stores}": "reckoner.run_workflow",
        "{mart}": "treasure.run_workflow",
    }
    expected = TEXT
    for place, kind in recoveries.items():
        (line,) = [
            row for row in shell("explain", kind).out.splitlines() if row.startswith("A lost answer: ")
        ]
        expected = expected.replace(place, line.removeprefix("A lost answer: ").removesuffix("."))
    assert plan() == expected


def test_json_is_for_programs(plan):
    value = json.loads(plan("--format", "json"))
    assert (value["version"], value["pipeline"]) == (1, "sales")
    assert value["context_time"] == "2026-01-31T02:00:00+09:00"
    assert value["waves"] == [["load", "stores"], ["mart"], ["tidy"]]
    mart = next(step for step in value["steps"] if step["id"] == "mart")
    assert mart["with"]["params"] == {"job": "${{ steps.load.outputs.id }}"}
    assert (mart["needs"], mart["run_when"], mart["timeout_seconds"]) == (["load", "stores"], "success", 7200)
    assert (mart["guarantee"], mart["cancellable"]) == ("exactly_once", True)


def test_markdown_is_for_a_pull_request(plan):
    text = plan("--format", "markdown")
    assert text.startswith("### Plan of `sales` for 2026-01-31T02:00:00+09:00\n")
    assert "| 2 | `mart` | `treasure.run_workflow` | td | load, stores | exactly_once | yes |" in text
    block = text.split("```json\n")[1].split("```")[0]
    assert json.loads(block)["load"]["custom_variables"] == {"$day$": "2026-01-31"}


def test_a_code_block_of_markdown_is_left_by_nothing_in_it(shell, plan):
    shell.write("sales.yaml", PIPELINE.replace("workflow: mart", 'workflow: "```"'))
    assert "\n````json\n" in plan("--format", "markdown")


def test_the_same_input_gives_the_same_bytes(plan):
    for way in ("text", "json", "markdown"):
        assert plan("--format", way) == plan("--format", way)


def test_the_context_time_is_read_in_the_pipelines_zone(shell, plan):
    given = ("2026-01-30T17:00:00+00:00", "2026-01-31T02:00", "2026-01-31 02:00:00.9")
    assert {shell("plan", "sales.yaml", "--context-time", each).out for each in given} == {plan()}


def test_set_changes_what_is_planned_and_is_typed(plan):
    steps = {
        step["id"]: step
        for step in json.loads(plan("--format", "json", "--set", "region=us", "--set", "full=true"))["steps"]
    }
    assert steps["stores"]["with"]["parameters"]["region"] == "us"
    assert steps["tidy"]["if"] is True


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ("regoin=us", "no custom variable 'regoin'", "did you mean 'region'?"),
        ("region=eu", "custom variable 'region' cannot be 'eu'", "known values: jp, us"),
        ("full=yes", "'--set full=yes' is not of type boolean", "give true or false"),
        ("full", "'--set full' has no '='", "write --set name=value"),
    ],
)
def test_set_is_refused_with_the_mend(shell, given, message, hint):
    shell.write("sales.yaml", PIPELINE)
    for command in ("plan", "run", "graph"):
        refused = shell(command, "sales.yaml", "--set", given)
        assert (refused.code, refused.err) == (2, f"error: {message}\nhelp: {hint}\n")


def test_a_plan_needs_no_secret(shell, plan, monkeypatch):
    monkeypatch.delenv("TROCCO_API_KEY")
    assert "trocco.run_job" in plan()


def test_an_environment_changes_connections(shell):
    shell.write("pipeforge.yaml", "environments:\n  eu: {connections: {td: {region: eu01}}}\n")
    shell.write("sales.yaml", PIPELINE)
    digests = {
        json.loads(shell("plan", "sales.yaml", "--format", "json", *more).out)["digest"]
        for more in ((), ("--env", "eu"), ("--env", "eu"))
    }
    assert len(digests) == 2


def test_mermaid(plan):
    assert plan(command="graph") == (
        "flowchart LR\n"
        '  s0["load<br/>trocco.run_job"]\n'
        '  s1["stores<br/>reckoner.run_workflow"]\n'
        '  s2["mart<br/>treasure.run_workflow"]\n'
        '  s3(["tidy<br/>reckoner.run_workflow"])\n'
        "  s0 --> s2\n"
        "  s1 --> s2\n"
        "  s2 -.-> s3\n"
    )


def test_dot(plan):
    text = plan("--format", "dot", command="graph")
    assert text.startswith('digraph "sales" {\n  rankdir=LR;\n')
    assert '  "load" -> "mart";\n' in text
    assert '  "mart" -> "tidy" [style=dashed];\n' in text
    assert '"load" -> "tidy"' not in text  # it follows from the others
    assert text.endswith("}\n")
