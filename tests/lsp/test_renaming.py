"""Definitions, references and renames: of steps, variables, records and connections."""

import pytest

from pipeforge.errors import UsageError
from pipeforge.language.document import parse
from pipeforge.lsp import renaming
from pipeforge.lsp.outlining import outline
from pipeforge.lsp.view import view

TEXT = """name: load
custom_variables:
  load: x
  day: ${{ custom_variables.load }}
records:
  order: {file: order.json}
connections:
  own: {vendor: workato, data_center: jp, api_token: "${{ secrets.T }}"}
steps:
  load:
    uses: trocco.run_job
    connection: shared
    with: {job_definition_id: 1, custom_variables: {$x$: "😀 ${{ custom_variables.load }} load"}}
  mart:
    needs: [load, other]
    if: ${{ steps.load.outcome == "steps.load" and steps['load'].outputs.id and steps.loader is none }}
    uses: workato.poll_recipe
    connection: own
    with:
      recipe_id: >-
        ${{ steps.load.outputs.id }}
  other:
    needs: load
    description: load
"""


def spelled(before, after="", text=TEXT):
    return text.replace(before + after, f"{before}‸{after}", 1)


def rename(see, text, name):
    seen = see(text)
    changed = seen.view.text
    for start, end in reversed(renaming.rename(seen.view, seen.at, name)):
        changed = changed[:start] + name + changed[end:]
    return changed


def test_a_step_is_renamed_wherever_it_is_named(see):
    changed = rename(see, spelled("needs: [lo", "ad"), "取込")
    expected = (
        TEXT.replace("\n  load:\n", "\n  取込:\n")
        .replace("needs: [load", "needs: [取込")
        .replace("needs: load", "needs: 取込")
        .replace("${{ steps.load.", "${{ steps.取込.")
        .replace("steps['load']", "steps['取込']")
    )
    assert changed == expected


@pytest.mark.parametrize(
    "text",
    [
        spelled("\n  lo", "ad:\n    uses"),
        spelled("needs: lo", "ad"),
        spelled("steps.lo", "ad.outcome"),
        spelled("steps['lo", "ad']"),
        spelled("steps.lo", "ad.outputs"),
    ],
)
def test_it_can_be_renamed_from_everywhere(see, text):
    assert rename(see, text, "fetch") == rename(see, spelled("needs: [lo", "ad"), "fetch")


def test_a_variable_is_renamed(see):
    changed = rename(see, spelled("custom_variables:\n  lo", "ad: x"), "shop")
    assert changed == TEXT.replace("custom_variables.load", "custom_variables.shop").replace(
        "\n  load: x", "\n  shop: x"
    )


def test_a_connection_of_this_file_is_renamed(see):
    changed = rename(see, spelled("connection: ow", "n"), "ours")
    assert changed == TEXT.replace("\n  own:", "\n  ours:").replace("connection: own", "connection: ours")


def test_quotes_stay(see):
    text = "steps:\n  \"load\":\n    uses: a\n  b:\n    needs: ['lo‸ad']\n"
    assert rename(see, text, "x") == "steps:\n  \"x\":\n    uses: a\n  b:\n    needs: ['x']\n"


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (spelled("needs: [lo", "ad"), "1st", "'1st' cannot be the name of a step"),
        (spelled("needs: [lo", "ad"), "a b", "'a b' cannot be the name of a step"),
        (spelled("needs: [lo", "ad"), "", "'' cannot be the name of a step"),
        (spelled("needs: [lo", "ad"), "null", "'null' cannot be"),
        (spelled("needs: [lo", "ad"), "mart", "there is a step 'mart' already"),
        (spelled("needs: [lo", "ad"), "lo-ad", "templates could not say steps.lo-ad"),
        (spelled("connection: sha", "red"), "x", "is not defined in this file"),
        (spelled("nam", "e: load"), "x", "nothing here can be renamed"),
        (spelled("needs: [lo", "ad") + "  [", "x", "not YAML at this moment"),
        ('steps:\n  ‸load: {}\n  b:\n    if: "${{ steps.l\\u006fad.outcome }}"\n', "x", "escapes hide it"),
    ],
)
def test_what_cannot_be_renamed_is_refused(see, text, name, said):
    seen = see(text)
    with pytest.raises(UsageError) as error:
        renaming.rename(seen.view, seen.at, name)
    assert said in error.value.message


def test_what_an_alias_takes_up_is_renamed_where_it_stands(see):
    text = "steps:\n  ‸load: {}\n  b: &b\n    if: ${{ steps.load.outcome }}\n    needs: &n [load]\n  c: *b\n"
    text += "  d: {needs: *n}\n"
    assert rename(see, text, "x") == text.replace("‸", "").replace("load", "x")


def test_a_step_that_is_only_needed_may_have_a_hyphen(see):
    text = "steps:\n  ‸load: {}\n  b: {needs: load}\n"
    assert parse(see(text).view.path, rename(see, text, "re-load")).data["steps"]["b"] == {"needs": "re-load"}


@pytest.mark.parametrize(
    ("text", "defined"),
    [
        (spelled("needs: [lo", "ad"), "\n  load:\n    uses"),
        (spelled("steps.lo", "ad.outcome"), "\n  load:\n    uses"),
        (spelled("{{ custom_variables.lo", "ad"), "\n  load: x"),
        (spelled("connection: ow", "n"), "\n  own:"),
    ],
)
def test_where_it_is_defined(see, text, defined):
    seen = see(text)
    target = renaming.definition(seen.view, seen.at)
    assert target.path == seen.view.path
    assert target.raw[0] == TEXT.index(defined) + 3


def test_a_shared_connection_is_defined_in_the_project_file(see, tmp_path):
    seen = see(spelled("connection: sha", "red"))
    target = renaming.definition(seen.view, seen.at)
    text = (tmp_path / "pipeforge.yaml").read_text(encoding="utf-8")
    assert target.path.resolve() == (tmp_path / "pipeforge.yaml").resolve()
    assert text[slice(*target.raw)] == "shared"


def test_a_records_file_is_gone_to(see, tmp_path):
    (tmp_path / "order.json").write_text("{}", encoding="utf-8")
    seen = see(spelled("file: ord", "er.json"))
    assert renaming.definition(seen.view, seen.at).path == tmp_path / "order.json"


def test_a_file_outside_the_project_is_not(see, tmp_path):
    (tmp_path.parent / "order.json").write_text("{}", encoding="utf-8")
    seen = see("records:\n  order: {file: ../ord‸er.json}\n")
    assert renaming.definition(seen.view, seen.at) is None


def test_references_with_and_without_the_definition(see):
    seen = see(spelled("needs: [lo", "ad"))
    with_it = renaming.references(seen.view, seen.at, definitions=True)
    without = renaming.references(seen.view, seen.at, definitions=False)
    assert len(with_it) == len(without) + 1 == 6
    assert {seen.view.text[slice(*raw)] for raw in with_it} == {"load"}


def test_a_name_in_a_text_is_not_one(see):
    seen = see(spelled('== "steps.lo', 'ad"'))
    assert renaming.named_at(seen.view, seen.at) is None
    seen = see(spelled("description: lo", "ad"))
    assert renaming.definition(seen.view, seen.at) is None


def test_the_outline(reference, tmp_path):
    path = tmp_path / "pipeline.yaml"
    found = outline(view(path, TEXT, {}, reference.catalog))
    assert [entry.name for entry in found] == ["custom_variables", "records", "connections", "steps"]
    steps = found[-1]
    assert [(entry.name, entry.detail) for entry in steps.children] == [
        ("load", "trocco.run_job"), ("mart", "workato.poll_recipe"), ("other", ""),
    ]  # fmt: skip
    for entry in (*found, *steps.children):
        assert TEXT[slice(*entry.key)] == entry.name
        assert entry.whole[0] <= entry.key[0] and entry.key[1] <= entry.whole[1]
    assert TEXT[slice(*steps.children[0].whole)].endswith('load"}}')


def test_every_place_of_a_broken_file_can_be_asked(reference, tmp_path):
    path = tmp_path / "pipeline.yaml"
    for at in range(0, len(TEXT), 5):
        seen = view(path, TEXT[:at], {}, reference.catalog)
        renaming.definition(seen, at)
        renaming.prepare(seen, at)
        outline(seen)
