"""Every fault of the emulators at every request of every kind: the right outcome, the right number of jobs.

The requests are found in a play without a fault, the faults in the emulators' list, the kinds in the
registry: what is new in any of them is covered by itself. What is right is said by `fault_laws`.

`PIPEFORGE_CRASH=all` plays all of them, some ten thousands; without it a seeded sample.
"""

import os
from random import Random

import pytest
from crash_scenarios import names
from fault_cases import base, cases
from fault_laws import wrong
from fault_plays import SCENES, play

ALL = os.environ.get("PIPEFORGE_CRASH") == "all"
SAMPLE = {"plain": 60}
"""Cases of each kind, by scene; where nothing is said, a few."""
FEW = 10


@pytest.mark.timeout(1_800 if ALL else 120)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
@pytest.mark.parametrize("name", names())
def test_a_fault_anywhere(name, scene, record_property):
    there = base(name, scene)
    every = list(cases(name, scene))
    if not ALL:
        every = Random(f"{name} {scene.name}").sample(every, min(len(every), SAMPLE.get(scene.name, FEW)))
    found = [wrong(case, play(name, scene, there.start, case.aim)) for case in every]
    assert not any(found), "\n".join(filter(None, found))
    record_property("faults", len(every))
