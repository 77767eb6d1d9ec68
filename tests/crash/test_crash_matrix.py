"""Killed at every point of every kind in every trouble, and resumed: one job, or an honest `unknown`.

A point is a place where a process touches disk or network or lets time pass; `crash_seams` finds and counts
them in a run that nobody kills, so that there is one more as soon as the code has one more. A process is
forked, runs the command line, and dies by SIGKILL at its point; the emulators live on, on their port.

`PIPEFORGE_CRASH=all` kills the resume at each of its points too, after a death at each point of the run, and
takes some minutes; without it a seeded sample of these pairs is tried, and some of three deaths.
"""

import os
from random import Random

import pytest
from crash_scenarios import TROUBLES, names
from crash_whole import Whole, later

ALL = os.environ.get("PIPEFORGE_CRASH") == "all"
SAMPLE = 5
"""Deaths for each kind in each trouble; where nothing goes wrong beside, all are tried always."""

PAIRS = 4
"""Of deaths, for each kind, half of them with a third one."""

TOO_FEW = 12
"""Points that any kind has."""


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
@pytest.mark.parametrize("name", names())
def test_a_death_anywhere(stage, name, trouble, record_property):
    whole = Whole(stage, name, trouble)
    if not whole.strikes:
        return
    wrong, deaths = [], whole.deaths()
    if not ALL and trouble.name != "nothing" and len(deaths) > SAMPLE:
        deaths = Random(f"{name} {trouble.name}").sample(deaths, SAMPLE)
    for number in deaths:
        with whole.case() as case:
            life = case.live(**whole.plan, kill=number)
            case.clock.jump(later(number, (life.points or ("",))[-1]))
            case.to_the_end()
            case.settle()
            if found := whole.judge(case):
                wrong.append(f"{life.death}: {found}")
    assert not wrong, "\n".join(wrong)
    assert len(deaths) >= TOO_FEW or trouble.name != "nothing"
    record_property("deaths", len(deaths))


@pytest.mark.parametrize("name", names())
def test_a_death_of_the_resume_too_and_of_its_resume(stage, name, record_property):
    whole = Whole(stage, name, TROUBLES[0])
    rng, wrong, count = Random(name), [], 0
    for first in whole.deaths() if ALL else rng.choices(whole.deaths(), k=PAIRS):
        for then in _seconds(whole, first, rng):
            with whole.case() as case:
                lives = [case.live(kill=first)]
                for number in then:
                    case.clock.jump(later(number, (lives[-1].points or ("",))[-1]))
                    if case.over:
                        break
                    lives.append(case.live(kill=number))
                case.to_the_end()
                case.settle()
                count += sum(life.killed for life in lives)
                if found := whole.judge(case):
                    wrong.append(f"{[life.death for life in lives]}: {found}")
    assert not wrong, "\n".join(wrong)
    record_property("deaths", count)


def _seconds(whole, first, rng):
    """The points of the resume to die at after a death at a point of the run; some of its resume too."""
    with whole.case() as case:
        case.live(kill=first)
        case.clock.jump(1.0)
        points = sum(len(life.points) for life in case.to_the_end())
    if not points:
        return []
    if ALL:
        return [(number,) for number in range(1, points + 1)]
    return [(rng.randint(1, points), *([rng.randint(1, points)] if rng.random() < 0.5 else []))]
