"""`concurrency` of a pipeline: runs of several processes on one journal wait, are left out, or fail."""

import signal
from collections import Counter

import pytest
from command_fixtures import LONG
from command_line import until
from vendor_project import number, pipeline, steps


def written(shell, emulators, on_conflict="queue", *, name="first", key="orders", limit=1):
    """A pipeline of one step that shares its key; the name of its file."""
    step = {"trocco_job": steps(number())["trocco_job"]}
    policy = {"key": key, "limit": limit, "on_conflict": on_conflict}
    shell.write(f"{name}.yaml", pipeline(step, emulators, name=name, concurrency=policy))
    return f"{name}.yaml"


def begun(shell, file, *arguments):
    """A run that has triggered its step, whose job goes on."""
    running = shell.begin("run", file, "--log-format", "json", *arguments)
    running.until('"step_triggered"')
    return running


@pytest.fixture
def held(shell, emulators):
    """A run that holds the key."""
    return begun(shell, written(shell, emulators))


def test_fail_says_who_holds_it_and_leaves_nothing_behind(shell, emulators, held):
    (first,) = shell.runs()
    done = shell("run", written(shell, emulators, "fail", name="second"))
    assert done.code == 5
    assert "concurrency key 'orders' lets one run go at once" in done.err
    assert f"run {first['run']} (process {held.pid} on " in done.err
    assert f"`pipeforge cancel {first['run']}` ends it" in done.err
    assert [row["run"] for row in shell.runs()] == [first["run"]]
    assert len(emulators.jobs()) == 1


def test_skip_is_well_and_leaves_nothing_behind(shell, emulators, held):
    done = shell("run", written(shell, emulators, "skip", name="second"))
    assert done.code == 0
    assert done.out.startswith("skipped: concurrency key 'orders' lets one run go at once; run ")
    assert len(shell.runs()) == len(emulators.jobs()) == 1
    emulators.jump(LONG)
    assert held.end().code == 0
    again = shell.begin("run", "second.yaml", "--log-format", "json")
    again.until('"step_triggered"')
    emulators.jump(LONG)
    assert again.end().code == 0


def test_queue_waits_says_for_whom_and_goes_when_its_turn_comes(shell, emulators, held):
    waiting = shell.begin("run", written(shell, emulators, name="second"))
    waiting.until("waits: concurrency key 'orders' lets one run go at once; run ")
    assert len(emulators.jobs()) == 1
    row = next(row for row in shell.runs() if row["pipeline"] == "second")
    assert f"process {waiting.pid}" in row["held_by"]
    assert "waits: concurrency key 'orders'" in shell("show", row["run"]).out
    emulators.jump(LONG)
    assert held.end().code == 0
    waiting.until("triggered: job_id")
    emulators.jump(LONG)
    assert waiting.end().code == 0
    assert waiting.err.count("waits:") == 1


def test_other_keys_and_more_places_do_not_wait(shell, emulators, held):
    other = begun(shell, written(shell, emulators, "fail", name="second", key="parts"))
    both = begun(shell, written(shell, emulators, "fail", name="third", limit=2))
    assert len(emulators.jobs()) == 3
    emulators.jump(LONG)
    assert [held.end().code, other.end().code, both.end().code] == [0, 0, 0]


def test_the_key_may_be_a_template(shell, emulators):
    step = {"trocco_job": steps(number())["trocco_job"]}
    more = {
        "custom_variables": {"region": {"type": "string", "default": "jp"}},
        "concurrency": {"key": "orders_${{ custom_variables.region }}", "on_conflict": "fail"},
    }
    shell.write("p.yaml", pipeline(step, emulators, **more))
    begun(shell, "p.yaml")
    assert shell("run", "p.yaml", "--again").code == 5
    begun(shell, "p.yaml", "--again", "--set", "region=us")
    assert shell("run", "p.yaml", "--again", "--set", "region=us").code == 5
    assert "key 'orders_jp'" in shell("plan", "p.yaml").out


@pytest.mark.parametrize(("how", "code"), [("interrupt", 130), ("budget", 6)])
def test_a_queueing_run_can_be_stopped_and_resumed(shell, emulators, held, how, code):
    budget = ["--max-time", "1s"] if how == "budget" else []
    waiting = shell.begin("run", written(shell, emulators, name="second"), *budget)
    waiting.until("waits: concurrency key")
    if how == "interrupt":
        waiting.send(signal.SIGINT)
    assert waiting.end().code == code
    assert len(emulators.jobs()) == 1
    run = next(row["run"] for row in shell.runs() if row["pipeline"] == "second")
    again = shell.begin("resume", run)
    again.until("waits: concurrency key")
    emulators.jump(LONG)
    again.until("triggered: job_id")
    emulators.jump(LONG)
    assert again.end().code == held.end().code == 0
    assert Counter(job["vendor"] for job in emulators.jobs()) == {"trocco": 2}


def test_a_killed_holder_is_waited_for_no_longer(shell, emulators, held):
    waiting = shell.begin("run", written(shell, emulators, name="second"))
    waiting.until("waits: concurrency key")
    held.kill()
    waiting.until("triggered: job_id")
    first = next(row["run"] for row in shell.runs() if row["pipeline"] == "first")
    resumed = shell.begin("resume", first)
    resumed.until("waits: concurrency key")
    emulators.jump(LONG)
    assert waiting.end().code == resumed.end().code == 0
    assert len(emulators.jobs()) == 2


def test_a_resume_that_may_not_wait_changes_nothing(shell, emulators):
    first = begun(shell, written(shell, emulators, "fail"))
    first.kill()
    holder = begun(shell, written(shell, emulators, name="second"))
    run = next(row["run"] for row in shell.runs() if row["pipeline"] == "first")
    done = shell("resume", run)
    assert done.code == 5
    assert "concurrency key 'orders'" in done.err
    emulators.jump(LONG)
    assert holder.end().code == 0
    assert shell("resume", run).code == 0
    assert len(emulators.jobs()) == 2


def test_three_processes_and_kills_never_go_together(shell, emulators):
    files = [written(shell, emulators, name=f"p{n}") for n in range(3)]
    running = [shell.begin("run", file, "--log-format", "json") for file in files]
    for count in (1, 2, 3):
        until(lambda: any('"step_triggered"' in one.err for one in running))
        assert len(emulators.jobs()) == count
        holder = next(one for one in running if '"step_triggered"' in one.err)
        running.remove(holder)
        holder.kill()
    emulators.jump(LONG)
    assert [shell("resume", row["run"]).code for row in shell.runs()] == [0, 0, 0]
    assert len(emulators.jobs()) == 3
