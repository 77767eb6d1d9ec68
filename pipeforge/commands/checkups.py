"""The checks of `doctor`, each giving how one thing stands; none raises, each wrong thing has its mend."""

import argparse
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pipeforge
from pipeforge.commands import opening, probing
from pipeforge.commands.journals import open_journal
from pipeforge.commands.linking import emulation
from pipeforge.errors import PipeforgeError, UsageError
from pipeforge.journal import Health
from pipeforge.language import project as projects
from pipeforge.language.filters import FilterError, zone
from pipeforge.language.project_model import Project
from pipeforge.language.secrets import EmulatedSecrets, Secrets, dotenv
from pipeforge.language.values import mentioned
from pipeforge.loading import load
from pipeforge.reports.display import amount

_LIBRARIES = ("pydantic", "ruamel.yaml", "httpx", "aiohttp", "jinja2", "networkx")
_ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York")


@dataclass(frozen=True, slots=True)
class Found:
    """The project, with a pipeline's connections where one was named."""

    path: Path
    root: Path
    project: Project
    connections: Mapping[str, Mapping[str, Any]]


def all_of(args: argparse.Namespace) -> Sequence[Health]:
    """Every check, in the order in which a person would mend what is wrong."""
    found = [_versions(), _libraries(), _time_zones()]
    source, health = _project(args)
    found.append(health)
    if source is None:
        return found
    found += _journal(args, source)
    found += _connections(args, source)
    return found


def _versions() -> Health:
    system = f"{platform.system()} {platform.machine()}"
    told = f"pipeforge {pipeforge.__version__}, Python {platform.python_version()}, {system}"
    return Health("versions", "ok", told)


def _libraries() -> Health:
    installed, told, missing = load("importlib.metadata:version"), [], []
    for name in _LIBRARIES:
        try:
            told.append(f"{name} {installed(name)}")
        except ImportError:
            missing.append(name)
    if missing:
        gone = f"not installed: {', '.join(missing)}"
        return Health(
            "libraries", "fail", gone, "install pipeforge again: pip install --force-reinstall pipeforge"
        )
    return Health("libraries", "ok", ", ".join(told))


def _time_zones() -> Health:
    try:
        for name in _ZONES:
            zone(name)
    except FilterError as error:
        return Health("time zones", "fail", str(error), "install the package tzdata")
    return Health("time zones", "ok", f"{', '.join(_ZONES)} are known")


def _project(args: argparse.Namespace) -> tuple[Found | None, Health]:
    try:
        if args.file is not None:
            source = opening.opened(args.file, args.env, opening.manner(args))
            told = f"'{source.path}' and its project have no errors"
            return Found(source.path, source.root, source.project, source.connections), Health(
                "pipeline", "ok", told
            )
        root, project = opening.here()
        chosen = project.environments.get(args.env) if args.env else None
        if args.env and chosen is None:
            known = ", ".join(project.environments) or "it has none"
            raise UsageError(f"there is no environment '{args.env}'", f"environments of the project: {known}")
        merged = projects.connections(project.connections, {}, chosen.connections if chosen else {})
    except PipeforgeError as error:
        return None, Health("project", "fail", error.message, error.hint or "see `pipeforge lint`")
    path = root / projects.NAME
    named = f"'{path}', {amount(len(merged), 'connection')}"
    there = named if path.is_file() else f"'{root}' has no {projects.NAME}"
    return Found(path, root, project, merged), Health("project", "ok", there)


def _journal(args: argparse.Namespace, source: Found) -> Sequence[Health]:
    try:
        place = opening.journal_path(args, source.root, source.project)
        journal = open_journal(place)
    except PipeforgeError as error:
        return [Health("journal", "fail", error.message, error.hint)]
    try:
        if isinstance(place, Path) and not place.exists():
            return [_unmade(place)]
        return journal.health()
    finally:
        journal.close()


def _unmade(place: Path) -> Health:
    """Whether a journal can be made where there is none."""
    near = next(folder for folder in place.absolute().parents if folder.exists())
    if near.is_dir() and os.access(near, os.W_OK | os.X_OK):
        return Health("journal", "ok", f"'{place}' is made when the first run starts")
    mend = "make it writable, or name another journal with --journal"
    return Health("journal", "fail", f"nothing can be made in '{near}'", mend)


def _connections(args: argparse.Namespace, source: Found) -> list[Health]:
    """Of each connection its secrets, then what its vendor says."""
    if not source.connections:
        return [Health("connections", "ok", "none to check: name a pipeline to check those that it brings")]
    try:
        emulated = emulation(source, args.world) if args.emulate else None
        kept = {} if args.emulate else {**dotenv(source.root), **os.environ}
    except PipeforgeError as error:
        return [Health("connections", "fail", error.message, error.hint)]
    found: list[Health] = []
    ready = []
    for name, raw in source.connections.items():
        health = _secrets(name, raw, kept, source.root, emulated=args.emulate)
        found.append(health)
        ready += [name] if health.state == "ok" else []
    secrets = EmulatedSecrets() if args.emulate else Secrets(os.environ, kept)
    if args.offline:
        return found
    return found + probing.ask(source, ready, secrets, emulated)


def _secrets(
    name: str, raw: Mapping[str, Any], kept: Mapping[str, str], root: Path, *, emulated: bool
) -> Health:
    what, names = f"secrets of {name}", list(dict.fromkeys(mentioned(raw, "secrets")))
    if emulated or not names:
        return Health(what, "ok", "none needed against emulators" if emulated else "it names none")
    missing = [each for each in names if not kept.get(each)]
    if missing:
        where = f"export them, or put a line NAME=… for each into '{root / '.env'}'"
        return Health(what, "fail", f"not set: {', '.join(missing)}", where)
    return Health(what, "ok", f"set: {', '.join(names)}")
