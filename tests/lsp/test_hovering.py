"""Hover: kinds, parameters, keys, names of templates, filters, codes of rules."""

import pytest

from pipeforge.lsp.hovering import hover

TEXT = """name: one
custom_variables:
  region: {type: string, enum: [jp, us], default: jp, description: Where the shops are.}
  target_date: ${{ context_time | date("%Y-%m-%d") }}
connections:
  own: {vendor: workato, data_center: jp, api_token: "${{ secrets.TOKEN }}"}
steps:
  取込:
    uses: trocco.run_job  # pipeforge: ignore[PF203] why
    with:
      job_definition_id: 1
      custom_variables: {$x$: "😀 ${{ custom_variables.region }}"}
  mart:
    needs: [取込]
    run_when: failure
    foreach: {items: [1], as: shop}
    uses: treasure.run_workflow
    connection: td
    with:
      project: ${{ shop }}
      session_time: ${{ context_time | start_of("day") }}
      workflow: ${{ steps.取込.outputs.id }} ${{ steps.取込.outcome }}
"""


@pytest.fixture
def shown(see, reference):
    def at(before, after="", text=TEXT, name="pipeline.yaml"):
        assert text.count(before + after) >= 1, before + after
        seen = see(text.replace(before + after, f"{before}‸{after}", 1), name)
        found = hover(seen.view, seen.at, reference)
        return found.text if found else None

    return at


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("uses: trocco.r", "un_job", "# trocco.run_job"),
        ("job_def", "inition_id", "as its address in trocco shows it"),
        ("run_", "when", "`failure`: all are over and one did not"),
        ("run_when: fail", "ure", "`failure`: all are over and one did not"),
        ("nam", "e: one", "identifies a run"),
        ("vendor: wor", "kato", "# workato"),
        ("data_c", "enter", "Where the workspace lives"),
        ("connection: t", "d", "connection **td** to treasure"),
        ("needs: [取", "込", "step **取込**: `trocco.run_job`"),
        ("  mar", "t:", "Needs `取込`."),
        ("custom_variables.reg", "ion", "enum ['jp', 'us'], default jp"),
        ("custom_variables.re", "gion", "Where the shops are."),
        ("context_time | da", "te", "tz may be left out"),
        ("context_ti", "me | date", "the instant the run is for"),
        ("steps.取", "込.outputs", "step **取込**"),
        ("outputs.i", "d", "`trocco.run_job` output **id**"),
        ("outco", "me", "how an earlier step ended"),
        ("secrets.TO", "KEN", "Read from the environment"),
        ("{{ sh", "op }}", "the item of this step's `foreach`"),
        ("ignore[PF2", "03", "PF203"),
        ("target_d", "ate:", "custom variable **target_date**"),
    ],
)
def test_what_is_shown(shown, before, after, said):
    text = shown(before, after)
    assert text is not None and said in text


def test_a_rule_links_to_its_page(shown):
    assert "/rules/PF203)" in shown("ignore[PF2", "03")


def test_no_value_of_a_connection_is_shown(shown):
    text = "connections:\n  t: {vendor: trocco, api_key: plainly-written}\nsteps:\n  a: {connection: t}\n"
    said = shown("connection: ", "t", text)
    assert "`api_key`" in said and "plainly" not in said
    assert "plainly" not in (shown("api_key: pl", "ainly", text) or "")


def test_nothing_is_said_where_nothing_is_known(shown):
    assert shown("ignore[PF203] wh", "y") is None
    assert shown("Where the sh", "ops") is None


def test_what_is_shown_is_about_the_word(see, reference):
    seen = see(TEXT.replace("custom_variables.region", "custom_variables.reg‸ion"))
    found = hover(seen.view, seen.at, reference)
    assert seen.view.text[slice(*found.raw)] == "region"


def test_the_project_file(shown):
    text = "lint:\n  ignore: [PF203]\nenvironments: {}\n"
    assert "What --env chooses from." in shown("envi", "ronments", text, "pipeforge.yaml")
    assert "PF203" in shown("PF2", "03", text, "pipeforge.yaml")


def test_every_place_of_a_file_can_be_asked(see, reference):
    for at in range(len(TEXT)):
        for text in (TEXT[:at] + "‸" + TEXT[at:], TEXT[:at] + "‸"):
            seen = see(text)
            hover(seen.view, seen.at, reference)
