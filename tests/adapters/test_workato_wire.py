"""What Workato's answers mean, in every form the documents show, and what a connection may say."""

import pytest
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections
from pipeforge.adapters.workato.client import path_prefix
from pipeforge.adapters.workato.kinds import DATA_CENTERS, WorkatoConnection
from pipeforge.adapters.workato.wire import Job, JobPage, Recipe, refusal_words
from pipeforge.errors import InDoubt, Rejected, Transient

TOKEN = "token-of-mine-" + "a1" * 10


def settings(**changed):
    given = {"vendor": "workato", "base_url": "http://workato/api", "api_token": TOKEN, **changed}
    return WorkatoConnection.model_validate({key: value for key, value in given.items() if value is not None})


def answering(status, body, headers=()):
    """A client of a vendor that answers everything so."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    return connections.connect("conn", settings(), app=app)


BACK_OFF = b'{ "message": "Recipe is currently in trigger back off mode till 2023-06-23T23:02" } }'


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, BACK_OFF, Transient),
        (429, BACK_OFF, Transient),
        (429, b"slow down", Transient),
        (429, b'{"message": "Not enough action quota"}', Rejected),
        (200, b'{"message": "Not enough transaction credit"}', Rejected),
        (200, b'{"success": false}', Rejected),
        (200, b'{"success": "true"}', InDoubt),
        (200, b"{}", InDoubt),
        (200, b"<html>", InDoubt),
        (200, b"", InDoubt),
        (400, b'{"message": "Trial has expired"}', Rejected),
        (404, b'{"success": false, "message": "Not Found"}', Rejected),
        (500, b'{"message": "Server error", "id": "1"}', InDoubt),
    ],
)
async def test_only_success_true_is_a_yes(status, body, error):
    client = answering(status, body)
    with pytest.raises(error) as caught:
        await client.poll_now(7)
    assert type(caught.value) is error or error is Rejected


@pytest.mark.anyio
@pytest.mark.parametrize(("retry_after", "wait"), [(b"77", 77.0), (None, 60.0)])
async def test_a_back_off_says_when_to_come_again(retry_after, wait):
    headers = [(b"retry-after", retry_after)] if retry_after else []
    with pytest.raises(Transient, match="2023-06-23T23:02") as caught:
        await answering(200, BACK_OFF, headers).poll_now(7)
    assert caught.value.retry_after == wait


@pytest.mark.anyio
async def test_the_vendors_words_are_redacted():
    with pytest.raises(Rejected) as caught:
        await answering(200, f'{{"message": "token {TOKEN} is odd"}}'.encode()).stop_recipe(7)
    assert TOKEN not in caught.value.message and "***" in caught.value.message


@pytest.mark.parametrize(
    ("job", "outcome"),
    [
        ({"status": "succeeded"}, Outcome.SUCCEEDED),
        ({"status": "failed"}, Outcome.FAILED),
        ({"status": "pending", "completed_at": "2024-01-01T00:00:00Z"}, None),
        ({"status": "canceled"}, Outcome.CANCELED),
        ({"status": "Cancelled"}, Outcome.CANCELED),
        ({"status": "aborted"}, Outcome.CANCELED),
        ({}, None),
        ({"completed_at": "2024-01-01T00:00:00Z"}, Outcome.SUCCEEDED),
        ({"completed_at": "2024-01-01T00:00:00Z", "is_error": True}, Outcome.FAILED),
        ({"status": "deferred"}, None),
        ({"status": "deferred", "completed_at": "2024-01-01T00:00:00Z"}, None),
        ({"status": "deferred", "completed_at": "2024-01-01T00:00:00Z", "is_error": True}, Outcome.FAILED),
        ({"status": "deferred", "completed_at": "not a time"}, None),
    ],
)
def test_every_word_of_a_job_has_a_meaning(job, outcome):
    assert Job.model_validate({"id": 1, **job}).outcome() is outcome


@pytest.mark.parametrize(
    ("job", "why"),
    [
        ({"error": "plain  text\nover lines"}, "plain text over lines"),
        ({"error": '{"message": "in a document"}'}, "in a document"),
        ({"error": {"message": "as an object"}}, "as an object"),
        ({"error": None, "error_parts": {"error_type": "X", "message": "from parts"}}, "from parts"),
        ({"error": None}, ""),
        ({"error": "x" * 9_000}, "x" * 9_000),
    ],
)
def test_a_jobs_error_is_text_whatever_it_came_as(job, why):
    assert Job.model_validate({"id": "j", **job}).why() == why


@pytest.mark.parametrize("wrap", [lambda r: r, lambda r: {"result": r}, lambda r: {"result": [r]}])
def test_a_recipe_is_found_in_every_wrapper(wrap):
    recipe = Recipe.model_validate(wrap({"id": "7", "running": True, "last_run_at": "soon", "new": {}}))
    assert (recipe.id, recipe.running, recipe.last_run_at) == (7, True, None)


@pytest.mark.parametrize(
    "body", [{"items": [{"id": 1}]}, {"jobs": [{"id": 1}]}, {"result": {"items": [{"id": 1}]}}, [{"id": 1}]]
)
def test_jobs_are_found_in_every_wrapper(body):
    assert [job.id for job in JobPage.model_validate(body).items] == ["1"]


@pytest.mark.parametrize("body", [{}, {"message": "hello"}, None, "text", {"items": None}])
def test_what_holds_no_jobs_is_not_read_as_no_jobs(body):
    with pytest.raises(ValidationError):
        JobPage.model_validate(body)


def test_a_refusal_is_never_lost_however_odd_its_details():
    many = [[number, [["label", None, "is wrong"]]] for number in range(9)]
    assert refusal_words({"code_errors": many}).endswith("and 4 more")
    for odd in ("text", 7, {"a": 1}, [7], [[1]], [[1, "text"]], [[1, [[]]]], [[1, [["a", "b"]]]]):
        assert refusal_words({"success": False, "config_errors": odd}).startswith("in its setup: ")
    running = {"success": False, "errors": {"running": ["can't modify running recipe"]}}
    assert "can't modify running recipe" in refusal_words(running)
    assert refusal_words(["no", "object"]) == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"data_center": "jp"},
        {"base_url": None},
        {"base_url": None, "data_center": "moon"},
        {"managed_user": {}},
        {"managed_user": {"id": 1, "external_id": "a"}},
        {"auth": "legacy"},
        {"user_email": "a@example.com"},
        {"api_token": ""},
    ],
)
def test_a_connection_says_one_thing_only(changed):
    with pytest.raises(ValidationError) as caught:
        settings(**changed)
    assert TOKEN not in str(caught.value)


def test_a_customer_is_named_in_the_path_and_data_centers_have_addresses():
    assert path_prefix(settings()) == ""
    assert path_prefix(settings(managed_user={"id": 91829})) == "/managed_users/91829"
    assert path_prefix(settings(managed_user={"external_id": "E5"})) == "/managed_users/EE5"
    for name, address in DATA_CENTERS.items():
        made = settings(data_center=name, base_url=None)
        assert made.address() == address and TOKEN not in repr(made)
    assert settings().limits_in_force().requests == (60, 60.0)
