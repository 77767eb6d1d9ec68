"""Workato: starting and stopping; a start is only acknowledged."""

import httpx
import pytest

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Bearer wk-secret"}
MU = "/managed_users/91829"
REFUSED = {"code_errors": [[4, [["Response body/Error", None, "can't be blank", "response.error"]]]]}


def world(recipe=None, **more):
    return {"workato": {"recipes": {1389: recipe}, **more}}


async def get(workato, path, status=200, **query):
    answer = await workato.get(path, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def shown(workato, number=1389):
    return (await get(workato, f"{MU}/recipes/{number}"))["result"][0]


async def test_a_start_is_acknowledged_and_the_recipe_runs_later(opened):
    async with opened(world({"running": False, "activation": 5})) as emulators:
        workato = emulators.at("workato", **KEY)
        assert (await workato.put(f"{MU}/recipes/1389/start")).json() == {"success": True}
        emulators.clock.jump(4)
        assert (await shown(workato))["running"] is False
        emulators.clock.jump(1)
        recipe = await shown(workato)
        assert recipe["running"] is True and recipe["stopped_at"] is not None, "it stays after a start"


async def test_an_activation_may_never_finish(opened):
    async with opened(world({"running": False, "activation": float("inf")})) as emulators:
        workato = emulators.at("workato", **KEY)
        assert (await workato.put(f"{MU}/recipes/1389/start")).json() == {"success": True}
        emulators.clock.jump(100_000)
        assert (await shown(workato))["running"] is False
        assert await emulators.jobs("workato") == []


@pytest.mark.parametrize(
    ("told", "status", "body"),
    [
        (REFUSED, 200, {"success": False, **REFUSED, "config_errors": []}),
        (
            {
                "code_errors": [[1, [["name", "x", "is invalid"]]]],
                "config_errors": [[1, [["account_id", 3, "dead", {}]]]],
            },
            200,
            {
                "success": False,
                "code_errors": [[1, [["name", "x", "is invalid"]]]],
                "config_errors": [[1, [["account_id", 3, "dead", {}]]]],
            },
        ),
        ({"status": 400, "message": "bad transition"}, 400, {"message": "bad transition"}),
        ({"status": 422, "message": "webhook failed"}, 422, {"message": "webhook failed"}),
    ],
)
async def test_a_refused_start_starts_nothing_and_the_next_one_may_succeed(opened, told, status, body):
    async with opened(world({"running": False, "starts": [told, {}]})) as emulators:
        workato = emulators.at("workato", **KEY)
        answer = await workato.put(f"{MU}/recipes/1389/start")
        assert (answer.status_code, answer.json()) == (status, body)
        emulators.clock.jump(10)
        assert (await shown(workato))["running"] is False
        assert (await workato.put(f"{MU}/recipes/1389/start")).json() == {"success": True}
        emulators.clock.jump(10)
        assert (await shown(workato))["running"] is True
        started = [call["started"] for call in await emulators.calls("workato") if call["method"] == "PUT"]
        assert started == [None, "start of recipe 1389"]


async def test_starting_twice_polls_once(opened):
    async with opened(world({"running": False})) as emulators:
        workato = emulators.at("workato", **KEY)
        for _ in range(2):
            assert (await workato.put(f"{MU}/recipes/1389/start")).json() == {"success": True}
        emulators.clock.jump(10)
        assert (await workato.put(f"{MU}/recipes/1389/start")).json() == {"success": True}
        emulators.clock.jump(10)
        assert len(await emulators.jobs("workato")) == 1


async def test_stop_takes_effect_and_stopping_what_is_stopped_succeeds(opened):
    async with opened(world({"stopping": 3})) as emulators:
        workato = emulators.at("workato", **KEY)
        for seconds, running in ((2, True), (1, False), (9, False)):
            assert (await workato.put(f"{MU}/recipes/1389/stop")).json() == {"success": True}
            emulators.clock.jump(seconds)
            assert (await shown(workato))["running"] is running
        assert (await shown(workato))["stopped_at"] == "2025-11-24T09:00:03.000-07:00"


async def test_a_stop_calls_off_an_activation(opened):
    async with opened(world({"running": False, "activation": 5})) as emulators:
        workato = emulators.at("workato", **KEY)
        await workato.put(f"{MU}/recipes/1389/start")
        await workato.put(f"{MU}/recipes/1389/stop")
        emulators.clock.jump(10)
        assert (await shown(workato))["running"] is False


async def test_somebody_else_may_start_and_stop_a_recipe(opened):
    async with opened(world()) as emulators:
        workato = emulators.at("workato", **KEY)
        assert (await emulators.act("workato", "stop", recipe=1389)).status_code == 200
        assert (await shown(workato))["running"] is False
        assert (await emulators.act("workato", "poll", recipe=1389)).status_code == 400
        assert (await emulators.act("workato", "start", recipe=1389)).json()["began"] is True
        emulators.clock.jump(1)
        assert (await shown(workato))["running"] is True
        assert (await emulators.act("workato", "stop", recipe=1)).status_code == 400
        assert (await emulators.act("workato", "poll", recipe=1389, events="x")).status_code == 400


@pytest.mark.parametrize(("do", "running"), [("lose_answer", True), ("drop", False)])
async def test_a_start_whose_answer_was_lost_may_have_been_done(opened, do, running):
    async with opened(world({"running": False})) as emulators:
        workato = emulators.at("workato", **KEY)
        await emulators.fault(
            vendor="workato", route="PUT /managed_users/{mu}/recipes/{id}/start", do=do, nth=1
        )
        with pytest.raises(httpx.RemoteProtocolError):
            await workato.put(f"{MU}/recipes/1389/start")
        emulators.clock.jump(1)
        assert (await shown(workato))["running"] is running
