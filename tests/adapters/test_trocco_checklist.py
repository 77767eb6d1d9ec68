"""trocco's checklist, a test for each line: what leaves us, byte for byte, and what the emulator answers."""

import pytest
from emulated import emulated, settle, watched
from operations_trocco import SETTINGS

from pipeforge.adapter import Outcome
from pipeforge.adapters import connections, kinds
from pipeforge.adapters.trocco.wire import STATUS

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-load-1"
FORM = "application/x-www-form-urlencoded"


class Wire:
    """What passes between our client and the emulator."""

    def __init__(self, there):
        self.requests, self._app = [], there.app
        self.there = there
        self.client = connections.connect("conn", there.settings, app=self)

    async def __call__(self, scope, receive, send):
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        body, messages, more = b"", [], True
        while more:
            message = await receive()
            messages.append(message)
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["path"].removeprefix("/trocco")
        query = scope["query_string"].decode()
        self.requests.append((scope["method"], path, query, headers, body.decode()))
        left = iter(messages)

        async def again():
            return next(left)

        await self._app(scope, again, send)

    def adapter(self, kind):
        return connections.adapter(kinds()[kind], self.client)

    async def run(self, kind, **params):
        adapter = self.adapter(kind)
        handle, _ = await settle(adapter, adapter.kind.params.model_validate(params), KEY)
        return await watched(adapter, handle)

    async def ask(self, kind, **params):
        adapter = self.adapter(kind)
        given = adapter.kind.params.model_validate(params)
        return (await adapter.observe(await adapter.trigger(given, KEY, {}))).outputs

    def sent(self, method, path):
        return next(one for one in self.requests if one[:2] == (method, path))


@pytest.fixture
async def wire():
    async with emulated("trocco", {}, **SETTINGS) as there:
        wire = Wire(there)
        yield wire
        await wire.client.aclose()


async def test_post_api_jobs_with_context_time_and_custom_variables(wire):
    given = {"$ad_id$": "A0000", "$b$": "1 & 2"}
    await wire.run(
        "trocco.run_job", job_definition_id=5, context_time="2019-11-18 00:00:00", custom_variables=given
    )
    _, _, query, headers, body = wire.sent("POST", "/api/jobs")
    assert (query, headers["content-type"]) == ("job_definition_id=5", FORM)
    assert body == (
        "context_time=2019-11-18+00%3A00%3A00&time_zone=Asia%2FTokyo"
        "&custom_variables%5B%5D%5Bname%5D=%24ad_id%24&custom_variables%5B%5D%5Bvalue%5D=A0000"
        "&custom_variables%5B%5D%5Bname%5D=%24b%24&custom_variables%5B%5D%5Bvalue%5D=1+%26+2"
    )
    [job] = await wire.there.jobs()
    assert job["custom_variables"] == [{"name": name, "value": value} for name, value in given.items()]


async def test_get_api_jobs_id(wire):
    seen, words, _ = await wire.run("trocco.run_job", job_definition_id=5)
    _, _, query, _, body = wire.sent("GET", "/api/jobs/1")
    assert (query, body) == ("", "")
    assert (seen.outcome, words[-1]) == (Outcome.SUCCEEDED, "succeeded")
    assert {"id", "job_definition_id", "job_definition_name", "status", "created_at"} <= seen.outputs.keys()


async def test_post_api_pipeline_jobs_which_take_no_custom_variables(wire):
    await wire.run("trocco.run_workflow", pipeline_definition_id=9, context_time="2019-11-18 00:00:00")
    _, _, query, headers, body = wire.sent("POST", "/api/pipeline_jobs")
    assert (query, headers["content-type"]) == ("pipeline_definition_id=9", FORM)
    assert body == "context_time=2019-11-18+00%3A00%3A00&time_zone=Asia%2FTokyo"
    assert "custom_variables" not in kinds()["trocco.run_workflow"].params.model_fields


async def test_get_api_pipeline_jobs_id(wire):
    seen, _, _ = await wire.run("trocco.run_workflow", pipeline_definition_id=9)
    assert wire.sent("GET", "/api/pipeline_jobs/1")[2:5:2] == ("", "")
    keys = {"id", "pipeline_definition_id", "name", "status", "created_at", "started_at", "context_time"}
    assert keys <= seen.outputs.keys() and seen.outputs["name"] == "workflow 9"


async def test_authorization_token_on_each(wire):
    await wire.run("trocco.run_job", job_definition_id=5)
    await wire.run("trocco.run_workflow", pipeline_definition_id=9)
    await wire.run("trocco.run_datamart", datamart_definition_id=3)
    await wire.ask("trocco.list_job_definitions")
    assert {headers["authorization"] for _, _, _, headers, _ in wire.requests} == {
        f"Token {SETTINGS['api_key']}"
    }
    assert len(wire.requests) >= 6


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.capitalize])
@pytest.mark.parametrize(
    "word",
    ["queued", "setting_up", "executing", "interrupting", "succeeded", "error", "canceled", "skipped"],
)
async def test_the_eight_statuses_in_any_case(wire, word, spell):
    adapter = wire.adapter("trocco.run_job")
    handle, _ = await settle(adapter, adapter.kind.params(job_definition_id=5), KEY)
    await wire.there.fault(do="unknown_status", word=spell(word))
    seen = await adapter.observe(handle)
    assert (seen.outcome, seen.warning) == (STATUS[word], "")


async def test_beside_the_seed_the_job_list_of_a_definition(wire):
    await wire.run("trocco.run_job", job_definition_id=5)
    jobs = (await wire.ask("trocco.list_jobs", job_definition_id=5))["jobs"]
    assert [job["id"] for job in jobs] == [1]
    assert wire.requests[-1][:3] == ("GET", "/api/job_definitions/5/jobs", "limit=100")


@pytest.mark.parametrize(
    ("kind", "params", "asked"),
    [
        ("trocco.list_job_definitions", {"name": "a b"}, ("/api/job_definitions", "name=a+b&limit=100")),
        ("trocco.get_job_definition", {"job_definition_id": 1}, ("/api/job_definitions/1", "")),
        ("trocco.list_workflow_definitions", {"limit": 7}, ("/api/pipeline_definitions", "limit=7")),
        (
            "trocco.get_workflow_definition",
            {"pipeline_definition_id": 1},
            ("/api/pipeline_definitions/1", ""),
        ),
    ],
)
async def test_beside_the_seed_the_definitions(wire, kind, params, asked):
    assert await wire.ask(kind, **params)
    assert wire.requests[-1][:3] == ("GET", *asked)


async def test_beside_the_seed_data_mart_jobs_in_one_json_body(wire):
    await wire.run("trocco.run_datamart", datamart_definition_id=3, memo="m")
    _, _, query, headers, body = wire.sent("POST", "/api/datamart_jobs")
    assert (query, body) == ("", '{"datamart_definition_id":3,"memo":"m"}')
    assert headers["content-type"].startswith("application/json")
