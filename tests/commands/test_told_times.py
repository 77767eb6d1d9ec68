"""Times are told in the pipeline's zone, with its offset, wherever the machine stands."""

import json
import re

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
