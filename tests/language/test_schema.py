"""The schemas for editors: they agree with lint, and hold what completion and hover are made of."""

import re
from pathlib import Path

import jsonschema
import pytest

from pipeforge import adapters
from pipeforge.commands import vendors
from pipeforge.language.docstrings import key_docs, meanings
from pipeforge.language.document import parse, read
from pipeforge.language.model import Pipeline, Step
from pipeforge.language.schema import pipeline_schema, project_schema
from pipeforge.language.subpipeline_kind import Kinds
from pipeforge.lint.linter import check

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((ROOT / "pipeforge" / "lint" / "pages").glob("PF*.md"))
OURS = (path for path in ROOT.glob("examples/*/*.yaml") if path.parent.name != "own_vendor")
PIPELINES = (path for path in OURS if ".test." not in path.name)
OK = sorted([*ROOT.glob("tests/lint/ok/*.y*ml"), *PIPELINES])
BAD = sorted(ROOT.glob("tests/lint/bad/*.yaml"))
CONNECTIONS = {vendor: adapters.connection_model(vendor) for vendor in adapters.VENDORS}
PIPELINE = pipeline_schema(Kinds(adapters.kinds()), CONNECTIONS)
PROJECT = project_schema(CONNECTIONS)
_BLOCK = re.compile(r"^```yaml(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.M | re.S)


def faults(data, schema=PIPELINE):
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(data)]


def schema_of(name):
    if name == "pipeforge.yaml":
        return PROJECT
    return PIPELINE if "record" not in name and "world" not in name else None


def of_pages(part):
    """The YAML files of one part of every rule's page."""
    for page in PAGES:
        _, bad, good = re.split(r"^## (?:Bad|Good)$", page.read_text(encoding="utf-8"), flags=re.M)
        for block in _BLOCK.finditer({"bad": bad, "good": good}[part]):
            words = block["info"].split()
            name = next((word for word in words if "." in word), "pipeline.yaml")
            if schema_of(name) and "bytes" not in words:
                yield pytest.param(name, block["body"], id=f"{page.stem}-{name}")


def test_the_schemas_are_schemas():
    jsonschema.Draft7Validator.check_schema(PIPELINE)
    jsonschema.Draft7Validator.check_schema(PROJECT)


@pytest.mark.parametrize("path", [p for p in OK if schema_of(p.name)], ids=lambda path: path.name)
def test_no_valid_file_is_rejected(path):
    assert faults(read(path).data, schema_of(path.name)) == []


@pytest.mark.parametrize(("name", "text"), list(of_pages("good")))
def test_no_mended_example_of_a_rule_is_rejected(name, text):
    data = parse(Path(name), text).data
    assert data is None or faults(data, schema_of(name)) == []


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_what_the_schema_rejects_lint_finds_too(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    catalog = vendors.catalog()
    data = read(path).data
    if isinstance(data, dict) and faults(data):
        assert check(Path(path.name), catalog).errors


def test_the_schema_finds_what_it_can():
    codes = {
        page.id.partition("-")[0]
        for page in of_pages("bad")
        if isinstance(data := parse(Path(page.values[0]), page.values[1]).data, dict)
        and faults(data, schema_of(page.values[0]))
    }
    assert codes >= {f"PF{code}" for code in ["101", "102", "103", "104", "105", "106", "401", "404"]}


STEP = {"uses": "trocco.run_job", "with": {"job_definition_id": 1201}}


def pipeline(**step):
    return {"name": "one", "steps": {"load": {**STEP, **step}}}


def test_uses_chooses_with():
    assert faults(pipeline()) == []
    assert len(faults(pipeline(**{"with": {"recipe_id": 1}}))) == 2  # unknown, and one is missing
    assert faults(pipeline(uses="workato.poll_recipe", **{"with": {"recipe_id": 1}})) == []


def test_an_unknown_kind_is_one_error():
    (only,) = faults(pipeline(uses="trocco.run_jbo"))
    assert "'trocco.run_jbo' is not one of" in only


@pytest.mark.parametrize(
    "params",
    [
        {"recipe_id": "${{ custom_variables.id }}", "on_no_job": "${{ custom_variables.word }}"},
        {"recipe_id": 1, "settle": "${{ custom_variables.long }}", "ensure_running": "${{ item }}"},
        {"recipe_id": 1, "settle": " 1m30s "},
    ],
)
def test_templates_are_let_in_wherever_a_parameter_takes_one(params):
    assert faults(pipeline(uses="workato.poll_recipe", **{"with": params})) == []


@pytest.mark.parametrize("timeout", [90, "90", "5 minutes", "${{ custom_variables.long }}", "PT5M"])
def test_a_duration_has_its_form(timeout):
    assert faults(pipeline(timeout=timeout))


def test_templates_are_let_in_deep_inside():
    resume = {"mode": "from", "attempt_id": "${{ custom_variables.id }}", "from": "+load"}
    params = {"project": "p", "workflow": "w", "session_time": "${{ context_time }}", "resume": resume}
    assert faults(pipeline(uses="treasure.run_workflow", **{"with": params})) == []
    assert faults(pipeline(uses="treasure.run_workflow", **{"with": {**params, "resume": {"mode": "x"}}}))


def test_an_environment_may_bring_what_a_connection_lacks():
    assert faults({"connections": {"td": {"vendor": "treasure"}}}, PROJECT) == []
    overlay = {"prod": {"connections": {"td": {"region": "aws-tokyo"}}}}
    assert faults({"connections": {"td": {"vendor": "treasure"}}, "environments": overlay}, PROJECT) == []
    overlay = {"prod": {"connections": {"td": {"regoin": "aws-tokyo"}}}}
    assert faults({"environments": overlay}, PROJECT)


def undescribed(schema, where=""):
    for key, inner in schema.get("properties", {}).items():
        if "description" not in inner and "const" not in inner:
            yield f"{where}.{key}"
        yield from undescribed(inner, f"{where}.{key}")
    for name, inner in schema.get("$defs", {}).items():
        yield from undescribed(inner, f"{where}#{name}")
    for inner in schema.get("allOf", ()):
        yield from undescribed(inner["then"], f"{where}?{inner['if']['properties']}")


@pytest.mark.parametrize("schema", [PIPELINE, PROJECT], ids=["pipeline", "project"])
def test_every_key_is_described(schema):
    assert list(undescribed(schema)) == []


def test_keys_are_described_by_their_docstrings():
    said = PIPELINE["$defs"]["Step"]["properties"]["run_when"]
    assert said["markdownDescription"] == key_docs(Step)["run_when"]
    assert PIPELINE["properties"]["name"]["description"] == key_docs(Pipeline)["name"]
    chosen = {one["if"]["properties"]["uses"]["const"]: one for one in PIPELINE["$defs"]["Step"]["allOf"]}
    assert chosen.keys() == {*adapters.KINDS, "pipeline"}
    params = chosen["trocco.run_job"]["then"]["properties"]["with"]["properties"]
    assert "as its address in trocco shows it" in params["job_definition_id"]["description"]


def test_words_are_described_one_by_one():
    step = PIPELINE["$defs"]["Step"]["properties"]
    assert step["run_when"]["enumDescriptions"] == [
        "every need succeeded", "all are over and one did not", "all are over",
    ]  # fmt: skip
    for key in ("on_ambiguous", "on_interrupt"):
        assert all(step[key]["anyOf"][0]["enumDescriptions"])
    assert all(step["accept"]["items"]["enumDescriptions"])
    assert len(step["uses"]["enum"]) == len(step["uses"]["enumDescriptions"])


def test_meanings_are_read_from_a_text():
    text = "Which way. `a`: first, or\nso. `b-c`: the\nother `thing` there."
    assert meanings(text) == {"a": "first, or so", "b-c": "the other `thing` there"}
    assert meanings("Nothing such as `a` here.") == {}


def test_defaults_are_what_an_author_would_write():
    chosen = {one["if"]["properties"]["uses"]["const"]: one for one in PIPELINE["$defs"]["Step"]["allOf"]}
    params = chosen["workato.poll_recipe"]["then"]["properties"]["with"]["properties"]
    assert params["settle"]["default"] == "10s"
    assert params["ensure_running"]["default"] is False
    assert "default" not in PIPELINE["$defs"]["RetryPolicy"]["properties"]["delay"]


def placeholders(body):
    """The body of a snippet as it would be left when nothing is typed."""
    if isinstance(body, dict):
        return {placeholders(key): placeholders(value) for key, value in body.items()}
    if isinstance(body, list):
        return [placeholders(item) for item in body]
    text = re.sub(r"\$\{\d+\|([^,|]*)[^}]*\}", r"\1", body.removeprefix("^"))
    text = re.sub(r"\$\{\d+:((?:\\.|[^\\}])*)\}|\$\d", lambda found: found[1] or "", text)
    text = re.sub(r"\\([\\$}])", r"\1", text)
    return int(text) if text.isdigit() else {"true": True}.get(text, text)


def test_a_snippet_is_there_for_each_kind_and_vendor_and_is_valid():
    steps = [placeholders(one["body"]) for one in PIPELINE["properties"]["steps"]["defaultSnippets"]]
    assert [step["step_id"]["uses"] for step in steps] == sorted([*adapters.KINDS, "pipeline"])
    connections = PIPELINE["properties"]["connections"]["defaultSnippets"]
    given = [placeholders(one["body"]) for one in connections]
    assert [next(iter(one)) for one in given] == list(adapters.VENDORS)
    for step in steps:
        assert faults({"name": "one", "steps": step}) == []
    for vendor, one in zip(adapters.VENDORS, given, strict=True):
        assert faults({"connections": one}, PROJECT) == []
        CONNECTIONS[vendor].model_validate(one[vendor])
