"""A full disk, a journal that may only be read, a clock set back, a stalled process, two resumes at once."""

import os
import signal
import time
from random import Random

import pytest
from crash_scenarios import SCRIPTS, names, one_of_each

from pipeforge.contract.killed.stage import until
from pipeforge.contract.killed.whole import Whole

SAMPLE = 3
"""Commits for each kind, unless all are asked for."""

ALL = os.environ.get("PIPEFORGE_CRASH") == "all"
LOCKED = ("before pragma", "after pragma", "before commit", "close database")
LEAVING = ("before P", "gone P", "socket.connect")
"""Here nothing is looked at any more before the request leaves: it will, when the process wakes."""

LEASE = 0.6
"""Seconds: a process that is silent so long loses its run."""


@pytest.fixture(params=names() if ALL else one_of_each())
def whole(stage, request):
    return Whole(stage, SCRIPTS[request.param])


def commits(whole, point="before commit"):
    """The numbers of the points before a commit, a sample of them."""
    every = [number for number in whole.deaths() if whole.points[number - 1] == point]
    return every if ALL else sorted(Random(whole.kind.name).sample(every, min(SAMPLE, len(every))))


@pytest.mark.parametrize("trouble", ["full", "readonly"])
def test_a_journal_that_takes_no_more_ends_all_triggering(whole, trouble):
    for number in commits(whole):
        with whole.case() as case:
            life = case.live(**{trouble: number})
            at = f"{number} of {len(whole.points)}: {life.code} {life.err}"
            if life.code:
                assert life.code == 3, at
                assert "error: journal '" in life.err, at
                assert "help: " in life.err, at
            case.to_the_end()
            case.settle()
            assert not whole.judge(case), f"{at}\n{whole.judge(case)}"


@pytest.mark.parametrize("back", [3_600.0, 86_400.0], ids=["an hour", "a day"])
def test_a_clock_set_back_between_run_and_resume(whole, back):
    for number in commits(whole, "after commit"):
        with whole.case() as case:
            case.live(kill=number)
            case.clock.jump(1.0)
            resumed = case.live(back=back)
            assert resumed.code in (0, 2, 4), resumed.err
            case.settle()
            assert case.over, resumed.err
            assert not whole.judge(case), f"{number} {whole.points[number - 1]}: {whole.judge(case)}"


def test_of_two_resumes_at_once_one_goes_on(whole):
    for number in commits(whole, "after commit"):
        with whole.case() as case:
            case.live(kill=number)
            if case.run is None or case.over:
                continue
            both = [case.begin("resume", case.run) for _ in range(2)]
            codes = sorted(case.end(pid).code for pid in both)
            assert codes[0] in (0, 4), codes
            assert codes[1] in (2, 4, 5), codes  # late, it finds the run over or in need of a decision
            case.settle()
            assert not whole.judge(case), f"{number} {whole.points[number - 1]}: {whole.judge(case)}"


def stalls(whole):
    """The numbers of points to stall at: not where a lock of the database would be held meanwhile."""
    every = [n for n in whole.deaths() if whole.points[n - 1] not in LOCKED]
    answered = next(n for n in every if whole.points[n - 1].startswith("answered "))
    intended = [n for n in every if n < answered and whole.points[n - 1] == "after commit"]
    return every if ALL else sorted({*intended, *Random(whole.kind.name).sample(every, SAMPLE)})


def test_a_process_that_stalls_longer_than_its_lease_starts_nothing_when_it_wakes(whole):
    for number in stalls(whole):
        with whole.case() as case:
            stalled = case.begin("run", "p.yaml", stop=number, lease=LEASE)
            until(lambda pid=stalled: _stopped(pid))
            if case.run is None or case.over:
                os.kill(stalled, signal.SIGCONT)
                case.end(stalled)
                continue
            time.sleep(LEASE * 1.5)
            resumed = case.end(case.begin("resume", case.run, lease=LEASE))
            before, calls = case.state, _starts(whole, case)
            os.kill(stalled, signal.SIGCONT)
            woken = case.end(stalled)
            place = woken.points[number - 1]  # on a slow machine another than that of the run without a stall
            at = f"{number} {place}: {woken.code} {woken.err}\n{resumed.err}"
            if "keeps it locked" not in resumed.err:  # it stalled in the midst of a heartbeat's commit
                assert woken.code == 3, at
                assert "taken over by another process" in woken.err, at
                assert case.state == before, at
                on_its_way = place.startswith(LEAVING)
                assert _starts(whole, case) <= calls + on_its_way, at
            case.to_the_end()
            case.settle()
            assert not whole.judge(case), f"{at}\n{whole.judge(case)}"


def _starts(whole, case):
    """How many calls have started something, or stopped something where that is what is asked for."""
    stops = whole.kind.name == "workato.stop_recipe"
    return sum(bool(call["started"]) or (stops and call["path"].endswith("/stop")) for call in case.calls())


def _stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] in "TZX"
