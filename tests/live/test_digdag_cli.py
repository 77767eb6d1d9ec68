"""The Treasure emulator spoken to by digdag's own command line: every command that speaks to a server.

Its parts that serve or run workflows are in no registry and are left out; the rest is as its makers built it.
It is of version 0.9.42, the API that it meets here of 0.10.
"""

import re

import pytest
from digdag_programs import CommandLine

WORLD = {"treasure": {"shape": "oss", "projects": {}}}
FILES = {
    "daily": "timezone: Asia/Tokyo\nschedule:\n  daily>: 07:00:00\n+say:\n  echo>: hello\n",
    "fails": "+a:\n  echo>: before\n+bad:\n  fail>: no such table\n",
    "endless": "+w:\n  wait>: 1h\n",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    with (tmp_path_factory.mktemp("java") / "stderr.txt").open("w") as errors:
        program = CommandLine(errors)
        yield program
        program.end()


@pytest.fixture
def emulators(served):
    return served("digdag_cli", WORLD, "treasure")


@pytest.fixture
def digdag(program, emulators, tmp_path):
    """`digdag WORDS`: what it printed. It must succeed, unless `code` says how it fails."""
    (tmp_path / "config").write_text("")

    def run(*words, code=0, typed=""):
        given = [str(word) for word in words]
        options = ["-e", emulators.root, "-c", str(tmp_path / "config")]
        ended, said = program(*given, *options, typed=typed)
        assert ended == code, (given, said)
        return said

    return run


@pytest.fixture
def project(digdag, tmp_path):
    """A project that `digdag push` made, and that `digdag delete` takes away again."""
    folder = tmp_path / "flows"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.dig").write_text(text)
    said = digdag("push", "flows", "--project", folder, "-r", "v1")
    assert "revision: v1" in said and all(f"{name}.dig" in said for name in FILES)
    yield "flows"
    assert "is deleted" in digdag("delete", "flows", "--force")
    assert "does not exist" in digdag("projects", "flows", code=1)


def told(said, key):
    """What is printed behind a key, each time."""
    return [each.strip() for each in re.findall(rf"^ *{key}:(.*)$", said, re.MULTILINE)]


def test_versions(digdag):
    assert "Server version: 0.10.5.1" in digdag("version")


def test_projects_and_workflows(digdag, project, tmp_path):
    assert told(digdag("projects"), "name") == [project]
    (number,) = told(digdag("projects", project), "id")
    assert number.isdigit()
    for words in ((), (project,)):
        said = digdag("workflows", *words)
        assert all(name in said for name in FILES)
    said = digdag("workflows", project, "daily")
    assert 'daily>: "07:00:00"' in said and "timezone" not in said
    assert "not found" in digdag("workflows", project, "nothing", code=1)
    folder = tmp_path / "down"
    assert "revision 'v1'" in digdag("download", project, "-o", folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        f"{name}.dig": text for name, text in FILES.items()
    }
    again = digdag("push", project, "--project", tmp_path / "flows", "-r", "v1", code=1)
    assert "409" in again or "onflict" in again


def test_an_attempt_that_succeeds(digdag, project, emulators):
    said = digdag("start", project, "daily", "--session", "2026-01-02 03:04:05", "-p", "rows=7")
    (attempt,), (session,) = told(said, "attempt id"), told(said, "session id")
    assert told(said, "session time") == ["2026-01-02 03:04:05 +0900"] and '"rows":"7"' in said
    emulators.jump(90)
    assert told(digdag("attempt", attempt), "status") == ["success"]
    assert told(digdag("tasks", attempt), "state") == ["success", "success"]
    assert "hello" in digdag("log", attempt)
    for words in ((), (project,), (project, "daily")):
        assert session in told(digdag("sessions", *words), "session id")
    assert told(digdag("session", session), "status") == ["success"]
    for words in ((), (session,)):
        assert attempt in told(digdag("attempts", *words), "attempt id")
    refused = digdag("start", project, "daily", "--session", "2026-01-02 03:04:05", code=1)
    assert "already" in refused and "retry" in refused
    assert "(dry run)" in digdag("start", project, "daily", "--session", "daily", "--dry-run")
    assert "not found" in digdag("attempt", 999, code=1)


def test_an_attempt_that_fails_and_is_tried_again(digdag, project, emulators):
    (attempt,) = told(digdag("start", project, "fails", "--session", "2026-01-02 00:00:00"), "attempt id")
    emulators.jump(90)
    assert told(digdag("attempt", attempt), "status") == ["error"]
    said = digdag("tasks", attempt)
    assert "+fails^failure-alert" in told(said, "name") and "no such table" in said
    said = digdag("retry", attempt, "--latest-revision", "--resume", "--name", "two")
    assert told(said, "retry attempt name") == ["two"]
    (again,) = told(said, "attempt id")
    emulators.jump(90)
    states = dict(
        zip(told(digdag("tasks", again), "name"), told(digdag("tasks", again), "state"), strict=True)
    )
    assert (states["+fails+a"], states["+fails+bad"]) == ("success", "error")
    said = digdag("retry", attempt, "--keep-revision", "--resume-from", "+bad", "--name", "three")
    assert told(said, "retry attempt name") == ["three"]
    assert told(digdag("retry", attempt, "--latest-revision", "--all"), "retry attempt name") != [""]


def test_an_attempt_that_is_killed(digdag, project, emulators):
    (attempt,) = told(digdag("start", project, "endless", "--session", "2026-01-02 00:00:00"), "attempt id")
    # 0.9 expects no answer to a kill, 0.10 gives the attempt: it stumbles over that, and the kill is done
    assert "response processing" in digdag("kill", attempt, code=1)
    emulators.jump(5)
    said = digdag("attempt", attempt)
    assert (told(said, "kill requested"), told(said, "status")) == (["true"], ["error"]), (
        "0.9 has no word for it"
    )
    assert "already" in digdag("kill", attempt, code=1)


def test_schedules(digdag, project):
    (number,) = told(digdag("schedules"), "id")
    for words in ((number,), (project,), (project, "daily")):
        assert "Disabled" in digdag("disable", *words)
        assert told(digdag("schedules"), "disabled at") != [""]
        assert "Enabled" in digdag("enable", *words)
        assert told(digdag("schedules"), "disabled at") == [""]
    said = digdag("backfill", number, "--from", "2026-01-01 00:00:00", "--name", "fill", "--count", "2")
    assert told(said, "session time") == ["2026-01-01 00:00:00 +0900", "2026-01-02 00:00:00 +0900"]
    asked = ("--from", "2026-01-01 00:00:00", "--name", "fill", "--count", "1")
    assert "already" in digdag("backfill", project, "daily", *asked, code=1)
    said = digdag("reschedule", project, "daily", "--skip-to", "2034-01-01 00:00:00 +0900")
    assert told(said, "next session time") == ["2034-01-01 00:00:00 +0900"]
    said = digdag("reschedule", number, "--skip-to", "2033-01-01 00:00:00 +0900", code=1)
    assert "past" in said


def test_secrets(digdag, project):
    assert "Secret 'a.b' set" in digdag("secrets", "--project", project, "--set", "a.b=wine")
    said = digdag("secrets", "--project", project)
    assert "a.b" in said and "wine" not in said
    assert "Secret 'a.b' deleted" in digdag("secrets", "--project", project, "--delete", "a.b")
    assert "a.b" not in digdag("secrets", "--project", project)
