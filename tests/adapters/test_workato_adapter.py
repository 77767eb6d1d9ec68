"""workato.poll_recipe and run_recipe against the emulator: which jobs count, what is found after a loss."""

import anyio
import pytest
from emulated import emulated, recovered, settle, watched

from pipeforge.adapter import Outcome
from pipeforge.adapters.workato.kinds import PollRecipeParams, RunRecipeParams
from pipeforge.errors import InDoubt, Rejected, Transient

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]

KEY = "pf-r1-poll-1"
SECRET = "wrkaus-" + "c0ffee" * 8
POLL, START, STOP = (f"{way}" for way in ("POST *poll_now", "PUT *start", "PUT *stop"))
JOBS, GET = "GET *jobs", "GET */recipes/{id}"


def asked(**changed):
    return PollRecipeParams.model_validate({"recipe_id": 7, **changed})


def runs(**changed):
    return RunRecipeParams.model_validate({"recipe_id": 7, **changed})


def opened(world=None, user=None, **recipe):
    given = {"trigger_application": "salesforce", **recipe}
    settings = {"managed_user": user} if user else {}
    return emulated(
        "workato",
        {"credentials": [SECRET], "recipes": {7: given}, **(world or {})},
        api_token=SECRET,
        **settings,
    )


def stopped(**recipe):
    return opened(running=False, **recipe)


async def running(there):
    return (await there.client.get_recipe(7)).value.running


async def polls(there):
    return len(await there.calls("POST", "/poll_now"))


async def test_the_jobs_of_a_poll_are_awaited_to_the_last():
    course = {"seconds": 30}
    async with opened(polls=[3], past_jobs=30, course=course) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, ways = await settle(poll, asked(), KEY)
        seen, words, warnings = await watched(poll, handle)
        assert ways == ["triggered"] and await polls(there) == 1
        assert (seen.outcome, warnings) == (Outcome.SUCCEEDED, [])
        assert words == ["no_job_yet", "pending", "settling", "succeeded"]
        outputs = poll.kind.outputs.model_validate(dict(seen.outputs))
        assert (outputs.jobs, outputs.succeeded, outputs.failed) == (3, 3, 0)
        assert outputs.job_ids == [job["id"] for job in (await there.jobs())[:-4:-1]]


async def test_more_new_jobs_than_a_page_are_all_counted():
    async with opened(polls=[60], past_jobs=3, course={"seconds": 1}) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        seen, _, warnings = await watched(poll, handle)
        assert (seen.outputs["jobs"], seen.outcome, warnings) == (60, Outcome.SUCCEEDED, [])


@pytest.mark.parametrize(("found", "warned"), [(20, False), (60, True)])
async def test_a_server_that_ignores_offsets_is_noticed(found, warned):
    world = {"ignores_offsets": True}
    async with opened(world, polls=[found], past_jobs=0, course={"seconds": 1}) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        seen, _, warnings = await watched(poll, handle)
        assert (seen.outputs["jobs"], any("not all" in one for one in warnings)) == (found, warned)


@pytest.mark.parametrize(
    ("outcome", "word", "said"),
    [("failed", "failed", "row 3 is bad"), ("canceled", "canceled", ""), ("aborted", "canceled", "")],
)
async def test_one_bad_job_fails_the_step_and_says_why(outcome, word, said):
    good, bad = {"seconds": 1}, {"seconds": 1, "outcome": outcome, "error": f"row 3 is bad: {SECRET}"}
    async with opened(polls=[3], course=[good, bad, good]) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        seen, _, _ = await watched(poll, handle)
        assert (seen.outcome, seen.word) == (Outcome.FAILED, word)
        assert said in seen.detail and SECRET not in seen.detail
        assert "2 succeeded" in seen.detail and (await there.jobs())[1]["id"] in seen.detail


async def test_a_word_nobody_has_seen_is_warned_of_and_never_a_success():
    async with opened(polls=[1], course={"seconds": 1, "outcome": "vaporised"}) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        seen, _, warnings = await watched(poll, handle)
        assert seen.outcome is Outcome.FAILED
        assert warnings[0].startswith("the vendor said 'vaporised'")


async def test_jobs_without_a_status_are_told_by_their_end():
    async with opened({"statusless": True}, polls=[2], course={"seconds": 20}) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        seen, words, _ = await watched(poll, handle)
        assert (seen.outcome, words[-3:]) == (Outcome.SUCCEEDED, ["pending", "settling", "succeeded"])


@pytest.mark.parametrize(
    "world",
    [
        {"jobs_wrapper": "jobs"},
        {"jobs_wrapper": "result"},
        {"get_wrapper": "object"},
        {"get_wrapper": "bare"},
    ],
)
@pytest.mark.parametrize("user", [None, {"id": 91829}, {"external_id": "acme/jp 1+é"}])
async def test_both_families_and_all_wrappers_are_read(world, user):
    users = [{"id": 91829, "external_id": "acme/jp 1+é"}]
    async with opened({**world, "managed_users": users}, user) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        seen, _, _ = await watched(poll, handle)
        assert seen.outcome is Outcome.SUCCEEDED
        [call] = await there.calls("POST", "/recipes/7/poll_now")
        segment = "" if user is None else "/managed_users/91829"
        segment = "/managed_users/Eacme%2Fjp%201%2B%C3%A9" if user and "external_id" in user else segment
        assert call["path"] == f"{segment}/recipes/7/poll_now"


@pytest.mark.parametrize(("on_no_job", "outcome"), [("succeed", "succeeded"), ("fail", "failed")])
@pytest.mark.parametrize("found", [0, "error"])
async def test_no_job_is_what_the_author_says_it_is(on_no_job, outcome, found):
    async with opened(polls=[found]) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(on_no_job=on_no_job, no_job_grace="2m"), KEY)
        begun = anyio.current_time()
        seen, words, warnings = await watched(poll, handle)
        assert (seen.outcome, words) == (Outcome(outcome), ["no_job_yet", "no_events"])
        assert 120 <= anyio.current_time() - begun < 140
        assert "nothing new at the source" in (warnings[0] if on_no_job == "succeed" else seen.detail)


async def test_a_recipe_that_its_trigger_errors_stop_has_failed():
    async with opened(polls=["error"], error_limit=1) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        seen, _, _ = await watched(poll, handle)
        assert (seen.outcome, seen.word) == (Outcome.FAILED, "trigger_errors_limit")


async def test_a_job_that_comes_within_the_settling_time_is_awaited_too():
    async with opened(polls=[1], course={"seconds": 5}) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(settle="30s"), KEY)
        await anyio.sleep(20)
        assert (await poll.observe(handle)).word == "settling"
        await there.act("poll", recipe=7, events=1)
        seen, _, _ = await watched(poll, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 2)


async def test_a_recipe_stopped_with_jobs_waiting_is_canceled():
    async with opened(polls=[3], course={"seconds": 20}) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        await anyio.sleep(5)
        await there.act("stop", recipe=7)
        seen, _, _ = await watched(poll, handle)
        assert seen.outcome is Outcome.CANCELED and "2 jobs waiting" in seen.detail


@pytest.mark.parametrize("fault", ["lose_answer", "html", "truncated", "empty", "server_error"])
async def test_a_poll_whose_answer_is_lost_is_found_by_its_jobs(fault):
    async with opened(polls=[2], past_jobs=5, poll_seconds=20) as there:
        poll = there.adapter("workato.poll_recipe")
        await there.fault(route=POLL, do=fault, after=True)
        handle, ways = await settle(poll, asked(), KEY)
        assert ways == ["in doubt", "recovered"] and await polls(there) == 1
        seen, _, _ = await watched(poll, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 2)


async def test_a_poll_that_never_arrived_is_sent_again_after_the_vendor_must_have_given_up():
    async with opened(polls=[1], past_jobs=5) as there:
        poll = there.adapter("workato.poll_recipe")
        await there.fault(route=POLL, do="drop", nth=1)
        begun = anyio.current_time()
        handle, ways = await settle(poll, asked(), KEY)
        assert ways == ["in doubt", "not started", "triggered"] and anyio.current_time() - begun >= 40
        seen, _, _ = await watched(poll, handle)
        assert (seen.outcome, seen.outputs["jobs"], len(await there.jobs())) == (Outcome.SUCCEEDED, 1, 6)


async def test_a_scheduled_recipe_is_never_polled_twice_on_a_guess():
    async with opened(polls=[1], trigger_application="clock") as there:
        poll = there.adapter("workato.poll_recipe")
        await there.fault(route=POLL, do="drop", nth=1)
        with pytest.raises(InDoubt, match="could run it twice") as caught:
            await settle(poll, asked(), KEY)
        assert "7" in caught.value.hint and await polls(there) == 1


async def test_recovery_outlasts_a_vendor_that_is_away():
    async with opened(polls=[1]) as there:
        poll = there.adapter("workato.poll_recipe")
        evidence = await poll.prepare(asked())
        await poll.trigger(asked(), KEY, evidence)
        await there.fault(route=JOBS, do="server_error", first=6)
        handle = await recovered(poll, asked(), KEY, evidence)
        assert (await watched(poll, handle))[0].outputs["jobs"] == 1
        assert await polls(there) == 1


@pytest.mark.parametrize("retry_after", [True, False])
@pytest.mark.parametrize("status", [429, 200])
async def test_a_back_off_is_waited_for(status, retry_after):
    answers = [{"answer": "back_off", "status": status, "retry_after": retry_after, "seconds": 50}, {}]
    async with opened(polls=[1], poll_now=answers) as there:
        poll = there.adapter("workato.poll_recipe")
        begun = anyio.current_time()
        _, ways = await settle(poll, asked(), KEY)
        assert ways == ["transient", "triggered"]
        assert 49 <= anyio.current_time() - begun <= 70


async def test_the_back_off_of_one_recipe_holds_no_other_call():
    answers = [{"answer": "back_off", "seconds": 500}]
    async with opened(poll_now=answers) as there:
        begun = anyio.current_time()
        with pytest.raises(Transient) as caught:
            await there.client.poll_now(7)
        await there.client.get_recipe(7)
        assert anyio.current_time() - begun < 1 and caught.value.retry_after == pytest.approx(500, abs=2)


@pytest.mark.parametrize("answer", ["no_credit", "no_quota", "trial_expired"])
async def test_a_used_up_plan_is_final(answer):
    async with opened(poll_now=[{"answer": answer}]) as there:
        with pytest.raises(Rejected, match=r"(?i)not enough|trial"):
            await settle(there.adapter("workato.poll_recipe"), asked(), KEY)
        assert await polls(there) == 1


async def test_too_many_calls_are_not_a_refusal():
    async with opened(polls=[1]) as there:
        await there.fault(route=POLL, do="rate_limited", nth=1, retry_after=9)
        _, ways = await settle(there.adapter("workato.poll_recipe"), asked(), KEY)
        assert ways == ["transient", "triggered"]


async def test_a_stopped_recipe_is_refused_unless_it_may_be_started():
    async with stopped(polls=[2]) as there:
        poll = there.adapter("workato.poll_recipe")
        with pytest.raises(Rejected, match="is not running") as caught:
            await settle(poll, asked(), KEY)
        assert "ensure_running" in caught.value.hint
        handle, _ = await settle(poll, asked(ensure_running=True), KEY)
        seen, _, _ = await watched(poll, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 2)
        assert await polls(there) == 0 and await running(there)


async def test_a_missing_recipe_is_refused():
    async with opened() as there:
        with pytest.raises(Rejected, match="404"):
            await settle(there.adapter("workato.poll_recipe"), asked(recipe_id=8), KEY)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_jobs_that_may_not_be_read_are_refused_before_anything_is_asked_for(status):
    async with opened({"jobs_forbidden": status}, polls=[2]) as there:
        poll = there.adapter("workato.poll_recipe")
        with pytest.raises(Rejected) as caught:
            await settle(poll, asked(), KEY)
        assert "await_by: counters" in caught.value.hint and await polls(there) == 0


@pytest.mark.parametrize(("outcome", "ours"), [("succeeded", "succeeded"), ("failed", "failed")])
async def test_counters_stand_in_for_jobs_where_the_author_says_so(outcome, ours):
    course = {"seconds": 8, "outcome": outcome}
    async with opened({"jobs_forbidden": 403}, polls=[2], course=course) as there:
        poll = there.adapter("workato.poll_recipe")
        await there.fault(route=POLL, do="lose_answer", nth=1)
        by_counters = asked(await_by="counters", settle="20s")
        handle, ways = await settle(poll, by_counters, KEY)
        assert ways == ["in doubt", "recovered"] and await polls(there) == 1
        seen, _, warnings = await watched(poll, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome(ours), 2)
        assert any("counters" in warning for warning in warnings)


async def test_a_recipe_kept_stopped_is_started_awaited_and_stopped_again():
    async with stopped(polls=[2], course={"seconds": 20}, stopping=15.0) as there:
        run = there.adapter("workato.run_recipe")
        handle, ways = await settle(run, runs(), KEY)
        seen, words, _ = await watched(run, handle)
        assert (ways, seen.outcome) == (["triggered"], Outcome.SUCCEEDED)
        assert words[-3:] == ["settling", "stopping", "succeeded"]
        assert not await running(there) and seen.outputs["jobs"] == 2
        assert len(await there.calls("PUT", "/start")) == 1 <= len(await there.calls("PUT", "/stop"))
        assert (await run.observe(handle)).outcome is Outcome.SUCCEEDED


async def test_a_run_that_fails_is_stopped_too():
    async with stopped(polls=[1], course={"outcome": "failed"}) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.FAILED and not await running(there)


async def test_a_run_without_events_is_stopped_after_the_grace():
    async with stopped(polls=[0], stopping=15.0) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        seen, words, warnings = await watched(run, handle)
        assert (seen.outcome, words) == (Outcome.SUCCEEDED, ["no_job_yet", "stopping", "no_events"])
        assert warnings and not await running(there)


@pytest.mark.parametrize("fault", ["lose_answer", "drop"])
async def test_a_stop_whose_answer_is_lost_is_asked_for_again(fault):
    async with stopped(polls=[1]) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        await there.fault(route=STOP, do=fault, nth=1)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.SUCCEEDED and not await running(there)


async def test_a_recipe_that_will_not_stop_is_left_running_and_said_so():
    async with stopped(polls=[1]) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        await there.fault(route=STOP, do="forbidden")
        seen, _, warnings = await watched(run, handle)
        assert seen.outcome is Outcome.SUCCEEDED and "left running" in warnings[-1]


@pytest.mark.parametrize("fault", ["lose_answer", "server_error"])
async def test_a_start_whose_answer_is_lost_is_found_running(fault):
    async with stopped(polls=[1], course={"seconds": 30}) as there:
        run = there.adapter("workato.run_recipe")
        await there.fault(route=START, do=fault, after=True)
        handle, ways = await settle(run, runs(), KEY)
        assert ways == ["in doubt", "recovered"]
        seen, _, _ = await watched(run, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 1)
        assert len(await there.calls("PUT", "/start")) == 1


async def test_a_start_that_never_arrived_is_sent_again():
    async with stopped(polls=[1]) as there:
        run = there.adapter("workato.run_recipe")
        await there.fault(route=START, do="drop", nth=1)
        _, ways = await settle(run, runs(), KEY)
        assert ways == ["in doubt", "not started", "triggered"] and len(await there.jobs()) == 1


async def test_another_process_decides_the_same_after_the_end():
    async with stopped(polls=[1]) as there:
        run = there.adapter("workato.run_recipe")
        evidence = await run.prepare(runs())
        await run.trigger(runs(), KEY, evidence)
        await anyio.sleep(3_600)
        handle = await run.recover(runs(), KEY, evidence)
        seen, words, _ = await watched(run, handle)
        assert (seen.outcome, words) == (Outcome.SUCCEEDED, ["succeeded"])
        assert len(await there.calls("PUT", "/start")) == 1


async def test_a_running_recipe_is_not_for_run_recipe():
    async with opened() as there:
        with pytest.raises(Rejected, match="running already") as caught:
            await settle(there.adapter("workato.run_recipe"), runs(), KEY)
        assert "poll_recipe" in caught.value.hint


async def test_a_slow_activation_is_waited_for():
    async with stopped(polls=[1], activation=90) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        seen, _, _ = await watched(run, handle)
        assert (seen.outcome, seen.outputs["jobs"]) == (Outcome.SUCCEEDED, 1)


async def test_an_activation_that_never_ends_fails_and_is_called_off():
    async with stopped(activation=float("inf")) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.FAILED and "not running" in seen.detail
        assert await there.calls("PUT", "/stop")


async def test_looks_that_fail_while_it_activates_are_no_failed_start():
    async with stopped(polls=[1]) as there:
        run = there.adapter("workato.run_recipe")
        evidence = await run.prepare(runs())
        await there.fault(route=GET, do="server_error", first=3)
        handle = await run.trigger(runs(), KEY, evidence)
        assert (await watched(run, handle))[0].outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    "start",
    [
        {"code_errors": [[4, [["Response body/Error", None, "can't be blank", "response.error"]]]]},
        {"code_errors": [{"line_number": 4, "errors": [{"field_label": "x", "message": "can't be blank"}]}]},
        {"config_errors": [[4, [["account_id", 32148, "can't be blank", {"key": "unconnected"}]]]]},
        {"code_errors": [[4, [[["odd"], "can't be blank"]]]]},
        {"status": 400, "message": "can't be blank in step 4"},
        {"status": 422, "message": "can't be blank in step 4"},
    ],
)
async def test_a_recipe_that_cannot_start_says_which_step(start):
    async with stopped(starts=[start]) as there:
        with pytest.raises(Rejected, match="can't be blank") as caught:
            await settle(there.adapter("workato.run_recipe"), runs(), KEY)
        assert "4" in caught.value.message and len(await there.calls("PUT", "/start")) == 1


async def test_a_cancel_stops_the_recipe_and_leaves_the_rest_waiting():
    async with stopped(polls=[3], course={"seconds": 20}) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        await anyio.sleep(5)
        await run.cancel(handle)
        await run.cancel(handle)
        seen, _, _ = await watched(run, handle)
        assert seen.outcome is Outcome.CANCELED and "2 jobs waiting" in seen.detail
        assert not await running(there)


async def test_a_cancel_before_any_job_is_over_at_once():
    async with stopped(polls=[0]) as there:
        run = there.adapter("workato.run_recipe")
        handle, _ = await settle(run, runs(), KEY)
        await run.cancel(handle)
        assert (await run.observe(handle)).outcome is Outcome.CANCELED


@pytest.mark.parametrize("fault", ["html", "server_error", "empty", "drop", "not_found", "unauthorized"])
async def test_a_look_that_fails_says_nothing_about_the_jobs(fault):
    async with opened(polls=[1]) as there:
        poll = there.adapter("workato.poll_recipe")
        handle, _ = await settle(poll, asked(), KEY)
        await there.fault(route=JOBS, do=fault)
        with pytest.raises((Transient, Rejected)):
            await poll.observe(handle)
        await there.clear_faults()
        assert (await watched(poll, handle))[0].outcome is Outcome.SUCCEEDED


async def test_a_wrong_token_is_refused_and_never_shown():
    world = {"credentials": ["other-token"]}
    async with emulated("workato", world, api_token=SECRET) as there:
        with pytest.raises(Rejected) as caught:
            await settle(there.adapter("workato.poll_recipe"), asked(), KEY)
        shown = repr(caught.value) + str(there.settings) + repr(there.client.http)
        assert "401" in caught.value.message and SECRET not in shown


async def test_the_legacy_pair_is_sent_only_when_asked_for():
    world = {"credentials": [SECRET], "legacy_auth": True}
    legacy = {"auth": "legacy", "user_email": "a@example.com"}
    async with emulated("workato", world, api_token=SECRET, **legacy) as there:
        assert there.client.http.access.headers.keys() == {"x-user-email", "x-user-token"}
        assert await running(there)
