"""What is made of single answers: stages, answers given word for word, masks, and the file of it all."""

import json
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeforge.adapters.calls import Call, Reply
from pipeforge.adapters.verdicts import Happened, sort_answer
from pipeforge.commands.worlds import numbered
from pipeforge.emulators.server import build
from pipeforge.emulators.world import World
from pipeforge.language.document import parse
from pipeforge.recording.answers import scrubbed
from pipeforge.recording.stages import Look, went
from pipeforge.recording.tape import Tape
from pipeforge.recording.writing import yaml
from pipeforge.redaction import Redactor


def heard(vendor, *exchanges, unit=""):
    """The world of answers (method, path and query, what was sent, status, body), each a second later."""
    times = iter(range(1_000_000))
    tape = Tape(clock=lambda: float(next(times)))
    witness = tape.witness(vendor, unit)
    for method, place, sent, status, body in exchanges:
        path, _, query = place.partition("?")
        pairs = [tuple(each.split("=")) for each in query.split("&")] if query else ()
        content = b"" if body is None else json.dumps(body).encode()
        happened = sort_answer(status, readable=True, own=isinstance(body, dict)) if status else body
        reply = Reply(status, {}, content, body) if status else None
        witness(Call(method, path, pairs, json=sent), happened, reply)
    world = tape.world([])
    build(World.read(numbered(parse(Path("w.yaml"), yaml(world)).data)))
    return world


def test_stages_last_from_the_first_look_that_shows_them_to_the_next():
    looks = [
        Look(1.0, "queued"),
        Look(3.0, "queued"),
        Look(4.5, "running"),
        Look(9.0, "done"),
        Look(9.5, "done"),
    ]
    assert went(0.0, looks, {"done"}, "new") == ([{"queued": 4.5}, {"running": 4.5}], "done", 9.0)
    assert went(0.0, looks[:3], {"done"}, "new") == ([{"queued": 4.5}, {"running": inf}], None, inf)
    assert went(2.0, looks[3:], {"done"}, "new") == ([{"new": 7.0}], "done", 7.0)
    assert went(0.0, [], {"done"}, "new") == ([{"new": inf}], None, inf)


def test_a_refusal_is_given_again_to_the_same_request_alone():
    run = "/jobs?job_definition_id="
    refusal = {"error": "この設定は実行できません"}
    world = heard(
        "trocco",
        ("POST", run + "7", None, 200, {"id": 1}),
        ("POST", run + "8", None, 403, refusal),
        ("POST", run + "7", None, 403, refusal),
        ("POST", run + "7", None, 200, {"id": 2}),
        ("POST", run + "7", None, 429, {"error": "later"}),
        ("POST", run + "7", None, 502, {"error": "weather"}),
    )
    fault = {"vendor": "trocco", "route": "POST /api/jobs", "do": "answer", "status": 403, "body": refusal}
    seven = {"when": {"job_definition_id": "7"}}
    assert world["faults"] == [
        {**fault, **seven, "nth": 2},
        {**fault, **seven, "status": 429, "body": {"error": "later"}, "nth": 4},
        {**fault, **seven, "status": 502, "body": {"error": "weather"}, "nth": 5},
        {**fault, "when": {"job_definition_id": "8"}},
    ]
    assert len(world["trocco"]["job_definitions"]["7"]["course"]) == 2


def test_answers_that_change_are_given_in_their_order_and_the_last_goes_on():
    ask = ("GET", "/workflows/5", None, 200)
    rows = [{"name": name} for name in "aabbcd"]
    world = heard("reckoner", *[(*ask, row) for row in rows])
    assert [(fault.pop("body")["name"], counted(fault)) for fault in world["faults"]] == [
        ("a", {"first": 2}),
        ("b", {"since": 3, "until": 4}),
        ("c", {"nth": 5}),
        ("d", {"since": 6}),
    ]


def counted(fault):
    return {key: fault[key] for key in ("nth", "first", "since", "until") if key in fault}


def test_questions_with_other_filters_are_other_questions_but_pages_are_not():
    listed = ("GET", "/workflows/projects/1?limit=100&page=")
    world = heard(
        "reckoner",
        (listed[0], listed[1] + "1", None, 200, {"total": 2, "workflows": [{"id": 1}]}),
        (listed[0], listed[1] + "2", None, 200, {"total": 2, "workflows": [{"id": 2}]}),
        (listed[0], listed[1] + "1&search_words=x", None, 200, {"total": 0, "workflows": []}),
    )
    assert [(fault.get("when"), counted(fault)) for fault in world["faults"]] == [
        (None, {"nth": 1}),
        (None, {"since": 2}),
        ({"search_words": "x"}, {}),
    ]


@pytest.mark.parametrize("vendor", ["trocco", "treasure", "workato", "krewdata", "reckoner"])
@pytest.mark.parametrize(
    "body", [None, [], {}, {"id": None}, {"id": {}}, "text", {"id": 5, "status": [1], "tasks": 3}]
)
def test_answers_in_forms_that_nobody_expects_end_no_recording(vendor, body):
    paths = {
        "trocco": ("/jobs", "/jobs/5"),
        "treasure": ("/api/attempts", "/api/attempts/5"),
        "workato": ("/recipes/5/start", "/recipes/5/jobs"),
        "krewdata": ("/run", "/status"),
        "reckoner": ("/workflows/5/run", "/workflows/5/jobs/5"),
    }[vendor]
    method = {"treasure": "PUT", "workato": "PUT"}.get(vendor, "POST")
    look = "POST" if vendor == "krewdata" else "GET"
    heard(vendor, (method, paths[0], {}, 200, body), (look, paths[1], None, 200, body))


def test_what_stands_under_a_name_that_sounds_of_a_secret_is_masked():
    told = {"access_token": "x", "webhooks": ["https://a/b"], "auth": {"client_secret": {"id": "y", "n": 1}}}
    assert scrubbed({**told, "is_secret": True, "name": "z", "password": ""}) == {
        "access_token": "***",
        "webhooks": ["***"],
        "auth": {"client_secret": {"id": "***", "n": 1}},
        "is_secret": True,
        "name": "z",
        "password": "",
    }


def test_a_secret_that_was_learned_on_the_way_is_masked_at_the_end():
    tape, redactor = Tape(), Redactor()
    body = {"name": "a one-shot-123456", "id": 5}
    tape.witness("reckoner")(Call("GET", "/workflows/5"), Happened.ANSWERED, Reply(200, {}, b"x", body))
    redactor.learn("one-shot-123456")
    assert "one-shot" not in json.dumps(tape.world([redactor]))


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["true", "null", "1", "1e3", ".inf", "~", "- a", "a: b", "#", "日本 語"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(0, 1e6, allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.dictionaries(TEXTS, JSON, max_size=3))
def test_the_file_is_read_as_it_was_written(value):
    document = parse(Path("w.yaml"), yaml(value))
    assert not document.faults
    assert (document.data or {}) == value
