"""The arguments of `pipeforge call`: values by their types, and every wrong one named by its place."""

import json

import pytest

from pipeforge.adapters import kinds
from pipeforge.commands.assigning import assigned
from pipeforge.errors import UsageError
from pipeforge.language.templating import render

RUN, LIST = "trocco.run_job", "trocco.list_job_definitions"


def read(kind, *arguments):
    return assigned(kinds()[kind], arguments)


def refusal(kind, *arguments):
    with pytest.raises(UsageError) as caught:
        read(kind, *arguments)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "arguments", "params"),
    [
        (RUN, ["job_definition_id=5"], {"job_definition_id": 5}),
        (
            RUN,
            ["job_definition_id=5", "context_time=2024-05-01"],
            {"job_definition_id": 5, "context_time": "2024-05-01"},
        ),
        (
            RUN,
            ["job_definition_id=5", "custom_variables.$a$=1", "custom_variables.$b$=true"],
            {"job_definition_id": 5, "custom_variables": {"$a$": "1", "$b$": "true"}},
        ),
        (
            RUN,
            ["job_definition_id=5", 'custom_variables={"$a$": 1}'],
            {"job_definition_id": 5, "custom_variables": {"$a$": 1}},
        ),
        (LIST, ["name=123", "limit=3"], {"name": "123", "limit": 3}),
        (LIST, ['name="a b"'], {"name": "a b"}),
        (LIST, ["name=a=b"], {"name": "a=b"}),
        (LIST, ["name=@@home"], {"name": "@home"}),
        (LIST, ["name=null"], {"name": "null"}),
        (
            "workato.poll_recipe",
            ["recipe_id=7", "settle=60s", "ensure_running=true"],
            {"recipe_id": 7, "settle": "60s", "ensure_running": True},
        ),
        (
            "krewdata.run_unit",
            ["app_id=55", "user=batch", "record.n.type=NUMBER", 'record.n.value="1"'],
            {"app_id": "55", "user": "batch", "record": {"n": {"type": "NUMBER", "value": "1"}}},
        ),
    ],
)
def test_a_value_is_read_as_its_type_wants_it(kind, arguments, params):
    found = read(kind, *arguments)
    assert found == params
    kinds()[kind].params.model_validate(found)


@pytest.mark.parametrize(
    ("kind", "arguments", "message", "hint"),
    [
        (RUN, ["job_definitionid=5"], "argument 2, 'job_definitionid=5': unknown", "'job_definition_id'?"),
        (RUN, ["id=5"], "argument 2, 'id=5': 'id' is called 'job_definition_id' here", "job_definition_id=…"),
        (RUN, ["job_definition_id=x"], "wants a whole number, got text 'x'", "give a whole number"),
        (RUN, ["job_definition_id=1.5"], "wants a whole number, got 1.5", "give a whole number"),
        (RUN, [], "missing parameter 'job_definition_id'", "`pipeforge call trocco.run_job --help`"),
        (RUN, ["job_definition_id"], "argument 2, 'job_definition_id' is no parameter", "write name=value"),
        (RUN, ["=5"], "argument 2, '=5' is no parameter", "write name=value"),
        (RUN, ["a..b=5"], "argument 2, 'a..b=5' is no parameter", "write name=value"),
        (
            RUN,
            ["job_definition_id=1", "job_definition_id=2"],
            "argument 3, 'job_definition_id=2'",
            "keep one",
        ),
        (RUN, ["job_definition_id=1", "custom_variables.y=1"], "argument 3, 'custom_variables.y=1'", "$y$"),
        (RUN, ["job_definition_id=1", "time_zone=JST"], "argument 3, 'time_zone=JST'", "leave it out"),
        (LIST, ["cursor=x"], "argument 2, 'cursor=x'", "all pages are read"),
        (LIST, ["name=@none.json"], "cannot read 'none.json': no such file", "check the path"),
    ],
)
def test_a_wrong_argument_is_named_by_its_place_with_its_mend(kind, arguments, message, hint):
    error = refusal(kind, *arguments)
    assert message in error.message
    assert hint in error.hint


def test_all_that_is_wrong_is_told_at_once():
    told = refusal(RUN, "job_definition_id=x", "custom_variables.y=1", "memo=z").message
    assert told.startswith("3 things are wrong with this call of trocco.run_job")
    for number in (2, 3, 4):
        assert f"argument {number}, '" in told


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, '{"a":' * 5000, "\x1b[31mred\n"])
def test_what_is_made_to_hurt_is_refused_in_short_and_visible_words(text, tmp_path):
    error = refusal(RUN, f"job_definition_id={text}")
    assert len(error.message) < 300 and error.message.isprintable()
    path = tmp_path / "v.json"
    path.write_text(text, encoding="utf-8")
    assert "is not JSON" in refusal(RUN, "job_definition_id=1", f"custom_variables=@{path}").message


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("v.json", '{"$a$": 1}', {"$a$": 1}),
        ("v.yaml", "$a$: one\n", {"$a$": "one"}),
    ],
)
def test_a_value_may_come_from_a_file(tmp_path, name, text, value):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = read(RUN, "job_definition_id=1", f"custom_variables=@{path}")
    assert found["custom_variables"] == value


def test_a_file_of_another_ending_is_text(tmp_path):
    (tmp_path / "memo.txt").write_text("two\nlines", encoding="utf-8")
    found = read("trocco.run_datamart", "datamart_definition_id=1", f"memo=@{tmp_path / 'memo.txt'}")
    assert found["memo"] == "two\nlines"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("v.json", b'{"a":\n1,}', "line 2 is not JSON"),
        ("v.json", b"\xff\xfe", "it is no UTF-8 text"),
        ("v.yaml", b"a: [1\n", "line "),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_place(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    error = refusal(RUN, "job_definition_id=1", f"custom_variables=@{path}")
    assert error.message.startswith("argument 3, 'custom_variables=@") and said in error.message


def test_paths_are_meant_from_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read("treasure.push_project", "project=p", "folder=flows")["folder"] == str(tmp_path / "flows")


@pytest.mark.parametrize(
    "given", ["code=@recipe.json", 'code={"file": "recipe.json"}', "code.file=recipe.json"]
)
def test_what_a_pipeline_takes_from_a_file_beside_it_is_taken_from_one_here(tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    code = {
        "number": 0,
        "keyword": "trigger",
        "provider": "clock",
        "name": "${{ t }}",
        "uuid": "u",
        "block": [],
    }
    (tmp_path / "recipe.json").write_text(json.dumps(code), encoding="utf-8")
    assert render(read("workato.create_recipe", "name=mail", given)["code"], {}) == code
