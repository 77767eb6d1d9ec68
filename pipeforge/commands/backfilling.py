"""Carries a backfill out: a run for each instant, several at once in one loop, each triggered once."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

from pipeforge.adapter import Outcome
from pipeforge.commands import continuing, execution, instants, launching, linking, nexts, verdicts
from pipeforge.commands.chorus import Chorus
from pipeforge.commands.helm import Helm
from pipeforge.commands.listening import listening
from pipeforge.commands.streams import out
from pipeforge.engine.control import Cancel, Control
from pipeforge.engine.events import RunCanceling, RunResumed, RunStarted
from pipeforge.engine.state import RunState, apply, replay
from pipeforge.errors import RunEnded
from pipeforge.journal import Journal, Wish, Writer
from pipeforge.language.filters import zone
from pipeforge.reports import backfill as report
from pipeforge.reports.backfill import Standing, Word
from pipeforge.reports.runs import troubles


def go_on(args: argparse.Namespace, journal: Journal, past: RunState, *, parallel: int | None = None) -> int:
    """Takes a backfill up again, and gives the exit code. Raises RunEnded, Busy, UsageError.

    `parallel`: how many at once, when not as many as before.
    """
    if past.outcome is not None:
        raise RunEnded(
            f"backfill {past.run} has ended: {past.outcome}",
            "`pipeforge backfill` of the same period begins what is left, with --failed what failed too",
        )
    planned = continuing.as_it_was(
        past,
        args,
        again="bring back the version it began with, or begin a new backfill: it skips what was run",
    )
    planned, link = linking.linked(planned, args)
    writer = continuing.opened(journal, past.run, args)
    past = replay(journal.read(past.run))
    resumed = RunResumed(at=datetime.now(UTC), holder=execution.holder(), digest=planned.plan.digest)
    continuing.write(writer, past, [resumed])
    if parallel is not None and past.backfill is not None:
        past.backfill = past.backfill.model_copy(update={"parallel": parallel})
    return drive(launching.Course(journal, planned.opened, link, past, args), writer, resumed)


def drive(course: launching.Course, writer: Writer, first: RunStarted | RunResumed) -> int:
    """Carries out what is not done yet, says how it ended, and gives the exit code."""
    past, args = course.past, course.args
    plan = past.backfill
    assert plan is not None
    standings = instants.standings(course.journal, past)
    chorus = Chorus(standings, args.log_format, zone(plan.timezone))
    course.journal.heed(chorus.absence)
    goes_on = f" goes on: {report.counted(standings)}" if isinstance(first, RunResumed) else ""
    chorus.headline(f"backfill {past.run} of {plan.pipeline}{goes_on}", first)
    fleet = Fleet(course, writer, standings, chorus)
    asyncio.run(_driven(fleet, course, writer, execution.max_time(args)))
    if fleet.failure is not None:
        raise fleet.failure
    for one in standings:
        if one.word == "unknown" and not one.decisions:
            state = replay(course.journal.read(one.run))
            one.troubles = tuple(troubles(state))
            one.decisions = tuple(nexts.decisions(state, args, course.journal))
    with suppress(BrokenPipeError):  # how it ended counts, whoever still reads of it
        out("\n" + report.summary(past, standings, verdicts.next_steps(past, standings, args)))
    return verdicts.exit_code(past, standings, fleet.helm)


async def _driven(fleet: "Fleet", course: launching.Course, writer: Writer, budget: float | None) -> None:
    helm = fleet.helm
    execution.heed_signals(fleet.interrupted, lambda: fleet.interrupted(execution.PATIENCE))
    timer = asyncio.get_running_loop().call_later(budget, helm.expire) if budget is not None else None
    async with AsyncExitStack() as stack:
        stack.push_async_callback(writer.close)
        stack.push_async_callback(course.link.aclose)
        heard = listening(course.journal, course.past.run, fleet.cancel)
        with fleet.chorus.around(), heard:
            wish = course.journal.wish(course.past.run)
            if wish is not None:
                fleet.cancel(wish)
            elif course.past.canceling is not None:
                helm.cancel(Cancel(course.past.canceling.by, course.past.canceling.leave))
            await fleet.sail()
        if timer is not None:
            timer.cancel()
        verdict = verdicts.verdict(course.past, fleet.standings, helm)
        if verdict is not None and fleet.failure is None:
            await continuing.put(writer, course.past, [verdict])
            fleet.chorus.over(course.past.run, verdict)


class Fleet:
    """The runs of one backfill, so many at once."""

    def __init__(
        self, course: launching.Course, writer: Writer, standings: Sequence[Standing], chorus: Chorus
    ) -> None:
        self.standings = standings
        self.chorus = chorus
        self.helm = Helm()
        self.failure: Exception | None = None
        """What kept it from going on."""
        self._course = course
        self._writer = writer
        plan = course.past.backfill
        assert plan is not None
        self._width, self._fast = plan.parallel, plan.fail_fast
        self._bad = any(one.word in _BAD for one in standings)
        self._todo = iter([one for one in standings if one.word in ("waiting", "not over", "held")])

    def interrupted(self, patience: float | None = None) -> None:
        """A signal stops us. `patience`: see `Control.interrupt`."""
        if self.helm.reason is None:
            self.chorus.say(execution.INTERRUPTED)
        self.helm.interrupt(patience)

    def cancel(self, wish: Wish) -> None:
        """A person wants it to end for good."""
        now, past = datetime.now(UTC), self._course.past
        if self.helm.reason is None and past.canceling is None:
            told = RunCanceling(at=now, by=wish.by, leave=wish.leave)
            self._writer.note(told)
            apply(past, told)
        self.helm.cancel(Cancel(wish.by, wish.leave))

    async def sail(self) -> None:
        """To the end of all runs, or until somebody says stop."""
        await asyncio.gather(*(self._work() for _ in range(self._width)))

    async def _work(self) -> None:
        while not self._stopping() and (one := next(self._todo, None)) is not None:
            if self.helm.reason is not None and one.word == "waiting":
                continue  # canceled: what has begun is ended, nothing else begins
            await asyncio.sleep(0)  # a signal is heard, however many are over already
            try:
                await self._one(one)
            except Exception as error:
                self.failure = self.failure or error
                self.helm.interrupt()

    def _stopping(self) -> bool:
        if self.helm.reason is not None:
            return self.helm.reason != "canceled"
        return self._fast and self._bad

    async def _one(self, one: Standing) -> None:
        began = await launching.begin(self._course, one)
        if began is None:
            self.chorus.passed(one)
            return
        held, first = began
        control = Control()
        one.word, one.state = "running", held.past
        self.chorus.began(one, first)
        emit = self.chorus.emit(held.writer, one)
        with self.helm.steering(control):
            outcome = await execution.carry_out(held, self._course.link, emit, control)
        one.word, one.state = _word(outcome), None
        if one.word in _BAD:
            self._bad = True
            one.troubles = tuple(troubles(held.past))
            one.decisions = tuple(nexts.decisions(held.past, self._course.args, self._course.journal))
        self.chorus.ended(one)


_BAD = ("failed", "canceled", "unknown")


def _word(outcome: Outcome | None) -> Word:
    if outcome is None:
        return "not over"
    known: dict[Outcome, Word] = {Outcome.SUCCEEDED: "succeeded", Outcome.UNKNOWN: "unknown"}
    return known.get(outcome, "canceled" if outcome is Outcome.CANCELED else "failed")
