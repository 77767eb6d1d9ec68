"""The Treasure emulator beside the engine of digdag's own server: the same calls to both, answers compared.

digdag's REST resources are in no registry, but what stands behind them is: the loader of archives, the
compiler, the executor, the agent and the store. What those determine must be the same here: which archives
are refused, what a workflow's file becomes, the tasks of an attempt and what becomes of each, unique keys,
conflicts, resuming, killing, and the order of lists.
"""

import io
import tarfile
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from digdag_programs import Engine

WORLD = {"treasure": {"shape": "oss", "projects": {}}}
AT = "2026-01-02T03:04:05Z"


def packed(files):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as opened:
        for name, text in files.items():
            content = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))
    return archive.getvalue()


class Emulated:
    """The emulator, asked what the engine is asked and told in the engine's words."""

    def __init__(self, emulators):
        self._emulators = emulators
        self.http = httpx.Client(base_url=emulators.url("treasure"), trust_env=False)

    def _ask(self, method, path, **more):
        answer = self.http.request(method, path, **more)
        return answer.status_code, answer.json()

    def push(self, project, revision, files):
        query = {"project": project, "revision": revision}
        headers = {"content-type": "application/gzip"}
        status, told = self._ask("PUT", "/api/projects", params=query, content=packed(files), headers=headers)
        if status != 200:
            return {"status": status, "message": told["message"]}
        rows = self._ask("GET", f"/api/projects/{told['id']}/workflows")[1]["workflows"]
        kept = {row["name"]: {key: row[key] for key in ("id", "timezone", "config")} for row in rows}
        return {"status": 200, "workflows": kept}

    def start(self, **asked):
        status, told = self._ask("PUT", "/api/attempts", json=asked)
        return {"status": status, "attempt": told} if "id" in told else {"status": status}

    def attempt(self, attempt):
        status, told = self._ask("GET", f"/api/attempts/{attempt}")
        return {"status": status, "attempt": told}

    def kill(self, attempt):
        return {"status": self._ask("POST", f"/api/attempts/{attempt}/kill")[0]}

    def run(self, attempt, kill=False):
        if kill:
            assert self.kill(attempt)["status"] == 200
        self._emulators.jump(90)
        return {"status": 200}

    def tasks(self, attempt):
        status, told = self._ask("GET", f"/api/attempts/{attempt}/tasks")
        names = {row["id"]: row["fullName"] for row in told["tasks"]}
        return {"status": status, "tasks": [_task(row, names) for row in told["tasks"]]}

    def retries(self, attempt):
        status, told = self._ask("GET", f"/api/attempts/{attempt}/retries")
        return {"status": status, **told}

    def list(self, project, workflow=None, **query):
        (found,) = self._ask("GET", "/api/projects", params={"name": project})[1]["projects"]
        query |= {"workflow": workflow} if workflow else {}
        attempts = self._ask("GET", "/api/attempts", params={"project": project, **query})[1]["attempts"]
        sessions = self._ask("GET", f"/api/projects/{found['id']}/sessions", params=query)[1]["sessions"]
        return {
            "attempts": attempts,
            "sessions": [
                {
                    "workflow": row["workflow"]["name"],
                    "sessionTime": row["sessionTime"],
                    "lastAttempt": row["lastAttempt"]["retryAttemptName"],
                }
                for row in sessions
            ],
        }


def _task(row, names):
    same = ("fullName", "isGroup", "state", "cancelRequested", "config", "exportParams", "storeParams")
    return {
        **{key: row[key] for key in (*same, "stateParams", "error")},
        "parent": names.get(row["parentId"]),
        "upstreams": [names[each] for each in row["upstreams"]],
        "started": row["startedAt"] is not None,
    }


class Real:
    """The engine, asked by the same words."""

    def __init__(self, engine):
        self._engine = engine

    def __getattr__(self, do):
        return lambda *given, **named: self._engine(do, **named)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with (tmp_path_factory.mktemp("java") / "stderr.txt").open("w") as errors:
        engine = Engine(errors)
        yield engine
        engine.end()


@pytest.fixture
def both(engine, served):
    """Both servers, the real one first."""
    there = Emulated(served("digdag_engine", WORLD))
    yield Real(engine), there
    there.http.close()


def shown(attempt):
    """What is determined of an attempt, whoever tells of it."""
    workflow, finished = attempt["workflow"], attempt.get("finishedAt") is not None
    at = datetime.fromisoformat(attempt["sessionTime"]).astimezone(UTC).isoformat()
    same = ("index", "retryAttemptName", "done", "success", "cancelRequested", "params")
    return {
        **{key: attempt[key] for key in same},
        "workflow": workflow if isinstance(workflow, str) else workflow["name"],
        "sessionTime": at,
        "finished": attempt.get("finished", finished),
    }


def named(attempt):
    """What is determined of an attempt at any time: ours run on while nobody looks."""
    progress = ("done", "success", "cancelRequested", "finished")
    return {key: value for key, value in shown(attempt).items() if key not in progress}


def pushed(both, text, project=None):
    """One workflow, pushed to both; its ids."""
    asked = {"project": project or f"p{uuid4().hex}", "revision": "1", "files": {"w.dig": text}}
    return [side.push(**asked)["workflows"]["w"]["id"] for side in both]


def started(both, ids, **more):
    """An attempt of the workflow in both; the answers."""
    return [
        side.start(workflowId=number, **{"sessionTime": AT, "params": {}, **more})
        for side, number in zip(both, ids, strict=True)
    ]


def told(side, attempt):
    """An attempt and its tasks."""
    return shown(side.attempt(attempt=attempt)["attempt"]), side.tasks(attempt=attempt)["tasks"]


FILES = {
    "nothing": "",
    "null": "~",
    "a list": "- a",
    "no yaml": "+a: [1",
    "a tab": "+a:\n\techo>: x\n",
    "two operators": "+a:\n  echo>: x\n  fail>: y\n",
    "an operator and tasks": "+a:\n  echo>: x\n  +b:\n    echo>: y\n",
    "neither operator nor tasks": "+a:\n  foo: 1\n",
    "a group with parameters": "+a:\n  x: 1\n  +b:\n    echo>: x\n",
    "an empty task": "+a: {}\n",
    "a task of null": "+a:\n",
    "a task of text": "+a: hi\n",
    "a list of tasks": "+a:\n  - echo>: x\n",
    "no tasks": "_export:\n  a: 1\n",
    "an operator that nobody has": "+a:\n  nothing>: 1\n",
    "an operator at the top": "echo>: hi\n",
    "an unknown key": "foo: bar\n+a:\n  echo>: x\n",
    "an unknown key with a line": "_foo: bar\n+a:\n  echo>: x\n",
    "a key that is no text": "1: x\n+a:\n  echo>: x\n",
    "a zone": "timezone: America/New_York\n+a:\n  echo>: x\n",
    "a zone that is none": "timezone: Nowhere/Land\n+a:\n  echo>: x\n",
    "an abbreviated zone": "timezone: JST\n+a:\n  echo>: x\n",
    "an offset": 'timezone: "+09:00"\n+a:\n  echo>: x\n',
    "a number as a zone": "timezone: 9\n+a:\n  echo>: x\n",
    "a key twice": "+a:\n  echo>: x\n+a:\n  echo>: y\n",
    "times and dates": "+a:\n  echo>: 07:00:00\n  b: 2026-01-01\n  c: 2026-01-01 02:03:04\n",
    "words and numbers": "+a:\n  echo>: yes\n  c: 1e3\n  d: null\n  e: 1.0\n  f: 0x1F\n  g: on\n  h: true\n",
    "only a plus": "+:\n  echo>: x\n",
    "a slash in a name": "+a/b:\n  echo>: x\n",
    "a space in a name": "+a b:\n  echo>: x\n",
    "a name in Japanese": "+集計:\n  echo>: x\n",
    "a dot in a name": "+a.b-c_d:\n  echo>: x\n",
    "a name that begins with a digit": "+1a:\n  echo>: x\n",
    "a long name": f"+{'a' * 255}:\n  echo>: x\n",
    "too long a name": f"+{'a' * 256}:\n  echo>: x\n",
    "parallel as a word": "_parallel: yes\n+a:\n  echo>: x\n",
    "an old way to write an operator": "+a:\n  _type: echo\n  _command: x\n",
    "an operator with tasks to do": "+a:\n  loop>: 2\n  _do:\n    +b:\n      echo>: x\n",
    "an sla": "sla:\n  time: 08:00\n  +n:\n    echo>: late\n+a:\n  echo>: x\n",
    "a check": "+a:\n  echo>: x\n  _check:\n    +t:\n      echo>: y\n",
    "tasks after an error": "+a:\n  echo>: x\n_error:\n  +t:\n    echo>: y\n",
    "anchors": "_export: &x\n  a: 1\n+a:\n  <<: *x\n  echo>: x\n",
    "an expression that does not end": "+a:\n  echo>: ${session_time\n",
    "lines of Windows": "+a:\r\n  echo>: x\r\n",
    "a mark at the beginning": "\ufeff+a:\n  echo>: x\n",
    "in the background": "+a:\n  echo>: x\n+b:\n  _background: true\n  echo>: y\n+c:\n  echo>: z\n",
    "background in a parallel": "_parallel: true\n+b:\n  _background: true\n  echo>: y\n",
    "after another": "_parallel: true\n+a:\n  echo>: x\n+b:\n  _after: [+a]\n  echo>: y\n",
    "after one that is not there": "_parallel: true\n+b:\n  _after: [+a]\n  echo>: y\n",
    "after another in sequence": "+a:\n  echo>: x\n+b:\n  _after: [+a]\n  echo>: y\n",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES.keys())
def test_a_file_is_taken_or_refused_and_becomes_the_same(both, text):
    asked = {"project": f"p{uuid4().hex}", "revision": "1", "files": {"w.dig": text}}
    real, ours = [side.push(**asked) for side in both]
    assert ours["status"] == real["status"], (real, ours)
    if real["status"] == 200:
        for side in (real, ours):
            side["workflows"]["w"].pop("id")
        assert ours["workflows"] == real["workflows"]


@pytest.mark.parametrize(
    "project",
    ["1a", "a.dig", "a+b", "a b", "a/b", "a:b", "a" * 255, "a" * 256, "集計", "^a", "a*", "a.b", "_a"],
)
def test_a_projects_name_is_taken_or_refused(both, project):
    asked = {"project": project, "revision": "1", "files": {"w.dig": "+a:\n  echo>: x\n"}}
    real, ours = [side.push(**asked)["status"] for side in both]
    assert ours == real


@pytest.mark.parametrize(
    "file", ["1a.dig", "a b.dig", "a+b.dig", "集計.dig", "sub/w.dig", "w.yml", "a.b.dig"]
)
def test_a_workflows_name_is_taken_or_refused(both, file):
    asked = {"project": f"p{uuid4().hex}", "revision": "1", "files": {file: "+a:\n  echo>: x\n"}}
    real, ours = [side.push(**asked) for side in both]
    assert ours["status"] == real["status"]
    assert list(ours.get("workflows", ())) == list(real.get("workflows", ()))


WORKFLOWS = {
    "one after the other": "+a:\n  echo>: x\n+b:\n  echo>: y\n+c:\n  echo>: z\n",
    "groups in groups": (
        "+a:\n  +b:\n    echo>: x\n  +c:\n    +d:\n      echo>: y\n    +e:\n      echo>: z\n+f:\n  echo>: x\n"
    ),
    "side by side": "_parallel: true\n+a:\n  echo>: x\n+b:\n  +c:\n    echo>: y\n  +d:\n    echo>: z\n",
    "exports": (
        "timezone: Asia/Tokyo\n_export:\n  a: 1\n  td:\n    database: x\n"
        "+a:\n  _export: {b: 2}\n  +b:\n    _export: {c: 3}\n    echo>: ${c}\n    extra: 4\n"
    ),
    "a failure": "+a:\n  echo>: x\n+b:\n  fail>: no such table\n+c:\n  echo>: z\n",
    "a failure in a group": "+a:\n  +b:\n    fail>: oh\n  +c:\n    echo>: y\n+d:\n  +e:\n    echo>: z\n",
    "a failure beside others": (
        "_parallel: true\n+a:\n  fail>: oh\n+b:\n  echo>: y\n+c:\n  +d:\n    echo>: z\n"
    ),
    "two failures": "_parallel: true\n+a:\n  fail>: oh\n+b:\n  fail>: no\n",
    "what is done after a failure": "+a:\n  fail>: oh\n_error:\n  +t:\n    echo>: told\n",
    "what is done after a task's failure": (
        "+a:\n  fail>: oh\n  _error:\n    echo>: told\n+b:\n  echo>: never\n"
    ),
    "no tasks": "_export:\n  a: 1\n",
    "an empty task": "+a: {}\n+b:\n  echo>: x\n",
    "a deep empty group": "+a:\n  +b: {}\n",
    "in the background": "+a:\n  echo>: x\n+b:\n  _background: true\n  echo>: y\n+c:\n  echo>: z\n",
    "after another": (
        "_parallel: true\n+a:\n  echo>: x\n+b:\n  _after: [+a]\n  echo>: y\n"
        "+c:\n  _after: [+a, +b]\n  echo>: z\n"
    ),
}


UNLIKE = {
    "what is done after a failure": "tasks under _error do not run here",
    "what is done after a task's failure": "tasks under _error do not run here",
    "an empty task": "a task without an operator is a group there",
    "a deep empty group": "a task without an operator is a group there",
    "no tasks": "every attempt has a task here",
    "in the background": "_background waits for nothing there",
    "after another": "_after is heeded there",
}
"""Where the emulator does something else than digdag, as its table of behaviours says."""


@pytest.fixture(scope="module")
def run(engine, served):
    """An attempt of each of WORKFLOWS that has run, and one that was killed before anything ran, in both."""
    sides = [Real(engine), Emulated(served("digdag_engine", WORLD))]
    asked = {"project": f"p{uuid4().hex}", "revision": "1"}
    files = {f"w{index}.dig": text for index, text in enumerate(WORKFLOWS.values())}
    return [_run(side, {**asked, "files": files}) for side in sides]


def _run(side, asked):
    made = side.push(**asked)["workflows"]
    attempts = {}
    for index, name in enumerate(WORKFLOWS):
        number = made[f"w{index}"]["id"]
        runs, dies = (
            side.start(workflowId=number, sessionTime=time, params={"x": [1, None]})["attempt"]["id"]
            for time in (AT, "2026-01-05T00:00:00Z")
        )
        kills = [side.kill(attempt=dies)["status"] for _ in range(2)]
        attempts[name] = runs, dies, kills
    for runs, dies, _ in attempts.values():
        side.run(attempt=runs)
        side.run(attempt=dies)
    return {
        name: {
            "runs": told(side, runs),
            "dies": told(side, dies),
            "kills": [*kills, side.kill(attempt=dies)["status"], side.kill(attempt=runs)["status"]],
        }
        for name, (runs, dies, kills) in attempts.items()
    }


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_tasks_of_an_attempt_that_has_ended(run, name):
    real, ours = (side[name]["runs"] for side in run)
    if name in UNLIKE:
        assert ours[0] == real[0] and ours[1] != real[1], f"no difference any more: {UNLIKE[name]}"
    else:
        assert ours == real


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_an_attempt_leaves_that_was_killed_before_anything_ran(run, name):
    real, ours = (side[name] for side in run)
    assert ours["kills"] == real["kills"] == [200, 200, 409, 409]
    for side in (real, ours):
        for task in side["dies"][1]:
            task.pop("started")  # ours begin at once, so that one may have
    assert ours["dies"][0] == real["dies"][0]
    if name not in UNLIKE or "_error" in UNLIKE[name]:
        assert ours["dies"][1] == real["dies"][1]


def test_an_attempt_that_is_killed_while_a_task_runs(both):
    text = "+a:\n  wait>: 2s\n+b:\n  echo>: x\n+c:\n  +d:\n    echo>: y\n"
    left = []
    for side, pushed_id in zip(both, pushed(both, text), strict=True):
        number = side.start(workflowId=pushed_id, sessionTime=AT, params={})["attempt"]["id"]
        side.run(attempt=number, kill=True)
        left.append(told(side, number))
    real, ours = left
    assert ours == real and real[1][1]["started"] and real[0]["cancelRequested"]


RESUMES = [
    {"mode": "failed"},
    {"mode": "failed", "attemptId": "77777777"},
    *({"mode": "from", "from": each} for each in ("+g+c", "+d", "+nothing", "+b", "+a", "+g", "+w", "", "a")),
    {"mode": "from", "from": "+a", "attemptId": "77777777"},
]
FAILS = "+a:\n  echo>: x\n+g:\n  +b:\n    echo>: y\n  +c:\n    fail>: z\n+d:\n  echo>: x\n"


def test_what_a_resume_takes_over_and_which_are_refused(both):
    left = []
    for side, number in zip(both, pushed(both, FAILS), strict=True):
        asked = {"workflowId": number, "sessionTime": AT, "params": {}}
        first = side.start(**asked)["attempt"]["id"]
        side.run(attempt=first)
        begun = []
        for index, resume in enumerate(RESUMES):
            resume = {"attemptId": str(first), **resume}
            begun.append(side.start(**asked, retryAttemptName=f"r{index}", resume=resume))
        for answer in begun:
            if answer["status"] == 200:
                side.run(attempt=answer["attempt"]["id"])
        rows = [
            told(side, each["attempt"]["id"]) if each["status"] == 200 else each["status"] for each in begun
        ]
        others = [named(each) for each in side.retries(attempt=first)["attempts"]]
        left.append((rows, others))
    real, ours = left
    for index, resume in enumerate(RESUMES):
        assert ours[0][index] == real[0][index], resume
    assert ours[1] == real[1]


def test_unique_keys_and_conflicts(both):
    ids = pushed(both, "+a:\n  echo>: x\n")
    for asked in (
        {},
        {"params": {"other": 1}},
        {"sessionTime": "2026-01-02T03:04:05.999Z"},
        {"retryAttemptName": "a"},
        {"retryAttemptName": "a"},
        {"retryAttemptName": "b", "params": {"p": {"q": None}}},
        {},
        {"sessionTime": "2026-01-02T03:04:06Z"},
        {"retryAttemptName": ""},
        {"retryAttemptName": " ", "sessionTime": "2026-02-01T00:00:00Z"},
        {"retryAttemptName": "x" * 255},
        {"retryAttemptName": "x" * 256},
        {"retryAttemptName": "集計/1"},
        {"workflowId": "999999999"},
    ):
        real, ours = (
            started(both, ids, **asked)
            if "workflowId" not in asked
            else (side.start(sessionTime=AT, params={}, **asked) for side in both)
        )
        assert ours["status"] == real["status"], asked
        if "attempt" in real:
            assert named(ours["attempt"]) == named(real["attempt"]), asked


def test_lists_and_their_order(both):
    project = f"p{uuid4().hex}"
    files = {"v.dig": "+a:\n  echo>: x\n", "w.dig": "timezone: Asia/Tokyo\n+a:\n  echo>: x\n"}
    left = []
    for side in both:
        made = side.push(project=project, revision="1", files=files)["workflows"]
        ids = []
        for name, time, retry in (
            ("v", "2026-01-01T00:00:00Z", None),
            ("w", "2026-01-03T00:00:00Z", "late"),
            ("w", "2026-01-02T00:00:00Z", None),
            ("v", "2026-01-01T00:00:00Z", "again"),
            ("w", "2026-01-03T00:00:00Z", None),
        ):
            named = {"retryAttemptName": retry} if retry else {}
            asked = {"workflowId": made[name]["id"], "sessionTime": time, "params": {}, **named}
            ids.append(side.start(**asked)["attempt"]["id"])
        left.append([_listed(side, project, last_id=ids[3], **more) for more in LISTS])
    real, ours = left
    for more, one, other in zip(LISTS, real, ours, strict=True):
        assert other == one, more


LISTS = [
    {},
    {"last": True},
    {"include_retried": "true"},
    {"include_retried": "true", "page_size": 2},
    {"include_retried": "true", "last": True},
    {"workflow": "w"},
    {"workflow": "w", "include_retried": "true"},
    {"workflow": "nothing"},
    {"page_size": 1},
]


def _listed(side, project, *, last_id, last=False, **query):
    if last:
        query["last_id"] = last_id
    found = side.list(project=project, **query)
    sessions = [
        {**row, "sessionTime": datetime.fromisoformat(row["sessionTime"])} for row in found["sessions"]
    ]
    return [named(row) for row in found["attempts"]], [] if last else sessions


def test_a_revision_that_is_there_is_a_conflict(both):
    asked = {"project": f"p{uuid4().hex}", "revision": "1", "files": {"w.dig": "+a:\n  echo>: x\n"}}
    for _ in range(2):
        real, ours = (side.push(**asked)["status"] for side in both)
        assert ours == real
    assert real == 409
