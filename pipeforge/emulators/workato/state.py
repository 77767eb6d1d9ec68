"""A recipe's life: starting, stopping, polling, resetting; what came due is caught up when it is asked."""

from math import inf, isinf

from pipeforge.emulators.core import Desk
from pipeforge.emulators.course import pick
from pipeforge.emulators.workato.queue import pause, schedule
from pipeforge.emulators.workato.records import BackOff, By, Job, Recipe
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.world import Poll, Start, WorkatoCourse, WorkatoWorld


class Recipes:
    """What can be done with recipes, and how they stand now."""

    def __init__(self, world: WorkatoWorld, shelf: Shelf, desk: Desk) -> None:
        self._world = world
        self._shelf = shelf
        self._desk = desk

    def recipe(self, number: str) -> Recipe:
        """As it stands now; 404 if there is none."""
        recipe = self._shelf.recipe(number)
        self.catch_up(recipe)
        return recipe

    def course(self, job: Job) -> WorkatoCourse:
        """How a job goes, as the world says; jobs of the past have succeeded."""
        script = self._world.recipe(job["recipe"])
        if job["event"] == 0 or script is None:
            return WorkatoCourse()
        return pick(script.course, self._world.course, job["event"])

    def next_start(self, recipe: Recipe) -> Start:
        """Count a start call; what it is to be answered."""
        recipe["starts"] += 1
        return pick(self._shelf.script(recipe).starts, Start(), recipe["starts"])

    def start(self, recipe: Recipe, by: By = "api") -> bool:
        """Begin to activate; False if it runs or is on the way already, which changes nothing."""
        if recipe["runs_since"] is not None or recipe["activates_by"] is not None:
            return False
        seconds = self._shelf.script(recipe).activation
        if not all(line.get("name") for line in recipe["config"]):
            seconds = inf
        recipe["activates_by"] = by
        recipe["activates_at"] = None if isinf(seconds) else self._desk.clock.now() + seconds
        self.catch_up(recipe)
        return True

    def stop(self, recipe: Recipe) -> None:
        """Stop it, if it runs; an activation that is on the way is called off."""
        recipe["activates_by"] = recipe["activates_at"] = None
        if recipe["runs_since"] is not None and recipe["stops_at"] is None:
            recipe["stops_at"] = self._desk.clock.now() + self._shelf.script(recipe).stopping
            self.catch_up(recipe)

    def halt(self, recipe: Recipe) -> None:
        """Stop it at once."""
        self.stop(recipe)
        if recipe["runs_since"] is not None:
            self._stopped(recipe, self._desk.clock.now(), None)

    def next_poll_now(self, recipe: Recipe) -> tuple[Poll, float]:
        """Count a poll_now call; what it is to be answered, and when its back-off is over."""
        now, script = self._desk.clock.now(), self._shelf.script(recipe)
        told = recipe["back_off"]
        if told is not None and now < told["until"]:
            return pick(script.poll_now, Poll(), told["nth"]), told["until"]
        recipe["poll_calls"] += 1
        poll = pick(script.poll_now, Poll(), recipe["poll_calls"])
        recipe["back_off"] = None
        if poll.answer == "back_off":
            recipe["back_off"] = BackOff(until=now + poll.seconds, nth=recipe["poll_calls"])
        return poll, now + poll.seconds

    def poll(self, recipe: Recipe, at: float, by: By, found: int | None = None) -> None:
        """Ask the source at a moment; `found` new events, by default as many as the script says.

        Events are delivered in order and never twice: only what lies behind the cursor becomes a job.
        """
        script = self._shelf.script(recipe)
        recipe["polls"] += 1
        turn = script.polls[min(recipe["polls"], len(script.polls)) - 1] if script.polls else 0
        new = turn if found is None else found
        if new == "error":
            self._note_error(recipe, at)
            return
        recipe["errors"] = 0
        recipe["source"] += new
        for event in range(recipe["cursor"] + 1, recipe["source"] + 1):
            self._shelf.add_job(recipe, event, at + script.poll_seconds, by)
        recipe["cursor"] = recipe["source"]
        schedule(self._shelf.jobs(recipe), at, self._seconds)

    def reset(self, recipe: Recipe, by: By = "api") -> None:
        """Put the cursor back to the beginning; a recipe that runs polls at once, its old jobs go first.

        Only of a trigger that polls or goes by a schedule.
        """
        if self._shelf.script(recipe).trigger == "other":
            return
        recipe["cursor"] = 0
        if recipe["runs_since"] is not None:
            self.poll(recipe, self._desk.clock.now(), by, found=0)

    def catch_up(self, recipe: Recipe) -> None:
        """Let everything happen that has come due, in the order of its time."""
        now = self._desk.clock.now()
        while True:
            at, what = min(_coming(recipe), key=lambda each: each[0], default=(now + 1, ""))
            if at > now:
                return
            if what == "activate":
                self._activate(recipe, at)
            elif what == "stop":
                self._stopped(recipe, at, None)
            else:
                recipe["polls_at"] = at + (self._shelf.script(recipe).poll_every or 1)
                self.poll(recipe, at, "hand")

    def catch_all_up(self) -> None:
        """The same for every recipe."""
        for recipe in self._shelf.recipes():
            self.catch_up(recipe)

    def _activate(self, recipe: Recipe, at: float) -> None:
        """It runs; jobs that waited get their turns, and the source is polled at once."""
        by = recipe["activates_by"] or "api"
        recipe["activates_by"] = recipe["activates_at"] = None
        recipe["runs_since"], recipe["stop_cause"] = at, None
        every = self._shelf.script(recipe).poll_every
        recipe["polls_at"] = at + every if every else None
        schedule(self._shelf.jobs(recipe), at, self._seconds)
        self.poll(recipe, at, by)

    def _stopped(self, recipe: Recipe, at: float, cause: str | None) -> None:
        recipe["runs_since"] = recipe["stops_at"] = recipe["polls_at"] = None
        recipe["stopped"], recipe["stop_cause"] = at, cause
        pause(self._shelf.jobs(recipe), at)

    def _note_error(self, recipe: Recipe, at: float) -> None:
        """A trigger error makes no job; too many in a row stop the recipe."""
        recipe["errors"] += 1
        if recipe["errors"] >= self._shelf.script(recipe).error_limit:
            self._stopped(recipe, at, "trigger_errors_limit")

    def _seconds(self, job: Job) -> float:
        return self.course(job).seconds


def _coming(recipe: Recipe) -> list[tuple[float, str]]:
    """What is still to happen to a recipe, and when."""
    moments = {"activate": recipe["activates_at"], "stop": recipe["stops_at"], "poll": recipe["polls_at"]}
    return [(at, what) for what, at in moments.items() if at is not None]
