"""Completion: at every level, in flow and block, in files that are no YAML at this moment."""

import pytest

from pipeforge import adapters
from pipeforge.language.document import parse
from pipeforge.lint.rules import RULES

STEPS = """name: one
custom_variables:
  region: {type: string, enum: [jp, us], default: jp}
  target_date: ${{ context_time | date("%Y-%m-%d") }}
records:
  arrival: {Record Number: {type: RECORD_NUMBER, value: "1"}}
connections:
  own: {vendor: workato, data_center: jp, api_token: "${{ secrets.T }}"}
steps:
  load:
    uses: trocco.run_job
    with: {job_definition_id: 1}
  mart:
    needs: load
    uses: treasure.run_workflow
    with: {project: p, workflow: w, session_time: "${{ context_time }}"}
  取込:
    uses: trocco.run_job
    foreach: {items: [1, 2], as: shop}
    with: {job_definition_id: 1}
"""


def test_a_file_that_is_empty_begins_with_a_whole_pipeline(offer):
    items = offer("‸")
    assert list(items)[:2] == ["name", "steps"]  # what must be given comes first
    assert items["name"].text == "name: "
    assert items["steps"].text == "steps:\n  $1"
    assert items["pipeline"].is_snippet


def test_keys_that_are_there_are_not_offered_again(offer):
    items = offer(STEPS + "‸")
    assert "description" in items and "timezone" in items
    assert not {"name", "steps", "records"} & set(items)


def test_a_steps_keys(offer):
    items = offer(STEPS + "  new:\n    uses: trocco.run_job\n    ‸")
    assert {"with", "needs", "timeout", "retry", "run_when", "if"} <= set(items)
    assert "uses" not in items
    assert "Lets what needs this step go on" in items["allow_failure"].documentation


def test_kinds_with_their_pages(offer):
    items = offer(STEPS + "  new:\n    uses: ‸")
    assert set(items) >= set(adapters.KINDS)
    assert items["krewdata.run_unit"].documentation.startswith("# krewdata.run_unit")
    assert items["krewdata.run_unit"].detail == "at_most_once"


def test_parameters_of_the_kind_that_is_chosen(offer):
    block = offer(STEPS + "  new:\n    uses: workato.poll_recipe\n    with:\n      ‸")
    assert next(iter(block)) == "recipe_id"
    assert set(block) == {"recipe_id", "settle", "no_job_grace", "on_no_job", "await_by", "ensure_running"}
    assert "default `10s`" in block["settle"].documentation
    flow = offer(STEPS + "  new:\n    uses: workato.poll_recipe\n    with: {recipe_id: 1, on‸}")
    assert flow["on_no_job"].text == "on_no_job: "
    assert "recipe_id" not in flow


def test_parameters_below_parameters(offer):
    step = STEPS + "  new:\n    uses: treasure.run_workflow\n    with:\n      resume:\n        "
    assert {"mode", "attempt_id", "from"} <= set(offer(step + "‸"))
    assert {"failed", "from"} <= set(offer(step + "mode: ‸"))


def test_steps_that_can_be_needed(offer):
    assert set(offer(STEPS + "  new:\n    needs: ‸")) == {"load", "mart", "取込"}
    assert set(offer(STEPS + "  new:\n    needs: [load, ‸]")) == {"mart", "取込"}
    assert set(offer(STEPS + "  new:\n    needs:\n      - load\n      - ‸")) == {"mart", "取込"}
    assert set(offer(STEPS + "  new:\n    needs:\n      l‸")) == {"load", "mart", "取込"}


def test_no_step_is_offered_that_would_close_a_cycle(offer):
    text = STEPS.replace("  load:\n", "  load:\n    needs: ‸\n")
    assert set(offer(text)) == {"取込"}


def test_connections_of_the_kinds_vendor(offer):
    assert set(offer(STEPS + "  new:\n    uses: trocco.run_job\n    connection: ‸")) == {"shared"}
    assert set(offer(STEPS + "  new:\n    uses: workato.poll_recipe\n    connection: ‸")) == {"own"}
    assert set(offer(STEPS + "  new:\n    connection: ‸")) == {"shared", "td", "own"}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("run_when", {"success", "failure", "always"}),
        ("on_interrupt", {"cancel", "leave"}),
        ("allow_failure", {"true", "false"}),
        ("timeout", {"90s", "5m", "30m", "2h", "1d"}),
        ("retry: {backoff", {"constant", "exponential"}),
        ("accept", {"skipped", "canceled", "failed"}),
    ],
)
def test_words_that_a_value_can_be(offer, written, words):
    assert set(offer(STEPS + f"  new:\n    {written}: ‸")) >= words


def test_items_of_lists_of_words(offer):
    assert {"skipped", "canceled", "failed"} <= set(offer(STEPS + "  new:\n    accept: [‸]"))
    assert offer(STEPS + "  new:\n    run_when: ‸")["failure"].documentation == "all are over and one did not"


def test_connections_begin_with_their_vendor(offer):
    items = offer("name: x\nconnections:\n  ‸")
    assert {f"connection: {vendor}" for vendor in adapters.VENDORS} == set(items)
    assert set(offer("connections:\n  x:\n    vendor: ‸")) >= set(adapters.VENDORS)
    keys = offer("connections:\n  x:\n    vendor: krewdata\n    ‸")
    assert {"unit_id", "krewdata_app_url", "serial_number", "limits"} <= set(keys)
    assert {"running", "requests", "starts"} == set(
        offer("connections:\n  x:\n    vendor: krewdata\n    limits: {‸")
    )


def test_a_step_of_each_kind_can_be_begun(offer):
    items = offer("name: x\nsteps:\n  ‸")
    assert {f"step: {name}" for name in (*adapters.KINDS, "pipeline")} == set(items)
    begun = items["step: workato.poll_recipe"]
    assert begun.text == "${1:step_id}:\n  uses: workato.poll_recipe\n  with:\n    recipe_id: ${2:1389}"


def test_variables_and_records(offer):
    assert {"type", "default", "enum", "description"} == set(offer("custom_variables:\n  x:\n    ‸"))
    assert {"string", "integer"} <= set(offer("custom_variables:\n  x: {type: ‸"))
    assert {"type", "value"} == set(offer("records:\n  x:\n    Field:\n      ‸"))
    assert {"DATE", "SUBTABLE"} <= set(offer("records:\n  x:\n    Field: {type: ‸"))
    assert "Asia/Tokyo" in offer("timezone: ‸")


def inside(expression, before=""):
    step = f"  new:\n    needs: mart\n    uses: trocco.run_job\n{before}"
    return f'{STEPS}{step}    with: {{x: "${{{{ {expression}"}}'


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("‸", {"context_time", "custom_variables", "records", "env", "steps", "run"}),
        ("custom_variables.‸", {"region", "target_date"}),
        ("custom_variables.re‸", {"region", "target_date"}),
        ("records.‸", {"arrival"}),
        ("env.‸", {"STAGE"}),
        ("run.‸", {"id", "attempt"}),
        ("steps.‸", {"load", "mart", "取込"}),
        ("steps.load.‸", {"outputs", "outcome"}),
        ("context_time.‸", {"year", "month", "day", "hour", "minute", "second"}),
        ("run.id == custom_variables.‸", {"region", "target_date"}),
        ('"a" if steps.‸', {"load", "mart", "取込"}),
    ],
)
def test_names_in_templates(offer, expression, names):
    assert set(offer(inside(expression))) == names


def test_outputs_with_their_words(offer):
    items = offer(inside("steps.mart.outputs.‸"))
    assert {"id", "session_id", "status"} <= set(items)
    assert "The session's id." in items["session_id"].documentation


def test_needed_steps_come_first(offer):
    items = offer(inside("steps.‸"))
    assert [items[name].order for name in ("mart", "load", "取込")] == [0, 0, 1]


def test_filters_behind_a_bar(offer):
    items = offer(inside("context_time | ‸"))
    assert {"date", "shift", "start_of", "json", "first"} <= set(items)
    assert "context_time" not in items
    assert items["date"].text == "date($1)" and items["iso"].text == "iso"
    assert 'tz="Asia/Tokyo"' in items["date"].documentation
    assert set(offer(inside("context_time | da‸"))) == set(items)


def test_nothing_inside_a_text_of_an_expression(offer):
    assert offer(inside("context_time | date('%Y‸")) == {}


def test_the_item_of_a_foreach(offer):
    assert "shop" in offer(inside("‸", "    foreach: {items: [1], as: shop}\n"))
    assert "shop" not in offer(inside("‸"))


def test_names_by_section(offer):
    assert set(offer('connections:\n  t: {vendor: trocco, api_key: "${{ ‸"}')) == {"secrets", "env"}
    assert set(offer("custom_variables:\n  x: ${{ ‸")) == {"context_time", "custom_variables", "env"}
    assert "secrets" not in offer("concurrency:\n  key: ${{ ‸")


def test_a_name_that_is_no_word_of_templates_is_put_in_brackets(offer):
    text = "name: x\nsteps:\n  a-b:\n    uses: trocco.run_job\n  c:\n    needs: a-b\n    if: ${{ steps.‸ }}\n"
    item = offer(text)["a-b"]
    assert (item.text, item.back) == ("['a-b']", 1)


def test_codes_of_rules_in_comments(offer):
    items = offer("name: x  # pipeforge: ignore[‸]")
    assert set(items) == {rule.code for rule in RULES}
    assert offer("name: x  # pipeforge: ignore[PF203, PF‸")["PF301"].documentation
    assert set(offer("name: x  # ‸")) == {"pipeforge: ignore[…]", "pipeforge: ignore-file[…]"}
    assert offer("# nothing of ours here ‸") == {}


def test_the_project_file(offer):
    assert {"connections", "environments", "defaults", "env", "lint", "journal"} == set(
        offer("‸", "pipeforge.yaml")
    )
    project = 'connections:\n  td: {vendor: treasure, region: jp, api_key: "${{ secrets.K }}"}\n'
    overlay = project + "environments:\n  prod:\n    connections:\n      td: {‸}"
    assert {"region", "base_url", "api_key"} <= set(offer(overlay, "pipeforge.yaml"))
    assert "PF203" in offer(project + "lint:\n  ignore: [‸]", "pipeforge.yaml")


@pytest.mark.parametrize(
    "broken",
    [
        "  new:\n    uses: trocco.run_job\n    needs: [load, ‸\n    with: {job_definition_id: 1}\n",
        '  new:\n    uses: trocco.run_job\n    needs: "‸\n',
        "  new:\n    uses: trocco.run_job\n    needs: ‸\n   with: [\n",
        "  new:\n    uses: trocco.run_job\n    with: {job_definition_id\n    needs: ‸\n",
    ],
)
def test_a_file_that_is_no_yaml_at_this_moment(offer, broken):
    assert {"mart", "取込"} <= set(offer(STEPS + broken))


def test_names_are_known_although_another_line_is_broken(offer):
    text = STEPS.replace("with: {job_definition_id: 1}", "with: {job_definition_id: [1}", 1)
    assert "load" in offer(text + "  new:\n    needs: ‸\n")


def every_offset(text):
    return range(0, len(text) + 1, 3)


def test_every_place_of_a_file_can_be_asked(offer):
    for at in every_offset(STEPS):
        offer(STEPS[:at] + "‸" + STEPS[at:])
        offer(STEPS[:at] + "‸")


def test_every_key_that_is_offered_is_one_that_lint_takes(offer, see):
    for label in offer(STEPS + "  new:\n    uses: trocco.run_job\n    ‸"):
        if not label.startswith(("step:", "${")):
            assert parse(see(STEPS + "‸").view.path, f"{label}: 1").data == {label: 1}
