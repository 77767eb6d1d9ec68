"""Numbers whose spelling is lost where a text is meant; where a number is meant nobody is told."""

import pytest
from marking import HEAD, told, unmarked

STEPS = "steps:\n  load:\n    uses: trocco.run_job\n    with: {job_definition_id: 1}\n"
VARIABLE = HEAD + "custom_variables: {v: %s}\n" + STEPS + "outputs: {v: '${{ custom_variables.v }}'}\n"


@pytest.mark.parametrize("number", ["1.10", "0x1F", "0o17", "1e3", "+5", ".5", "-0", "1.0e2"])
def test_a_number_that_becomes_another_text_is_told(lint, number):
    plain, spans = unmarked(VARIABLE % f"«{number}»")
    assert told(lint(plain)) == [("PF016", spans[0])]


@pytest.mark.parametrize(
    "number", ["1.1", "31", "-5", "0", "0.5", "'1.10'", "007", "2024-01-01", "true", "~"]
)
def test_a_number_that_stays_as_it_is_written_is_not(lint, number):
    assert told(lint(VARIABLE % number)) == []


@pytest.mark.parametrize(
    "rest",
    [
        "    with: {job_definition_id: 1, custom_variables: {$a$: «0x1F»}}\n",
        "    with: {job_definition_id: 1, custom_variables: {$a$: 'x ${{ item }}'}}\n"
        "    foreach: {items: [«1.10», 1.2]}\n",
    ],
)
def test_texts_of_steps_are_looked_at(lint, rest):
    plain, spans = unmarked(HEAD + "steps:\n  load:\n    uses: trocco.run_job\n" + rest)
    assert told(lint(plain)) == [("PF016", spans[0])]


def test_a_number_that_is_refused_is_told_once(lint):
    text = (
        HEAD
        + "steps:\n  a: {uses: trocco.run_job, with: {job_definition_id: 1, custom_variables: {$a$: 1.10}}}\n"
    )
    assert [code for code, _ in told(lint(text))] == ["PF405"]


def test_numbers_are_left_alone(lint):
    text = HEAD + "custom_variables: {v: {type: number, default: 1.10}}\nsteps:\n  load:\n"
    text += "    uses: trocco.run_job\n    with: {job_definition_id: 0x1F,"
    text += " custom_variables: {$a$: 'x ${{ custom_variables.v }}'}}\n"
    assert told(lint(text)) == []
