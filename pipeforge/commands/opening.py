"""What most commands begin with: a checked pipeline, its values, its plan, its journal."""

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from pipeforge import adapters, planning
from pipeforge.commands import journals, places, speaking
from pipeforge.commands.proving import prove, templates
from pipeforge.commands.streams import colours, columns, talk
from pipeforge.commands.vendors import catalog
from pipeforge.errors import InvalidPipeline, UsageError
from pipeforge.language import project as projects
from pipeforge.language import subpipeline, values
from pipeforge.language.fingerprints import fingerprint
from pipeforge.language.model import Pipeline
from pipeforge.language.project_model import Project
from pipeforge.language.subpipeline_kind import Kinds
from pipeforge.lint.linter import check
from pipeforge.lint.tongues import Language
from pipeforge.reports import diagnostics as report


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line gave, or the journal kept from when it did."""

    environment: str | None = None
    context_time: str | None = None
    assignments: tuple[str, ...] = ()
    custom_variables: Mapping[str, Any] | None = None
    """Typed already; instead of assignments."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A pipeline that lint found no errors in."""

    path: Path
    root: Path
    """The project file's folder, or the pipeline's own."""
    data: Any
    pipeline: Pipeline
    project: Project
    connections: Mapping[str, Mapping[str, Any]]
    """Merged, templates not yet rendered."""
    records: Mapping[str, Any]
    """As written, those in files read."""
    files: Mapping[str, Mapping[str, Any]]
    """By step and parameter: what the files hold that parameters name."""
    digest: str
    """Of all of it, and of the pipelines that it runs."""
    children: "Mapping[str, Opened]"
    """By step: the pipeline that it runs."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A pipeline with its values: what would be done."""

    opened: Opened
    plan: planning.Plan
    given: Mapping[str, Any]
    """The custom variables that were given, by name."""
    children: "Mapping[str, Planned]" = field(default_factory=dict)
    """By step: the pipeline that it runs, as far as that is known before the step starts."""


def pipeline_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the pipeline's YAML file")
    speaking.language_argument(parser)


def value_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    parser.add_argument("--context-time", metavar="TIME", help="the instant the run is for; default now")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="a custom variable; may be repeated"
    )


class Manner(NamedTuple):
    """How findings are told. `quiet`: only where they are errors, for stderr is a program's to read.

    `silent`: not at all, for the caller tells of them.
    """

    language: Language
    quiet: bool
    silent: bool = False


def manner(args: argparse.Namespace) -> Manner:
    """How this command tells findings: beside --log-format json no line may be in words."""
    return Manner(speaking.language(args), getattr(args, "log_format", None) == "json")


def opened(path: Path, environment: str | None, manner: Manner) -> Opened:
    """Reads and checks it, and what it runs, each file once. Prints findings.

    Raises InvalidPipeline when one is an error.
    """
    return _opened(path, environment, manner, {})


def _opened(path: Path, environment: str | None, manner: Manner, known: dict[Path, Opened]) -> Opened:
    real = Path(os.path.realpath(path))  # unlike resolve, of a ring of links too: check tells of those
    if real not in known:  # lint refuses rings, so this comes to an end
        known[real] = _read(path, environment, manner, known)
    return known[real]


def _read(path: Path, environment: str | None, manner: Manner, known: dict[Path, Opened]) -> Opened:
    language = manner.language
    kinds = catalog()._replace(by_lock=False)  # what somebody saw once stops no run: the vendor has its say
    found = check(path, kinds, environment=environment, language=language)
    errors = [diagnostic for diagnostic in found.diagnostics if diagnostic.severity == "error"]
    if not manner.silent and (errors or (found.diagnostics and not manner.quiet)):
        colour, wide = colours(sys.stderr), columns(sys.stderr)
        talk(report.full(found.diagnostics, found.texts, colour=colour, language=language, columns=wide))
    pipeline, project = found.pipeline, found.project
    if errors or pipeline is None:
        places = " and ".join(dict.fromkeys(f"'{one.path}'" for one in errors)) or f"'{path}'"
        verb = "has" if " and " not in places else "have"
        raise InvalidPipeline(
            f"{places} {verb} {len(errors)} {'error' if len(errors) == 1 else 'errors'}", errors
        )
    chosen = project.environments.get(environment) if environment else None
    merged = projects.connections(
        project.connections, pipeline.connections, chosen.connections if chosen else {}
    )
    governing = projects.find(path)
    root = governing.parent if governing else projects.home(path)
    children = {
        id_: _opened(subpipeline.target(path, step.with_["path"]), environment, manner, known)
        for id_, step in pipeline.steps.items()
        if step.uses == subpipeline.NAME
    }
    raw = values.raw_records(pipeline, path, root)
    files = _files(pipeline, path, root)
    below = {id_: one.digest for id_, one in children.items()}
    digest = planning.digest(found.data, {"records": raw, "files": files} if files else raw, merged, below)
    return Opened(path, root, found.data, pipeline, project, merged, raw, files, digest, children)


def _files(pipeline: Pipeline, path: Path, root: Path) -> dict[str, dict[str, Any]]:
    """What each step takes from files. Raises UsageError."""
    kinds = adapters.kinds()
    found = {
        id_: values.given_files(step.with_, kinds[step.uses].traits.files, path, root)
        for id_, step in pipeline.steps.items()
        if step.uses in kinds
    }
    return {id_: given for id_, given in found.items() if given}


def planned(args: argparse.Namespace) -> Planned:
    """The plan that a command's arguments ask for."""
    source = opened(args.file, args.env, manner(args))
    return plan(source, Given(args.env, args.context_time, tuple(args.set)))


def plan(source: Opened, given: Given) -> Planned:
    """The plan of an opened pipeline for what was given. Raises UsageError."""
    pipeline = source.pipeline
    if given.custom_variables is not None:
        chosen = dict(given.custom_variables)
    else:
        chosen = values.given(pipeline, given.assignments)
    moment = values.context_time(given.context_time, pipeline.timezone, datetime.now(UTC))
    known = environment(source.project)
    values.need_environment([source.data, source.records], known)
    scope: dict[str, Any] = {"context_time": moment, "env": known}
    scope["custom_variables"] = values.custom_variables(pipeline, chosen, scope)
    scope["records"] = values.records(source.records, scope)
    made = _made(source, scope)
    prove(made)
    return Planned(source, made, chosen, _children(source, made, given.environment))


def _made(source: Opened, scope: Mapping[str, Any]) -> planning.Plan:
    made = planning.plan(
        source.pipeline,
        Kinds(adapters.kinds()),
        source.connections,
        scope,
        defaults=source.project.defaults,
        digest=source.digest,
    )
    files = source.files
    held = [replace(step, files=files[step.id]) if step.id in files else step for step in made.steps]
    marks = {id_: fingerprint(given) for id_, given in source.files.items()}
    marks |= {id_: child.digest for id_, child in source.children.items()}
    return planning.with_children(replace(made, steps=tuple(held)), marks)


def _children(source: Opened, made: planning.Plan, environment: str | None) -> dict[str, Planned]:
    """What each step that runs a pipeline would do. Raises UsageError for what cannot become right."""
    return {
        step.id: _child(source.children[step.id], step, made, environment) for step in made.steps if step.runs
    }


def _child(source: Opened, step: planning.PlannedStep, made: planning.Plan, env: str | None) -> Planned:
    handed = step.params.get("custom_variables", {})
    try:
        if step.foreach or step.condition not in (None, True) or any(templates(handed)):
            return _pictured(source, made, env)
        planned = handed_down(source, handed, made, env)
    except UsageError as error:
        raise UsageError(f"step '{step.id}': {error.message}", error.hint) from None
    places.refuse_own_key(made, planned.plan, step.id)
    return planned


def handed_down(
    source: Opened, handed: Mapping[str, Any], above: planning.Plan, environment: str | None
) -> Planned:
    """The plan of a pipeline that a step runs, with what the step hands it. Raises UsageError."""
    chosen = values.handed(source.pipeline, handed)
    return plan(source, Given(environment, above.context_time.isoformat(), custom_variables=chosen))


def _pictured(source: Opened, above: planning.Plan, env: str | None) -> Planned:
    """The same as far as it is known before its custom variables are."""
    moment = values.context_time(above.context_time.isoformat(), source.pipeline.timezone, datetime.now(UTC))
    known = environment(source.project)
    values.need_environment([source.data, source.records], known)
    scope = {"context_time": moment, "env": known}
    made = _made(source, scope)
    return Planned(source, made, {}, _children(source, made, env))


def environment(project: Project) -> dict[str, str]:
    """The environment variables that templates may read."""
    return {name: os.environ[name] for name in project.env if name in os.environ}


def journal_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--journal",
        type=journals.place,
        metavar="FILE|URL",
        help="where runs are kept: a file, or postgresql://user@host/database; default .pipeforge/journal.db",
    )
    parser.add_argument("--emulate", action="store_true", help="against the emulators, with a journal apart")


def journal_path(args: argparse.Namespace, root: Path, project: Project) -> journals.Place:
    """Runs against emulators are kept apart: they must never stand for real ones."""
    if args.journal:
        place: journals.Place = args.journal
        if args.emulate and not isinstance(place, Path):
            raise UsageError(
                f"--emulate keeps its runs in a file, not in '{place}'", "leave --journal out, or name a file"
            )
        return place
    if args.emulate:
        return root / ".pipeforge" / "emulated.db"
    return journals.below(root, project.journal or ".pipeforge/journal.db")


def name_journal(args: argparse.Namespace, source: Opened) -> None:
    """Makes --journal explicit where a command typed in this folder would not find the journal by itself."""
    root, project = here()
    place = journals.settled(journal_path(args, source.root, source.project))
    if journals.settled(journal_path(args, root, project)) != place:
        args.journal = Path(os.path.relpath(place)) if isinstance(place, Path) else place


def here() -> tuple[Path, Project]:
    """The project that the current folder belongs to: for commands that name a run and not a file."""
    folder = Path.cwd()
    document = projects.load(folder / "any.yaml")
    if document.faults:
        raise UsageError(f"'{document.path}' cannot be read", "run `pipeforge lint` on it")
    root = document.path.parent
    if not document.path.is_file():
        root = next((up for up in (folder, *folder.parents) if (up / ".pipeforge").is_dir()), folder)
    try:
        return root, Project.model_validate(document.data or {})
    except ValidationError:
        raise UsageError(f"'{document.path}' is not a project file", "run `pipeforge lint` on it") from None
