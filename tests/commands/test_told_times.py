"""Times are told in the pipeline's zone, with its offset, wherever the machine stands."""

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from command_fixtures import LONG
from vendor_project import number, pipeline, steps

ELSEWHERE = {"TZ": "America/New_York"}
CLOCK = re.compile(r"^(\d\d:\d\d):\d\d  ", re.M)


@pytest.fixture
def project(shell, emulators):
    load = {"load": steps(number())["td_workflow"]}
    shell.write("p.yaml", pipeline(load, emulators, timezone="Asia/Tokyo"))


def test_every_command_tells_times_in_the_pipelines_zone(shell, emulators, project):
    running = shell.begin("run", "p.yaml", "--context-time", "2026-01-31T02:00", **ELSEWHERE)
    running.until("triggered:")
    run = shell.runs()[0]["run"]
    attached = shell.begin("attach", run, **ELSEWHERE)
    attached.until("triggered:")
    emulators.jump(LONG)
    of_run, of_attach = running.end(), attached.end()
    for done in (of_run, of_attach):
        assert f"run {run} of all_vendors for 2026-01-31T02:00:00+09:00, times in Asia/Tokyo\n" in done.err
    at_start = shell.runs()[0]["started_at"]
    assert at_start.endswith("+00:00")
    hour = (int(at_start[11:13]) + 9) % 24
    for told in (of_run.err, of_attach.err):
        assert CLOCK.search(told)[1][:2] in (f"{hour:02}", f"{(hour + 1) % 24:02}")
    shown = shell.process("show", run, **ELSEWHERE).out
    assert re.search(rf"^started \S+ {hour:02}:\d\d:\d\d\+09:00, ended \S+ \S+\+09:00$", shown, re.M)
    why = shell.process("show", run, "--why", "load", **ELSEWHERE).out.splitlines()[1:]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+09:00  ", line) for line in why)
    row = shell.process("runs", **ELSEWHERE).out.splitlines()[1]
    assert re.search(rf"2026-01-31T02:00:00\+09:00  \S+ {hour:02}:\d\d\+09:00  ", row)


def test_programs_are_told_instants_with_their_offset(shell, emulators, project):
    running = shell.begin("run", "p.yaml", "--context-time", "2026-01-31T02:00")
    running.until("triggered:")
    emulators.jump(LONG)
    running.end()
    run = shell.runs()[0]["run"]
    for line in shell("show", run, "--format", "jsonl").out.splitlines():
        assert re.search(r"(Z|[+-]\d\d:\d\d)$", json.loads(line)["at"])
    shown = shell.shown(run)
    assert shown["context_time"] == "2026-01-31T02:00:00+09:00"
    assert shown["steps"]["load"]["finished_at"].endswith("+00:00")


def over(shell, emulators, name, timezone):
    """A run in that zone that has ended; when it began, as a clock there showed it."""
    load = {"load": {**steps(number())["td_workflow"], "if": False}}
    shell.write(f"{name}.yaml", {**json.loads(pipeline(load, emulators, timezone=timezone)), "name": name})
    assert shell("run", f"{name}.yaml").code == 0
    (row,) = shell.runs("--pipeline", name)
    began = datetime.fromisoformat(row["started_at"]).astimezone(ZoneInfo(timezone))
    return row["run"], began.replace(tzinfo=None)


def test_a_time_without_an_offset_is_meant_as_the_list_shows_it(shell, emulators):
    there = {
        zone: over(shell, emulators, zone[:2].lower(), zone) for zone in ("Asia/Tokyo", "Pacific/Honolulu")
    }
    for run, began in there.values():
        since, later = began.isoformat(sep=" "), (began + timedelta(seconds=1)).isoformat(sep=" ")
        assert run in [row["run"] for row in shell.runs("--since", since)]
        assert run not in [row["run"] for row in shell.runs("--since", later)]
        assert run in [row["run"] for row in shell.runs("--until", later)]
        assert run not in [row["run"] for row in shell.runs("--until", since)]
        done = shell.process("runs", "--since", since, "--format", "json", **ELSEWHERE)
        assert run in [row["run"] for row in json.loads(done.out)["runs"]]
    (_, tokyo), (honolulu, _) = there.values()
    assert honolulu not in [row["run"] for row in shell.runs("--since", tokyo.isoformat())]
    noted = shell.runs("--since", f"{tokyo.isoformat()}+09:00")
    assert len(noted) == 2


def test_when_a_run_ended_and_what_is_dropped_is_told_in_its_zone(shell, emulators):
    run, _ = over(shell, emulators, "as", "Asia/Tokyo")
    ended = shell.process("cancel", run, **ELSEWHERE)
    assert ended.code == 2
    assert re.search(rf"run {run} ended at \S+ \S+\+09:00 \(succeeded\)", ended.err)
    dropped = ("runs", "prune", "--older-than", "0s", "--dry-run")
    assert re.search(r"1 run that ended before \S+ \S+\+09:00:\n", shell.process(*dropped, **ELSEWHERE).out)
    over(shell, emulators, "pa", "Pacific/Honolulu")
    assert re.search(r"2 runs that ended before \S+ \S+\+00:00:\n", shell.process(*dropped, **ELSEWHERE).out)
    none = shell("runs", "prune", "--older-than", "9d", "--yes")
    assert re.search(r"no run ended before \S+ \S+\+00:00 and still has events\n", none.out)
