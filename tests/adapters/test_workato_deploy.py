"""workato.deploy_recipe: created, left alone, or stopped, written, started; and taken up wherever it was."""

import anyio
import pytest
from emulated import emulated, settle
from lived import DAY, Step
from operations_workato import CODE, CONFIG, OLD

from pipeforge.adapter import Outcome
from pipeforge.adapters import kinds
from pipeforge.errors import InDoubt, Rejected
from pipeforge.planning import Retry

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-deploy-1"
WANTED = {"folder_id": 5, "name": "Orders", "code": CODE, "config": CONFIG}
THERE = {"name": "Orders", "folder_id": 5, "code": OLD, "config": [], "activation": 3.0, "stopping": 3.0}
FULL = [{"keyword": "application", "name": each["provider"], **each} for each in CONFIG]
REFUSED = [{"code_errors": [[1, [["To", None, "can't be blank", "to"]]]]}]


def opened(recipe=None, **world):
    section = {"recipes": {7: THERE if recipe is None else {**THERE, **recipe}}, **world}
    return emulated("workato", section, api_token="token-of-mine")


def params(**given):
    return kinds()["workato.deploy_recipe"].params.model_validate({**WANTED, **given})


async def deployed(there, **given):
    adapter = there.adapter("workato.deploy_recipe")
    handle, ways = await settle(adapter, params(**given), KEY)
    return await adapter.observe(handle), ways


async def asked(there):
    """What was asked of the recipes beside questions, as short words."""
    rows = (await there.admin.get("/_emulator/calls", params={"vendor": "workato"})).json()
    return [f"{row['method']} {row['path'].rpartition('/')[2]}" for row in rows if row["method"] != "GET"]


async def state(there, number=7):
    seen = (await there.client.read_recipe(number)).value
    return seen.running, seen.version_no, seen.lines() == CODE


async def test_a_recipe_that_is_not_there_is_created_and_stays_stopped_unless_it_shall_run():
    async with opened({"name": "other"}) as there:
        seen, _ = await deployed(there)
        assert dict(seen.outputs) == {
            "recipe_id": 11613, "created": True, "changed": True, "version_no": 1,
            "previous_version_no": None, "was_running": False, "running": False,
        }  # fmt: skip
        seen, _ = await deployed(there, name="Second", ensure_running=True)
        assert seen.outputs["running"] and (await state(there, 11614)) == (True, 1, True)
        assert await asked(there) == ["POST recipes", "POST recipes", "PUT start"]


@pytest.mark.parametrize("running", [True, False])
async def test_a_recipe_that_differs_is_written_and_runs_again_if_it_ran(running):
    async with opened({"running": running}) as there:
        seen, ways = await deployed(there)
        assert (seen.outputs["changed"], seen.outputs["was_running"]) == (True, running)
        assert (seen.outputs["previous_version_no"], seen.outputs["version_no"]) == (1, 2)
        assert await state(there) == (running, 2, True) and ways == ["triggered"]
        wanted = ["PUT stop", "PUT 7", "PUT start"] if running else ["PUT 7"]
        assert await asked(there) == wanted


@pytest.mark.parametrize("running", [True, False])
async def test_a_recipe_that_is_so_already_is_left_alone(running):
    async with opened({"running": running, "code": CODE, "config": FULL}) as there:
        seen, _ = await deployed(there)
        assert (seen.outputs["changed"], seen.outputs["running"]) == (False, running)
        assert await asked(there) == []
        seen, _ = await deployed(there, config=[CONFIG[1], CONFIG[0]], ensure_running=True)
        assert seen.outputs["running"] and not seen.outputs["changed"]
        assert await asked(there) == ([] if running else ["PUT start"])


async def test_the_connections_stay_where_none_are_given():
    async with opened({"config": [{"provider": "email", "name": "email", "account_id": 31}]}) as there:
        seen, _ = await deployed(there, config=None)
        assert seen.outputs["changed"]
        assert (await there.client.read_recipe(7)).value.config[0]["account_id"] == 31


async def test_a_name_twice_in_the_folder_is_refused_before_anything_is_touched():
    recipes = {7: THERE, 8: THERE, 9: {**THERE, "folder_id": 6}}
    async with emulated("workato", {"recipes": recipes}, api_token="t-1234567") as there:
        with pytest.raises(Rejected, match="2 recipes in folder 5 are called 'Orders': 8, 7"):
            await deployed(there)
        seen, _ = await deployed(there, folder_id=6)
        assert seen.outputs["recipe_id"] == 9
        assert await asked(there) == ["PUT stop", "PUT 9", "PUT start"]


async def test_an_update_that_is_refused_puts_back_what_was_running():
    async with opened() as there:
        await there.fault(route="PUT /recipes/{id}", do="bad_request")
        with pytest.raises(Rejected, match=r"Bad request.*recipe 7 'Orders' is as it was, and runs again"):
            await deployed(there)
        assert await state(there) == (True, 1, False)


async def test_an_update_that_is_acknowledged_and_not_made_puts_back_what_was_running():
    async with opened({"frozen": True}) as there:
        with pytest.raises(Rejected, match=r"still version 1.*runs again"):
            await deployed(there)
        assert await state(there) == (True, 1, False)


async def test_what_cannot_be_put_back_says_how_it_is_left_and_how_to_mend_it():
    async with opened({"starts": REFUSED}) as there:
        await there.fault(route="PUT /recipes/{id}", do="bad_request")
        with pytest.raises(Rejected, match=r"is stopped, though it ran before.*To: can't be blank") as caught:
            await deployed(there)
        assert "pipeforge call workato.start_recipe recipe_id=7" in caught.value.hint
        assert await state(there) == (False, 1, False)


async def test_new_lines_that_do_not_start_are_left_stopped_and_said_to_be():
    async with opened({"starts": REFUSED}) as there:
        step = Step(there, "workato.deploy_recipe", WANTED)
        end = await step.live()
        assert end.outcome is Outcome.FAILED
        assert "recipe 7 'Orders' has what was asked for (version 2) and is stopped" in end.detail
        assert "To: can't be blank" in end.detail and "ensure_running: true" in end.hint
        assert await state(there) == (False, 2, True)


async def test_a_start_that_takes_no_effect_is_told():
    async with opened({"activation": float("inf")}) as there:
        with pytest.raises(
            Rejected, match=r"is stopped: the start was accepted but took no effect within 120s"
        ):
            await deployed(there)


async def test_a_stop_that_takes_no_effect_leaves_the_recipe_as_it_was():
    async with opened({"stopping": 10_000.0}) as there:
        with pytest.raises(Rejected, match="still runs after 120s, as it was before"):
            await deployed(there)
        assert await state(there) == (True, 1, False)


async def test_a_failure_is_followed_by_no_other_attempt_that_would_take_it_for_stopped():
    async with opened({"starts": REFUSED}) as there:
        await there.fault(
            route="PUT /recipes/{id}", do="lose_answer", nth=1
        )  # so that it fails while settled
        step = Step(there, "workato.deploy_recipe", WANTED, retry=Retry(max_attempts=3, delay=1.0))
        end = await step.live()
        assert (end.outcome, end.word) == (Outcome.FAILED, "half deployed")
        assert "and is stopped" in end.detail
        assert (await asked(there)).count("PUT start") == 1


@pytest.mark.parametrize("fault", ["lose_answer", "drop", "server_error", "empty", "rate_limited"])
@pytest.mark.parametrize("route", ["PUT *stop", "PUT /recipes/{id}", "PUT *start"])
async def test_a_lost_answer_never_leaves_a_recipe_stopped(route, fault):
    async with opened() as there:
        await there.fault(route=route, do=fault, nth=1, retry_after=3)
        seen, _ = await deployed(there)
        assert seen.outcome is Outcome.SUCCEEDED, seen.detail
        assert (seen.outputs["was_running"], seen.outputs["running"]) == (True, True)
        assert await state(there) == (True, 2, True)
        assert (await asked(there)).count("PUT 7") <= 2


async def test_a_stop_that_may_still_be_at_work_is_awaited_before_anything_goes_on():
    async with opened() as there:
        adapter, begun = there.adapter("workato.deploy_recipe"), anyio.current_time()
        evidence = await adapter.prepare(params())
        await there.fault(route="PUT *stop", do="drop", nth=1)
        with pytest.raises(InDoubt, match="it ran before and may be stopped now") as caught:
            await adapter.trigger(params(), KEY, evidence)
        assert "resume the run" in caught.value.hint
        assert await adapter.recover(params(), KEY, evidence) is None
        assert anyio.current_time() - begun >= 45


@pytest.mark.parametrize("fault", ["lose_answer", "drop", "server_error"])
async def test_a_creation_whose_answer_was_lost_makes_one_recipe(fault):
    async with opened({"name": "other"}) as there:
        await there.fault(route="POST *", do=fault, nth=1)
        seen, _ = await deployed(there, ensure_running=True)
        assert (seen.outputs["recipe_id"], seen.outputs["created"], seen.outputs["running"]) == (
            11613,
            True,
            True,
        )
        assert len((await there.client.list_recipes()).value.items) == 2


async def test_a_vendor_that_is_away_half_way_is_waited_for_and_the_state_is_said():
    async with opened() as there:
        await there.fault(route="PUT /recipes/{id}", do="server_error")
        step = Step(there, "workato.deploy_recipe", WANTED, timeout=300.0)
        end = await step.live()
        assert end.outcome is Outcome.UNKNOWN
        assert "recipe 7 'Orders' is half deployed: it ran before and may be stopped now" in end.detail
        assert "start_recipe recipe_id=7" in end.hint


REQUESTS = {"update": 12, "create": 8}


@pytest.mark.parametrize("later", [1.0, DAY])
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("way", REQUESTS)
async def test_killed_at_any_request_it_is_finished_by_another_process(way, answered, later):
    died = 0
    for request in range(1, REQUESTS[way] + 12):
        async with opened({} if way == "update" else {"name": "other"}) as there:
            step = Step(there, "workato.deploy_recipe", {**WANTED, "ensure_running": way == "create"})
            if not await step.live_until(request, answered=answered):
                break
            died += 1
            await anyio.sleep(later)
            end = await step.live()
            assert end.outcome is Outcome.SUCCEEDED, (request, end.detail)
            assert (end.outputs["running"], end.outputs["was_running"]) == (True, way == "update")
            number = 7 if way == "update" else 11613
            running, version, same = await state(there, number)
            assert running and same and version <= 3, request
            assert (await asked(there)).count("POST recipes") == (way == "create"), request
    assert died >= REQUESTS[way]
