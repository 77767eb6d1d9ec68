"""Attempts: starting, retrying, resuming, waiting for a place, killing; behaviour without HTTP."""

from pipeforge.emulators.core import Desk
from pipeforge.emulators.treasure.catalog import Catalog, Workflow
from pipeforge.emulators.treasure.ledger import Ledger
from pipeforge.emulators.treasure.places import give_places
from pipeforge.emulators.treasure.records import Attempt, Start
from pipeforge.emulators.treasure.refusing import conflict, invalid
from pipeforge.emulators.treasure.resuming import taken_over
from pipeforge.emulators.treasure.timeline import Life, lay_out, live
from pipeforge.emulators.treasure.world import TreasureCourse, TreasureWorld

TASK_LIMIT = 1_000


class Attempts:
    """What can be done with attempts, and how they stand at a moment."""

    def __init__(self, world: TreasureWorld, catalog: Catalog, ledger: Ledger, desk: Desk) -> None:
        self._world = world
        self._catalog = catalog
        self._ledger = ledger
        self._desk = desk

    def start(self, ask: Start) -> tuple[Attempt, bool]:
        """The attempt and whether it is new; an old one means a conflict, and nothing was made.

        The order of the checks is the vendor's: workflow, resume, limit, conflict. 400 and 404 are raised.
        """
        workflow = self._catalog.workflow(ask.workflow)
        self._catalog.project(str(workflow["project"]))
        skipped = self._skipped(ask)
        begun = self._place(ask.may_wait)
        session = self._ledger.at(workflow, ask.time)
        if session is not None:
            existing = _conflicting(self._ledger.siblings(session), ask.name)
            if existing is not None:
                return existing, False
        tasks = self._size(workflow)
        session = session or self._ledger.open_session(workflow, ask.time)
        return self._ledger.insert(session, ask, workflow, begun, skipped=skipped, tasks=tasks), True

    def kill(self, attempt_id: str) -> Attempt:
        """Ask for the kill; gives the attempt as it was before. 404, or 409 if nothing is left to kill."""
        now = self._desk.clock.now()
        attempt = self.attempt(attempt_id)
        if self.life(attempt).done(now):
            raise conflict("Session attempt already killed or finished")
        before = attempt.copy()
        if attempt["killed"] is None:
            attempt["killed"] = now
        return before

    def attempt(self, attempt_id: str) -> Attempt:
        """404 if there is none."""
        self.settle()
        return self._ledger.attempt(attempt_id)

    def course(self, attempt: Attempt) -> TreasureCourse:
        """How the attempt goes, as the world says."""
        return self._nth_course(self._catalog.workflow(str(attempt["workflow"])), attempt["run"])

    def life(self, attempt: Attempt) -> Life:
        """The attempt in time, as far as it is decided by now."""
        chain = [attempt]
        while (before := chain[-1]["after"]) is not None:
            chain.append(self._ledger.attempt(str(before)))
        life = self._life(chain.pop(), 0.0)
        while chain:
            life = self._life(chain.pop(), life.ended)
        return life

    def _life(self, attempt: Attempt, free: float) -> Life:
        """`free`: when the attempt that it waits for has ended."""
        course = self.course(attempt)
        workflow = self._catalog.workflow(str(attempt["workflow"]))
        nodes = lay_out(workflow["name"], course, self._catalog.definition(workflow)[0])
        killed, skipped = attempt["killed"], attempt["skipped"]
        begun = attempt["begun"]
        return live(
            nodes, course, None if begun is None else max(begun, free), killed=killed, skipped=skipped
        )

    def settle(self) -> None:
        """Give places that fell free to those that wait; to be called before attempts are looked at."""
        unfinished = self._ledger.unfinished()
        if any(each["begun"] is None for each in unfinished):
            give_places(unfinished, self._world.places, self._ended, self._desk.clock.now())

    def _ended(self, attempt: Attempt) -> float:
        return self.life(attempt).ended

    def _skipped(self, ask: Start) -> list[str]:
        if ask.resume is None:
            return []
        self.settle()
        earlier = self._ledger.find(ask.resume.attempt)
        spans = () if earlier is None else self.life(earlier).spans
        return taken_over(spans, self._desk.clock.now(), ask.resume.start_from)

    def _place(self, may_wait: bool) -> float | None:
        """When the attempt may begin: now, or None for later. 400 if the account is full."""
        now, places = self._desk.clock.now(), self._world.places
        self.settle()
        if len(self._ledger.unfinished()) < places:
            return now
        for each in self._ledger.unfinished():
            if self._ended(each) <= now:
                self._ledger.close(each)
        unfinished = self._ledger.unfinished()
        taken = sum(each["begun"] is not None for each in unfinished)
        if taken < places:
            return now
        if self._world.hosted and may_wait and len(unfinished) - taken < self._world.waiting_limit:
            return None
        raise invalid(f"Too many attempts running. Limit: {places}, Current: {len(unfinished)}")

    def demand_room(self, attempts: int) -> None:
        """400 unless so many may be made at once."""
        self.settle()
        now = self._desk.clock.now()
        unfinished = sum(self._ended(each) > now for each in self._ledger.unfinished())
        if unfinished + attempts > self._world.places:
            raise invalid(f"Too many attempts running. Limit: {self._world.places}, Current: {unfinished}")

    def _size(self, workflow: Workflow) -> int:
        """Tasks of the workflow's next attempt; 400 if that is more than an attempt may have."""
        course = self._nth_course(workflow, self._ledger.runs(workflow) + 1)
        tasks = len(lay_out(workflow["name"], course, {}))
        if tasks > TASK_LIMIT:
            raise invalid(f"Too many tasks. Limit: {TASK_LIMIT}, Current: {tasks}")
        return tasks

    def _nth_course(self, workflow: Workflow, nth: int) -> TreasureCourse:
        return self._catalog.course(workflow, nth)


def _conflicting(made: list[Attempt], name: str | None) -> Attempt | None:
    """Who holds the slot of that name; without a name it is the session's last attempt, whosever it is."""
    holder = next((each for each in made if each["name"] == name), None)
    return made[-1] if holder is not None and name is None else holder
