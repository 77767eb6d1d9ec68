"""A scenario run without a kill, and what a run of it that was killed is held against."""

from crash_scenarios import AFTER, kind_of, names, scenario
from crash_stage import Case

from pipeforge.adapter import Guarantee

DOWNSTREAM = ("treasure", f"{AFTER['project']}/{AFTER['workflow']}")
READS = ("GET", "HEAD")
NIGHT = 72_000.0
"""Seconds; less than the day after which Treasure kills what still runs."""


class Whole:
    """What becomes of a scenario that nobody kills."""

    def __init__(self, stage, name, trouble):
        self.stage, self.name, self.trouble, self.kind = stage, name, trouble, kind_of(name)
        self.fault = self.interrupt = None
        self.strikes = self._aim() if trouble.fault or trouble.interrupted else True
        with self.case() as case:
            self.points = case.live(**self.plan).points
            case.to_the_end()
            case.settle()
            state, self.jobs = case.state, case.started()
            self.calls = case.calls()
        self.outcome, self.after = (str(state.steps[id_].outcome) for id_ in ("it", "after"))
        self.attempts, self.ended = state.steps["it"].attempt, state.outcome is not None
        if trouble.step.get("retry"):
            self.strikes = self.attempts > 1

    @property
    def plan(self):
        return {"interrupt": self.interrupt} if self.interrupt else {}

    @property
    def writes(self):
        """Whether it does anything at the vendor but read."""
        vendor = self.kind.vendor
        return any(call["vendor"] == vendor and call["method"] not in READS for call in self.calls)

    @property
    def certain(self):
        """Whether it can always be known. To ask for a change that may be repeated takes time, though."""
        if self.kind.guarantee is Guarantee.IDEMPOTENT:
            return self.trouble.course != "endless"
        return self.kind.guarantee is Guarantee.EXACTLY_ONCE

    def case(self):
        return Case(self.stage, scenario(self.name, self.trouble, self.fault))

    def _aim(self):
        """Where the trouble strikes: the first call that starts something, or a while after its answer."""
        with self.case() as case:
            points = case.live().points
            calls = [call for call in case.calls(vendor=self.kind.vendor) if call["method"] not in READS]
        started = [call for call in calls if call["started"]] or calls
        if not started:
            return False
        call = started[0]
        if self.trouble.fault:
            ending = f"*{call['path'].rpartition('/')[2]}"
            place = call["path"] if call["route"].endswith("}") else ending  # a number fits no route's end
            route = f"{call['method']} {place}"
            self.fault = {"vendor": call["vendor"], "route": route, "nth": 1, **self.trouble.fault}
            return True
        end = call["path"].rpartition("/")[2]
        answered = next(n for n, at in enumerate(points) if _is(at, f"answered {call['method']}", end))
        waits = [n for n, at in enumerate(points, 1) if n > answered and at.startswith("waits")]
        self.interrupt = waits[1] if len(waits) > 1 else None
        return self.interrupt is not None

    def deaths(self):
        """The numbers of the points to die at: what the trouble does not touch is left to the run without,
        what comes after the step to the kind of the step after it.
        """
        first, last = 1, len(self.points)
        looks = [n for n, at in enumerate(self.points, 1) if at == "before GET treasure/api/projects"]
        plain = self.trouble.name == "nothing"
        if self.kind.vendor != "treasure":
            last = looks[0] if looks else last
        elif not plain and len(looks) > 1:
            last = looks[1]
        if self.interrupt:
            first = self.interrupt
        elif not plain:
            first = next(n for n, at in enumerate(self.points, 1) if at.startswith(("before P", "before D")))
        return range(first, last + 1)

    def judge(self, case):
        """What is wrong with what became of a case; empty if nothing is."""
        state, jobs = case.state, case.started()
        it, after = (state.steps[id_] for id_ in ("it", "after"))
        made, wanted = (each.total() - each[DOWNSTREAM] for each in (jobs, self.jobs))
        found = f"it {it.outcome} ({it.detail}), after {after.outcome}, {made} jobs, {jobs[DOWNSTREAM]} after"
        if it.outcome == "unknown":
            fine = made <= wanted and not jobs[DOWNSTREAM] and after.outcome == "blocked" and it.hint
            return "" if fine and not self.certain else found
        if after.outcome == "unknown" or it.outcome not in {self.outcome, *self.trouble.ends}:
            return found
        through = jobs[DOWNSTREAM] == (after.outcome == "succeeded") == (it.outcome == "succeeded")
        if str(it.outcome) != self.outcome:
            wanted = max(wanted, it.outcome == "succeeded")
        return "" if made == wanted and through else found


def one_of_each():
    """A kind of each guarantee."""
    return list({kind_of(name).guarantee: name for name in reversed(names())}.values())


def _is(point, start, end):
    return point.startswith(start) and point.endswith(end)


def later(number, point):
    """Seconds between two processes: what is on its way shall arrive; else now and then a night passes."""
    return 1.0 if number % 2 or point.startswith("gone") else NIGHT
