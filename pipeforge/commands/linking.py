"""Opens what a plan asks of: the connections to its vendors, or to emulators in this process."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol, cast

from pydantic import ValidationError

from pipeforge import adapters
from pipeforge.adapter import Adapter, Limits, Pace
from pipeforge.adapters import connections
from pipeforge.commands import worlds
from pipeforge.commands.masking import Masked
from pipeforge.commands.opening import Opened, Planned, environment
from pipeforge.engine.clock import Clock, SystemClock
from pipeforge.engine.limits import Turns
from pipeforge.errors import UsageError
from pipeforge.language.project_model import Project
from pipeforge.language.secrets import EmulatedSecrets, Secrets, dotenv
from pipeforge.language.templating import TemplateError, render
from pipeforge.language.values import mentioned, need_environment
from pipeforge.loading import load
from pipeforge.planning import Plan
from pipeforge.redaction import Redactor

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
    clock: Clock = field(default_factory=SystemClock)
    """By what the runs against them go, too."""


class Source(Protocol):
    """What leads to connections: an opened pipeline, or a project without one."""

    @property
    def path(self) -> Path:
        """The file, beside which a world may lie."""

    @property
    def root(self) -> Path:
        """The project's folder."""

    @property
    def project(self) -> Project:
        """The project file's content."""

    @property
    def connections(self) -> Mapping[str, Mapping[str, Any]]:
        """Merged, templates not yet rendered."""


def emulation(source: Source, world: Path | None, *, anew: bool = False) -> Emulation:
    """Emulators whose memory outlives the process in a file, so that an emulated run can be resumed.

    `anew`: for a new run, which meets the world's faults from the first of its calls; where the world says
    `afresh`, also nothing that another run left behind.
    Raises UsageError for a world file that cannot be read.
    """
    server = load("pipeforge.emulators.server")
    packages = emulated_vendors()
    state = source.root / ".pipeforge" / "emulators.json"
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        mend = "make it writable, or work in a copy of the project"
        raise UsageError(f"cannot keep anything in '{state.parent}': {why}", mend) from None
    beside = source.path.parent / WORLD
    path = world or (beside if beside.is_file() else None)
    found = worlds.written(path) if path else worlds.Written()
    the_world = worlds.opened(found, packages)
    if path and the_world.afresh:  # a memory of its own: that of other worlds outlives it
        state = state.with_name(f"emulators-{blake2b(bytes(path.resolve()), digest_size=6).hexdigest()}.json")
        if anew:
            state.unlink(missing_ok=True)
    try:
        app = worlds.built(found, lambda: server.build(the_world, state=state, anew=anew))
    except ValueError:
        broken = f"'{state}' is not a state file of the emulators"
        raise UsageError(broken, "remove it to start afresh") from None
    return Emulation(app, server.base_urls(EMULATED, packages))


def emulated_vendors() -> Mapping[str, Any]:
    """The emulators' packages by vendor: ours, and those that installed packages bring along."""
    ours: Mapping[str, Any] = load("pipeforge.emulators.vendors:PACKAGES")
    return {**ours, **load("pipeforge.adapters.foreign:emulators")()}


def settings_of(name: str, source: Source, secrets: Secrets, emulated: Emulation | None) -> Any:
    """A connection's settings with its secrets in. Raises UsageError, which never holds a value."""
    raw = dict(source.connections[name])
    vendor = raw.get("vendor", "")
    try:
        rendered = render(raw, {"secrets": secrets, "env": environment(source.project)})
    except TemplateError as error:
        raise UsageError(f"connection '{name}': {error.message}", error.hint) from None
    if emulated is not None:
        if vendor not in emulated.base_urls:
            load("pipeforge.adapters.foreign:emulator")(vendor)  # says why there is none
        rendered = {key: value for key, value in rendered.items() if key not in _ELSEWHERE}
        rendered |= {"base_url": emulated.base_urls[vendor], **_EMULATED_TOKENS.get(vendor, {})}
        if vendor in _EASED:
            rendered["limits"] = {**_EASED[vendor], **rendered.get("limits", {})}
    try:
        return adapters.connection_model(vendor).model_validate(rendered)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        route = first["loc"]  # empty where two settings do not go together
        place = ".".join(map(str, route)) or "its settings"
        names = [f"secret {each}" for each in mentioned(raw.get(str(route[0])), "secrets")] if route else []
        hint = f"look at {' and '.join(names)}" if names else "see its settings in the file"
        raise UsageError(f"connection '{name}': {place}: {first['msg']}", hint) from None


class Link:
    """The open connections of a plan, and of those that its steps run."""

    def __init__(
        self,
        planned: Planned,
        secrets: Secrets,
        emulated: Emulation | None,
        above: "Link | None" = None,
    ) -> None:
        """`above`: of the run whose step runs this one; connections that are the same are shared with it."""
        plan, source = planned.plan, planned.opened
        self.emulated = emulated
        self.clock: Clock = emulated.clock if emulated else SystemClock()
        self.turns: Turns = above.turns if above else Turns()
        """Of all runs that share these connections in this process."""
        self._source = source
        self._above = above
        self._own: list[connections.Client] = []
        self.clients: dict[str, connections.Client] = {}
        self.limits: dict[str, Limits] = {}
        self.resources: dict[str, str] = {}
        """What each connection shares with other processes, fit for the journal."""
        self.adapters: dict[tuple[str, str], Adapter[Any]] = {}
        self._connect(plan, source, secrets)
        below: dict[Path, Link] = {}
        for child in planned.children.values():
            if child.opened.path not in below:
                below[child.opened.path] = Link(child, secrets, emulated, self)
        self.below = {id_: below[child.opened.path] for id_, child in planned.children.items()}
        """By step: those of the pipeline that it runs."""

    def _connect(self, plan: Plan, source: Opened, secrets: Secrets) -> None:
        redactors: list[Redactor] = []
        taken: dict[str, Any] = {}
        app = self.emulated.app if self.emulated else None
        steps = [step for step in plan.steps if not step.runs]
        used = [source.connections[name] for name in dict.fromkeys(step.connection for step in steps)]
        need_environment(used, environment(source.project))
        secrets.need(mentioned(used, "secrets"), source.root)
        for step in steps:
            name, key = step.connection, (step.kind.name, step.connection)
            if name not in self.clients:
                settings = taken[name] = settings_of(name, source, secrets, self.emulated)
                connections.refuse_twins(taken)
                client = self._shared(name)
                if client is None:
                    client = connections.connect(name, settings, app=app)
                    self._own.append(client)
                self.clients[name] = client
                redactors.append(self.clients[name].redactor)
                self.limits[name] = settings.limits_in_force()
                self.resources[name] = connections.resource(settings)
            if key not in self.adapters:
                made = connections.adapter(step.kind, self.clients[name], source.path.parent)
                adapter = Masked(made, redactors, nowhere=EMULATED if self.emulated else "")
                self.adapters[key] = cast(Adapter[Any], adapter)  # its kind is no class variable

    def _shared(self, name: str) -> connections.Client | None:
        """The same connection of a run above: what a vendor counts must be counted in one place."""
        link = self._above
        while link is not None:
            if name in link.clients and link._source.connections[name] == self._source.connections[name]:
                return link.clients[name]
            link = link._above
        return None

    async def aclose(self) -> None:
        """Closes them all."""
        for below in {id(link): link for link in self.below.values()}.values():
            await below.aclose()
        for client in self._own:
            await client.aclose()


def linked(planned: Planned, args: argparse.Namespace, *, anew: bool = False) -> tuple[Planned, Link]:
    """The plan with its connections open: to the vendors, or with --emulate to emulators in this process.

    `anew`: for a new run, see `emulation`. Raises UsageError.
    """
    source = planned.opened
    if not args.emulate:
        return planned, Link(planned, Secrets(os.environ, dotenv(source.root)), None)
    emulated = emulation(source, args.world, anew=anew)
    trial = replace(planned, plan=hurried(planned.plan))
    return trial, Link(trial, EmulatedSecrets(), emulated)


def hurried(plan: Plan) -> Plan:
    """The plan with looks as frequent as the emulators' jobs are short."""
    return replace(plan, steps=tuple(replace(step, pace=HURRIED) for step in plan.steps))
