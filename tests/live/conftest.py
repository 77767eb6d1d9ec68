"""A Treasure Workflow server that understands digdag's API: by default the emulator, on request a real one.

Without PIPEFORGE_DIGDAG_URL the scenarios run against the Treasure emulator in the shape of an open-source
digdag server, in a process of its own. With it (`http://127.0.0.1:65432`, no credentials) the very same
scenarios run against that server: the folder `workflows` is pushed to it as a project first.
"""

import io
import os
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from command_fixtures import served, shell

__all__ = ["served", "shell"]

WORKFLOWS = Path(__file__).with_name("workflows")
REAL = os.environ.get("PIPEFORGE_DIGDAG_URL", "")

EMULATED = {
    "quick": {"course": {"tasks": [{"name": "say", "seconds": 0}]}},
    "fails": {
        "course": {
            "tasks": [
                {"name": "before", "seconds": 0},
                {"name": "refuse", "seconds": 0, "outcome": "error", "message": "the warehouse is closed"},
            ]
        }
    },
    "endless": {"course": {"tasks": [{"name": "wait", "seconds": 3600}]}},
    "short": {"course": {"tasks": [{"name": "wait", "seconds": 3}]}},
}
"""How the emulator plays the files of `workflows`."""


class Server:
    """The server as its own API shows it, without any of our code."""

    def __init__(self, url, project):
        self.url = url
        self.project = project
        # TD1 with some key: digdag takes any header, the emulator wants one
        self._http = httpx.Client(base_url=url, trust_env=False, headers={"authorization": "TD1 1/live"})

    def close(self):
        self._http.close()

    def push(self):
        """PUT /api/projects with the workflows as a tar.gz."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for path in sorted(WORKFLOWS.glob("*.dig")):
                archive.add(path, path.name)
        answer = self._http.put(
            "/api/projects",
            params={"project": self.project, "revision": uuid4().hex},
            content=packed.getvalue(),
            headers={"content-type": "application/gzip"},
        )
        assert answer.status_code == 200, answer.text

    def workflow_id(self, name):
        found = self._get("/api/projects", name=self.project)["projects"][0]["id"]
        listed = self._get(f"/api/projects/{found}/workflows", name=name)["workflows"]
        return next(row["id"] for row in listed if row["name"] == name)

    def start(self, workflow, session_time, name=None, params=None):
        """Somebody else's attempt."""
        body = {"workflowId": self.workflow_id(workflow), "sessionTime": session_time, "params": params or {}}
        answer = self._http.put(
            "/api/attempts", json={**body, **({"retryAttemptName": name} if name else {})}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def attempts(self, workflow, session_time):
        """All attempts of one session, oldest first."""
        query = {"project": self.project, "workflow": workflow, "include_retried": "true"}
        rows = self._get("/api/attempts", **query)["attempts"]
        at = datetime.fromisoformat(session_time)
        mine = [row for row in rows if datetime.fromisoformat(row["sessionTime"]) == at]
        return sorted(mine, key=lambda row: int(row["id"]))

    def kill(self, attempt):
        self._http.post(f"/api/attempts/{attempt}/kill")

    def _get(self, path, **query):
        answer = self._http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def project():
    """A project of this test session's own."""
    return f"pipeforge_{uuid4().hex[:12]}" if REAL else "pipeforge_live"


@pytest.fixture
def server(served, project):
    """The server, with the project on it."""
    if REAL:
        there = Server(REAL.rstrip("/"), project)
        there.push()
    else:
        world = {"treasure": {"shape": "oss", "projects": {project: {"workflows": EMULATED}}}}
        there = Server(served("oss", world).url("treasure"), project)
    yield there
    there.close()


@pytest.fixture
def session_time():
    """An instant that no other test uses."""
    second = int(uuid4().hex[:6], 16)
    return (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).isoformat()
