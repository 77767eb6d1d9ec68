"""What a parameter takes does not depend on the others: so lint asks once, whatever stands beside it."""

import pytest

from pipeforge.commands.vendors import catalog
from pipeforge.language.types import Type
from pipeforge.lint.fitting import SAMPLES, fits
from pipeforge.lint.unfitting import errors_of

KINDS = catalog().kinds


def usual(kind):
    """Parameters as the reference shows them."""
    fields = KINDS[kind].params.model.model_fields.items()
    return {name: field.examples[0] for name, field in fields if field.examples}


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_kinds_parameters_are_taken_each_by_itself(kind):
    form, given = KINDS[kind].params, usual(kind)
    model = form.model
    for name in model.model_fields:
        for sort, sample in SAMPLES.items():
            wrong = errors_of(model, {**given, name: sample})
            beside = not any(route[:1] == (name,) for route in wrong)
            assert fits(form, (name,), Type(sort)) == beside, (name, sort)


def test_some_are_taken_and_some_are_not():
    form = KINDS["trocco.run_job"].params
    assert fits(form, ("context_time",), Type("time"))
    assert not fits(form, ("job_definition_id",), Type("text"))


def test_a_key_in_a_parameter_is_taken_by_itself_too():
    form = KINDS["trocco.run_job"].params
    inside = ("custom_variables", "$region$")
    assert fits(form, inside, Type("text", values=("jp", "us")))
    assert fits(form, inside, Type("int"))
    assert not fits(form, inside, Type("mapping"))
    assert not fits(form, ("custom_variables", "region"), Type("text"))
    assert not fits(form, ("custom_variables", 0), Type("text"))
    assert not fits(form, ("memo", "inside"), Type("text"))
