"""Every death of a real process at any point of a run: one job, or an honest `unknown`, nothing after it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

import pytest

from pipeforge.contract.cases import Case
from pipeforge.contract.killed.scripts import (
    NOTHING,
    QUICK,
    Script,
    Trouble,
    pipeline,
    script_of,
    troubles,
)
from pipeforge.contract.killed.stage import Stage
from pipeforge.contract.killed.whole import Whole, later

ALL = os.environ.get("PIPEFORGE_CRASH") == "all"
SAMPLE = 5
"""Deaths for each kind in each trouble; where nothing goes wrong beside, all are tried always."""

PAIRS = 4
"""Of deaths, for each kind, half of them with a third one."""

TOO_FEW = 12
"""Points that any kind has."""


class ProcessContract:
    """For kinds that start something: derive a class, and give it `cases` of `Case`, or of `Script`.

    A point is a place where a process touches disk or network or lets time pass: they are found and counted
    in a run that nobody kills, so that there is one more as soon as the code has one more. A process is
    forked, runs the command line over real sockets and files, and dies by SIGKILL at its point; the
    emulators live on, on their port, and tell which jobs there are in the end.

    `PIPEFORGE_CRASH=all` tries every death in every trouble, and kills the resume at each of its points too,
    after a death at each point of the run: for twenty kinds that takes hours, so take one after the other,
    as by `-k "resume_too and run_job"`, and no bound of time for a test. Without it a seeded sample of these
    is tried, and some of three deaths.
    """

    cases: ClassVar[Mapping[str, Case | Script]] = {}
    """By kind; a Script may have any name."""

    @classmethod
    def script(cls, name: str) -> Script:
        """What is played for a case."""
        case = cls.cases[name]
        return case if isinstance(case, Script) else script_of(name, case)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test for each kind, in each trouble that its worlds allow."""
        if "trouble" in metafunc.fixturenames:
            rows = [(name, trouble) for name in self.cases for trouble in troubles(self.script(name))]
            ids = [f"{name}-{trouble.name}" for name, trouble in rows]
            metafunc.parametrize(("name", "trouble"), rows, ids=ids)
        elif "name" in metafunc.fixturenames:
            metafunc.parametrize("name", list(self.cases))

    @pytest.fixture(scope="class")
    @classmethod
    def processes(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
        """The processes that outlive the cases."""
        if not hasattr(os, "fork"):
            pytest.skip("processes are forked, which this system cannot")
        scripts = [cls.script(name) for name in cls.cases]
        environment = {name: value for script in scripts for name, value in script.environment.items()}
        stage = Stage(tmp_path_factory.mktemp("stage"), environment, *warming(scripts))
        yield stage
        stage.close()

    def test_a_death_anywhere(
        self, processes: Stage, name: str, trouble: Trouble, record_property: Any
    ) -> None:
        whole = Whole(processes, self.script(name), trouble)
        if not whole.strikes:
            return
        wrong: list[str] = []
        deaths: Sequence[int] = whole.deaths()
        if not ALL and trouble is not NOTHING and len(deaths) > SAMPLE:
            deaths = Random(f"{name} {trouble.name}").sample(deaths, SAMPLE)  # noqa: S311 (no secret)
        for number in deaths:
            with whole.case() as case:
                life = case.live(**whole.plan, kill=number)
                case.clock.jump(later(number, life))
                case.to_the_end()
                case.settle()
                if found := whole.judge(case):
                    wrong.append(f"{life.death}: {found}")
        assert not wrong, "\n".join(wrong)
        assert len(deaths) >= TOO_FEW or trouble is not NOTHING
        record_property("deaths", len(deaths))

    def test_a_death_of_the_resume_too_and_of_its_resume(
        self, processes: Stage, name: str, record_property: Any
    ) -> None:
        whole = Whole(processes, self.script(name))
        rng, wrong, count = Random(name), list[str](), 0  # noqa: S311 (no secret)
        for first in whole.deaths() if ALL else rng.choices(whole.deaths(), k=PAIRS):
            for then in _seconds(whole, first, rng):
                with whole.case() as case:
                    lives = [case.live(kill=first)]
                    for number in then:
                        case.clock.jump(later(number, lives[-1]))
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


def _seconds(whole: Whole, first: int, rng: Random) -> list[tuple[int, ...]]:
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


def warming(scripts: Sequence[Script]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A pipeline with a step of each, side by side, and a world for it: to warm up with."""
    whole: dict[str, Any] = {"name": "warm", "connections": {}, "steps": {}}
    world: dict[str, Any] = {}
    for number, script in enumerate(scripts):
        one, mine = pipeline(script, NOTHING), {}
        for link in script.connections.values():
            known = (name for name, other in whole["connections"].items() if other == link)
            mine[link["vendor"]] = name = next(known, f"c{len(whole['connections'])}")
            whole["connections"][name] = link
        for id_, step in one["steps"].items():
            vendor = step["uses"].partition(".")[0]
            needs = {"needs": f"{step['needs']}{number}"} if "needs" in step else {}
            whole["steps"][f"{id_}{number}"] = {**step, **needs, "poll": QUICK, "connection": mine[vendor]}
        world |= script.worlds["short"]
    return whole, world
