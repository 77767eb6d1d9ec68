"""Reckoner's operations beside the run, by the names of its own document: every question and every change."""

import json

import pytest
from emulated import emulated
from operations_reckoner import HOOK, SETTINGS, WORLD
from pydantic import ValidationError

from pipeforge.adapter import Outcome
from pipeforge.adapters import kinds
from pipeforge.adapters.reckoner.wire import PATHS
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-ask-1"
ACCESS = SETTINGS["access_token"]
REFRESH = "prt_0123456789abcdef"
ERRORS = {
    "unauthorized": ("UNAUTHORIZED", "the credential is not accepted"),
    "token_expired": ("TOKEN_EXPIRED", ""),
    "token_invalid": ("TOKEN_INVALID", ""),
    "token_revoked": ("TOKEN_REVOKED", ""),
    "forbidden": ("FORBIDDEN", "the credential may not do this"),
    "feature_not_available": ("FEATURE_NOT_AVAILABLE", ""),
    "not_found": ("NOT_FOUND", ""),
}
"""The documented refusals of every operation that reads, by the emulator's name for them."""
READS = {
    "getWorkflowJob": ("reckoner.get_job", {"workflow_id": 7, "job_id": 1001}),
    "listWorkflowJobs": ("reckoner.list_jobs", {"workflow_id": 7}),
    "getWorkflow": ("reckoner.get_workflow", {"workflow_id": 7}),
    "listWorkflows": ("reckoner.list_workflows", {"project_id": 1}),
    "exportWorkflow": ("reckoner.export_workflow", {"workflow_id": 7}),
    "listIntegrations": ("reckoner.list_integrations", {"project_id": 1}),
}
CANCEL = {"workflow_id": 7, "job_id": 1002}
DELETE = {"project_id": 1, "service": "mysql", "integration_id": 42294, "confirm": "orders (old)"}
CHANGES = {
    "cancelWorkflowJobs": ("reckoner.cancel_job", CANCEL),
    "deleteIntegration": ("reckoner.delete_integration", DELETE),
}


def opened(settings=None, **world):
    return emulated("reckoner", {**WORLD, **world}, **{**SETTINGS, **(settings or {})})


async def asked(there, kind, **params):
    """What a question finds."""
    adapter = there.adapter(kind)
    handle = await adapter.trigger(kinds()[kind].params.model_validate(params), KEY, {})
    return await adapter.observe(json.loads(json.dumps(handle)))


async def found(there, kind, **params):
    seen = await asked(there, kind, **params)
    assert seen.outcome is Outcome.SUCCEEDED, seen.detail
    kinds()[kind].outputs.model_validate_json(json.dumps(dict(seen.outputs)))
    return seen.outputs


async def changed(there, kind, **params):
    adapter, given = there.adapter(kind), kinds()[kind].params.model_validate(params)
    handle = await adapter.trigger(given, KEY, await adapter.prepare(given))
    return (await adapter.observe(handle)).outputs


def test_every_operation_of_the_checklist_has_a_kind():
    assert {*READS, *CHANGES, "runWorkflow", "authTokenRefresh"} == set(PATHS)


@pytest.mark.parametrize("operation", [*READS, *CHANGES])
async def test_it_asks_the_path_of_its_operation(operation):
    kind, params = {**READS, **CHANGES}[operation]
    async with opened() as there:
        await (changed if operation in CHANGES else found)(there, kind, **params)
        method, _, path = PATHS[operation].partition(" ")
        places = {**params, "service": "mysql"}
        assert await there.calls(method, path.format(**places))


@pytest.mark.parametrize("fault", ERRORS)
@pytest.mark.parametrize("operation", READS)
async def test_a_documented_error_of_a_question_fails_it_with_its_code(operation, fault):
    kind, params = READS[operation]
    async with opened() as there:
        await there.fault(do=fault)
        seen = await asked(there, kind, **params)
        code, hint = ERRORS[fault]
        assert seen.outcome is Outcome.FAILED and code in seen.detail and hint in seen.detail


@pytest.mark.parametrize("fault", ["rate_limited", "server_error"])
@pytest.mark.parametrize("operation", READS)
async def test_rate_limit_exceeded_and_internal_server_error_are_asked_again(operation, fault):
    kind, params = READS[operation]
    async with opened() as there:
        await there.fault(do=fault, first=4)
        with pytest.raises(Transient, match=r"RATE_LIMIT_EXCEEDED|INTERNAL_SERVER_ERROR"):
            await asked(there, kind, **params)
        await there.clear_faults()
        await found(there, kind, **params)


@pytest.mark.parametrize("fault", [*ERRORS, "subscription_inactive"])
@pytest.mark.parametrize("operation", CHANGES)
async def test_a_documented_error_of_a_change_is_final(operation, fault):
    kind, params = CHANGES[operation]
    async with opened() as there:
        await there.fault(route="PUT *" if operation == "cancelWorkflowJobs" else "DELETE *", do=fault)
        with pytest.raises(Rejected) as caught:
            await changed(there, kind, **params)
        assert {**ERRORS, "subscription_inactive": ("SUBSCRIPTION_INACTIVE", "")}[fault][0] in str(
            caught.value
        )


@pytest.mark.parametrize("operation", CHANGES)
async def test_an_inactive_subscription_reads_and_does_not_change(operation):
    kind, params = CHANGES[operation]
    async with opened(subscription_active=False) as there:
        with pytest.raises(Rejected, match="SUBSCRIPTION_INACTIVE"):
            await changed(there, kind, **params)
        assert (await found(there, *READS["listIntegrations"][:1], project_id=1))["integrations"]


async def test_get_workflow_job_tells_trigger_times_and_errors():
    async with opened() as there:
        job = await found(there, "reckoner.get_job", workflow_id=7, job_id=1001)
        assert (job["status"], job["trigger"]) == ("FAILED", "scheduled")
        assert job["started_at"] < job["ended_at"] and job["errors"][0]["message"] == "the task failed"
        job = await found(there, "reckoner.get_job", workflow_id=7, job_id=1002)
        assert (job["status"], job["ended_at"], job["errors"]) == ("RUNNING", None, [])
        seen = await asked(there, "reckoner.get_job", workflow_id=8, job_id=1001)
        assert seen.outcome is Outcome.FAILED and "NOT_FOUND" in seen.detail


@pytest.mark.parametrize("unsorted", [False, True])
async def test_list_workflow_jobs_reads_all_pages_and_sorts(unsorted):
    past = [{"ago": float(900 - number)} for number in range(250)]
    async with opened(workflows={7: {"past_jobs": past}}, unsorted=unsorted) as there:
        jobs = (await found(there, "reckoner.list_jobs", workflow_id=7))["jobs"]
        assert [job["id"] for job in jobs] == list(range(1250, 1000, -1))
        assert len(await there.calls("GET", "/jobs")) == 3
        newest = (await found(there, "reckoner.list_jobs", workflow_id=7, limit=2))["jobs"]
        assert [job["id"] for job in newest] == [1250, 1249]


async def test_list_workflow_jobs_ends_where_the_server_ignores_the_page_and_tells_no_total():
    async with opened() as there:
        await there.fault(do="rewrite", values={"total": None})
        assert len((await found(there, "reckoner.list_jobs", workflow_id=7))["jobs"]) == 2
        await there.clear_faults()
        await there.fault(do="rewrite", values={"total": 1000, "jobs": [{"id": 1, "status": "COMPLETED"}]})
        assert len((await found(there, "reckoner.list_jobs", workflow_id=7))["jobs"]) == 1


async def test_list_workflow_jobs_filters_by_days_of_japan():
    old, recent = {"ago": 86_400.0 * 5}, {"ago": 3_600.0}
    async with opened(workflows={7: {"past_jobs": [old, recent]}}) as there:

        async def listed(**days):
            jobs = (await found(there, "reckoner.list_jobs", workflow_id=7, **days))["jobs"]
            return [job["id"] for job in jobs]

        assert await listed(started_at="2025-11-23") == [1002]
        assert await listed(ended_at="2025-11-23") == [1001]
        assert await listed(started_at="2025-11-01", ended_at="2025-12-01") == [1002, 1001]


async def test_get_workflow_tells_the_definition_and_no_address_or_secret():
    async with opened() as there:
        workflow = await found(there, "reckoner.get_workflow", workflow_id=7)
        assert workflow["task_dependencies"] == [{"upstream": "orders", "downstream": "sum up"}]
        assert workflow["tasks"][0]["integration_name"] == "orders db"
        assert workflow["parameters"] == [
            {"name": "region", "value": "", "is_secret": False},
            {"name": "key", "value": None, "is_secret": True},
        ]
        assert workflow["schedule"] == {"is_enabled": True, "cron": "0 3 * * *", "timezone": "Asia/Tokyo"}
        told = [(each["by"], each["status"], each["to"]) for each in workflow["notifications"]]
        assert told == [
            ("emails", "FAILED", "ops@example.com"),
            ("webhooks", "ALL", None),
            ("slacks", "ALL", "#data"),
            ("msteams", "ALL", "data / runs"),
        ]
        assert workflow["webhooks"] == 1
        assert HOOK not in json.dumps(dict(workflow)) and "hush-hush" not in json.dumps(dict(workflow))


async def test_list_workflows_reads_all_pages_and_takes_its_filters():
    many = {number: {"name": f"w{number:03}"} for number in range(1, 121)}
    many[121] = {
        "name": "night",
        "labels": [{"id": 5, "name": "a"}],
        "schedule": {},
        "updated_at": "2026-05-01T00:00:00Z",
    }
    many[122] = {"name": "elsewhere", "project_id": 2}
    async with opened(workflows=many) as there:

        async def listed(**filters):
            outputs = await found(there, "reckoner.list_workflows", project_id=1, **filters)
            return [each["name"] for each in outputs["workflows"]]

        assert len(await listed()) == 121 and (await listed())[0] == "night"
        assert len(await there.calls("GET", "/workflows/projects/1")) == 4
        assert (await listed(sort="name:desc"))[:2] == ["w120", "w119"]
        assert await listed(search_words="w01", sort="name:asc", limit=2) == ["w010", "w011"]
        assert await listed(label_ids=[5, 9]) == await listed(schedule_filtering_by="active") == ["night"]
        assert len(await listed(schedule_filtering_by="inactive")) == 120


async def test_list_workflows_takes_a_list_that_is_not_there_as_empty():
    async with opened(workflows={}) as there:
        await there.fault(do="rewrite", values={"workflows": []})
        assert (await found(there, "reckoner.list_workflows", project_id=1))["workflows"] == []


async def test_export_workflow_is_what_reckoner_imports():
    async with opened() as there:
        exported = await found(there, "reckoner.export_workflow", workflow_id=7)
        definition = exported["definition"]
        assert definition.keys() == {"name", "description", "type", "tasks", "dependencies", "parameters"}
        assert definition["dependencies"] == [{"from": "orders", "to": "sum up"}]
        assert definition["tasks"][0].keys() >= {"name", "category", "subcategory", "position", "property"}
        assert definition["parameters"][1] == {"name": "key", "value": "********"}


@pytest.mark.parametrize("shape", ["beside", "nested"])
async def test_list_integrations_reads_both_shapes_and_takes_the_number_that_deletes(shape):
    async with opened(integrations_shape=shape) as there:
        listed = (await found(there, "reckoner.list_integrations", project_id=1))["integrations"]
        assert [(each["service"], each["integration_id"], each["name"]) for each in listed] == [
            ("mysql", 42294, "orders (old)"),
            ("mysql", 40689, "orders db"),
        ]
        assert (await found(there, "reckoner.list_integrations", project_id=1, service="excel"))[
            "integrations"
        ] == []
        await changed(there, "reckoner.delete_integration", **DELETE)
        left = (await found(there, "reckoner.list_integrations", project_id=1))["integrations"]
        assert [each["name"] for each in left] == ["orders db"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"confirm": "orders"}, "is called 'orders (old)', not 'orders'"),
        ({"confirm": "Orders (old)"}, "letter for letter"),
        ({"integration_id": 1}, "has no integration 1 of mysql"),
        ({"service": "excel"}, "has no integration 42294 of excel"),
        ({"project_id": 2}, "project 2 has no integration"),
    ],
)
async def test_delete_integration_wants_the_name_exactly(other, said):
    async with opened() as there:
        with pytest.raises(Rejected) as caught:
            await changed(there, "reckoner.delete_integration", **{**DELETE, **other})
        assert said in f"{caught.value} {caught.value.hint}"
        assert await there.calls("DELETE", "") == []


async def test_delete_integration_in_use_names_the_workflows_and_is_forced_only_when_told():
    used = {**DELETE, "integration_id": 40689, "confirm": "orders db"}
    async with opened() as there:
        with pytest.raises(Rejected, match=r"CONFLICT: .*\(used by 7 build segments\)"):
            await changed(there, "reckoner.delete_integration", **used)
        [call] = await there.calls("DELETE", "/40689")
        assert call["query"] == []
        outputs = await changed(there, "reckoner.delete_integration", **used, force=True)
        assert outputs == {"integration_id": 40689, "service": "mysql", "name": "orders db"}


async def test_delete_integration_whose_answer_was_lost_is_asked_again_and_found_done():
    async with opened() as there:
        adapter = there.adapter("reckoner.delete_integration")
        params = adapter.kind.params.model_validate(DELETE)
        evidence = await adapter.prepare(params)
        await there.fault(route="DELETE *", do="lose_answer", nth=1)
        with pytest.raises(InDoubt):
            await adapter.trigger(params, KEY, evidence)
        assert (await adapter.recover(params, KEY, evidence))["outputs"]["name"] == "orders (old)"


async def test_cancel_workflow_jobs_tells_what_the_job_was_and_does_not_mind_one_that_is_over():
    async with opened() as there:
        assert (await changed(there, "reckoner.cancel_job", **CANCEL))["status_before"] == "RUNNING"
        again = await changed(there, "reckoner.cancel_job", **CANCEL)
        assert again["status_before"] in ("CANCEL_STARTED", "CANCELED")
        over = await changed(there, "reckoner.cancel_job", workflow_id=7, job_id=1001)
        assert over == {"id": 1001, "workflow_id": 7, "status_before": "FAILED"}
        with pytest.raises(Rejected, match="NOT_FOUND"):
            await changed(there, "reckoner.cancel_job", workflow_id=7, job_id=5)
    async with opened(can_cancel=False) as there:
        with pytest.raises(Rejected) as caught:
            await changed(there, "reckoner.cancel_job", **CANCEL)
        assert "this account's API cannot cancel" in caught.value.hint


@pytest.mark.parametrize("operation", [*READS, *CHANGES])
async def test_auth_token_refresh_renews_an_expired_token_for_every_operation(operation):
    kind, params = {**READS, **CHANGES}[operation]
    async with opened({"refresh_token": REFRESH}, expired=[ACCESS]) as there:
        await (changed if operation in CHANGES else found)(there, kind, **params)
        assert len(await there.calls("POST", "/auth/token/refresh")) == 1


@pytest.mark.parametrize(
    ("kind", "given", "place", "rule"),
    [
        ("list_jobs", {"workflow_id": 7, "started_at": "2026-1-31"}, "started_at", "pipeforge.day"),
        ("list_jobs", {"workflow_id": 7, "ended_at": 20260131}, "ended_at", "pipeforge.day"),
        ("list_jobs", {"workflow_id": 7, "limit": 0}, "limit", "greater_than_equal"),
        ("list_workflows", {"project_id": 1, "sort": "name"}, "sort", "literal_error"),
        ("delete_integration", {**DELETE, "confirm": ""}, "confirm", "string_too_short"),
        ("delete_integration", {**DELETE, "force": "yes"}, "force", "bool_type"),
        ("delete_integration", {**DELETE, "service": "my/sql"}, "service", "string_pattern_mismatch"),
    ],
)
def test_what_can_be_found_offline(kind, given, place, rule):
    with pytest.raises(ValidationError) as caught:
        kinds()[f"reckoner.{kind}"].params.model_validate(given)
    assert [(error["loc"][0], error["type"]) for error in caught.value.errors()] == [(place, rule)]
