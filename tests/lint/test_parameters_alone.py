"""What a parameter takes does not depend on the others: so lint asks once, whatever stands beside it."""

import pytest

from pipeforge.commands.vendors import catalog
from pipeforge.language.types import Type
from pipeforge.lint.fitting import _SAMPLES, _errors, fits

KINDS = catalog().kinds


def usual(kind):
    """Parameters as the reference shows them."""
    fields = KINDS[kind].params.model_fields.items()
    return {name: field.examples[0] for name, field in fields if field.examples}


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_kinds_parameters_are_taken_each_by_itself(kind):
    model, given = KINDS[kind].params, usual(kind)
    for name in model.model_fields:
        for sort, sample in _SAMPLES.items():
            wrong = _errors(model, {**given, name: sample})
            beside = not any(route[:1] == (name,) for route in wrong)
            assert fits(model, (name,), Type(sort)) == beside, (name, sort)


def test_some_are_taken_and_some_are_not():
    model = KINDS["trocco.run_job"].params
    assert fits(model, ("context_time",), Type("time"))
    assert not fits(model, ("job_definition_id",), Type("text"))


def test_a_key_in_a_parameter_is_taken_by_itself_too():
    model = KINDS["trocco.run_job"].params
    inside = ("custom_variables", "$region$")
    assert fits(model, inside, Type("text", values=("jp", "us")))
    assert fits(model, inside, Type("int"))
    assert not fits(model, inside, Type("mapping"))
    assert not fits(model, ("custom_variables", "region"), Type("text"))
    assert not fits(model, ("custom_variables", 0), Type("text"))
    assert not fits(model, ("memo", "inside"), Type("text"))
