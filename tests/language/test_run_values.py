"""The values a run begins with: --set, computed variables, records from files, secrets, context_time."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeforge.errors import UsageError
from pipeforge.language import values
from pipeforge.language.model import Pipeline
from pipeforge.language.secrets import Secrets, dotenv

NOW = datetime(2026, 1, 30, 17, 0, 0, 999, tzinfo=UTC)


def pipeline(**parts: Any) -> Pipeline:
    return Pipeline.model_validate({"name": "p", "steps": {"a": {"uses": "x.y"}}, **parts})


VARIABLES = {
    "region": {"type": "string", "enum": ["jp", "us"], "default": "jp"},
    "count": {"type": "integer", "default": 1},
    "ratio": {"type": "number", "default": 0.5},
    "full": {"type": "boolean", "default": False},
    "list": {"type": "array", "default": []},
    "must": {"type": "string"},
    "day": '${{ context_time | date("%Y-%m-%d") }}',
}


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("region=us", "us"),
        ("count=7", 7),
        ("ratio=2", 2),
        ("full=true", True),
        ('list=["a"]', ["a"]),
        ("must=1", "1"),
        ("must=", ""),
        ("must=a=b", "a=b"),
        ("day=2026-02-01", "2026-02-01"),
    ],
)
def test_what_is_given_has_the_declared_type(assignment: str, value: Any) -> None:
    name = assignment.partition("=")[0]
    assert values.given(pipeline(custom_variables=VARIABLES), [assignment]) == {name: value}


@pytest.mark.parametrize(
    ("assignment", "message", "hint"),
    [
        ("region", "'--set region' has no '='", "write --set name=value"),
        ("regin=us", "no custom variable 'regin'", "did you mean 'region'?"),
        ("region=uk", "cannot be 'uk'", "did you mean 'us'?"),
        ("count=x", "is not of type integer", "whole number"),
        ("count=true", "is not of type integer", "whole number"),
        ("full=1", "is not of type boolean", "true or false"),
    ],
)
def test_what_is_given_wrongly_is_told_with_the_mend(assignment: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        values.given(pipeline(custom_variables=VARIABLES), [assignment])
    assert message in caught.value.message
    assert hint in caught.value.hint


def resolved(variables: dict[str, Any], given: dict[str, Any] | None = None) -> dict[str, Any]:
    return values.custom_variables(pipeline(custom_variables=variables), given or {}, {"context_time": NOW})


def test_computed_variables_follow_each_other_in_any_order() -> None:
    variables = {
        "b": "${{ custom_variables.a }}!",
        "a": "${{ context_time.year }}",
        "c": [1, "${{ custom_variables.b }}"],
    }
    assert resolved(variables) == {"b": "2026!", "a": 2026, "c": [1, "2026!"]}
    assert resolved(variables, {"a": "x"})["c"] == [1, "x!"]


def test_a_variable_without_a_value_says_how_to_give_it() -> None:
    with pytest.raises(UsageError, match="'must' has no value") as caught:
        resolved({"must": {"type": "string"}})
    assert caught.value.hint == "give it: --set must=…"


def test_variables_that_need_each_other_are_told() -> None:
    with pytest.raises(UsageError, match="a -> b -> a"):
        resolved({"a": "${{ custom_variables.b }}", "b": "${{ custom_variables.a }}"})


def test_records_come_from_files_and_are_rendered(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(
        '{"日付": {"type": "DATE", "value": "${{ custom_variables.day }}"}}', encoding="utf-8"
    )
    parts = pipeline(records={"one": {"file": "r.json"}, "two": {"A": {"type": "NUMBER", "value": "1"}}})
    raw = values.raw_records(parts, tmp_path / "p.yaml", tmp_path)
    rendered = values.records(raw, {"custom_variables": {"day": "2026-01-31"}})
    assert rendered["one"]["日付"]["value"] == "2026-01-31"
    assert rendered["two"] == {"A": {"type": "NUMBER", "value": "1"}}


def test_a_record_outside_the_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("{}", encoding="utf-8")
    inside = tmp_path / "project"
    inside.mkdir()
    with pytest.raises(UsageError, match="outside the project"):
        values.load_file(inside / "p.yaml", inside, "../r.json", "record")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "2026-01-31T02:00:00+09:00"),
        ("2026-02-01", "2026-02-01T00:00:00+09:00"),
        ("2026-02-01T03:04:05.6", "2026-02-01T03:04:05+09:00"),
        ("2026-02-01T00:00:00Z", "2026-02-01T09:00:00+09:00"),
    ],
)
def test_context_time_is_one_whole_second_in_the_pipelines_zone(text: str | None, expected: str) -> None:
    assert values.context_time(text, "Asia/Tokyo", NOW).isoformat() == expected


def test_a_context_time_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match="'--context-time tomorrow' is not a time"):
        values.context_time("tomorrow", "UTC", NOW)


def test_secrets_come_from_the_environment_before_the_file(tmp_path: Path) -> None:
    text = "# comment\nexport A=1\nB='two words'\nC=x # tail\n\nD=\n"
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    secrets = Secrets({"A": "env"}, dotenv(tmp_path))
    assert (secrets["A"], secrets["B"], secrets["C"]) == ("env", "two words", "x")
    assert "two words" not in repr(secrets)
    with pytest.raises(UsageError, match="secret 'D' is not set"):
        secrets["D"]


def test_a_secret_that_is_not_set_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        Secrets({"TROCCO_API_KEY": "value-of-it"}, {})["TROCO_API_KEY"]
    assert "did you mean TROCCO_API_KEY?" in caught.value.hint
    assert "value-of-it" not in caught.value.hint


def test_a_bad_env_line_is_told_by_its_number_and_never_its_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nhunter2 oops\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        dotenv(tmp_path)
    assert "line 2" in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint
