"""krewData's emulator: its three operations, every error of its tables, tokens, limits and flows."""

import json

import pytest

pytestmark = pytest.mark.anyio

URL = "https://example.cybozu.com/k/123"
SERIAL = "abcdef-123456"
UNIT = "unitsecret"


@pytest.fixture
def krewdata(base64_of):
    """Calls of one unit, by operation, with good values unless told otherwise."""

    class Calls:
        def __init__(self, emulators):
            self.http = emulators.at("krewdata")

        async def ask(self, operation, body, unit=UNIT):
            return await self.http.post(f"/{unit}/{operation}", json=body)

        async def token(self, unit=UNIT, **changed):
            return await self.ask(
                "token", {"krewdataAppUrl": URL, "serialNumber": base64_of(SERIAL)} | changed, unit
            )

        async def run(self, token=None, **changed):
            given = token or (await self.token()).json()["accessToken"]
            return await self.ask("run", {"accessToken": given, "user": "batch", "appId": "55"} | changed)

        async def status(self, token, task):
            return await self.ask("status", {"accessToken": token, "taskId": task})

    return Calls


def told(answer):
    return answer.json()["code"], answer.json()["description"]


async def test_a_unit_runs_from_queuing_to_success(opened, krewdata):
    async with opened() as emulators:
        unit = krewdata(emulators)
        token = (await unit.token()).json()["accessToken"]
        ran = await unit.run(token, record={"Day": {"type": "DATE", "value": "2026-01-02"}})
        assert ran.json().keys() == {"code", "status", "taskId"} and ran.json()["code"] == 200
        task, seen = ran.json()["taskId"], []
        for jump in (0, 0.5, 700):
            emulators.clock.jump(jump)
            answer = (await unit.status(token, task)).json()
            seen.append((answer["taskStatus"], answer["flowInfo"][0]["status"]))
        assert seen == [("Queuing", "Queuing"), ("Running", "Running"), ("Success", "Success")]
        (job,) = await emulators.jobs("krewdata")
        assert (job["id"], job["user"], job["record"]["Day"]["value"]) == (task, "batch", "2026-01-02")


PLACEHOLDER = "Pay attention to the spelling of"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"krewdataAppUrl": 1}, "krewdataAppUrl data type is wrong, should be string type."),
        (
            {"krewdataAppUrl": ""},
            f'is empty or krewdataAppUrl cannot be found. {PLACEHOLDER} "krewdataAppUrl".',
        ),
        ({"krewdataAppUrl": "http://x/k/1"}, 'should be "https://yourdomain/k/appId(/)".'),
        ({"krewdataAppUrl": URL + "/"}, None),
        ({"krewdataAppUrl": "https://example.cybozu.com/k/9"}, "Specified krewdataAppUrl is invalid"),
        ({"serialNumber": None}, f'is empty or serialNumber cannot be found. {PLACEHOLDER} "serialNumber".'),
        ({"serialNumber": ["x"]}, "serialNumber data type is wrong, should be string type."),
        ({"serialNumber": SERIAL}, "serialNumber is not a valid Base64 encoding value."),
    ],
)
async def test_token_checks_what_it_is_given(opened, krewdata, body, said):
    async with opened({"krewdata": {"units": {UNIT: {"krewdata_app_url": URL}}}}) as emulators:
        answer = await krewdata(emulators).token(**body)
        assert (answer.status_code == 200) == (said is None)
        assert said is None or (told(answer)[0] == 400 and said in told(answer)[1])


async def test_token_refuses_serials_units_methods_and_paths(opened, krewdata, base64_of):
    units = {UNIT: {"serial_number": SERIAL}, "hook": {"method": "webhook"}, "off": {"enabled": False}}
    async with opened({"krewdata": {"units": units, "credentials": [SERIAL]}}) as emulators:
        unit = krewdata(emulators)
        wrong = await unit.token(serialNumber=base64_of("nobody"))
        assert wrong.status_code == 401 and told(wrong) == (401, "Illegal License.")
        assert told(await unit.token("hook"))[1] == "Request type (Webhook/API) is wrong."
        assert told(await unit.token("off"))[1] == "Specified unit is invalid."
        assert told(await unit.token("nowhere"))[1] == "Request path is invalid."
        assert told(await unit.ask("tokens", {}))[1] == "Request path is invalid."
        assert told(await unit.http.get(f"/{UNIT}/token"))[1] == "Request path is invalid."


@pytest.mark.parametrize("operation", ["token", "run", "status"])
async def test_a_body_that_is_no_object_is_a_wrong_schema(opened, krewdata, operation):
    async with opened() as emulators:
        for content in (b"", b"{", b"[]"):
            answer = await krewdata(emulators).http.post(f"/{UNIT}/{operation}", content=content)
            assert told(answer) == (400, f"{operation.title()} request body schema is wrong.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"accessToken": "nobody's"}, "Specified token is invalid."),
        ({"accessToken": 5}, "accessToken data type is wrong, should be string type."),
        ({"user": ""}, f'user is empty or user cannot be found. {PLACEHOLDER} "user".'),
        ({"user": None, "user ": "batch"}, f'user is empty or user cannot be found. {PLACEHOLDER} "user".'),
        ({"user": 3}, "user data type is wrong, should be string type."),
        ({"appId": 55}, "appId data type is wrong, should be string type."),
        ({"appId": "56"}, "app (appId) is not call app of task specified."),
        ({"record": []}, "record data type is wrong, should be keep with Kintone record."),
        ({"record": {"Day": "2026-01-02"}}, "record data type is wrong, should be keep with Kintone record."),
    ],
)
async def test_run_refuses_and_the_token_stays_good(opened, krewdata, body, said):
    async with opened({"krewdata": {"units": {UNIT: {"app_id": "55"}}}}) as emulators:
        unit = krewdata(emulators)
        token = (await unit.token()).json()["accessToken"]
        assert told(await unit.run(token, **body)) == (400, said)
        assert await emulators.jobs("krewdata") == []
        assert (await unit.run(token)).json()["code"] == 200


async def test_a_token_runs_once_in_ten_minutes_and_asks_for_ever(opened, krewdata):
    async with opened() as emulators:
        unit = krewdata(emulators)
        first, second = [(await unit.token()).json()["accessToken"] for _ in range(2)]
        task = (await unit.run(first)).json()["taskId"]
        assert told(await unit.run(first)) == (400, "Specified token has been used.")
        emulators.clock.jump(601)
        assert "more than 10 minutes" in told(await unit.run(second))[1]
        assert told(await unit.run(first))[1] == "Specified token has been used."
        assert (await unit.status(first, task)).json()["taskStatus"] == "Success"
        assert len(await emulators.jobs("krewdata")) == 1


async def test_a_lost_answer_to_run_is_settled_by_the_same_token(opened, krewdata):
    async with opened() as emulators:
        unit = krewdata(emulators)
        token = (await unit.token()).json()["accessToken"]
        await emulators.fault(vendor="krewdata", route="POST /{unit}/run", do="lose_answer", nth=1)
        with pytest.raises(Exception, match="cut the connection"):
            await unit.run(token)
        assert told(await unit.run(token)) == (400, "Specified token has been used.")
        assert len(await emulators.jobs("krewdata")) == 1


@pytest.mark.parametrize("whose", ["any", "own"])
async def test_status_checks_token_and_task(opened, krewdata, whose):
    async with opened({"krewdata": {"status_token": whose}}) as emulators:
        unit = krewdata(emulators)
        token, other = [(await unit.token()).json()["accessToken"] for _ in range(2)]
        task = (await unit.run(token)).json()["taskId"]
        assert told(await unit.status("nobody's", task))[1] == "Specified accessToken is invalid."
        assert told(await unit.status(token, "none"))[1] == "Specified taskId is invalid."
        assert told(await unit.status(token, 5))[1] == "taskId data type is wrong, should be string type."
        assert "taskId is empty" in told(await unit.status(token, ""))[1]
        assert (await unit.status(other, task)).json()["code"] == (200 if whose == "any" else 400)


async def test_too_many_starts_disable_the_unit_until_a_person_enables_it(opened, krewdata):
    async with opened() as emulators:
        unit = krewdata(emulators)
        codes = [(await unit.token()).json()["code"] for _ in range(6)]
        assert codes == [200] * 5 + [429]
        emulators.clock.jump(3600)
        assert told(await unit.token())[1] == "Specified unit is invalid."
        assert (await unit.token("another")).json()["code"] == 200
        assert (await emulators.act("krewdata", "enable_unit", unit=UNIT)).status_code == 200
        assert (await unit.token()).json()["code"] == 200
        await emulators.act("krewdata", "disable_unit", unit=UNIT)
        assert (await unit.token()).json()["code"] == 400


async def test_five_starts_in_each_minute_are_fine(opened, krewdata):
    async with opened() as emulators:
        unit = krewdata(emulators)
        for _ in range(3):
            assert [(await unit.token()).json()["code"] for _ in range(5)] == [200] * 5
            emulators.clock.jump(60)


@pytest.mark.parametrize("shape", ["sibling", "embedded", "broken"])
async def test_a_busy_unit_answers_409_in_each_shape(opened, krewdata, shape):
    world = {"units": {UNIT: {"concurrency": "refused"}}, "conflict_body": shape}
    async with opened({"krewdata": world}) as emulators:
        unit = krewdata(emulators)
        started = (await emulators.act("krewdata", "start", unit=UNIT)).json()["id"]
        answer = await unit.run()
        assert answer.status_code == 409 and started in answer.text
        if shape == "broken":
            with pytest.raises(json.JSONDecodeError):
                answer.json()
        else:
            assert (answer.json().get("taskId") == started) == (shape == "sibling")
        emulators.clock.jump(2)
        assert (await unit.run()).json()["code"] == 200


async def test_a_busy_unit_may_fail_late_with_134(opened, krewdata):
    world = {"units": {UNIT: {"concurrency": "fails_late", "flows": ["A", "B"]}}}
    async with opened({"krewdata": world}) as emulators:
        unit = krewdata(emulators)
        await emulators.act("krewdata", "start", unit=UNIT)
        token = (await unit.token()).json()["accessToken"]
        task = (await unit.run(token)).json()["taskId"]
        emulators.clock.jump(1)
        answer = (await unit.status(token, task)).json()
        assert (answer["taskStatus"], answer["errorCode"]) == ("Failure", "134")
        assert [flow["status"] for flow in answer["flowInfo"]] == ["Cancel", "Cancel"]
        assert not any("startTime" in flow for flow in answer["flowInfo"])


async def test_flows_run_one_after_another_and_the_rest_is_canceled_after_a_failure(opened, krewdata):
    course = {
        "stages": {"Queuing": 1, "Running": 20},
        "outcome": "Failure",
        "failing_flow": 2,
        "error_code": "7",
    }
    async with opened(
        {"krewdata": {"units": {UNIT: {"flows": ["A", "B", "C"], "course": course}}}}
    ) as emulators:
        unit = krewdata(emulators)
        token = (await unit.token()).json()["accessToken"]
        task = (await unit.run(token)).json()["taskId"]
        seen = []
        for jump in (0, 5, 10, 10):
            emulators.clock.jump(jump)
            answer = (await unit.status(token, task)).json()
            seen.append([flow["status"] for flow in answer["flowInfo"]])
        assert seen == [
            ["Queuing", "Queuing", "Queuing"],
            ["Running", "Queuing", "Queuing"],
            ["Success", "Running", "Queuing"],
            ["Success", "Failure", "Cancel"],
        ]
        assert answer["taskStatus"] == "Failure" and answer["errorCode"] == "7" and answer["errorMessage"]
        assert answer["flowInfo"][0]["endTime"] == answer["flowInfo"][1]["startTime"]


async def test_always_200_moves_the_code_into_the_body_alone(opened, krewdata):
    async with opened({"krewdata": {"http_status": "always_200"}}) as emulators:
        unit = krewdata(emulators)
        answer = await unit.token(krewdataAppUrl=1)
        assert (answer.status_code, answer.json()["code"]) == (200, 400)
        await emulators.fault(vendor="krewdata", do="token_expired")
        answer = await unit.token()
        assert (answer.status_code, answer.json()["code"]) == (200, 400)


async def test_no_secret_is_in_a_record_or_in_the_state_file(opened, krewdata, base64_of, tmp_path):
    state = tmp_path / "state.json"
    async with opened(state=state) as emulators:
        unit = krewdata(emulators)
        token = (await unit.token()).json()["accessToken"]
        task = (await unit.run(token)).json()["taskId"]
        await unit.status(token, task)
        records = json.dumps([await emulators.calls(), await emulators.jobs("krewdata")]) + state.read_text()
        for secret in (UNIT, SERIAL, base64_of(SERIAL), token):
            assert secret not in records
        assert {call["route"] for call in await emulators.calls()} == {
            "/{unit}/token",
            "/{unit}/run",
            "/{unit}/status",
        }
    async with opened(state=state) as emulators:
        emulators.clock.jump(5)
        assert (await krewdata(emulators).status(token, task)).json()["taskStatus"] == "Success"


async def test_tasks_of_the_past_are_there_and_do_not_count_as_runs(opened, krewdata):
    past = [{"outcome": "Failure", "ago": 60.0}, {"stages": {"Running": 9000}}]
    course = [{"outcome": "Failure", "error_code": "7"}, {}]
    async with opened({"krewdata": {"units": {UNIT: {"past_tasks": past, "course": course}}}}) as emulators:
        unit = krewdata(emulators)
        token = (await unit.token()).json()["accessToken"]
        words = [
            (await unit.status(token, f"task000000000{number}")).json()["taskStatus"] for number in (1, 2)
        ]
        assert words == ["Failure", "Running"]
        task = (await unit.run(token)).json()["taskId"]
        emulators.clock.jump(2)
        assert (await unit.status(token, task)).json()["errorCode"] == "7"
