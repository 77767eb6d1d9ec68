"""`pipeforge import`: what there is at a vendor becomes a pipeline that lints clean, is planned, and runs."""

import json

import pytest
from ruamel.yaml import YAML

from pipeforge.adapters.calls import decode
from pipeforge.language.templating import render

WORLD = {
    "trocco": {
        "job_definitions": {
            1201: {"name": "orders", "custom_variables": [{"name": "$region$", "value": "jp: east"}]},
            1202: {"name": "客"},
        },
        "pipeline_definitions": {
            310: {
                "name": "Nightly load ${{ x }}",
                "schedules": [{"hour": 3}],
                "max_retries": 2,
                "tasks": [
                    {"type": "trocco_transfer", "definition_id": 1201, "name": "Load: orders"},
                    {"type": "trocco_bigquery_data_check", "name": "check\nrows"},
                    {"type": "trocco_transfer", "definition_id": 1202, "name": "顧客　マスタ"},
                    {"type": "trocco_bigquery_datamart", "definition_id": 5, "name": "Load: orders"},
                    {"type": "trocco_pipeline", "definition_id": 311, "name": "true"},
                ],
                "task_dependencies": [
                    {"source": 1, "destination": 2},
                    {"source": 2, "destination": 4},
                    {"source": 3, "destination": 4},
                ],
            },
            311: {},
        },
        "datamart_definitions": {5: {}},
    },
    "reckoner": {
        "workflows": {
            42: {
                "name": "Clean stores",
                "parameters": [
                    "store",
                    {"name": "zone", "value": "jp: east"},
                    {"name": "password", "value": "h1dden-value", "is_secret": True},
                ],
            },
            43: {"name": "Clean stores"},
        }
    },
    "treasure": {"projects": {"sales": {"workflows": {"build_mart": None, "report": None}}}},
    "workato": {"recipes": {1389: {"name": "Send mail"}}},
}


@pytest.fixture
def project(shell):
    shell.write("world.yaml", WORLD)
    return shell


def imported(project, *words):
    done = project("import", *words, "--emulate", "--world", "world.yaml")
    assert done.code == 0, done.err
    return done


def read(project, name):
    return YAML(typ="safe").load((project.folder / name).read_text(encoding="utf-8"))


CASES = [
    (("trocco", "310"), "nightly_load_x.yaml", 4),
    (("reckoner", "42"), "clean_stores.yaml", 1),
    (("reckoner", "42", "43"), "reckoner_workflows.yaml", 2),
    (("treasure", "sales", "build_mart", "report"), "sales.yaml", 2),
    (("workato", "1389"), "send_mail_deployment.yaml", 1),
]


@pytest.mark.parametrize(("words", "name", "steps"), CASES, ids=[" ".join(words) for words, _, _ in CASES])
def test_the_way_round(project, words, name, steps):
    """Imported, linted, planned, and run on emulators that hold the same world."""
    told = imported(project, *words)
    assert told.err.startswith(f"wrote '{name}' with {steps} step")
    assert project("lint", name, "--select", "PF0,PF1,PF2,PF3,PF4,PF5").err == "no findings in 1 file\n"
    plan = project("plan", name, "--format", "json")
    assert len(json.loads(plan.out)["steps"]) == steps
    ran = project("run", name, "--emulate", "--world", "world.yaml")
    assert ran.code == 0, ran.err


def test_the_tasks_of_a_trocco_workflow_are_steps_with_their_order(project):
    imported(project, "trocco", "310")
    found = read(project, "nightly_load_x.yaml")
    steps = found["steps"]
    assert list(steps) == ["load_orders", "顧客_マスタ", "load_orders_2", "true"]
    assert [step["uses"] for step in steps.values()] == [
        "trocco.run_job",
        "trocco.run_job",
        "trocco.run_datamart",
        "trocco.run_workflow",
    ]
    assert steps["load_orders_2"]["needs"] == ["load_orders", "顧客_マスタ"]  # through the check between
    text = project.folder.joinpath("nightly_load_x.yaml").read_text(encoding="utf-8")
    assert '#   $region$: "jp: east"' in text
    assert "task 2 'check rows' (trocco_bigquery_data_check)" in text
    assert "switch that off" in text


def test_a_reckoner_workflow_shows_what_is_inside_and_no_secret(project):
    imported(project, "reckoner", "42")
    text = project.folder.joinpath("clean_stores.yaml").read_text(encoding="utf-8")
    assert "# Inside:" in text
    assert "password" in text
    assert "h1dden-value" not in text
    assert read(project, "clean_stores.yaml")["steps"]["clean_stores"]["with"] == {
        "workflow_id": 42,
        "parameters": {"store": ""},
    }


def test_a_recipe_keeps_its_lines_in_a_file(project):
    imported(project, "workato", "1389")
    given = read(project, "send_mail_deployment.yaml")["steps"]["send_mail"]["with"]
    assert isinstance(json.loads((project.folder / given["code"]["file"]).read_text()), dict)


def test_connections_of_the_project_are_used_and_named_where_there_are_two(project):
    one = {"vendor": "reckoner", "access_token": "${{ secrets.TOKEN }}"}
    project.write(
        "pipeforge.yaml", {"connections": {"a": one, "b": {**one, "access_token": "${{ secrets.B }}"}}}
    )
    assert project("import", "reckoner", "42", "--emulate").code == 2
    imported(project, "reckoner", "42", "--connection", "b")
    found = read(project, "clean_stores.yaml")
    assert "connections" not in found
    assert found["steps"]["clean_stores"]["connection"] == "b"


RECORD = {
    "Record Number": {"type": "RECORD_NUMBER", "value": "1"},
    "日付": {"type": "DATE", "value": "2026-01-02"},
}


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_kintone_record(project, wrapped):
    project.folder.joinpath("arrival.json").write_text(json.dumps({"record": RECORD} if wrapped else RECORD))
    done = project("import", "kintone", "arrival.json", "--app-id", "55", "--user", "batch")
    assert done.code == 0, done.err
    assert read(project, "arrival.yaml")["records"] == {"arrival": RECORD}
    assert project("lint", "arrival.yaml").code == 0
    assert project("run", "arrival.yaml", "--emulate").code == 0


BAD = [
    (("trocco", "nightly"), "a trocco workflow is named by its number"),
    (("trocco", "9"), "Not Found"),
    (("reckoner", "x"), "named by their numbers"),
    (("treasure", "sale"), "no project 'sale'"),
    (("treasure", "sales", "marts"), "has no workflow 'marts'"),
    (("kintone", "r.json"), "imported for an app and a user"),
    (("kintone", "nope.json", "--app-id", "1", "--user", "u"), "nope.json"),
    (("kintone", "bad.json", "--app-id", "1", "--user", "u"), "is no kintone record: n"),
    (("kintone", "torn.json", "--app-id", "1", "--user", "u"), "is no JSON"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[" ".join(words) for words, _ in BAD])
def test_what_cannot_be_imported_is_told_and_nothing_written(project, words, message):
    project.folder.joinpath("bad.json").write_text('{"n": {"type": "NUMBR", "value": "1"}}')
    project.folder.joinpath("torn.json").write_text("{")
    before = sorted(path.name for path in project.folder.glob("*.yaml"))
    done = project("import", *words, "--emulate")
    assert done.code in (1, 2)
    assert message.lower() in done.err.lower(), done.err
    assert "internal error" not in done.err
    assert sorted(path.name for path in project.folder.glob("*.yaml")) == before


def test_a_file_that_is_there_is_kept_unless_forced(project):
    imported(project, "reckoner", "42")
    kept = project("import", "reckoner", "42", "--emulate")
    assert (kept.code, "is there already" in kept.err) == (2, True)
    imported(project, "reckoner", "42", "--force")
    printed = project("import", "reckoner", "42", "--emulate", "--stdout")
    assert printed.out == project.folder.joinpath("clean_stores.yaml").read_text(encoding="utf-8")


NASTY = [
    "a\nb: c\n- d",
    "\u0000\u0007\u001b[31mred",
    "${{ secrets.X }}",
    "${{ context_time }}",
    "${{",
    "a # c",
    "true",
    "1e3",
    "---",
    "\u2028line",
    "\u007fdel\u009f",
    "\ufeffbom",
    "\ufffe",
    "\u202eturned",
    " lead",
    "trail ",
    "🎉 party",
    "..",
    "../../x",
    "全角：コロン\u3000空白",
    "か\u3099",
    'it\'s "q" \\n',
    "\t",
    "x" * 10_000,
    "長" * 200,
    "①",
    "- item",
    "!tag",
]
"""Names as vendors may have them."""


def test_whatever_a_vendor_calls_things_the_pipeline_says_the_same(project):
    tasks = [{"type": "trocco_transfer", "definition_id": 1201, "name": name} for name in NASTY]
    odd = [{"type": name, "definition_id": 1201, "name": name} for name in NASTY]
    values = [{"name": f"$v{at}$", "value": name} for at, name in enumerate(NASTY)]
    named = [{"name": name, "value": name} for name in NASTY]
    world = {
        "trocco": {
            "job_definitions": {1201: {"custom_variables": values}},
            "pipeline_definitions": {
                300: {"name": NASTY[0], "tasks": tasks + odd},
            },
        },
        "reckoner": {
            "workflows": {at: {"name": name, "parameters": named} for at, name in enumerate(NASTY, 1)}
        },
        "treasure": {"projects": {NASTY[0]: {"workflows": dict.fromkeys(NASTY)}}},
        "workato": {"recipes": {at: {"name": name} for at, name in enumerate(NASTY, 1)}},
    }
    project.write("world.yaml", _quoted(world))
    for words in (
        ["trocco", "300"],
        ["treasure", NASTY[0]],
        ["reckoner", *map(str, range(1, len(NASTY) + 1))],
    ):
        done = project("import", *words, "-o", f"{words[0]}.yaml", "--emulate")
        assert (done.code, "\n\n" in done.err) == (0, False), done.text
        assert project("plan", f"{words[0]}.yaml").code == 0
    names = _rendered(project, "treasure.yaml", "workflow")
    assert names == sorted(NASTY)
    done = project("import", "workato", *map(str, range(1, len(NASTY) + 1)), "--emulate")
    assert done.code == 0, done.text
    short = [name if len(name) <= 255 else f"{name[:254]}…" for name in NASTY]
    assert _rendered(project, "recipes.yaml", "name") == sorted(short)


def _rendered(project, file, parameter):
    steps = YAML(typ="safe").load(project.folder / file)["steps"].values()
    return sorted(str(render(step["with"][parameter], {})) for step in steps)


def _quoted(value):
    """As YAML that a world is written in: what is not printed stands escaped."""
    if isinstance(value, dict):
        pairs = [f"? {_quoted(key)}\n: {_quoted(inner)}" for key, inner in value.items()]
        return "{" + ", ".join(pair.replace("\n", " ") for pair in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    return (
        '"' + "".join(one if one.isalnum() and one.isascii() else f"\\U{ord(one):08x}" for one in value) + '"'
    )


@pytest.mark.parametrize("stem", ["my-record", "2024 stores", "全角　名"])
def test_a_kintone_record_is_named_as_a_template_can(project, stem):
    record = {"名": {"type": "SINGLE_LINE_TEXT", "value": "${{ secrets.X }}\n\x07"}}
    project.write(f"{stem}.json", json.dumps(record))
    done = project("import", "kintone", f"{stem}.json", "--app-id", "55", "--user", "b", "-o", "p.yaml")
    assert done.code == 0, done.text


def test_a_record_that_nobody_can_read_is_told(project):
    project.write("deep.json", "[" * 100_000)
    done = project("import", "kintone", "deep.json", "--app-id", "55", "--user", "b")
    assert (done.code, "'deep.json' is no JSON" in done.err) == (2, True), done.text


def test_a_workflow_of_which_nothing_can_be_run_is_told(project):
    project.write(
        "world.yaml", {"trocco": {"pipeline_definitions": {310: {"tasks": [{"type": "http_request"}]}}}}
    )
    done = project("import", "trocco", "310", "--emulate")
    assert (done.code, "pipeline_definition_id: 310" in done.err) == (2, True), done.text
    assert not project.folder.joinpath("workflow_310.yaml").exists()


def test_settings_that_do_not_go_together_are_told(project, monkeypatch):
    monkeypatch.setenv("TD", "key-of-td")
    td = {
        "vendor": "treasure",
        "api_key": "${{ secrets.TD }}",
        "region": "aws",
        "base_url": "http://127.0.0.1:9",
    }
    project.write("pipeforge.yaml", {"connections": {"td": td}})
    done = project("import", "treasure", "sales")
    assert done.code == 2, done.text
    assert done.err.startswith("error: connection 'td': its settings: ")


def test_an_answer_that_nests_without_end_is_none_we_can_read():
    assert decode(b"[" * 100_000) is None


def test_a_name_that_no_recipe_may_have_is_shortened_and_said(project):
    long = "Sends " + "very " * 60 + "long mails"
    project.write("world.yaml", {"workato": {"recipes": {1: {"name": long}, 2: {"name": "x" * 255}}}})
    done = project("import", "workato", "1", "2", "-o", "p.yaml", "--emulate")
    assert (done.code, "PF" in done.err) == (0, False), done.text
    text = (project.folder / "p.yaml").read_text()
    assert _rendered(project, "p.yaml", "name") == [f"{long[:254].rstrip()}…", "x" * 255]
    assert text.count("longer than 255 characters") == 1
    assert project("lint", "p.yaml").code == 0


def test_projects_and_workflows_may_be_called_by_digits_alone(project):
    project.write("world.yaml", {"treasure": {"projects": {"2024": {"workflows": {"7": None, "007": None}}}}})
    done = project("import", "treasure", "2024", "-o", "p.yaml", "--emulate")
    assert (done.code, "PF" in done.err) == (0, False), done.text
    assert _rendered(project, "p.yaml", "project") == ["2024", "2024"]
    assert _rendered(project, "p.yaml", "workflow") == ["007", "7"]
    assert project("lint", "--online", "--emulate", "p.yaml").code == 0
    assert project("run", "p.yaml", "--emulate").code == 0
    assert project("import", "treasure", "007", "--stdout", "--emulate").code == 2


def test_no_pipeline_is_left_without_the_files_that_it_names(project):
    project.write("recipes", "a file where the folder would be")
    done = project("import", "workato", "1389", "-o", "p.yaml", "--emulate")
    assert (done.code, "recipes" in done.err) == (2, True), done.text
    assert not (project.folder / "p.yaml").exists()
