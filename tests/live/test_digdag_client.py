"""The Treasure emulator spoken to by the client library of digdag's own makers: Java, unmodified, from Maven.

Every public method of it is called. What it reads goes into the makers' own types, and what it then writes
must be what the emulator sent, to the last key and in the same form: so no key is missing, none is too many,
and every time, id and null is written as digdag writes them.
"""

import ast
import base64
import hashlib
import io
import json
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from digdag_programs import Client, Failed

SESSION = "2026-01-31T02:00:00Z"
WORKFLOWS = {
    "mart": {
        "timezone": "Asia/Tokyo",
        "config": {"schedule": {"daily>": "07:00:00"}},
        "course": {
            "tasks": [
                {"name": "load", "parallel": True, "tasks": [{"name": "a", "seconds": 0}, {"name": "b"}]},
                {"name": "build", "seconds": 0, "log": ["built 7 rows"]},
            ]
        },
    },
    "endless": {"course": {"seconds": 3600}},
    "fails": {"course": {"seconds": 0, "outcome": "error", "message": "no such table"}},
}
WORLD = {
    "treasure": {"shape": "oss", "projects": {"sales": {"workflows": WORKFLOWS}, "stock": {"workflows": {}}}}
}
DIG = "timezone: Asia/Tokyo\nschedule:\n  hourly>: 30:00\n+a:\n  echo>: hi\n"


@pytest.fixture(scope="module")
def digdag_root(served):
    """The emulator at the root, where digdag's own programs look for it."""
    return served("digdag_client", WORLD, "treasure")


@pytest.fixture
def emulators(digdag_root, served):
    return served("digdag_client", WORLD, "treasure")


@pytest.fixture(scope="module")
def one_client(digdag_root, tmp_path_factory):
    said = tmp_path_factory.mktemp("java") / "stderr.txt"
    with said.open("w") as errors:
        client = Client(urlsplit(digdag_root.root).port, "TD1 1/of-the-tests", errors)
        yield client
        client.end()


@pytest.fixture
def client(one_client, emulators):
    return one_client


@pytest.fixture
def sent(digdag_root):
    """What the emulator sends, without any client: `sent(path, **query)`."""
    with httpx.Client(base_url=digdag_root.root, trust_env=False) as http:

        def get(path, **query):
            answer = http.get(path, params=query, headers={"authorization": "TD1 1/x"})
            assert answer.status_code == 200, answer.text
            return answer.json()

        yield get


@pytest.fixture
def sales(client):
    return client("getProject(String)", "sales")["id"]


@pytest.fixture
def workflow(client, sales):
    return lambda name: client("getWorkflowDefinition(Id,String)", sales, name)["id"]


@pytest.fixture
def start(client, workflow):
    def started(name, time=SESSION, **more):
        asked = {"workflowId": workflow(name), "sessionTime": time, "params": {}, **more}
        return client("startSessionAttempt(RestSessionAttemptRequest)", asked)

    return started


@pytest.fixture
def daily(client, sales):
    return client("getSchedule(Id,String)", sales, "mart")["id"]


def packed(path, **files):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("_", "."))
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return str(path)


def test_every_method_of_the_client_is_called(client):
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    begin_and_end = {"builder()", "close()"}
    assert set(client.methods) - words == set() and begin_and_end < set(client.methods)


# What the client makes of itself


def test_the_client_makes_what_it_makes_without_a_server(client):
    assert client("newConfig()") == {}
    assert client("objectMapper()") == "ObjectMapper"


def test_versions(client, sent):
    assert client("getVersion()") == sent("/api/version") == {"version": "0.10.5.1"}
    told = client("checkClientVersion(String)", "0.10.0")
    assert told == sent("/api/version/check", client="0.10.0")
    assert told == {"serverVersion": "0.10.5.1", "upgradeRecommended": False, "apiCompatible": True}


# Projects


def test_projects_and_their_workflows_are_read_as_they_are_sent(client, sent, sales):
    assert client("getProject(String)", "sales") == sent("/api/projects", name="sales")["projects"][0]
    assert client("getProject(Id)", sales) == sent(f"/api/projects/{sales}")
    assert client("getProjects()") == sent("/api/projects")
    assert client("getRevisions(Id,Optional)", sales, None) == sent(f"/api/projects/{sales}/revisions")
    assert client("getWorkflowDefinitions()") == sent("/api/workflows")
    rows = client("getWorkflowDefinitions(Id)", sales)
    assert rows == sent(f"/api/projects/{sales}/workflows")
    assert client("getWorkflowDefinitions(Id,String)", sales, "1") == rows
    last = rows["workflows"][0]["id"]
    below = client("getWorkflowDefinitions(Optional)", last)
    assert below == sent("/api/workflows", last_id=last)
    assert last not in [row["id"] for row in below["workflows"]]
    mart = client("getWorkflowDefinition(Id,String)", sales, "mart")
    assert client("getWorkflowDefinition(Id,String,String)", sales, "mart", "1") == mart
    assert client("getWorkflowDefinition(Id)", mart["id"]) == mart
    for method, given in {
        "getProject(String)": ["nowhere"],
        "getProject(Id)": ["999999"],
        "getWorkflowDefinition(Id,String)": [sales, "nowhere"],
        "getWorkflowDefinitions(Id,String)": [sales, "nowhere"],
        "getWorkflowDefinition(Id)": ["999999"],
    }.items():
        with pytest.raises(Failed) as failed:
            client(method, *given)
        assert (failed.value.kind, failed.value.status) == ("NotFoundException", 404), method


def test_a_project_is_pushed_fetched_and_deleted(client, sent, tmp_path):
    path = packed(tmp_path / "p.tar.gz", load_dig=DIG, query_sql="SELECT 1")
    made = client("putProjectRevision(String,String,File)", "pushed", "first", path)
    assert made == sent(f"/api/projects/{made['id']}") and made["revision"] == "first"
    md5 = hashlib.md5(Path(path).read_bytes(), usedforsecurity=False).digest()
    assert base64.b64decode(made["archiveMd5"]) == md5
    begin = "2031-02-03T04:05:06Z"
    again = client("putProjectRevision(String,String,File,Optional)", "pushed", "second", path, begin)
    assert (again["id"], again["revision"]) == (made["id"], "second")
    rows = client("getRevisions(Id,Optional)", made["id"], None)
    assert rows == sent(f"/api/projects/{made['id']}/revisions")
    assert [row["revision"] for row in rows["revisions"]] == ["second", "first"]
    scheduled = client("getSchedules(Id,Optional)", made["id"], None)
    assert scheduled == sent(f"/api/projects/{made['id']}/schedules")
    assert scheduled["schedules"][0]["nextScheduleTime"] == "2031-02-03T13:00:00+09:00"
    back = base64.b64decode(client("getProjectArchive(Id,String)", made["id"], "first"))
    assert back == Path(path).read_bytes()
    with pytest.raises(Failed) as failed:
        client("putProjectRevision(String,String,File)", "pushed", "second", path)
    assert failed.value.status == 409 and failed.value.body["status"] == 409
    assert client("deleteProject(Id)", made["id"]) is None
    with pytest.raises(Failed, match="404"):
        client("getProject(Id)", made["id"])


def test_secrets_are_put_listed_and_deleted(client, sent, sales):
    assert client("setProjectSecret(Id,String,String)", sales, "mysql.password", "x") is None
    assert client("listProjectSecrets(Id)", sales) == sent(f"/api/projects/{sales}/secrets")
    assert client("listProjectSecrets(Id)", sales) == {"secrets": [{"key": "mysql.password"}]}
    assert client("deleteProjectSecret(Id,String)", sales, "mysql.password") is None
    assert client("listProjectSecrets(Id)", sales) == {"secrets": []}
    with pytest.raises(Failed, match="IllegalArgumentException"):
        client("setProjectSecret(Id,String,String)", sales, "1 not a key", "x")


def test_session_times_are_cut(client, sent, workflow):
    mart = workflow("mart")
    path = f"/api/workflows/{mart}/truncated_session_time"
    plain = client("getWorkflowTruncatedSessionTime(Id,LocalTimeOrInstant)", mart, SESSION)
    assert plain == sent(path, session_time=SESSION)
    assert (plain["sessionTime"], plain["timezone"]) == ("2026-01-31T11:00:00+09:00", "Asia/Tokyo")
    cut = "getWorkflowTruncatedSessionTime(Id,LocalTimeOrInstant,SessionTimeTruncate)"
    for mode, time in {
        "hour": "2026-01-31T18:00:00+09:00",
        "day": "2026-01-31T00:00:00+09:00",
        "schedule": "2026-02-01T00:00:00+09:00",
        "next_schedule": "2026-02-01T00:00:00+09:00",
    }.items():
        assert client(cut, mart, "2026-01-31T18:30:01", mode)["sessionTime"] == time, mode


# Attempts, sessions, logs


def test_an_attempt_from_its_start_to_its_log(client, sent, emulators, start, sales):
    made = start("mart", params={"rows": 7, "deep": {"list": [1, None, "x"]}})
    told = made["id"]
    emulators.jump(90)
    tasks = client("getTasks(Id)", told)
    assert tasks == sent(f"/api/attempts/{told}/tasks")
    seen = client("getSessionAttempt(Id)", told)
    assert seen == sent(f"/api/attempts/{told}")
    assert (seen["status"], seen["done"], seen["success"]) == ("success", True, True)
    assert seen["params"] == {"rows": 7, "deep": {"list": [1, None, "x"]}}
    groups = {row["fullName"]: row["isGroup"] for row in tasks["tasks"]}
    assert groups == {
        "+mart": True,
        "+mart+load": True,
        "+mart+load+a": False,
        "+mart+load+b": False,
        "+mart+build": False,
    }
    files = client("getLogFileHandlesOfAttempt(Id)", told)
    assert files == sent(f"/api/logs/{told}/files")
    assert client("getLogFileHandlesOfTask(Id,String)", told, "+mart+build") == files
    assert client("getLogFileHandlesOfTask(Id,String)", told, "+mart+load") == {"files": []}
    (file,) = files["files"]
    by_handle = client("getLogFile(Id,RestLogFileHandle)", told, file)
    assert client("getLogFile(Id,String)", told, file["fileName"]) == by_handle
    with pytest.raises(Failed) as failed:
        client("adminGetAttemptUserInfo(Id)", told)
    assert failed.value.status == 404, "the admin's address is another one"


def test_sessions_and_attempts_are_listed_as_they_are_sent(client, sent, emulators, start, sales):
    first = start("mart", "2026-02-01T00:00:00Z")
    again = start("mart", "2026-02-01T00:00:00Z", retryAttemptName="again")
    other = start("fails", "2026-02-01T00:00:00Z")
    emulators.jump(90)
    session = first["sessionId"]
    assert client("getSession(Id)", session) == sent(f"/api/sessions/{session}")
    assert client("getSession(Id)", session)["lastAttempt"]["id"] == again["id"]
    assert client("getSessions()") == sent("/api/sessions")
    assert client("getSessions(Optional)", session) == sent("/api/sessions", last_id=session)
    of_project = f"/api/projects/{sales}/sessions"
    assert client("getSessions(Id)", sales) == sent(of_project)
    assert client("getSessions(Id,Optional,Optional)", sales, None, 1) == sent(of_project, page_size=1)
    assert client("getSessions(Id,String)", sales, "mart") == sent(of_project, workflow="mart")
    assert (
        client("getSessions(Id,String,Optional,Optional)", sales, "fails", None, 1)["sessions"][0]["id"]
        == (other["sessionId"])
    )
    assert client("getSessions(Id,String)", sales, "nowhere") == {"sessions": []}
    rows = client("getSessionAttempts(Id,Optional,Optional)", session, None, 5)
    assert rows == sent(f"/api/sessions/{session}/attempts", page_size=5)
    assert [row["id"] for row in rows["attempts"]] == [again["id"], first["id"]]
    rows = client("getSessionAttempts(Optional,Optional)", None, 3)
    assert rows == sent("/api/attempts", page_size=3)
    assert first["id"] not in [row["id"] for row in rows["attempts"]]
    rows = client("getSessionAttempts(String,Optional)", "sales", None)
    assert rows == sent("/api/attempts", project="sales")
    rows = client("getSessionAttempts(String,String,Optional)", "sales", "mart", other["id"])
    assert rows == sent("/api/attempts", project="sales", workflow="mart", last_id=other["id"])
    assert client("getSessionAttempts(String,String,Optional)", "sales", "nowhere", None) == {"attempts": []}
    rows = client("getSessionAttemptRetries(Id)", again["id"])
    assert rows == sent(f"/api/attempts/{again['id']}/retries")
    assert [(row["id"], row["index"]) for row in rows["attempts"]] == [(first["id"], 1), (again["id"], 2)]


def test_a_start_that_conflicts_and_one_that_resumes(client, emulators, start):
    failed = start("fails", "2026-02-02T00:00:00Z")
    emulators.jump(90)
    with pytest.raises(Failed) as conflict:
        start("fails", "2026-02-02T00:00:00Z")
    assert (conflict.value.kind, conflict.value.status) == ("ClientErrorException", 409)
    assert conflict.value.body["id"] == failed["id"]
    resume = {"mode": "failed", "attemptId": failed["id"]}
    again = start("fails", "2026-02-02T00:00:00Z", retryAttemptName="two", resume=resume)
    assert (again["sessionId"], again["index"]) == (failed["sessionId"], 2)
    resume = {"mode": "from", "attemptId": failed["id"], "from": "+main"}
    third = start("fails", "2026-02-02T00:00:00Z", retryAttemptName="three", resume=resume)
    assert (third["retryAttemptName"], third["index"]) == ("three", 3)


def test_an_attempt_runs_and_is_killed(client, sent, emulators, start):
    told = start("endless")["id"]
    assert client("getSessionAttempt(Id)", told) == sent(f"/api/attempts/{told}")
    assert client("getTasks(Id)", told) == sent(f"/api/attempts/{told}/tasks")
    assert client("killSessionAttempt(Id)", told) is None
    emulators.jump(5)
    seen = client("getSessionAttempt(Id)", told)
    assert (seen["status"], seen["cancelRequested"]) == ("killed", True)
    with pytest.raises(Failed) as failed:
        client("killSessionAttempt(Id)", told)
    assert failed.value.status == 409 and failed.value.body["status"] == 409


def test_a_failure_is_told_by_its_tasks(client, sent, emulators, start):
    told = start("fails", "2026-02-03T00:00:00Z")["id"]
    emulators.jump(90)
    tasks = client("getTasks(Id)", told)
    assert tasks == sent(f"/api/attempts/{told}/tasks")
    rows = {row["fullName"]: (row["state"], row["error"]) for row in tasks["tasks"]}
    assert rows["+fails+main"] == ("error", {"message": "no such table"})
    assert rows["+fails^failure-alert"] == ("success", {})


# Schedules


def test_schedules_are_read_as_they_are_sent(client, sent, sales, daily):
    assert client("getSchedule(Id)", daily) == sent(f"/api/schedules/{daily}")
    assert client("getSchedule(Id,String)", sales, "mart") == sent(f"/api/schedules/{daily}")
    assert client("getSchedules()") == sent("/api/schedules")
    assert client("getSchedules(Optional)", daily) == sent("/api/schedules", last_id=daily)
    assert client("getSchedules(Id,Optional)", sales, None) == sent(f"/api/projects/{sales}/schedules")
    with pytest.raises(Failed, match="schedule not found"):
        client("getSchedule(Id,String)", sales, "fails")


def test_a_schedule_is_switched(client, sent, daily):
    off = client("disableSchedule(Id)", daily)
    assert off["disabledAt"] and client("getSchedule(Id)", daily)["disabledAt"] == off["disabledAt"]
    assert client("enableSchedule(Id)", daily)["disabledAt"] is None
    client("disableSchedule(Id)", daily)
    assert client("enableSchedule(Id,boolean,Optional)", daily, True, None)["disabledAt"] is None
    moved = client("enableSchedule(Id,boolean,Optional)", daily, True, "2032-01-01T00:00:00")
    assert moved["nextScheduleTime"] == "2032-01-01T00:00:00+09:00"
    assert set(moved) - set(sent(f"/api/schedules/{daily}")) == {"createdAt", "updatedAt"}


def test_a_schedule_is_moved_on(client, daily):
    dry = ("skipSchedulesToTime(Id,LocalDateTime,Optional,boolean)", daily, "2033-01-01T00:00:00", None, True)
    assert client(*dry)["nextScheduleTime"] == "2033-01-01T00:00:00+09:00"
    assert client("getSchedule(Id)", daily)["nextScheduleTime"] < "2033"
    run = "2033-01-02T03:04:05Z"
    moved = client(
        "skipSchedulesToTime(Id,Instant,Optional,boolean)", daily, "2032-12-31T15:00:00Z", run, False
    )
    assert (moved["nextScheduleTime"], moved["nextRunTime"]) == ("2033-01-01T00:00:00+09:00", run)
    since = "2033-01-01T00:00:00+09:00"
    moved = client("skipSchedulesByCount(Id,Instant,int,Optional,boolean)", daily, since, 2, None, False)
    assert moved["nextScheduleTime"] == "2033-01-03T00:00:00+09:00"
    with pytest.raises(Failed) as failed:
        client(*dry)
    assert failed.value.status == 409


def test_past_times_are_run_again(client, sent, emulators, daily):
    fill = "backfillSchedule(Id,Instant,String,Optional,boolean)"
    since = "2026-03-01T00:00:00+09:00"
    planned = client(fill, daily, since, "fill", 2, True)["attempts"]
    assert [row["sessionTime"] for row in planned] == [
        "2026-03-01T00:00:00+09:00",
        "2026-03-02T00:00:00+09:00",
    ]
    made = client(fill, daily, since, "fill", 2, False)["attempts"]
    assert [row["retryAttemptName"] for row in made] == ["fill", "fill"]
    emulators.jump(90)
    assert client("getSessionAttempt(Id)", made[0]["id"]) == sent(f"/api/attempts/{made[0]['id']}")
    with pytest.raises(Failed) as failed:
        client(fill, daily, since, "fill", 1, False)
    assert failed.value.status == 409 and json.dumps(failed.value.body).count("fill")
