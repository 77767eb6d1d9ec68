"""A job that a person found, as each kind takes it; and where each kind sends a person to look."""

import pytest

from pipeforge import adapters
from pipeforge.adapters import connections
from pipeforge.adapters.handles import SHAPES, whole
from pipeforge.adapters.pointing import named, number

SETTINGS = {
    "trocco": {"api_key": "key-of-trocco"},
    "treasure": {"api_key": "1/abcdef0123456789", "region": "aws-tokyo"},
    "workato": {"api_token": "token-of-workato", "data_center": "jp"},
    "krewdata": {
        "unit_id": "unit-of-krewdata",
        "serial_number": "serial-of-krewdata",
        "krewdata_app_url": "https://example.cybozu.com/k/9",
    },
    "reckoner": {"access_token": "pat_token"},
}
AT = "2026-01-31T00:00:00+00:00"
BASELINE = {
    "at": AT,
    "running": True,
    "scheduled": False,
    "ids": [],
    "job_count": 0,
    "succeeded": 0,
    "failed": 0,
    "last_run_at": None,
    "stopped_at": None,
    "stop_cause": None,
    "version_no": 1,
}
CASES = {
    "trocco.run_job": (
        {"job_definition_id": 5},
        {},
        "7",
        {"job_id": 7},
        "https://trocco.io/job_definitions/5",
    ),
    "trocco.run_workflow": (
        {"pipeline_definition_id": 5},
        {},
        "7",
        {"pipeline_job_id": 7, "pipeline_definition_id": 5},
        "https://trocco.io/pipeline_definitions/5",
    ),
    "treasure.run_workflow": (
        {"project": "p", "workflow": "w", "session_time": AT},
        {},
        "7",
        {"attempt_id": "7"},
        "https://console.treasuredata.co.jp/app/workflows",
    ),
    "reckoner.run_workflow": ({"workflow_id": 5}, {}, "7", {"workflow_id": 5, "job_id": 7}, ""),
    "krewdata.run_unit": (
        {"app_id": 5, "user": "u"},
        {"token": "sealed"},
        "t7",
        {"task_id": "t7", "token": "sealed"},
        "https://example.cybozu.com/k/9",
    ),
    "workato.poll_recipe": (
        {"recipe_id": 5},
        BASELINE,
        "j-7",
        {"recipe_id": 5, "named": "j-7"},
        "https://app.jp.workato.com/recipes/5",
    ),
    "workato.run_recipe": (
        {"recipe_id": 5},
        BASELINE,
        "j-7",
        {"recipe_id": 5, "named": "j-7"},
        "https://app.jp.workato.com/recipes/5",
    ),
    "workato.start_recipe": (
        {"recipe_id": 5},
        {"was_running": False},
        "5",
        {"recipe_id": 5, "was_running": False},
        "https://app.jp.workato.com/recipes/5",
    ),
    "workato.stop_recipe": (
        {"recipe_id": 5},
        {"was_running": True},
        "5",
        {"recipe_id": 5, "was_running": True, "drain": True},
        "https://app.jp.workato.com/recipes/5",
    ),
}
"""Parameters, evidence, what a person gives, what the handle holds, and the page to look at."""


def made(name):
    kind = adapters.kinds()[name]
    settings = adapters.connection_model(kind.vendor)(vendor=kind.vendor, **SETTINGS[kind.vendor])
    adapter = connections.adapter(kind, connections.connect("c", settings))
    return adapter, kind.params.model_validate(CASES[name][0])


@pytest.mark.parametrize("name", CASES)
def test_what_a_person_finds_becomes_the_handle(name):
    adapter, params = made(name)
    _, evidence, given, holds, _ = CASES[name]
    handle = adapter.handle_of(given, params, evidence)
    assert holds.items() <= dict(handle).items()
    as_mapping = adapter.handle_of({"id": given}, params, evidence)
    assert holds.items() <= dict(as_mapping).items()
    again = adapter.handle_of(handle, params, {} if "was_running" not in evidence else evidence)
    assert holds.items() <= dict(again).items()


@pytest.mark.parametrize("name", CASES)
def test_a_whole_handle_is_known_as_one_and_nothing_else_is(name):
    adapter, params = made(name)
    handle = dict(adapter.handle_of(CASES[name][2], params, CASES[name][1]))
    assert whole(name, handle) == handle
    keys = [key for key in CASES[name][3] if key != "named"]  # a watch names a job where a person did
    wrongs = [{}, {"job": 1}, {**handle, "more": 1}]
    wrongs += [{other: value for other, value in handle.items() if other != key} for key in keys]
    wrongs += [{**handle, key: wrong} for key in keys for wrong in (None, [], {"a": 1})]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"^('[\w.]+'|it has no '\w+')") as error:
            whole(name, wrong)
        assert "\n" not in str(error.value)


def test_every_kind_whose_jobs_a_person_can_point_at_tells_what_its_handle_holds():
    kinds = adapters.kinds()
    assert SHAPES.keys() <= kinds.keys()
    assert {name for name, kind in kinds.items() if kind.handle != "id"} <= SHAPES.keys()


def test_a_value_of_any_length_is_not_echoed_whole():
    digits = "9" * 5_000
    for given in (digits, {"id": digits}, {"pipeline_job_id": digits}):
        with pytest.raises(ValueError, match="it is no id"):
            number(given, "pipeline_job_id")
    for wrong in ({"job_id": digits}, {"job_id": int(digits[:4_000])}, {digits: 1}, {"job_id": 1, digits: 1}):
        with pytest.raises(ValueError, match=r"job_id|is not part of it") as error:
            whole("trocco.run_job", wrong)
        assert len(str(error.value)) < 200


def test_a_watch_of_another_recipe_is_no_job_of_the_step():
    adapter, params = made("workato.poll_recipe")
    handle = adapter.handle_of("j-7", params, BASELINE)
    with pytest.raises(ValueError, match="the step is about recipe 5"):
        adapter.handle_of({**handle, "recipe_id": 6}, params, BASELINE)
    with pytest.raises(ValueError, match="'settle': "):
        adapter.handle_of({**handle, "settle": "soon"}, params, BASELINE)


@pytest.mark.parametrize("name", CASES)
def test_the_page_to_look_at_holds_no_secret(name):
    adapter, params = made(name)
    assert adapter.link(params) == CASES[name][4]
    assert adapter.kind.handle != "id"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("given", ["", {}, {"job": 1}, None, True])
def test_what_is_no_job_is_refused(name, given):
    adapter, params = made(name)
    with pytest.raises(ValueError, match=r"it is no id|it has no '"):
        adapter.handle_of(given, params, CASES[name][1])


@pytest.mark.parametrize("region", ["aws", "eu01", "ap02"])
def test_the_console_stands_beside_the_api(region):
    model = adapters.connection_model("treasure")
    settings = model(vendor="treasure", api_key="1/abcdef0123456789", region=region)
    part = "" if region == "aws" else f"{region}."
    console = connections.connect("c", settings).console
    assert console == f"https://console.{part}treasuredata.com/app/workflows"


def test_ids_and_addresses():
    assert number(" 12 ") == number(12) == number("https://trocco.io/jobs/12/?x=1#log") == 12
    assert named("https://app.workato.com/recipes/5/job/j-Ab1?x") == "j-Ab1"
    for wrong in ("-1", "1.5", "j-1", "9" * 40):
        with pytest.raises(ValueError, match="is no number"):
            number(wrong)
