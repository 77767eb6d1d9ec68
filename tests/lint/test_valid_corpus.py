"""What is valid is silent, can be planned, and is valid for the editor's schema too."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from pipeforge.cli import main
from pipeforge.language.declaring import declared
from pipeforge.language.document import parse
from pipeforge.lint.linter import check
from pipeforge.reports.diagnostics import full

HERE = Path(__file__).parent / "ok"
ROOT = Path(__file__).parents[2]
PIPELINES = sorted(
    path
    for path in (*HERE.rglob("*.yaml"), *HERE.rglob("*.yml"))
    if path.name != "pipeforge.yaml" and path.parent.name != "records"
)
each = pytest.mark.parametrize("path", PIPELINES, ids=lambda path: str(path.relative_to(HERE)))


@pytest.fixture(scope="module")
def schemas():
    return {
        name: Draft7Validator(json.loads((ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8")))
        for name in ("pipeline", "project")
    }


def data(path):
    return parse(path, path.read_bytes().decode("utf-8-sig")).data


def test_there_are_many_and_varied_ones():
    assert len(PIPELINES) >= 70


@each
def test_it_is_silent(path, catalog):
    report = check(path, catalog)
    assert full(report.diagnostics, report.texts) == ""
    assert report.pipeline is not None


@each
def test_the_schema_takes_it(path, schemas):
    assert [error.message for error in schemas["pipeline"].iter_errors(data(path))] == []


@each
def test_it_can_be_planned(path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", "/")
    given = [
        f"--set={name}=1"
        for name, value in data(path).get("custom_variables", {}).items()
        if declared(value) and "default" not in value
    ]
    code = main(["plan", str(path), "--context-time", "2024-05-01T02:00:00+09:00", *given])
    assert code == 0, capsys.readouterr().err


def test_the_project_file_is_one_for_the_schema_too(schemas):
    assert [
        error.message for error in schemas["project"].iter_errors(data(HERE / "shop/pipeforge.yaml"))
    ] == []


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_it_is_silent_in_every_environment(environment, catalog):
    report = check(HERE / "shop/nightly.yaml", catalog, environment=environment)
    assert full(report.diagnostics, report.texts) == ""
