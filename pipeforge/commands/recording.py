"""`run --record FILE`: keeps what the vendors answered as a world for the emulators."""

import argparse
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeforge.adapter import Json
from pipeforge.commands import linking, worlds
from pipeforge.commands.linking import Link
from pipeforge.commands.opening import Planned
from pipeforge.commands.streams import talk
from pipeforge.errors import UsageError
from pipeforge.language.secrets import EmulatedSecrets
from pipeforge.loading import load
from pipeforge.redaction import Redactor
from pipeforge.reports.display import amount

_HEAD = """\
# What the vendors answered to a run of {pipeline} ({run}), recorded by pipeforge to be played again:
# pipeforge run {path} --emulate --world {file}
# Secrets that the connections hold are masked. Names, error texts and log lines are the vendors' own words:
# read through them before you show them to others.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="keep what the vendors answer, secrets masked, as a world for --emulate; written when the run "
        "ends, is interrupted or fails, but not when the process is killed",
    )
    parser.add_argument("--force", action="store_true", help="with --record: write over FILE")


def check(args: argparse.Namespace) -> None:
    """Before anything is triggered. Raises UsageError where the file could not be written."""
    path: Path | None = args.record
    if path is None:
        if args.force:
            raise UsageError("--force goes with --record", "add --record FILE, or leave --force out")
        return
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder", "name a file in it, as in recorded.yaml")
    if path.exists() and not args.force:
        raise UsageError(f"'{path}' exists already", "name another file; --force writes over it")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write into '{path.parent}'", "make the folder, or name a file elsewhere")


@contextmanager
def recorded(args: argparse.Namespace, planned: Planned, link: Link, run: str) -> Iterator[None]:
    """Listens at every connection, and writes the world however the run ends."""
    if args.record is None:
        yield
        return
    tape = load("pipeforge.recording.tape:Tape")()
    redactors = listen(tape, planned, link)
    try:
        yield
    finally:
        world, trouble = playable(tape.world(redactors))
        pipeline = planned.opened.pipeline.name
        head = _HEAD.format(pipeline=pipeline, run=run, path=planned.opened.path, file=args.record)
        text = head + load("pipeforge.recording.writing:yaml")(world)
        vendors = ", ".join(sorted(set(world) - {"faults", "afresh"})) or "no vendor: none was asked"
        told = _weather(getattr(tape, "weather")())  # noqa: B009 (loaded when it is used)
        talk(f"recorded in '{_write(args.record, text, over=args.force)}': {vendors}\n{told}{trouble}")


def _weather(count: int) -> str:
    """What a person should know who plays it again."""
    if not count:
        return ""
    return f"{amount(count, 'request')} went wrong on the way (429, 5xx, no answer): so it will when played\n"


def listen(tape: object, planned: Planned, link: Link) -> list[Redactor]:
    """Hangs a tape to the doors of a run's connections; what knows their secrets."""
    redactors: list[Redactor] = []
    _listen(tape, planned, link, redactors, set())
    return redactors


def _listen(tape: object, planned: Planned, link: Link, redactors: list[Redactor], heard: set[int]) -> None:
    """At the connections of a run and of those that its steps make; shared ones once."""
    source = planned.opened
    for name, client in link.clients.items():
        if id(client) in heard:
            continue
        heard.add(id(client))
        redactors.append(client.redactor)
        vendor = str(source.connections[name].get("vendor", ""))
        unit = ""
        if vendor == "krewdata":  # as a trial calls it: what it is really called is a secret
            settings = linking.settings_of(name, source, EmulatedSecrets(), None)
            unit = settings.unit_id.get_secret_value()
        client.http.witness = getattr(tape, "witness")(vendor, unit)  # noqa: B009 (loaded when it is used)
    for step, child in planned.children.items():
        _listen(tape, child, link.below[step], redactors, heard)


def playable(world: Mapping[str, Json]) -> tuple[Mapping[str, Json], str]:
    """The world without answers to what no emulator is asked, and what a person should know of it."""
    build, read = load("pipeforge.emulators.server:build"), load("pipeforge.emulators.world:World").read

    packages = linking.emulated_vendors()

    def wrong(part: Mapping[str, Json]) -> str:
        try:
            build(read(worlds.numbered(part), packages))
        except ValueError as error:
            return str(error)
        return ""

    if not wrong(world):
        return world, ""
    faults = world.get("faults", ())
    kept = [fault for fault in faults if not wrong({"faults": [fault]})]
    left = {**world, "faults": kept}
    told = f"{len(faults) - len(kept)} answers are left out: the emulators have no such route\n"
    trouble = wrong(left)
    mend = f"it must be mended before it can be played: {trouble}\n" if trouble else ""
    return left, (told if len(kept) < len(faults) else "") + mend


def _write(path: Path, text: str, *, over: bool) -> Path:
    """At once and whole; where a file came there meanwhile, beside it."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(3)}")
    with beside.open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if over:
        beside.replace(path)
        return path
    with suppress(FileExistsError):
        os.link(beside, path)
        beside.unlink()
        return path
    return beside
