"""kill -9 at each commit to a journal in PostgreSQL, before or after the server hears it; then `resume`."""

import queue

import pytest
from postgres_wire import Wire
from vendor_project import number, pipeline, steps

CHOSEN = "td_workflow"
"""A kind of which it can always be told whether a job was started."""

COMMITS = 9
"""chosen: more than a run of this step makes; after the last of them it ends by itself."""


@pytest.fixture
def wire(postgres):
    wire = Wire(postgres.port)
    yield wire
    wire.close()


@pytest.mark.parametrize("heard", [False, True])
def test_a_kill_at_any_commit_leaves_one_job(shell, quick, postgres, database, wire, heard):
    step = steps(number())[CHOSEN]
    far = database.replace(f":{postgres.port}/", f":{wire.port}/")
    ends = []
    for at in range(1, COMMITS + 1):
        shell.write("p.yaml", pipeline({CHOSEN: step}, quick, name=f"p{at}"))
        before = len(quick.jobs())
        born = queue.SimpleQueue()
        wire.strike(lambda born=born: born.get().send(9), heard=heard, at=at)
        running = shell.begin("run", "p.yaml", "--journal", far, "--log-format", "json")
        born.put(running)
        ends.append(running.end().code)
        rows = shell.runs("--pipeline", f"p{at}", "--journal", database)
        if rows and not rows[0]["ended_at"]:
            done = shell("resume", rows[0]["run"], "--journal", database)
            assert done.code == 0, done.text
        if rows:
            outcomes = shell.outcomes(rows[0]["run"], "--journal", database)
            assert outcomes == {CHOSEN: "succeeded"}
        assert len(quick.jobs()) - before == bool(rows)
    assert ends.count(-9) >= 5
    assert ends[-1] == 0  # no commit was left out
