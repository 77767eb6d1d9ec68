"""Asks the vendors about what the steps of pipelines name: reads only, each thing once."""

import argparse
import asyncio
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeforge.adapters import connections
from pipeforge.adapters.inspecting import inspect
from pipeforge.commands import linking
from pipeforge.commands.answers import Answers, question, usual
from pipeforge.commands.vendors import catalog
from pipeforge.errors import PipeforgeError, UsageError
from pipeforge.language import project as projects
from pipeforge.language.lock import Lock, Thing, Things, place
from pipeforge.language.project_model import Project
from pipeforge.language.secrets import EmulatedSecrets, Secrets, dotenv
from pipeforge.lint.linter import taken_apart
from pipeforge.lint.named_things import Mention, mentions
from pipeforge.lint.subject import Subject

PATIENCE = 30.0
"""Seconds for a vendor to answer one question. chosen: a person waits for it."""


Asked = dict[str, Thing]
"""What was asked in this run, by question."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What leads to the connections of a pipeline that was only taken apart."""

    path: Path
    root: Path
    """The project file's folder, or the pipeline's own."""
    project: Project
    connections: Mapping[str, Mapping[str, Any]]
    """Merged, templates not yet rendered."""


@dataclass(slots=True)
class Seen:
    """What was looked up."""

    things: dict[Path, Things] = field(default_factory=dict)
    """By the lock's place."""
    places: dict[Path, Path] = field(default_factory=dict)
    """By pipeline: its lock's place."""
    subjects: dict[Path, Subject] = field(default_factory=dict)
    """By pipeline: what it was taken apart into, read once."""
    unread: dict[Path, UsageError] = field(default_factory=dict)
    """Pipelines that could not be read, and why."""
    left_out: list[Path] = field(default_factory=list)
    """Pipelines with errors: nobody knows what they mean."""

    def lock(self, pipeline: Path) -> Lock:
        """What is known now for a pipeline."""
        there = self.places.get(pipeline)
        return Lock(things=self.things.get(there, {}) if there else {})


def arguments(parser: argparse.ArgumentParser) -> None:
    """What every command has that looks things up."""
    parser.add_argument(
        "--krewdata-token-probe",
        action="store_true",
        help="take a token from each krewData unit, once: it counts against the unit's rate",
    )
    parser.add_argument("--emulate", action="store_true", help="ask the emulators instead of the vendors")
    parser.add_argument("--world", type=Path, metavar="FILE", help="the emulators' world, with --emulate")


def look_up(files: Iterable[Path], args: argparse.Namespace) -> Seen:
    """What the vendors say of everything that these pipelines name. Raises UsageError for what lacks here.

    A question that fails is told in its thing's state: one vendor that is away hides no other.
    """
    seen, asked = Seen(), Asked()
    answers = _answers(args)
    for file in files:
        subject = _taken_apart(seen, file, args.env)
        if subject is None:
            continue
        here = seen.places[file] = _near(place(file))
        wanted = [one for one in mentions(subject) if not one.named.costs or args.krewdata_token_probe]
        found = asyncio.run(_of_pipeline(_origin(subject), wanted, args, asked, answers))
        into = seen.things.setdefault(here, {}).setdefault(args.env or "", {})
        for mention in wanted:
            into.setdefault(mention.connection, {})[mention.key] = found[mention.connection, mention.key]
    return seen


def _taken_apart(seen: Seen, file: Path, environment: str | None) -> Subject | None:
    """The pipeline as lint sees it, without what somebody saw once; None of one that cannot be looked up."""
    try:
        subject = taken_apart(file, catalog()._replace(by_lock=False), environment)
    except UsageError as error:
        seen.unread[file] = error
        seen.left_out.append(file)
        return None
    seen.subjects[file] = subject
    if subject.is_whole and not subject.faults:
        return subject
    seen.left_out.append(file)
    return None


def _origin(subject: Subject) -> Origin:
    """Where the connections of a pipeline come from."""
    path = subject.document.path
    governing = projects.find(path)
    return Origin(
        path,
        governing.parent if governing else projects.home(path),
        Project.model_validate(dict(subject.shared)),
        {name: view.data for name, view in subject.connections.items()},
    )


def _near(path: Path) -> Path:
    """As a person here would name it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _answers(args: argparse.Namespace) -> Answers:
    """What was said before counts where nobody asks for what is so now: a lock and `drift` are about that."""
    if args.emulate or getattr(args, "no_cache", False):
        return Answers(None)
    anew = getattr(args, "refresh", True) or getattr(args, "lock", False)
    return Answers(usual(), anew=anew)


async def _of_pipeline(
    source: linking.Source,
    wanted: Sequence[Mention],
    args: argparse.Namespace,
    asked: Asked,
    answers: Answers,
) -> Mapping[tuple[str, str], Thing]:
    emulated = linking.emulation(source, args.world) if args.emulate else None
    secrets = EmulatedSecrets() if args.emulate else Secrets(os.environ, dotenv(source.root))
    by_connection: dict[str, list[Mention]] = {}
    for mention in wanted:
        by_connection.setdefault(mention.connection, []).append(mention)
    found: dict[tuple[str, str], Thing] = {}

    async def ask(name: str, of: Sequence[Mention]) -> None:
        settings = linking.settings_of(name, source, secrets, emulated)
        client = connections.connect(name, settings, app=emulated.app if emulated else None)
        try:
            for mention in of:  # one after the other: a lint must not use up what runs need
                one = question(settings, mention.key)
                thing = asked.get(one) or answers.find(one)
                if thing is None:
                    thing = await _thing(settings.vendor, client, mention)
                    answers.keep(one, thing)
                asked[one] = found[name, mention.key] = thing
        finally:
            await client.aclose()

    await asyncio.gather(*(ask(name, of) for name, of in by_connection.items()))
    return found


async def _thing(vendor: str, client: connections.Client, mention: Mention) -> Thing:
    try:
        async with asyncio.timeout(PATIENCE):
            return await inspect(vendor, client, mention.named.what, mention.names)
    except PipeforgeError as error:
        told = "; ".join(filter(None, (error.message, error.hint)))
        return Thing(state="unasked", detail=client.redactor.text(told))
    except TimeoutError:
        told = f"no answer within {PATIENCE:g}s; ask again, or look at the vendor's status page"
        return Thing(state="unasked", detail=told)
