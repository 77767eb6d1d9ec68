"""The checklist of kintone's record format, one test a line, as it meets an author who lints a pipeline."""

import pytest
from pydantic import ValidationError

from pipeforge.adapters.krewdata.kinds import RunUnitParams
from pipeforge.language.kintone import faults
from pipeforge.language.kintone_types import TYPES

HEAD = """\
name: p
connections:
  k:
    vendor: krewdata
    unit_id: ${{ secrets.UNIT }}
    krewdata_app_url: https://example.cybozu.com/k/123
    serial_number: ${{ secrets.SERIAL }}
steps:
  s:
    uses: krewdata.run_unit
    timeout: 10m
    with: {app_id: 55, user: batch, record: "${{ records.r }}"}
records:
  r:
"""


@pytest.fixture
def record(lint):
    """Findings of a step with this record, as (severity, what it says)."""

    def run(*lines):
        indented = "".join(f"    {line}\n" for line in lines)
        return [
            (str(each.severity), f"{each.message} ({each.hint})")
            for each in lint(HEAD + indented).diagnostics
        ]

    return run


def found(record, *lines):
    [(severity, said)] = record(*lines)
    return severity, said


def test_a_record_is_a_mapping_of_field_code_to_type_and_value_with_28_legal_types(record):
    assert len(TYPES) == 28
    assert (
        record('Record Number: {type: RECORD_NUMBER, value: "1"}', '日付: {type: DATE, value: "2020-11-01"}')
        == []
    )
    for line, said in {
        "- {type: NUMBER}": "mapping",
        "F: just text": "type",
        '" F": {type: NUMBER, value: "1"}': "blank",
        'F: {type: LOOKUP, value: "1"}': "SINGLE_LINE_TEXT or NUMBER",
        'F: {type: REFERENCE_TABLE, value: "1"}': "REFERENCE_TABLE",
        'F: {type: number, value: "1"}': "did you mean 'NUMBER'",
        'F: {type: RECORD_ID, value: "1"}': "RECORD_ID",
    }.items():
        severity, words = found(record, line)
        assert severity == "error" and said in words, words


@pytest.mark.parametrize(
    ("type_", "wrong"),
    [
        ("NUMBER", '"1,000"'),
        ("DATE", '"2020-02-30"'),
        ("TIME", '"9:30"'),
        ("DATETIME", '"2022-04-11 07:00:00"'),
        ("CHECK_BOX", "one"),
        ("USER_SELECT", "[sato]"),
        ("FILE", "[{name: a.txt}]"),
        ("RECORD_NUMBER", '""'),
        ("__ID__", "x"),
        ("CREATOR", "[{code: sato}]"),
        ("UPDATED_TIME", "yesterday"),
    ],
)
def test_the_shape_of_a_value_is_checked_for_each_type_in_subtables_too(record, type_, wrong):
    assert found(record, f"F: {{type: {type_}, value: {wrong}}}")[0] == "error"
    if type_ in ("NUMBER", "DATE", "TIME", "DATETIME", "CHECK_BOX", "USER_SELECT", "FILE"):
        row = f"{{type: {type_}, value: {wrong}}}"
        table = f"{{type: SUBTABLE, value: [{{value: {{In: {row}}}}}]}}"
        assert found(record, f"T: {table}")[0] == "error"
    else:
        table = f'{{type: SUBTABLE, value: [{{value: {{In: {{type: {type_}, value: "1"}}}}}}]}}'
        assert record(f"T: {table}")


@pytest.mark.parametrize(
    ("type_", "trap", "said"),
    [
        ("DATE", "2020-11-01", None),
        ("NUMBER", "1", "quotes"),
        ("NUMBER", "1.50", "quotes"),
        ("NUMBER", "1e3", "quotes"),
        ("NUMBER", "00123", None),
        ("NUMBER", "1_000", ""),
        ("NUMBER", "１２", ""),
        ("SINGLE_LINE_TEXT", "true", "quotes"),
        ("SINGLE_LINE_TEXT", "yes", None),
        ("TIME", "11:30", None),
        ("SINGLE_LINE_TEXT", "{{ x }}", ""),
        ("DROP_DOWN", "", None),
    ],
)
def test_scalars_that_yaml_reads_otherwise_are_caught_and_texts_stay_what_was_written(
    record, type_, trap, said
):
    findings = record("F:", f"  type: {type_}", f"  value: {trap}")
    if said is None:
        assert findings == []
    else:
        assert findings[0][0] == "error" and said in findings[0][1]


def test_templates_are_checked_as_what_they_become(record):
    assert record("D: {type: DATE, value: \"${{ context_time | date('%Y-%m-%d') }}\"}") == []
    assert record('C: {type: CHECK_BOX, value: ["${{ context_time.year }}"]}') == []
    assert found(record, 'T: {type: "${{ context_time.year }}", value: "1"}')[0] == "error"
    late = {"D": {"type": "DATE", "value": "${{ context_time | date('%Y/%m/%d') }}"}}
    assert list(faults(late)) == []  # its form is judged when it is rendered, before a token is asked for
    rendered = {"D": {"type": "DATE", "value": "2026/11/22"}}
    with pytest.raises(ValidationError, match="2026/11/22"):
        RunUnitParams.model_validate({"app_id": 55, "user": "batch", "record": rendered})


def test_unknown_keys_are_tolerated_a_missing_type_is_an_error_and_a_missing_value_a_warning(record):
    assert record('F: {type: NUMBER, value: "1", disabled: true, error: null, lookup: "x", code: F}') == []
    assert found(record, 'F: {value: "1"}')[0] == "error"
    assert found(record, "F: {type: NUMBER}")[0] == "warning"


def test_a_record_that_stands_in_its_step_is_warned_of_too(lint):
    text = HEAD.replace('"${{ records.r }}"', "{F: {type: NUMBER}}").partition("records:")[0]
    [finding] = lint(text).diagnostics
    assert (finding.code, str(finding.severity)) == ("PF432", "warning")
