"""What stands behind an anchor is told once; written-out items are looked into; ties are all named."""

import pytest

TOP = 'name: n\nconnections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}\nsteps:\n'


def found(lint, text):
    return [(one.code, one.span.line, one.message, one.hint) for one in lint(TOP + text).diagnostics]


def test_a_mistake_behind_an_anchor_is_one_finding(lint):
    text = "  a: {uses: &kind trocco.run_jib, with: &p {job_definition_i: 1}}\n"
    text += "  b: {uses: *kind, with: *p}\n  c: {uses: *kind, with: *p}\n"
    assert [(code, line) for code, line, *_ in found(lint, text)] == [("PF401", 4)]
    kind = text.replace("run_jib", "run_job")
    assert [(code, line) for code, line, *_ in found(lint, kind)] == [("PF402", 4)]


def test_two_mistakes_beside_an_alias_are_two(lint):
    text = "  a: &a {uses: trocco.run_jib, with: {job_definition_id: 1}}\n"
    text += "  b: {uses: trocco.run_jib, with: {job_definition_id: 2}}\n"
    assert [line for _, line, *_ in found(lint, text)] == [4, 5]


ITEMS = (
    "  a:\n    uses: trocco.run_job\n    foreach: {{items: {items}, as: one}}\n"
    '    with: {{job_definition_id: "${{{{ one.{part} }}}}"}}\n'
)


@pytest.mark.parametrize(
    ("items", "part", "line", "message"),
    [
        ("[{id: 1}, {id: 2}]", "idd", 7, "unknown key 'idd' in 'one'"),
        ("[1, 2]", "id", 7, "'one' has no 'id'"),
        ("[{id: 1}, {ids: 2}]", "id", 6, "unknown key 'ids'"),
        ("[{id: 1}, {name: 2}]", "id", 6, "an item has no 'id', which 'a' uses"),
    ],
)
def test_items_that_are_written_out_are_looked_into(lint, items, part, line, message):
    (only,) = found(lint, ITEMS.format(items=items, part=part))
    assert (only[1], only[2].replace(" in 'one'", "")) == (line, message.replace(" in 'one'", ""))


def test_a_default_says_that_a_key_may_lack(lint):
    text = ITEMS.format(items="[{id: 1}, {name: x}]", part="id | default(3)")
    assert found(lint, text) == []


def test_a_key_that_only_certain_words_can_be(lint):
    text = "name: n\nconnections: {r: {vendor: reckoner, access_token: '${{ secrets.K }}',\n"
    text += "  paths: {runWorkflw: 'POST /workflows/{workflow_id}/run'}}}\n"
    text += "steps: {a: {uses: reckoner.run_workflow, with: {workflow_id: 1}}}\n"
    (only,) = lint(text).diagnostics
    assert (only.span[:2], only.hint) == ((3, 11), "did you mean 'runWorkflow'?")


def test_a_parameter_under_a_wholly_other_name_is_one_mistake(lint):
    (only,) = found(lint, "  a: {uses: trocco.run_job, with: {number: 1}}\n")
    assert only[0] == "PF402"
    assert only[3].startswith("'job_definition_id' is missing; known parameters: ")


KREWDATA = """name: n
custom_variables: {total: {type: integer, default: 3}}
connections:
  k: {vendor: krewdata, unit_id: "${{ secrets.U }}", serial_number: "${{ secrets.S }}",
      krewdata_app_url: "https://example.cybozu.com/k/123/"}
steps:
  a:
    uses: krewdata.run_unit
    with: {app_id: 55, user: batch, record: %s}
"""


@pytest.mark.parametrize("inline", [True, False])
def test_a_number_where_kintone_takes_text_is_told_before_plan_refuses_it(lint, inline):
    record = '{N: {type: NUMBER, value: "${{ custom_variables.total }}"}}'
    text = KREWDATA % (record if inline else '"${{ records.r }}"')
    text += "" if inline else f"records: {{r: {record}}}\n"
    (only,) = lint(text).diagnostics
    assert (only.code, only.hint) == ("PF313", "add | string")
    assert lint(text.replace("total }}", "total | string }}")).diagnostics == ()
