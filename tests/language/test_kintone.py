"""kintone's record format, field type by field type."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ValidationError

from pipeforge.language.kintone import checked, faults

GOOD = {
    "SINGLE_LINE_TEXT": ["", None, "x", "${{ a }}"],
    "MULTI_LINE_TEXT": ["a\nb"],
    "RICH_TEXT": ["<b>x</b>"],
    "NUMBER": ["1", "-1.5e3", "+.5", "1.", "", None, "1${{ a }}"],
    "CALC": ["1:30", "2024-01-01"],
    "RADIO_BUTTON": ["x"],
    "DROP_DOWN": [None, "x"],
    "CHECK_BOX": [[], ["a", "b"], None, "${{ a }}", ["${{ a }}"]],
    "MULTI_SELECT": [["a"]],
    "DATE": ["2024-02-29", "", None, "${{ a }}", "2024-${{ a }}"],
    "TIME": ["00:00", "23:59"],
    "DATETIME": ["2024-01-31T09:00:00Z", "2022-04-11T07:00+09:00"],
    "LINK": ["mailto:a@example.com"],
    "FILE": [[{"fileKey": "k", "name": "n", "size": "3"}], []],
    "USER_SELECT": [[{"code": "sato", "name": "Sato"}], []],
    "ORGANIZATION_SELECT": [[{"code": "x"}]],
    "GROUP_SELECT": [["${{ a }}"]],
    "SUBTABLE": [[], [{"value": {"Q": {"type": "NUMBER", "value": "2"}}}], [{"id": 5, "value": {}}]],
    "RECORD_NUMBER": ["1", "APP-1"],
    "__ID__": ["12"],
    "__REVISION__": ["3"],
    "CREATOR": [{"code": "sato", "name": "Sato"}],
    "MODIFIER": [{"code": "sato"}],
    "CREATED_TIME": ["2024-01-31T09:00:00Z"],
    "UPDATED_TIME": ["2024-01-31T09:00:00+09:00"],
    "CATEGORY": [["x"]],
    "STATUS": ["x"],
    "STATUS_ASSIGNEE": [[{"code": "x"}]],
}
STATUS_IN_ROW = {"value": {"S": {"type": "STATUS", "value": "x"}}}
WRONG = {
    "SINGLE_LINE_TEXT": [1, True, ["x"], {"a": 1}],
    "NUMBER": [1, 1.5, "1,000", "１２", "1e", "x", "--1", "٣"],
    "CHECK_BOX": ["one", [1], {"a": 1}],
    "DATE": ["2024-02-30", "2024/01/01", "20240101", "2024-1-1", 20240101, "２０２４-01-01"],
    "TIME": ["9:30", "24:00", "12:34:56", "12:60"],
    "DATETIME": ["2024-01-31 09:00:00", "2024-01-31T09:00:00", "2024-01-31", "2024-13-01T00:00:00Z"],
    "FILE": [["k"], [{"name": "x"}], [{"fileKey": 1}]],
    "USER_SELECT": [["sato"], "sato", [{"name": "x"}]],
    "SUBTABLE": [
        "x",
        [{"Q": {"type": "NUMBER", "value": "1"}}],
        [{"value": {"S": {"type": "STATUS", "value": "x"}}}],
    ],
    "RECORD_NUMBER": ["", None, 1],
    "__ID__": ["x", ""],
    "CREATOR": [[{"code": "x"}], "sato", None],
    "CREATED_TIME": ["yesterday"],
    "STATUS": [1],
}
CASES = [(name, value) for name, values in GOOD.items() for value in values]
WRONG_CASES = [(name, value) for name, values in WRONG.items() for value in values]


def of(name, value):
    return list(faults({"F": {"type": name, "value": value}}))


def test_all_28_types_are_tried():
    assert len(GOOD) == 28


@pytest.mark.parametrize(("name", "value"), CASES)
def test_right(name, value):
    assert of(name, value) == []


@pytest.mark.parametrize(("name", "value"), WRONG_CASES)
def test_wrong(name, value):
    found = of(name, value)
    assert len(found) == 1
    assert found[0].route[:2] == ("F", "value") and found[0].hint and found[0].severity == "error"


@pytest.mark.parametrize("name", [name for name in GOOD if name not in ("SUBTABLE",)])
def test_who_may_stand_in_a_subtable(name):
    value = next(value for value in GOOD[name] if value)
    table = {"T": {"type": "SUBTABLE", "value": [{"value": {"F": {"type": name, "value": value}}}]}}
    alone = {"RECORD_NUMBER", "__ID__", "__REVISION__", "CREATOR", "MODIFIER", "CREATED_TIME", "UPDATED_TIME"}
    alone |= {"CATEGORY", "STATUS", "STATUS_ASSIGNEE"}
    assert [fault.route for fault in faults(table)] == (
        [("T", "value", 0, "value", "F", "type")] if name in alone else []
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("LOOKUP", "a lookup field appears in records as SINGLE_LINE_TEXT or NUMBER"),
        ("number", "did you mean 'NUMBER'?"),
        ("NUMBR", "did you mean 'NUMBER'?"),
        ("DATE_TIME", "did you mean 'DATETIME'?"),
        ("${{ a }}", "write the type itself: it is checked before anything is rendered"),
        (5, "give a type such as SINGLE_LINE_TEXT"),
    ],
)
def test_what_is_no_type(name, hint):
    found = of(name, "1")
    assert [(fault.route, fault.hint) for fault in found] == [(("F", "type"), hint)]


def test_a_field_wants_type_and_value():
    assert [(f.route, f.severity) for f in faults({"F": {"value": "1"}})] == [(("F",), "error")]
    assert [(f.route, f.severity) for f in faults({"F": {"type": "NUMBER"}})] == [(("F",), "warning")]
    assert [f.hint for f in faults({"F": {"tpye": "NUMBER", "value": "1"}})] == ["did you mean 'type'?"]
    assert list(faults({"F": {"type": "NUMBER", "value": "1", "error": None, "disabled": True}})) == []


def test_field_codes():
    assert [f.on_key for f in faults({" F": {"type": "CALC", "value": ""}})] == [True]
    assert list(faults({"日付 (yyyy)": {"type": "CALC", "value": ""}})) == []


KEYS = st.sampled_from(["type", "value", "code", "F", "id"]) | st.text(max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
TYPED = st.fixed_dictionaries({"type": st.sampled_from(sorted(GOOD)), "value": JSON})
FIELDS = st.dictionaries(st.text(max_size=4), TYPED, max_size=3)


@given(JSON | FIELDS)
def test_nothing_raises_and_routes_lead_into_the_record(record):
    for fault in faults(record):
        value = record
        for part in fault.route:
            value = value[part]


def test_as_a_parameter_all_faults_come_at_once():
    class Params(BaseModel):
        record: Annotated[dict[str, Any], AfterValidator(checked)]

    with pytest.raises(ValidationError) as raised:
        Params(record={"A": {"type": "NUMBER", "value": 1}, "B": {"type": "DATE", "value": "x"}})
    (error,) = raised.value.errors()
    assert error["type"] == "pipeforge.record"
    assert [route for route, *_ in error["ctx"]["faults"]] == [("A", "value"), ("B", "value")]
    assert Params(record={"A": {"type": "NUMBER"}}).record == {"A": {"type": "NUMBER"}}


@pytest.mark.parametrize("name", ["CHECK_BOX", "MULTI_SELECT", "USER_SELECT", "FILE", "SUBTABLE", "CATEGORY"])
def test_an_empty_list_is_written_as_one(name):
    for empty in ([], None):
        assert list(faults({"f": {"type": name, "value": empty}})) == []
    [fault] = faults({"f": {"type": name, "value": ""}})
    assert "a list" in fault.message and "[ … ]" in fault.hint
