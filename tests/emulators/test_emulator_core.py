"""The core: raw paths, every generic fault, the record of calls, the clock, the state file, the world."""

import json
import subprocess
import sys
import textwrap

import httpx
import pytest

from pipeforge.emulators.core import Route
from pipeforge.emulators.server import base_urls, build, explain
from pipeforge.emulators.vendors import PACKAGES
from pipeforge.emulators.world import World

pytestmark = pytest.mark.anyio

KEY = {"Authorization": "Token tra_secret_key"}
POST = "/api/jobs?job_definition_id=7"


def test_routes_match_the_raw_path_and_decode_each_segment():
    route = Route("GET", "/managed_users/{mu}/files/{name}", lambda asked: None)
    assert route.match("GET", "/managed_users/Eacme%2Fjp%201/files/a+b.gz") == {
        "mu": "Eacme/jp 1",
        "name": "a+b.gz",
    }
    assert route.match("POST", "/managed_users/1/files/a") is None
    assert route.match("GET", "/managed_users/E/acme/files/a") is None
    assert Route("GET", "/x/{rest:path}", lambda asked: None).match("GET", "/x/a/b") == {"rest": "a/b"}


async def test_a_vendor_sees_the_raw_path_below_its_base_url(opened):
    async with opened() as emulators:
        await emulators.at("reckoner").get("/workflows/1%2F2/jobs")
        assert (await emulators.calls())[0]["path"] == "/workflows/1%2F2/jobs"


async def test_a_call_is_recorded_without_the_credential(opened):
    async with opened() as emulators:
        await emulators.at("trocco", **KEY).post(POST, data={"context_time": "2026-01-02 03:04:05"})
        (call,) = await emulators.calls("trocco")
        assert "tra_secret_key" not in json.dumps(call)
        assert call["method"] == "POST" and call["path"] == "/api/jobs" and call["status"] == 200
        assert call["query"] == [["job_definition_id", "7"]]
        assert call["body"] == [["context_time", "2026-01-02 03:04:05"]]
        assert call["started"] == (await emulators.jobs("trocco"))[0]["id"]
        assert await emulators.calls("krewdata") == []


@pytest.mark.parametrize("fault", ["lose_answer", "drop"])
async def test_a_cut_connection_is_a_transport_error_and_only_a_lost_answer_starts_a_job(opened, fault):
    async with opened(
        {"faults": [{"vendor": "trocco", "route": "POST /api/jobs", "do": fault, "nth": 1}]}
    ) as them:
        trocco = them.at("trocco", **KEY)
        with pytest.raises(httpx.RemoteProtocolError):
            await trocco.post(POST)
        assert len(await them.jobs("trocco")) == (fault == "lose_answer")
        (call,) = await them.calls("trocco")
        assert (call["status"], call["fault"]) == (None, fault)
        assert (call["started"] is not None) == (fault == "lose_answer")
        assert (await trocco.post(POST)).status_code == 200


@pytest.mark.parametrize(
    ("fault", "started", "status"),
    [
        ({"do": "rate_limited", "retry_after": 3}, 0, 429),
        ({"do": "rate_limited", "after": True}, 1, 429),
        ({"do": "server_error"}, 0, 500),
        ({"do": "server_error", "after": True, "status": 503}, 1, 503),
        ({"do": "html"}, 0, 502),
        ({"do": "html", "after": True, "status": 504}, 1, 504),
        ({"do": "empty"}, 1, 200),
        ({"do": "truncated"}, 1, 200),
        ({"do": "slow", "seconds": 0}, 1, 200),
        ({"do": "slow", "seconds": 0.01, "after": False}, 1, 200),
        ({"do": "unauthorized"}, 0, 401),
        ({"do": "forbidden"}, 0, 403),
        ({"do": "not_found"}, 0, 404),
        ({"do": "unknown_status"}, 1, 200),
        ({"do": "wrong_types"}, 1, 200),
        ({"do": "rewrite", "values": {"status": "x"}}, 1, 200),
    ],
)
async def test_each_fault_answers_so_and_does_or_does_not_do_the_work(opened, fault, started, status):
    async with opened() as emulators:
        await emulators.fault(vendor="trocco", route="POST /api/jobs", **fault)
        answer = await emulators.at("trocco", **KEY).post(POST)
        assert answer.status_code == status
        assert len(await emulators.jobs("trocco")) == started
        assert answer.headers.get("retry-after") == ("3" if "retry_after" in fault else None)


async def test_what_faults_put_into_answers(opened):
    async with opened() as emulators:
        trocco = emulators.at("trocco", **KEY)

        async def spoiled(**fault):
            await emulators.http.delete("/_emulator/faults")
            await emulators.fault(vendor="trocco", route="* *", **fault)
            return await trocco.get("/api/jobs/1")

        await trocco.post(POST)
        emulators.clock.jump(60)
        assert (await spoiled(do="unknown_status", word="PONDERING")).json()["status"] == "PONDERING"
        assert (await spoiled(do="backwards")).json()["status"] == "queued"
        assert (await spoiled(do="wrong_types")).json()["id"] == "1"
        assert (await spoiled(do="rewrite", values={"status": None})).json()["status"] is None
        assert set((await spoiled(do="nulls")).json().values()) == {None}
        assert (await spoiled(do="wrapped")).json()[0]["id"] == 1
        await emulators.http.delete("/_emulator/faults")
        listed = await trocco.get("/api/job_definitions/7/jobs")
        await emulators.fault(vendor="trocco", route="GET /api/job_definitions/{id}/jobs", do="emptied")
        assert (await trocco.get("/api/job_definitions/7/jobs")).json() == {**listed.json(), "items": []}
        assert (await spoiled(do="server_error", body={"odd": 1})).json() == {"odd": 1}
        assert (await spoiled(do="html")).headers["content-type"].startswith("text/html")
        assert (await spoiled(do="empty")).content == b""
        with pytest.raises(json.JSONDecodeError):
            (await spoiled(do="truncated")).json()
        await emulators.http.delete("/_emulator/faults")
        assert (await trocco.get("/api/jobs/1")).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"nth": 2}, [200, 500, 200, 200]),
        ({"nth": [1, 3]}, [500, 200, 500, 200]),
        ({"every": 2}, [200, 500, 200, 500]),
        ({"first": 3}, [500, 500, 500, 200]),
        ({}, [500, 500, 500, 500]),
    ],
)
async def test_faults_strike_by_call_number(opened, when, expected):
    async with opened() as emulators:
        await emulators.fault(vendor="trocco", route="POST /api/{kind}", do="server_error", **when)
        trocco = emulators.at("trocco", **KEY)
        await trocco.get("/api/jobs/1")
        assert [(await trocco.post(POST)).status_code for _ in range(4)] == expected


async def test_a_fault_can_aim_at_one_job(opened):
    async with opened() as emulators:
        trocco = emulators.at("trocco", **KEY)
        for _ in range(2):
            await trocco.post(POST)
        await emulators.fault(vendor="trocco", route="GET /api/jobs/2", do="not_found")
        assert [(await trocco.get(f"/api/jobs/{job}")).status_code for job in (1, 2)] == [200, 404]


async def test_the_clock_is_jumped_and_dates_the_answers(opened):
    async with opened() as emulators:
        trocco = emulators.at("trocco", **KEY)
        before = await trocco.post(POST)
        assert (await trocco.get("/api/jobs/1")).json()["status"] == "queued"
        answer = await emulators.http.post("/_emulator/clock", json={"jump": 3600})
        assert answer.json()["jumped"] == 3600
        after = await trocco.get("/api/jobs/1")
        assert after.json()["status"] == "succeeded"
        assert before.headers["date"] != after.headers["date"]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("clock", {"jump": -1}, "jump"),
        ("clock", {"jump": "far"}, "jump"),
        ("faults", {"vendor": "trocco", "do": "explode"}, 'unknown fault "explode"'),
        ("faults", {"vendor": "nobody", "do": "drop"}, 'unknown vendor "nobody"'),
        ("faults", {"vendor": "trocco", "do": "drop", "route": "GET /api/nothing"}, "GET /api/jobs/{id}"),
        ("faults", {"vendor": "trocco", "do": "drop", "nth": 1, "every": 2}, "exclude each other"),
        ("faults", {"vendor": "trocco", "do": "drop", "nth": 1, "until": 2}, "until goes with since"),
        ("act", {"vendor": "trocco", "action": "dance"}, "cancel, start"),
        ("act", {"action": "cancel"}, "vendor"),
    ],
)
async def test_a_bad_order_is_told(opened, path, body, said):
    async with opened() as emulators:
        answer = await emulators.http.post(f"/_emulator/{path}", json=body)
        assert answer.status_code == 400 and said in answer.json()["error"]


@pytest.mark.parametrize(
    ("world", "said"),
    [
        ({"troco": {}}, "world.troco: nothing of this name"),
        ({"trocco": {"job_definitions": {7: {"nam": "x"}}}}, "world.trocco.job_definitions.7.nam"),
        (
            {"trocco": {"course": {"outcome": "won"}}},
            "world.trocco.course.outcome: input should be 'succeeded'",
        ),
        (
            {"reckoner": {"course": {"stages": {"resting": 1}}}},
            'unknown stage "resting"; there is SUBMITTING',
        ),
        ({"krewdata": {"course": {"stages": [{"a": 1, "b": 2}]}}}, "one word with its seconds"),
        (
            {"faults": [{"vendor": "trocco", "route": "POST", "do": "drop"}]},
            'world.faults.0.route: "POST" is no route',
        ),
    ],
)
def test_a_bad_world_names_the_route(world, said):
    with pytest.raises(ValueError, match="world") as told:
        World.read(world)
    assert said in str(told.value)


def test_a_world_whose_fault_cannot_strike_is_refused():
    world = World.read({"faults": [{"vendor": "trocco", "route": "PUT /api/jobs", "do": "drop"}]})
    with pytest.raises(ValueError, match='unknown route "PUT /api/jobs"'):
        build(world)


async def test_state_survives_a_restart_with_its_faults_and_its_time(opened, tmp_path):
    state = tmp_path / "emulators.json"
    world = {"faults": [{"vendor": "trocco", "route": "GET /api/jobs/{id}", "do": "not_found", "nth": 3}]}
    async with opened(world, state) as emulators:
        trocco = emulators.at("trocco", **KEY)
        await trocco.post(POST)
        await trocco.get("/api/jobs/1")
        await emulators.http.post("/_emulator/clock", json={"jump": 60})
    async with opened(world, state) as emulators:
        trocco = emulators.at("trocco", **KEY)
        assert (await trocco.get("/api/jobs/1")).json()["status"] == "succeeded"
        assert (await trocco.get("/api/jobs/1")).status_code == 404
        assert (await trocco.post(POST)).json()["id"] == 2
    assert "tra_secret_key" not in state.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["emulators.json"]


def test_a_file_that_is_no_state_is_refused(tmp_path):
    path = tmp_path / "state.json"
    path.write_text("[]")
    with pytest.raises(ValueError, match="not a state file"):
        build(state=path)
    assert path.read_text() == "[]"


def test_every_package_stands_in_the_tables_under_its_own_name():
    assert all(name == package.name for name, package in PACKAGES.items())
    assert base_urls("http://host:1/")["trocco"] == "http://host:1/trocco"
    assert base_urls("http://host:1")["krewdata"] == "http://host:1/krewdata/trigger/v1"
    assert base_urls("http://host:1")["reckoner"] == "http://host:1/reckoner/api/external/v1"


def test_every_vendor_explains_itself_and_names_the_needed_refusals():
    rows = explain()
    assert {vendor for vendor, _ in rows} == set(PACKAGES)
    assert {row.evidence for _, row in rows} == {"stated", "inferred", "chosen"}
    assert all(row.source for _, row in rows if row.evidence == "stated")


SERVER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from pipeforge.emulators.server import build
    from pipeforge.emulators.serving import serve
    serve(build(state=Path(sys.argv[1])), ready=lambda port: print(port, flush=True))
    """
)


class Served:
    """The emulators on a port in a process of their own."""

    def __init__(self, state):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(state)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.root = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        _, self.said = self.process.communicate(timeout=10)


def test_over_a_port_a_lost_answer_cuts_the_socket_and_a_killed_server_comes_back(tmp_path):
    state = tmp_path / "state.json"
    with Served(state) as served, httpx.Client(base_url=served.root, headers=KEY) as http:
        for fault in ("lose_answer", "drop"):
            http.post(
                "/_emulator/faults", json={"vendor": "trocco", "route": "POST /*", "do": fault, "nth": 1}
            )
            with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
                http.post(f"/trocco{POST}")
            http.delete("/_emulator/faults")
        assert [job["id"] for job in http.get("/_emulator/jobs").json()["trocco"]] == [1]
        assert http.post(f"/trocco{POST}").json()["id"] == 2
        served.process.kill()
    assert served.said == ""
    with Served(state) as served, httpx.Client(base_url=served.root, headers=KEY) as http:
        assert [job["id"] for job in http.get("/_emulator/jobs").json()["trocco"]] == [1, 2]
    assert served.process.returncode is not None and served.said == ""


def test_building_does_not_import_the_server():
    code = "import sys, pipeforge.emulators.server; print('uvicorn' in sys.modules, 'httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


async def test_an_answer_can_be_given_word_for_word_to_calls_that_carry_certain_values(opened):
    async with opened() as emulators:
        told = {"id": 4711, "status": "執行"}
        fault = {"vendor": "trocco", "do": "answer", "body": told}
        await emulators.fault(route="POST /api/jobs", when={"job_definition_id": 8}, **fault)
        await emulators.fault(
            route="POST /api/datamart_jobs", when={"datamart_definition_id": 3}, since=2, **fault
        )
        them = emulators.at("trocco", **KEY)
        assert (await them.post(POST)).json()["id"] == 1
        other = await them.post(POST.replace("7", "8"), data={"context_time": "2026-01-02 03:04:05"})
        assert (other.status_code, other.json()) == (200, told)
        marts = [
            await them.post("/api/datamart_jobs", json={"datamart_definition_id": n}) for n in (3, 4, 3, 3)
        ]
        assert [mart.json()["id"] for mart in marts] == [1, 2, 4711, 4711]
        assert (await them.post("/api/datamart_jobs", content=b"no json")).status_code >= 400


async def test_a_fault_may_be_about_one_job_told_by_what_it_runs(opened):
    async with opened() as emulators:
        them = emulators.at("trocco", **KEY)
        second = {"of": 7, "nth": 2, "kind": "transfer"}
        await emulators.fault(vendor="trocco", route="GET /api/jobs/{id}", do="server_error", job=second)
        await them.post("/api/pipeline_jobs", params={"pipeline_definition_id": 7})
        assert (await them.get("/api/jobs/2")).status_code == 404  # there is no second job as yet
        for _ in range(2):
            await them.post(POST)
        await them.post(POST.replace("7", "8"))
        looked = [(await them.get(f"/api/jobs/{number}")).status_code for number in (1, 2, 3)]
        assert looked == [200, 500, 200]


async def test_a_fault_may_last_from_one_call_until_another(opened):
    async with opened() as emulators:
        them = emulators.at("trocco", **KEY)
        await emulators.fault(vendor="trocco", route="POST /api/jobs", do="server_error", since=2, until=3)
        assert [(await them.post(POST)).status_code for _ in range(4)] == [200, 500, 500, 200]


async def test_a_connection_that_is_refused_sent_nothing(opened):
    async with opened() as emulators:
        await emulators.fault(vendor="trocco", route="POST /api/jobs", do="unreachable")
        with pytest.raises(ConnectionRefusedError):
            await emulators.at("trocco", **KEY).post(POST)
        assert await emulators.jobs("trocco") == []
