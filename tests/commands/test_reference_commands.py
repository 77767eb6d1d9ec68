"""schema, explain, emulate --explain: what can be looked up without a pipeline."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from vendor_project import number, pipeline, steps

from pipeforge import adapters
from pipeforge.commands.schema import SCHEMAS
from pipeforge.commands.worlds import written
from pipeforge.emulators.faults import GENERIC
from pipeforge.emulators.server import explain
from pipeforge.emulators.world import World
from pipeforge.language.document import read
from pipeforge.lint.rules import RULES
from pipeforge.reports.files import FAULTS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(
    path
    for path in ROOT.glob("examples/*/*.yaml")
    if path.name != "world.yaml" and ".test." not in path.name and path.parent.name != "own_vendor"
)


def schema_for(shell, path):
    return json.loads(shell("schema", "project" if path.name == "pipeforge.yaml" else "pipeline").out)


@pytest.mark.parametrize("which", ["lint", "pipeline", "project"])
def test_a_schema_is_json_schema_whose_references_lead_somewhere(shell, which):
    schema = json.loads(shell("schema", which).out)
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == Draft7Validator.META_SCHEMA["$schema"]
    assert references(schema) <= {f"#/$defs/{name}" for name in schema["$defs"]}


def references(value):
    if isinstance(value, dict):
        here = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return here.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_lint_takes_an_editor_takes(shell, path):
    Draft7Validator(schema_for(shell, path)).validate(read(path).data)


def test_an_editor_takes_whole_numbers_where_lint_does(shell, quick):
    every = steps(number())
    every["trocco_job"]["with"]["custom_variables"] = {"$rows$": 7}
    every["reckoner_workflow"]["with"]["parameters"] = {"rows": 7}
    every["td_workflow"]["with"]["resume"] = {"mode": "failed", "attempt_id": 7}
    path = shell.write("p.yaml", pipeline(every, quick))
    assert shell("lint", "p.yaml").code == 0
    Draft7Validator(schema_for(shell, path)).validate(read(path).data)


@pytest.mark.parametrize(
    "change",
    [
        {"stepz": {}},
        {"steps": {"a": {"uses": "trocco.run_jobb", "with": {}}}},
        {"steps": {"a": {"uses": "trocco.run_job", "with": {"job_definition": 1}}}},
        {"steps": {"a": {"uses": "trocco.run_job", "with": {"job_definition_id": 1}, "timeout": 5}}},
        {"connections": {"t": {"vendor": "trocco", "apikey": "x"}}},
    ],
)
def test_what_lint_refuses_an_editor_refuses(shell, change):
    whole = {"name": "p", "steps": {"a": {"uses": "trocco.run_job", "with": {"job_definition_id": 1}}}}
    validator = Draft7Validator(json.loads(shell("schema").out))
    assert validator.is_valid(whole)
    assert not validator.is_valid(whole | change)


def test_the_pipelines_schema_is_the_one_by_default_and_names_every_kind(shell):
    text = shell("schema").out
    assert text == shell("schema", "pipeline").out
    assert all(f'"{name}"' in text for name in adapters.KINDS)


def test_the_schemas_are_written_as_files(shell):
    done = shell("schema", "--write", "made/schemas")
    assert done.out == "".join(f"made/schemas/{name}.schema.json\n" for name in sorted(SCHEMAS))
    written = shell.folder.joinpath("made/schemas/project.schema.json").read_text(encoding="utf-8")
    assert written == shell("schema", "project").out


def test_a_schema_where_no_file_can_be(shell):
    shell.write("file", "")
    refused = shell("schema", "--write", "file/sub")
    assert refused.code == 2
    assert "cannot write" in refused.err


def test_explain_lists_all_that_it_knows(shell):
    listed = shell("explain").out
    assert all(f"  {rule.code}  {rule.name}" in listed for rule in RULES)
    assert all(f"  {name}\n" in listed for name in adapters.KINDS)
    assert "  templates  " in listed


@pytest.mark.parametrize("kind", sorted(adapters.KINDS))
def test_every_kind_is_explained(shell, kind):
    page = shell("explain", kind).out
    assert page.startswith(f"# {kind}\n")
    for part in ("**", "A lost answer: ", "## Parameters (`with`)", "## Outputs"):
        assert part in page
    params = adapters.kinds()[kind].params.model_fields.values()
    assert ("required): " in page) or not any(one.is_required() for one in params)
    bare = [line for line in page.splitlines() if line.startswith("- `") and line.endswith(")")]
    assert bare == []  # every field has a text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_explained_by_code_and_by_name(shell, rule):
    page = shell("explain", rule.code)
    assert page.code == 0
    assert rule.code in page.out
    assert shell("explain", rule.code.lower()).out == page.out
    assert shell("explain", rule.name).out == page.out


def test_templates_are_explained_by_their_names_and_filters(shell):
    page = shell("explain", "templates").out
    for word in (
        "context_time",
        "custom_variables.NAME",
        "secrets.NAME",
        "steps.ID.outputs.NAME",
        "time | date(",
        "time | shift(",
    ):
        assert word in page


def test_a_topic_that_is_none_is_told_with_the_nearest(shell):
    told = shell("explain", "trocco.runjob")
    assert (told.code, told.err) == (
        2,
        "error: nothing is known of 'trocco.runjob'\nhelp: did you mean 'trocco.run_job'?\n",
    )


def test_the_emulators_explain_every_behaviour(shell):
    lines = shell("emulate", "--explain").out.splitlines()
    assert len(lines) == len(explain())
    assert {line.split()[1] for line in lines} == {"stated", "inferred", "chosen"}
    assert {line.split()[0] for line in lines} == set(adapters.VENDORS)


def test_the_emulators_tell_when_a_port_is_taken(shell, quick):
    port = quick.root.rpartition(":")[2]
    refused = shell("emulate", "--port", port)
    assert refused.code == 2
    assert f"cannot listen on 127.0.0.1:{port}: " in refused.err
    assert "help: choose another --port" in refused.err
    nobody = shell("emulate", "nobody")
    assert nobody.code == 2 and "no emulator of 'nobody'" in nobody.err and "treasure" in nobody.err
    beyond = shell("emulate", "--port", "99999")
    assert (beyond.code, beyond.err) == (2, "error: '99999' is no port\nhelp: choose one from 0 to 65535\n")


@pytest.mark.parametrize(
    ("topic", "lines"),
    [
        ("pipeline", ["- `as` (text, default `item`): ", "- `max_attempts` (whole number, required): "]),
        (
            "pipeline",
            ["- `timeout` (duration): ", "### `steps.ID`", "- `allow_failure` (true or false, default"],
        ),
        ("project", ["### `environments.NAME`", "- `env` (list of text): "]),
        ("workato.poll_recipe", ["- `settle` (duration, default 10s): "]),
        ("treasure.run_workflow", ["### `resume`", "- `attempt_id` (text, required): "]),
        ("trocco", ["- `api_key` (secret, required): ", "Limits when none are given: requests 3500/10m."]),
        ("krewdata", ["Limits when none are given: starts 4/1m, running 1."]),
        ("reckoner", ["Limits when none are given: none: the vendor documents no number."]),
        (
            "world",
            ["### `job_definitions.NAME`", "- `seconds` (number, default 1): ", "- `nth` (whole number or"],
        ),
    ],
)
def test_files_and_vendors_are_explained_with_types_and_defaults(shell, topic, lines):
    page = shell("explain", topic).out.splitlines()
    for line in lines:
        assert any(row.startswith(line) for row in page), line


def test_every_key_that_an_author_may_write_has_a_text(shell):
    for topic in ("pipeline", "project", *adapters.VENDORS):
        page = shell("explain", topic).out
        assert [row for row in page.splitlines() if row.startswith("- `") and row.endswith(")")] == []


def test_every_topic_that_is_listed_has_a_page(shell):
    listed = shell("explain").out
    topics = [row.split()[0] for row in listed.splitlines() if row.startswith("  ")]
    assert set(adapters.VENDORS) | {"pipeline", "project", "world", "templates"} <= set(topics)
    for topic in topics:
        assert shell("explain", topic).code == 0, topic


def block(page):
    """The YAML that a page shows."""
    return page.partition("```yaml\n")[2].partition("```")[0]


def test_what_the_pages_show_is_right(shell):
    project = block(shell("explain", "project").out)
    accounts = "\n".join(
        f"  {name}: {{vendor: {name}, {key}: '${{{{ secrets.K }}}}'{more}}}"
        for name, key, more in [
            ("trocco", "api_key", ""),
            ("reckoner", "access_token", ""),
            ("workato", "api_token", ", data_center: jp"),
        ]
    )
    shell.write("pipeforge.yaml", project.replace("environments:", f"{accounts}\nenvironments:"))
    shell.write("p.yaml", block(shell("explain", "pipeline").out))
    assert shell("lint", "p.yaml").text == "no findings in 1 file\n"
    assert shell("plan", "p.yaml", "--env", "staging").code == 0
    shell.write("w.yaml", block(shell("explain", "world").out))
    assert World.read(written(shell.folder / "w.yaml").data).faults


def test_every_fault_is_explained():
    assert tuple(FAULTS) == GENERIC


def test_what_is_not_near_anything_is_told_where_to_look(shell):
    assert shell("explain", "zzz").err.endswith("help: `pipeforge explain` lists all that is known\n")


def test_all_pages_make_one_document(shell):
    told = shell("explain", "--all", "--format", "markdown")
    assert told.code == 0
    lines = told.out.split("\n")
    for rule in RULES:
        assert f"### {rule.code} {rule.name}" in lines
        anchor = f"{rule.code} {rule.name}".lower().replace(" ", "-")
        assert any(line.startswith(f"  - [{rule.code} {rule.name}](#{anchor}): ") for line in lines)
    for topic in (*adapters.KINDS, *adapters.VENDORS):
        assert f"### {topic}" in lines
    plain, code = [], False
    for line in lines:
        code ^= line.startswith("```")
        plain += [] if code else [line]
    assert not code
    assert [line for line in plain if re.match("# ", line)] == ["# pipeforge"]
    chapters = [line[3:] for line in plain if line.startswith("## ")]
    assert [re.match(r"- \[(.*)\]", line)[1] for line in plain if line.startswith("- [")][
        : len(chapters)
    ] == chapters
    assert shell("explain", "--all").out == told.out
    assert shell("explain", "--all", "PF203").code == 2


def test_pages_are_told_to_programs(shell):
    every = json.loads(shell("explain", "--format", "json", "--all").out)
    assert every["version"] == 1
    for topic in ("PF203", "cycle"):
        (page,) = json.loads(shell("explain", topic, "--format", "json").out)["pages"]
        assert page["topic"] == "PF203"
        assert page in every["pages"]
        assert page["text"] == shell("explain", "PF203").out
    assert shell("explain", "PF2033", "--format", "json").code == 2


@pytest.mark.parametrize("vendor", adapters.VENDORS)
def test_the_connection_on_a_vendors_page_is_whole(shell, vendor):
    (block,) = re.findall(r"```yaml\n(.*?)```", shell("explain", vendor).out, re.S)
    connection = read(shell.write("pipeforge.yaml", block)).data["connections"]["any_name"]
    settings = adapters.connection_model(vendor).model_validate(connection)
    assert settings.account()
