"""Types of templates: what cannot be right is told where it is, what may be right never."""

import pytest
from marking import HEAD, told, unmarked

NAMES = """\
custom_variables:
  region: {type: string, enum: [jp, us], default: jp}
  count: {type: integer, default: 3}
  share: {type: number, default: 3}
  dry: {type: boolean, default: false}
  stores: {type: array, default: [1]}
  day: ${{ context_time | date("%Y-%m-%d") }}
  plain: 3
  cities: [tokyo, osaka]
records:
  arrival: {Day: {type: DATE, value: "2024-01-01"}}
"""
USED = (
    "  uses_all:\n    uses: trocco.run_job\n    with: {job_definition_id: 9, custom_variables: {$x$: "
    "'${{ custom_variables | json }}${{ records | json }}'}}\n"
)
A = f"{NAMES}steps:\n{USED}  a:\n    uses: trocco.run_job\n    with: {{job_definition_id: 1}}\n"
TEXT = (
    A
    + "  b:\n    needs: a\n    uses: trocco.run_job\n"
    + "    with: {job_definition_id: 2, custom_variables: {$x$: "
)

WRONG = {
    "{{ custom_variables.count | «date»('%Y') }}": "PF313",
    "{{ records.arrival | «date»('%Y') }}": "PF313",
    "{{ custom_variables.day «+» 1 }}": "PF313",
    "{{ custom_variables.cities | «abs» }}": "PF313",
    "{{ custom_variables.count | «join»(',') }}": "PF313",
    "{{ steps.a.outputs.id «<» 'x' }}": "PF313",
    "{{ 'x' «in» custom_variables.count }}": "PF313",
    "{{ (custom_variables.day | «sum») or run.id }}": "PF313",
    "{{ steps.a.outcome == '«success»' }}": "PF314",
    "{{ '«error»' == steps.a.outcome }}": "PF314",
    "{{ steps.a.outcome in ['failed', '«timeout»'] }}": "PF314",
    "{{ steps.a.outcome not in ('failed', '«cancelled»') }}": "PF314",
    "{{ custom_variables.region == '«eu»' }}": "PF314",
    "{{ steps.a.outputs.id «==» '5' }}": "PF314",
    "{{ custom_variables.dry «!=» 'true' }}": "PF314",
    "{{ context_time «==» custom_variables.day }}": "PF314",
    "{{ custom_variables.cities[«2»] }}": "PF313",
    "{{ custom_variables.cities[«-3»] | upper }}": "PF313",
    "{{ custom_variables['cities'][«7»].name }}": "PF313",
    "{{ ['a', 'b'][«2»] }}": "PF313",
    "{{ (custom_variables.cities | sort)[«2»] }}": "PF313",
    "{{ steps.a.outputs.status.«word» }}": "PF302",
    "{{ records.arrival.«Dya».value }}": "PF302",
}


@pytest.mark.parametrize(("template", "code"), WRONG.items(), ids=WRONG)
def test_what_cannot_be_right_is_told_where_it_is(lint, template, code):
    plain, spans = unmarked(HEAD + TEXT + f'"x ${template}"' + "}}\n")
    assert told(lint(plain)) == [(code, spans[0])]


RIGHT = [
    "{{ custom_variables.plain == 'x' }}",
    "{{ custom_variables.share == 3 and custom_variables.count == custom_variables.share }}",
    "{{ custom_variables.region == 'us' or custom_variables.day == '2024-01-01' }}",
    "{{ steps.a.outputs.created_at | shift(days=1) | date('%Y') }}",
    "{{ custom_variables.cities | join(',') ~ custom_variables.count }}",
    "{{ custom_variables.cities[0] + 'x' }}",
    "{{ (custom_variables.stores | first) + 1 }}",
    "{{ custom_variables.cities[1] ~ custom_variables.cities[-2] }}",
    "{{ custom_variables.stores[7] }}",
    "{{ (custom_variables.cities | unique)[5] }}",
    "{{ custom_variables.cities[custom_variables.count] }}",
    "{{ custom_variables.cities[7] | default('none') }}",
    "{{ custom_variables.cities[7] if custom_variables.cities | length > 7 else 'none' }}",
    "{{ custom_variables.cities | length > 7 and custom_variables.cities[7] == 'x' }}",
    "{{ 'x' if custom_variables.cities[7] is defined else 'y' }}",
    "{{ context_time.year + 1 }}",
    "{{ custom_variables.nothing | default('x') if custom_variables.dry else 3 }}",
    "{{ steps.a.outputs.job_definition_name == none }}",
    "{{ custom_variables.dry == 1 }}",
    "{{ {'a': 1}['a'] + 1 }}",
    "{{ custom_variables.count is none }}",
    "{{ records.arrival.Day.value | date('%Y') }}",
    "{{ steps.a.outcome in ['failed', 'timed_out', 'unknown'] }}",
]


@pytest.mark.parametrize("template", RIGHT)
def test_what_may_be_right_is_never_told(lint, template):
    found = lint(HEAD + TEXT + f'"x ${template}"' + "}}\n").diagnostics
    assert [one for one in found if one.code in ("PF313", "PF314")] == []


VALUES = {
    "with: {job_definition_id: «'${{ custom_variables.day }}'»}": ["PF313"],
    "with: {job_definition_id: «'${{ custom_variables.region }}'»}": ["PF313"],
    "with: {job_definition_id: «'${{ custom_variables.cities }}'»}": ["PF313"],
    "with: {job_definition_id: «'${{ custom_variables.stores | length | string }}'»}": ["PF313"],
    "with: {job_definition_id: 1, custom_variables: {$x$: «'${{ custom_variables.cities }}'»}}": ["PF313"],
    "with: {job_definition_id: 1, custom_variables: {$x$: «'${{ context_time }}'»}}": ["PF313"],
    "with: {job_definition_id: 1, context_time: «'${{ steps.a.outputs.id }}'»}": ["PF313"],
    "with: {job_definition_id: 1, context_time: '${{ context_time | iso }}'}": [],
    "with: {job_definition_id: '${{ custom_variables.count }}'}": [],
    "with: {job_definition_id: '${{ custom_variables.plain }}'}": [],
    "with: {job_definition_id: '${{ custom_variables.share }}'}": [],
    "with: {job_definition_id: '${{ steps.a.outputs.id }}'}": [],
    "with: {job_definition_id: 1, custom_variables: {$x$: '${{ custom_variables.count }}'}}": [],
    "with: {job_definition_id: 1}\n    if: «${{ steps.a.outcome }}»": ["PF313"],
    "with: {job_definition_id: 1}\n    if: ${{ custom_variables.dry }}": [],
    "with: {job_definition_id: 1}\n    if: ${{ custom_variables.plain }}": [],
    "with: {job_definition_id: 1}\n    foreach: {items: «'${{ custom_variables.region }}'»}": ["PF313"],
    "with: {job_definition_id: 1}\n    foreach: {items: '${{ custom_variables.day | split(\"-\") }}'}": [],
    "with: {job_definition_id: «'${{ item }}'»}\n    foreach: {items: [a, b]}": ["PF313"],
    "with: {job_definition_id: '${{ item }}'}\n    foreach: {items: [1, 2]}": [],
    "with: {job_definition_id: '${{ item }}'}\n    foreach: {items: [1, b]}": [],
}


@pytest.mark.parametrize(("value", "codes"), VALUES.items(), ids=VALUES)
def test_a_whole_template_gives_what_is_wanted_where_it_stands(lint, value, codes):
    plain, spans = unmarked(f"{HEAD}{A}  b:\n    needs: a\n    uses: trocco.run_job\n    {value}\n")
    found = [one for one in told(lint(plain)) if one[0].startswith("PF3")]
    assert [code for code, _ in found] == codes
    for (_, found_at), marked in zip(found, spans, strict=False):
        assert marked[:2] <= found_at[:2]
        assert found_at[2:] <= marked[2:]


def test_every_value_of_an_enum_must_be_one_that_the_parameter_takes(lint):
    connections = 'connections: {td: {vendor: treasure, region: jp, api_key: "${{ secrets.T }}"}}\n'
    text = (
        "name: p\ndefaults: {timeout: 1h}\n"
        + connections
        + "custom_variables:\n  how: {type: string, enum: [own, HOW], default: own}\nsteps:\n  a:\n"
        "    uses: treasure.run_workflow\n    with:\n      project: p\n      workflow: w\n"
        "      session_time: ${{ context_time }}\n      session: ${{ custom_variables.how }}\n"
    )
    assert lint(text.replace("HOW", "shared")).diagnostics == ()
    found = lint(text.replace("HOW", "sharde")).diagnostics
    assert [(one.code, one.hint) for one in found] == [("PF313", "did you mean 'shared'?")]


def test_variables_that_need_each_other_end_the_look_up(lint):
    text = "custom_variables: {a: '${{ custom_variables.b }}', b: '${{ custom_variables.a }}'}\n"
    found = lint(HEAD + text + "steps: {s: {uses: trocco.run_job, with: {job_definition_id: 1}}}\n")
    assert "PF313" not in {one.code for one in found.diagnostics}
