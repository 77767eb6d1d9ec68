"""Where recipes and jobs are kept; a recipe comes into being when it is first asked for, if it may."""

from hashlib import sha256

from pipeforge.emulators.core import Desk
from pipeforge.emulators.workato.authoring import code_of, config_of
from pipeforge.emulators.workato.queue import schedule
from pipeforge.emulators.workato.records import By, Job, Recipe
from pipeforge.emulators.workato.refusing import missing
from pipeforge.emulators.workato.world import Recipe as Script
from pipeforge.emulators.workato.world import WorkatoWorld

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
FIRST = 11_613
"""The first id that is given away, unless there are greater ones."""
PAST = 3_600.0
"""Seconds before the emulator opened in which the jobs of the past had run."""


class Shelf:
    """All recipes and jobs of one workspace."""

    def __init__(self, world: WorkatoWorld, desk: Desk) -> None:
        self._world = world
        self._desk = desk
        self._recipes: dict[str, Recipe] = desk.shelf("recipes")
        self._jobs: dict[str, Job] = desk.shelf("jobs")
        self._gone: dict[str, bool] = desk.shelf("gone")
        self._complete()
        for number in world.recipes or ():
            if str(number) not in self._gone:
                self.recipe(str(number))

    def recipe(self, number: str) -> Recipe:
        """404 if there is none; the spelling must be that of a whole number."""
        found = self._recipes.get(number)
        if found is not None:
            return found
        if number in self._gone:
            raise missing()
        script = self._world.recipe(int(number)) if number.isascii() and number.isdigit() else None
        if script is None or str(int(number)) != number:
            raise missing()
        return self._make(int(number), script)

    def recipes(self) -> list[Recipe]:
        """All that are there, the greatest id first."""
        return sorted(self._recipes.values(), key=lambda recipe: -recipe["id"])

    def script(self, recipe: Recipe) -> Script:
        return self._world.recipe(recipe["id"]) or Script()

    def jobs(self, recipe: Recipe) -> list[Job]:
        """Oldest first."""
        return [self._jobs[each] for each in recipe["jobs"]]

    def all_jobs(self) -> list[Job]:
        return list(self._jobs.values())

    def add_job(self, recipe: Recipe, event: int, due: float, by: By) -> Job:
        """A job whose turn is not decided yet."""
        identity = _job_id(self._desk.number("job"))
        made = Job(id=identity, recipe=recipe["id"], event=event, due=due, begins=None, ends=None, by=by)
        self._jobs[identity] = made
        recipe["jobs"].append(identity)
        return made

    def create(self, name: str, folder_id: int, customer: int | None) -> Recipe:
        """A recipe without lines, stopped."""
        known = [FIRST - 1, *map(int, (*self._recipes, *self._gone))]
        made = self._make(max(known) + 1, Script(running=False, code={}, config=[]))
        made["name"], made["folder_id"], made["customer"], made["stopped"] = name, folder_id, customer, None
        return made

    def remove(self, recipe: Recipe) -> None:
        """Its jobs go with it, and its number does not come again."""
        for job in recipe["jobs"]:
            del self._jobs[job]
        del self._recipes[str(recipe["id"])]
        self._gone[str(recipe["id"])] = True

    def _make(self, number: int, script: Script) -> Recipe:
        made = self._recipes[str(number)] = self._fresh(number, script)
        now = made["created"]
        past = [self.add_job(made, 0, now - PAST, "hand") for _ in range(script.past_jobs)]
        schedule(past, now - PAST, lambda _: PAST / (script.past_jobs + 1))
        return made

    def _fresh(self, number: int, script: Script) -> Recipe:
        now = self._desk.clock.now()
        return Recipe(
            id=number,
            customer=None,
            name=script.name or f"Recipe {number}",
            description=script.description,
            folder_id=script.folder_id,
            code=code_of(script),
            config=config_of(script),
            lost=[],
            version_no=script.version_no,
            created=now,
            updated=now,
            runs_since=now if script.running else None,
            activates_by=None,
            activates_at=None,
            stops_at=None,
            stopped=None if script.running else now,
            stop_cause=None if script.running else script.stop_cause,
            polls_at=now + script.poll_every if script.running and script.poll_every else None,
            back_off=None,
            starts=0,
            poll_calls=0,
            polls=0,
            errors=0,
            source=0,
            cursor=0,
            jobs=[],
        )

    def _complete(self) -> None:
        """What was kept by an emulator that knew less of recipes."""
        for number, kept in self._recipes.items():
            script = self._world.recipe(int(number)) or Script()
            self._recipes[number] = {**self._fresh(int(number), script), **kept}


def _job_id(number: int) -> str:
    """Text such as `j-KGAKfhsz-GYoLe`, in no order."""
    digest = sha256(f"job {number}".encode()).digest()
    text = "".join(LETTERS[byte % len(LETTERS)] for byte in digest)
    return f"j-{text[:8]}-{text[8:13]}"
