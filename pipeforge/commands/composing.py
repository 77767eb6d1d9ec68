"""Makes of one kind and its parameters a pipeline of one step, which is kept in a file."""

import argparse
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeforge import planning
from pipeforge.adapter import Kind, Role
from pipeforge.commands import opening
from pipeforge.errors import UsageError
from pipeforge.language import project as projects
from pipeforge.language.fingerprints import fingerprint
from pipeforge.language.model import Pipeline
from pipeforge.language.nearest import suggest
from pipeforge.language.project_model import Project
from pipeforge.language.snippets import settings

STEP = "call"
"""What the one step is called: `settle RUN call` speaks of it."""

ANSWER = "2m"
"""chosen: how long a question is asked again before it is given up; a person waits for it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where connections come from: a project, with a pipeline's own where one is named."""

    path: Path
    root: Path
    project: Project
    own: Mapping[str, Any]
    """The pipeline's."""
    connections: Mapping[str, Mapping[str, Any]]
    """Merged, with what the environment lays over them."""
    timezone: str = "UTC"


def found(args: argparse.Namespace) -> Found:
    """The project here, or the pipeline that --file names. Raises UsageError, InvalidPipeline."""
    if args.file is not None:
        source = opening.opened(args.file, args.env, opening.manner(args))
        own = source.pipeline.connections
        return Found(
            args.file, source.root, source.project, own, source.connections, source.pipeline.timezone
        )
    root, project = opening.here()
    chosen = project.environments.get(args.env) if args.env else None
    if args.env and chosen is None:
        hint = suggest(args.env, project.environments, "environments")
        raise UsageError(f"there is no environment '{args.env}'", hint)
    merged = projects.connections(project.connections, {}, chosen.connections if chosen else {})
    return Found(root / projects.NAME, root, project, {}, merged)


def connection(kind: Kind, source: Found, args: argparse.Namespace) -> tuple[Found, str]:
    """Which connection is meant; in a trial one is made up where there is none. Raises UsageError."""
    name = args.connection
    right = [key for key, given in source.connections.items() if given.get("vendor") == kind.vendor]
    if name is not None and name not in source.connections:
        raise UsageError(
            f"no connection is called '{name}'", suggest(name, source.connections, "connections")
        )
    if name is not None and name not in right:
        vendor = source.connections[name].get("vendor")
        hint = f"use {' or '.join(right)}" if right else f"add one of vendor {kind.vendor}"
        raise UsageError(f"connection '{name}' is of vendor '{vendor}', not '{kind.vendor}'", hint)
    if name is None and len(right) > 1:
        raise UsageError(
            f"{len(right)} connections have vendor '{kind.vendor}'",
            f"name one: --connection {right[0]} (or {', '.join(right[1:])})",
        )
    if name is None and not right and args.emulate:
        made = {kind.vendor: {"vendor": kind.vendor, **settings(kind.connection)}}
        return replace(source, own=made, connections={**source.connections, **made}), kind.vendor
    if name is None and not right:
        raise UsageError(
            f"no connection has vendor '{kind.vendor}'",
            f"add one to {projects.NAME} (`pipeforge explain {kind.vendor}` shows how), name a pipeline that "
            "has one with --file, or try it with --emulate",
        )
    return source, name or right[0]


def planned(
    kind: Kind, name: str, params: Mapping[str, Any], source: Found, args: argparse.Namespace
) -> opening.Planned:
    """The pipeline of one step. Raises UsageError for templates that cannot be rendered."""
    # what a project prefers of its nightly steps is not meant for what a person does by hand, once
    once = {"retry": {"max_attempts": 1}, "on_ambiguous": "reconcile"}
    step: dict[str, Any] = {"uses": kind.name, "connection": name, **once}
    timeout = args.timeout or (ANSWER if kind.role is Role.READS else None)
    step |= {"with": dict(params), **({"timeout": timeout} if timeout else {})}
    own = {name: source.own[name]} if name in source.own else {}
    data: dict[str, Any] = {"name": f"call.{kind.name}", "timezone": source.timezone}
    data |= {**({"connections": own} if own else {}), "steps": {STEP: step}}
    file = projects.calls(source.root) / f"{kind.name}-{fingerprint(data)[:12]}.yaml"
    chosen = source.project.environments.get(args.env) if args.env else None
    merged = projects.connections(source.project.connections, own, chosen.connections if chosen else {})
    opened = opening.Opened(
        path=file,
        root=source.root,
        data=data,
        pipeline=Pipeline.model_validate(data),
        project=source.project,
        connections=merged,
        records={},
        files={},
        digest=planning.digest(data, {}, merged),
        children={},
    )
    return opening.plan(opened, opening.Given(args.env))


def keep(made: opening.Planned) -> None:
    """Writes the pipeline where `resume` and `settle` find it. JSON is YAML too. Raises UsageError."""
    path, text = made.opened.path, json.dumps(made.opened.data, ensure_ascii=False, indent=2) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as to:  # noqa: PTH123
            to.write(text)
        beside.replace(path)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"cannot write '{path}': {why}", "make its folder writable") from None
