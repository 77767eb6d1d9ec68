"""workato.create_recipe, update_recipe, delete_recipe and reset_trigger against the emulator."""

import json

import anyio
import pytest
from emulated import emulated, settle
from lived import DAY, Step
from operations_workato import CODE, CONFIG

from pipeforge.adapter import Outcome
from pipeforge.adapters import kinds
from pipeforge.errors import InDoubt, Rejected

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-change-1"
LOST = ["lose_answer", "empty", "truncated", "drop", "server_error"]
STOPPED = {"running": False, "name": "Old", "folder_id": 5}
CONNECTIONS = {
    31: {"name": "Mail", "provider": "email"},
    32: {"name": "Twice", "provider": "email"},
    33: {"name": "Twice", "provider": "email"},
    34: {"name": "Mail", "provider": "clock"},
}


def opened(recipe=None, **world):
    section = {"recipes": {7: STOPPED if recipe is None else recipe}, **world}
    return emulated("workato", section, api_token="token-of-mine")


def params(kind, **given):
    return kinds()[f"workato.{kind}"].params.model_validate(given)


async def done(there, kind, **given):
    """What an engine makes of it: its outputs, and how it came to them."""
    adapter = there.adapter(f"workato.{kind}")
    handle, ways = await settle(adapter, params(kind, **given), KEY)
    seen = await adapter.observe(handle)
    assert seen.outcome is Outcome.SUCCEEDED
    return seen.outputs, ways


async def recipes(there):
    return (await there.client.list_recipes()).value.items


async def test_create_recipe_sends_texts_in_a_wrapper():
    async with opened() as there:
        found, _ = await done(there, "create_recipe", name="Send mail", code=CODE, config=CONFIG, folder_id=9)
        made = (await there.client.read_recipe(found["recipe_id"])).value
        assert (made.name, made.folder_id, made.running) == ("Send mail", 9, False)
        assert made.lines() == CODE and [line["name"] for line in made.config] == ["clock", "email"]
        (call,) = await there.calls("POST", "/recipes")
        assert call["body"]["recipe"].keys() == {"name", "code", "config", "folder_id"}
        assert all(isinstance(value, str) for value in call["body"]["recipe"].values())


@pytest.mark.parametrize("fault", LOST)
async def test_create_recipe_whose_answer_was_lost_is_found_or_made_once(fault):
    async with opened() as there:
        await there.fault(route="POST *", do=fault, nth=1)
        begun = anyio.current_time()
        found, ways = await done(there, "create_recipe", name="Send mail", code=CODE, config=[])
        made = [row.id for row in await recipes(there) if row.name == "Send mail"]
        assert made == [found["recipe_id"]]
        if fault in ("drop", "server_error"):
            assert ways == ["in doubt", "not started", "triggered"]
            assert anyio.current_time() - begun >= 45, "the vendor could still have been at work"
        else:
            assert ways == ["in doubt", "recovered"]


async def test_create_recipe_finds_its_own_and_none_from_before():
    async with opened({**STOPPED, "name": "Send mail"}) as there:
        await there.fault(route="POST *", do="lose_answer", nth=1)
        found, _ = await done(there, "create_recipe", name="Send mail", code=CODE, config=[])
        assert found["recipe_id"] == 11613


async def test_create_recipe_cannot_know_which_of_two_is_its_own():
    async with opened() as there:
        adapter, given = there.adapter("workato.create_recipe"), params("create_recipe", name="x", code=CODE)
        evidence = await adapter.prepare(given)
        for _ in range(2):
            await there.client.create_recipe({"name": "x", "code": "{}"})
        with pytest.raises(InDoubt, match="11613") as caught:
            await adapter.recover(given, KEY, evidence)
        assert "delete" in caught.value.hint


@pytest.mark.parametrize(
    ("account", "sent"),
    [
        (31, 31),
        ("Mail", 31),
        ({"zip_name": "mail.connection.json", "name": "Mail", "folder": ""}, 31),
        (None, None),
    ],
)
async def test_connections_may_be_named(account, sent):
    async with opened(connections=CONNECTIONS) as there:
        config = [{"provider": "email", "account_id": account}]
        found, _ = await done(there, "create_recipe", name="x", code=CODE, config=config)
        made = (await there.client.read_recipe(found["recipe_id"])).value
        assert made.config[0]["account_id"] == sent
        assert bool(await there.calls("GET", "/connections")) is not isinstance(account, int | None)


@pytest.mark.parametrize(("name", "told"), [("Mial", "Mail"), ("Twice", "32, 33")])
async def test_a_connection_that_is_not_there_is_told_before_anything_is_touched(name, told):
    async with opened(connections=CONNECTIONS) as there:
        config = [{"provider": "email", "account_id": name}]
        for kind, more in [("create_recipe", {}), ("deploy_recipe", {"folder_id": 5})]:
            with pytest.raises(Rejected) as caught:
                await done(there, kind, name="Old", code=CODE, config=config, **more)
            assert told in str(caught.value) + caught.value.hint
        assert not [row for row in await there.calls("PUT", "") + await there.calls("POST", "")]


async def test_update_recipe_replaces_what_is_given_and_looks():
    async with opened() as there:
        found, _ = await done(there, "update_recipe", recipe_id=7, code=CODE, name="New")
        assert found == {"recipe_id": 7, "changed": True, "version_no": 2}
        seen = (await there.client.read_recipe(7)).value
        assert (seen.name, seen.folder_id, seen.lines()) == ("New", 5, CODE)
        found, _ = await done(there, "update_recipe", recipe_id=7, code=json.dumps(CODE), folder_id=5)
        assert found == {"recipe_id": 7, "changed": False, "version_no": 2}
        assert len(await there.calls("PUT", "/recipes/7")) == 1, "nothing is sent where all is so already"


@pytest.mark.parametrize("fault", LOST)
async def test_update_recipe_whose_answer_was_lost_is_looked_at(fault):
    async with opened() as there:
        await there.fault(route="PUT *", do=fault, nth=1)
        found, _ = await done(there, "update_recipe", recipe_id=7, code=CODE)
        assert found == {"recipe_id": 7, "changed": True, "version_no": 2}


async def test_update_recipe_that_is_acknowledged_and_not_made_fails():
    async with opened({**STOPPED, "frozen": True}) as there:
        with pytest.raises(Rejected, match="still version 1"):
            await done(there, "update_recipe", recipe_id=7, code=CODE)


async def test_update_recipe_of_one_that_runs_names_what_does_it():
    async with opened({"running": True}) as there:
        with pytest.raises(Rejected) as caught:
            await done(there, "update_recipe", recipe_id=7, code=CODE)
        assert "deploy_recipe" in caught.value.hint
        with pytest.raises(Rejected, match="running: can't modify running recipe"):
            await there.client.update_recipe(7, {"name": "x"})


async def test_delete_recipe_only_under_its_own_name():
    async with opened() as there:
        for name in ("old", "Old ", "Older"):
            with pytest.raises(Rejected, match="called 'Old'"):
                await done(there, "delete_recipe", recipe_id=7, confirm=name)
        with pytest.raises(Rejected, match="404"):
            await done(there, "delete_recipe", recipe_id=8, confirm="Old")
        assert not await there.calls("DELETE", "")
        found, _ = await done(there, "delete_recipe", recipe_id=7, confirm="Old")
        assert found == {"recipe_id": 7, "name": "Old"} and await recipes(there) == []


async def test_delete_recipe_of_one_that_runs_is_refused_by_us_and_by_workato():
    async with opened({"name": "Old"}) as there:
        with pytest.raises(Rejected, match="runs") as caught:
            await done(there, "delete_recipe", recipe_id=7, confirm="Old")
        assert "stop_recipe" in caught.value.hint
        with pytest.raises(Rejected, match="invalid state running"):
            await there.client.delete_recipe(7)


@pytest.mark.parametrize("fault", LOST)
async def test_delete_recipe_whose_answer_was_lost_is_gone_in_the_end(fault):
    async with opened() as there:
        await there.fault(route="DELETE *", do=fault, nth=1)
        found, _ = await done(there, "delete_recipe", recipe_id=7, confirm="Old")
        assert found["name"] == "Old" and await recipes(there) == []


@pytest.mark.parametrize("later", [1.0, DAY])
@pytest.mark.parametrize("die", [{"die_after": "step_intended"}, {"die_before": "step_triggered"}])
@pytest.mark.parametrize(
    ("kind", "given", "route"),
    [
        ("create_recipe", {"name": "Send mail", "code": CODE, "config": []}, ("POST", "/recipes")),
        ("update_recipe", {"recipe_id": 7, "code": CODE}, ("PUT", "/recipes/7")),
        ("delete_recipe", {"recipe_id": 7, "confirm": "Old"}, ("DELETE", "/recipes/7")),
    ],
)
async def test_a_change_is_taken_up_by_another_process(kind, given, route, die, later):
    async with opened() as there:
        step = Step(there, f"workato.{kind}", given)
        assert await step.live(**die) is None
        await anyio.sleep(later)
        state = await step.live()
        assert state.outcome is Outcome.SUCCEEDED, state.detail
        assert len(await there.calls(*route)) == 1


async def test_reset_trigger_processes_everything_once_more():
    async with opened({"polls": [2, 0], "trigger_application": "salesforce"}) as there:
        await there.client.poll_now(7)
        await anyio.sleep(10)
        found, _ = await done(there, "reset_trigger", recipe_id=7, acknowledge_reprocess=True)
        assert found == {"recipe_id": 7, "running": True}
        await anyio.sleep(10)
        assert len(await there.jobs()) == 4


@pytest.mark.parametrize("die", [{"die_after": "step_intended"}, {"die_before": "step_triggered"}])
async def test_reset_trigger_is_never_asked_for_twice(die):
    async with opened({"trigger_application": "salesforce"}) as there:
        step = Step(there, "workato.reset_trigger", {"recipe_id": 7, "acknowledge_reprocess": True})
        assert await step.live(**die) is None
        await anyio.sleep(60)
        state = await step.live()
        assert state.outcome is Outcome.UNKNOWN and "may have been done" in state.detail
        assert "/recipes/7" in state.hint
        assert len(await there.calls("POST", "reset_trigger")) == ("die_before" in die)


@pytest.mark.parametrize("fault", LOST)
async def test_reset_trigger_whose_answer_was_lost_is_unknown(fault):
    async with opened({"trigger_application": "salesforce"}) as there:
        await there.fault(route="POST *", do=fault)
        step = Step(there, "workato.reset_trigger", {"recipe_id": 7, "acknowledge_reprocess": True})
        assert (await step.live()).outcome is Outcome.UNKNOWN
        assert len(await there.calls("POST", "reset_trigger")) == 1


@pytest.mark.parametrize("trigger", ["workato_webhooks", "workato_recipe_function", "kafka"])
async def test_reset_trigger_spares_triggers_that_do_not_poll(trigger):
    async with opened({"trigger_application": trigger}) as there:
        with pytest.raises(Rejected, match=trigger):
            await done(there, "reset_trigger", recipe_id=7, acknowledge_reprocess=True)
        assert not await there.calls("POST", "")


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("reset_trigger", {"recipe_id": 7}),
        ("reset_trigger", {"recipe_id": 7, "acknowledge_reprocess": False}),
        ("delete_recipe", {"recipe_id": 7}),
        ("delete_recipe", {"recipe_id": 7, "confirm": ""}),
        ("update_recipe", {"recipe_id": 7}),
        ("create_recipe", {"name": "x", "code": {"provider": "clock"}}),
        ("create_recipe", {"name": "x", "code": "{"}),
        ("create_recipe", {"name": "x", "code": CODE, "config": [{"name": "clock"}]}),
        ("create_recipe", {"name": "x", "code": CODE, "config": {"clock": 1}}),
        ("create_recipe", {"name": "x" * 256, "code": CODE}),
        ("deploy_recipe", {"name": "x", "code": CODE}),
    ],
)
def test_parameters_that_make_no_sense_are_refused(kind, given):
    with pytest.raises(ValueError):
        params(kind, **given)


def test_a_file_that_workato_exported_may_be_given_as_it_is():
    exported = {"name": "x", "version": 3, "private": True, "code": CODE, "config": CONFIG}
    given = params("deploy_recipe", folder_id=1, name="x", code=exported, config=json.dumps(exported))
    assert given.code == CODE and [line["provider"] for line in given.config] == ["clock", "email"]


@pytest.mark.parametrize("kind", ["create_recipe", "deploy_recipe"])
async def test_a_file_that_nobody_read_is_never_sent_as_code(kind):
    async with opened() as there:
        with pytest.raises(Rejected, match="not read from its file"):
            await done(there, kind, name="x", folder_id=5, code={"file": "recipes/x.json"})
        assert not await there.calls("POST", "")
