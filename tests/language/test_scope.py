"""Names that templates may use."""

import pytest
from pydantic import BaseModel, ConfigDict

from pipeforge.language.scope import Scope, of_step, of_variable, resolve, within_foreach
from pipeforge.lint.sketching import outputs_of


class Outputs(BaseModel):
    id: str
    rows: list[int]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


NAMES = Scope(
    custom_variables={
        "region": of_variable({"type": "string"}),
        "depth": of_variable({"type": "object"}),
        "fixed": of_variable({"a": {"b": 1}, "c": "${{ context_time }}"}),
        "text": of_variable("on ${{ context_time }}"),
    },
    records={"order": of_variable(None)},
    steps={
        "load": of_step(outputs_of(Outputs), each=False),
        "each": of_step(outputs_of(Outputs), each=True),
        "open": of_step(outputs_of(Open), each=False),
        "broken": of_step(None, each=False),
    },
    env=["HOME"],
).names()


@pytest.mark.parametrize(
    "path",
    [
        "context_time",
        "context_time.year",
        "custom_variables",
        "custom_variables.region",
        "custom_variables.depth.any.thing",
        "custom_variables.fixed.a.b",
        "custom_variables.fixed.c.year",
        "records.order.Any.value",
        "secrets.ANYTHING",
        "env.HOME",
        "run.id",
        "run.attempt",
        "steps.load.outcome",
        "steps.load.outputs.id",
        "steps.load.outputs.rows.x",
        "steps.each.outputs",
        "steps.open.outputs.any",
        "steps.broken.outputs.any",
    ],
)
def test_known(path):
    assert resolve(NAMES, tuple(path.split("."))) is None


@pytest.mark.parametrize(
    ("path", "position", "noun"),
    [
        ("nothing", 0, "name"),
        ("item", 0, "name"),
        ("context_time.yer", 1, "part"),
        ("context_time.year.x", 2, ""),
        ("custom_variables.regio", 1, "custom variable"),
        ("custom_variables.region.x", 2, ""),
        ("custom_variables.text.x", 2, ""),
        ("custom_variables.fixed.b", 2, "key"),
        ("custom_variables.fixed.a.b.c", 4, ""),
        ("records.ordr", 1, "record"),
        ("env.PATH", 1, "environment variable"),
        ("run.idd", 1, "part"),
        ("steps.laod", 1, "step"),
        ("steps.load.output", 2, "part"),
        ("steps.load.outcome.x", 3, ""),
        ("steps.load.outputs.idd", 3, "output"),
        ("steps.each.outputs.id", 3, ""),
    ],
)
def test_unknown(path, position, noun):
    unknown = resolve(NAMES, tuple(path.split(".")))
    assert unknown is not None
    assert (unknown.position, unknown.names.noun) == (position, noun)


def test_the_item_is_known_within_its_foreach_alone():
    inside = within_foreach(NAMES, "shop")
    assert resolve(inside, ("shop", "id")) is None
    assert resolve(inside, ("context_time",)) is None
    assert resolve(NAMES, ("shop", "id")) is not None
