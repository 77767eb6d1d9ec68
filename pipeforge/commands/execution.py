"""Drives a planned run: connections, signals, the engine, the journal, and the exit code."""

import argparse
import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from pipeforge import adapters
from pipeforge.adapter import Adapter, Limits, Outcome, Pace
from pipeforge.adapters import connections
from pipeforge.commands import nexts, places
from pipeforge.commands.masking import Masked
from pipeforge.commands.opening import Opened, Planned, environment
from pipeforge.commands.streams import out
from pipeforge.commands.telling import Teller, Told
from pipeforge.engine.control import Control
from pipeforge.engine.doors import Terms
from pipeforge.engine.events import RunResumed, RunStarted
from pipeforge.engine.limits import Shared
from pipeforge.engine.scheduler import execute
from pipeforge.engine.state import RunState
from pipeforge.errors import UsageError
from pipeforge.journal import Taken, Writer
from pipeforge.language.document import read
from pipeforge.language.durations import seconds
from pipeforge.language.filters import zone
from pipeforge.language.secrets import EmulatedSecrets, Secrets, dotenv
from pipeforge.language.templating import TemplateError, render
from pipeforge.language.values import mentioned, need_environment
from pipeforge.loading import load
from pipeforge.planning import Plan
from pipeforge.redaction import Redactor
from pipeforge.reports.runs import summary

EMULATED = "http://emulator.invalid"
"""Where the emulators in this process stand: a name that resolves nowhere, so that nothing can leave."""

HURRIED = Pace(first=0.2, longest=1.0)
"""How often a job of an emulator is looked at: it takes seconds, not minutes."""

WORLD = "world.yaml"
"""The world file beside a pipeline that --emulate reads when none is named."""

_EMULATED_TOKENS = {"reckoner": {"access_token": "pat_emulated"}}
"""Credentials whose form even an emulator checks."""

_EASED = {"workato": {"requests": "6000/1m"}}
"""chosen: limits in a trial, whose jobs take seconds; with Workato's 60 a minute it would mostly wait."""

_ELSEWHERE = ("region", "data_center")
"""Settings that name a vendor's host and give way to base_url."""


@dataclass(frozen=True, slots=True)
class Emulation:
    """Emulators in this process instead of the vendors."""

    app: Any
    base_urls: Mapping[str, str]


def emulation(source: Opened, world: Path | None, *, anew: bool = False) -> Emulation:
    """Emulators whose memory outlives the process in a file, so that an emulated run can be resumed.

    `anew`: for a new run, which meets the world's faults from the first of its calls.
    Raises UsageError for a world file that cannot be read.
    """
    server, worlds = load("pipeforge.emulators.server"), load("pipeforge.emulators.world:World")
    state = source.root / ".pipeforge" / "emulators.json"
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        mend = "make it writable, or work in a copy of the project"
        raise UsageError(f"cannot keep anything in '{state.parent}': {why}", mend) from None
    beside = source.path.parent / WORLD
    path = world or (beside if beside.is_file() else None)
    try:
        app = server.build(worlds.read(world_data(path) if path else {}), state=state, anew=anew)
    except ValueError as error:
        if str(state) in str(error):
            broken = f"'{state}' is not a state file of the emulators"
            raise UsageError(broken, "remove it to start afresh") from None
        raise UsageError(f"'{path}' is not a world: {error}", "see `pipeforge explain world`") from None
    return Emulation(app, server.base_urls(EMULATED))


def world_data(path: Path) -> Any:
    """A world file as data. Raises UsageError."""
    document = read(path)
    for _, problem in document.faults:
        place = f" line {problem.span.line}" if problem.span else ""
        raise UsageError(f"'{path}'{place}: {problem.message}", problem.hint or "")
    return _numbered(document.data or {})


def _numbered(value: Any) -> Any:
    """Ids as keys become numbers again, and `.inf` the time that never comes: our YAML keeps both as text."""
    if isinstance(value, dict):
        return {int(key) if key.isdecimal() else key: _numbered(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbered(inner) for inner in value]
    return float("inf") if value == ".inf" else value


def settings_of(name: str, source: Opened, secrets: Secrets, emulated: Emulation | None) -> Any:
    """A connection's settings with its secrets in. Raises UsageError, which never holds a value."""
    raw = dict(source.connections[name])
    vendor = raw.get("vendor", "")
    try:
        rendered = render(raw, {"secrets": secrets, "env": environment(source.project)})
    except TemplateError as error:
        raise UsageError(f"connection '{name}': {error.message}", error.hint) from None
    if emulated is not None:
        rendered = {key: value for key, value in rendered.items() if key not in _ELSEWHERE}
        rendered |= {"base_url": emulated.base_urls[vendor], **_EMULATED_TOKENS.get(vendor, {})}
        if vendor in _EASED:
            rendered["limits"] = {**_EASED[vendor], **rendered.get("limits", {})}
    try:
        return adapters.connection_model(vendor).model_validate(rendered)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        names = [f"secret {each}" for each in mentioned(raw.get(str(first["loc"][0])), "secrets")]
        hint = f"look at {' and '.join(names)}" if names else "see its settings in the file"
        raise UsageError(f"connection '{name}': {place}: {first['msg']}", hint) from None


class Link:
    """The open connections of a plan."""

    def __init__(self, plan: Plan, source: Opened, secrets: Secrets, emulated: Emulation | None) -> None:
        self.clients: dict[str, connections.Client] = {}
        self.limits: dict[str, Limits] = {}
        self.resources: dict[str, str] = {}
        """What each connection shares with other processes, fit for the journal."""
        self.adapters: dict[tuple[str, str], Adapter[Any]] = {}
        redactors: list[Redactor] = []
        taken: dict[str, Any] = {}
        app = emulated.app if emulated else None
        used = [source.connections[name] for name in dict.fromkeys(step.connection for step in plan.steps)]
        need_environment(used, environment(source.project))
        secrets.need(mentioned(used, "secrets"), source.root)
        for step in plan.steps:
            name, key = step.connection, (step.kind.name, step.connection)
            if name not in self.clients:
                settings = taken[name] = settings_of(name, source, secrets, emulated)
                connections.refuse_twins(taken)
                self.clients[name] = connections.connect(name, settings, app=app)
                redactors.append(self.clients[name].redactor)
                self.limits[name] = settings.limits_in_force()
                self.resources[name] = connections.resource(settings)
            if key not in self.adapters:
                adapter = Masked(connections.adapter(step.kind, self.clients[name]), redactors)
                self.adapters[key] = cast(Adapter[Any], adapter)  # its kind is no class variable

    async def aclose(self) -> None:
        for client in self.clients.values():
            await client.aclose()


def linked(planned: Planned, args: argparse.Namespace, *, anew: bool = False) -> tuple[Planned, Link]:
    """The plan with its connections open: to the vendors, or with --emulate to emulators in this process.

    `anew`: for a new run, see `emulation`. Raises UsageError.
    """
    source = planned.opened
    if not args.emulate:
        return planned, Link(planned.plan, source, Secrets(os.environ, dotenv(source.root)), None)
    emulated = emulation(source, args.world, anew=anew)
    trial = Planned(source, hurried(planned.plan), planned.given)
    return trial, Link(trial.plan, source, EmulatedSecrets(), emulated)


def run_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of every command that drives a run."""
    parser.add_argument(
        "--max-time", metavar="DURATION", help="leave in order after this long, to be resumed"
    )
    parser.add_argument(
        "--log-format",
        choices=["auto", "plain", "json"],
        default="auto",
        help="default: live on a terminal, else plain",
    )


def max_time(args: argparse.Namespace) -> float | None:
    """--max-time in seconds. Raises UsageError."""
    if args.max_time is None:
        return None
    try:
        return seconds(args.max_time)
    except PydanticCustomError as error:
        hint = (error.context or {}).get("hint", "write 90s, 5m, 2h or 5h30m")
        raise UsageError(f"--max-time: {error}", hint) from None


def hurried(plan: Plan) -> Plan:
    """The plan with looks as frequent as the emulators' jobs are short."""
    return replace(plan, steps=tuple(replace(step, pace=HURRIED) for step in plan.steps))


def drive(
    planned: Planned,
    past: RunState,
    writer: Writer,
    link: Link,
    args: argparse.Namespace,
    first: RunStarted | RunResumed,
) -> int:
    """Runs to the end, or until it is stopped; says how it ended, and gives the exit code.

    `first`: what made this process hold the run; it is in the journal already.
    """
    control = Control()
    teller = Teller(past, args.log_format, zone(planned.opened.pipeline.timezone))
    plan = planned.plan
    shared = Shared(writer, link.resources)
    terms = Terms(link.limits, shared, places.claim(plan), max_time=max_time(args))
    teller.begin(first)
    try:
        outcome = asyncio.run(_driven(plan, past, writer, link, (control, teller, terms)))
    except Taken as taken:
        assert plan.concurrency is not None
        places.refuse(plan.concurrency, taken.wait)
        return 0
    with suppress(BrokenPipeError):  # how the run ended counts, whoever still reads of it
        commands = nexts.resume_command(past.run, args), nexts.command("show", past.run, args)
        out("\n" + summary(past, nexts.decisions(past, args), *commands))
    return exit_code(outcome, control)


async def _driven(
    plan: Plan,
    past: RunState,
    writer: Writer,
    link: Link,
    parts: tuple[Control, Teller, Terms],
) -> Outcome | None:
    control, teller, terms = parts
    emit = Told(writer, teller)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _interrupted, control, teller)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(writer.close)
        stack.push_async_callback(link.aclose)
        await places.take(writer, plan)
        stack.enter_context(teller.around())
        return await execute(plan, past, link.adapters, emit, control=control, terms=terms)


def _interrupted(control: Control, teller: Teller) -> None:
    if control.reason is None:
        teller.say("interrupted: nothing new starts; once more to leave at once (jobs at the vendors go on)")
    control.interrupt()


def exit_code(outcome: Outcome | None, control: Control) -> int:
    """As documented in `pipeforge --help`. An interrupt can end the last step: then it is not all well."""
    if outcome is Outcome.SUCCEEDED:
        return 0
    if control.reason is not None:
        return 6 if control.reason == "max_time" else 130
    return 4 if outcome is Outcome.UNKNOWN else 1


def holder() -> str:
    """Who we are, for RunResumed."""
    return f"{socket.gethostname()} pid {os.getpid()}"
