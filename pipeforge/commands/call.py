"""do one thing at a vendor by hand: any kind, with its parameters as NAME=VALUE"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic_core import PydanticCustomError

from pipeforge import adapters
from pipeforge.adapter import Kind, Role
from pipeforge.commands import calling, composing, linking, nexts, opening, speaking
from pipeforge.commands.assigning import assigned
from pipeforge.commands.execution import ending
from pipeforge.commands.journals import open_journal
from pipeforge.commands.parsing import Parser
from pipeforge.commands.streams import out, talk
from pipeforge.commands.telling import log_format_argument
from pipeforge.engine.state import StepState
from pipeforge.errors import UsageError
from pipeforge.journal import Journal
from pipeforge.language.docstrings import field_docs
from pipeforge.language.durations import seconds
from pipeforge.language.nearest import equals, likely
from pipeforge.language.secrets import Secrets, dotenv
from pipeforge.loading import load
from pipeforge.reports import calls as report

EXAMPLE = """examples:
  pipeforge call trocco.list_job_definitions name=orders --emulate
  pipeforge call trocco.run_job job_definition_id=1201 'custom_variables.$region$=jp' --emulate
  pipeforge call trocco.run_job --help                 what the kind takes and gives

A value is text or JSON, as the parameter's type wants it; NAME=@file.json takes it from a file. What starts
or changes something asks first; where nobody can be asked it needs --yes.

exit codes: 0 done; 1 not, or you said no; 2 wrongly typed; 4 nobody can know whether; 130 interrupted"""


def arguments(parser: Parser) -> None:
    parser.mixed, parser.more, parser.follows = True, _of_kind, _parameters
    parser.add_argument("kind", nargs="?", help="what to do: `pipeforge explain` lists all kinds")
    parser.add_argument("values", nargs="*", metavar="NAME=VALUE", help="its parameters")
    parser.add_argument("--connection", metavar="NAME", help="where more than one is of the kind's vendor")
    parser.add_argument("--file", type=Path, metavar="PIPELINE", help="take connections from this pipeline")
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    parser.add_argument("--timeout", metavar="DURATION", help="default: 2m for questions, 1d for jobs")
    parser.add_argument("--no-wait", action="store_true", help="of what runs jobs: start it, and leave it")
    parser.add_argument("--yes", action="store_true", help="do not ask first")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    parser.add_argument(
        "--world", type=Path, metavar="FILE", help="the emulators' world; default world.yaml beside the file"
    )
    log_format_argument(parser)
    speaking.language_argument(parser)
    opening.journal_argument(parser)


def run(args: argparse.Namespace) -> int:
    kind = _kind(args.kind)
    params = assigned(kind, args.values)
    _fitting(kind, args)
    source, name = composing.connection(kind, composing.found(args), args)
    made = composing.planned(kind, name, params, source, args)
    if kind.role is not Role.READS and not _agreed(kind, name, made, args):
        talk("nothing was done\n")
        return 1
    if args.emulate and args.world is None:
        beside = (args.file.parent if args.file else Path()) / linking.WORLD
        args.world = beside if beside.is_file() else None
    made, link = linking.linked(made, args, anew=True)
    journal = _journal(kind, made, args)
    try:
        ended = calling.carry_out(journal, made, link, args)
        _tell(kind, name, ended, args, journal)
    finally:
        journal.close()
    return ended.code


def _kind(name: str | None) -> Kind:
    if name is None:
        raise UsageError("the kind is missing", "`pipeforge explain` lists all kinds, such as trocco.run_job")
    if name not in adapters.kinds():
        near = likely(equals(name, adapters.kinds()))
        raise UsageError(f"argument 1, '{name}', is no kind", near or "`pipeforge explain` lists all kinds")
    return adapters.kinds()[name]


def _of_kind(given: Sequence[str]) -> str:
    """What --help tells beside an argument that is a kind."""
    named = next((one for one in given if one in adapters.kinds()), None)
    return report.parameters(adapters.kinds()[named], field_docs) if named else ""


def _parameters() -> dict[str, tuple[str, ...]]:
    """By kind, what may be typed behind it."""
    return {
        name: tuple(f"{field.alias or key}=" for key, field in kind.params.model_fields.items())
        for name, kind in adapters.kinds().items()
    }


def _fitting(kind: Kind, args: argparse.Namespace) -> None:
    """Raises UsageError for options that the kind has no use for, before anything is opened."""
    if args.no_wait and kind.role is not Role.RUNS:
        raise UsageError(
            f"--no-wait is for kinds that run jobs, and {kind.name} is over with its answer", "leave it out"
        )
    if args.world and not args.emulate:
        raise UsageError("--world goes with --emulate", "add --emulate, or leave --world out")
    if args.timeout is not None:
        try:
            seconds(args.timeout)
        except PydanticCustomError as error:
            raise UsageError(
                f"--timeout: {error}", (error.context or {}).get("hint", "write 90s or 5m")
            ) from None
    asks = args.yes or args.emulate or kind.role is Role.READS
    if not asks and not (sys.stdin.isatty() and sys.stderr.isatty()):
        verb = "starts a job" if kind.role is Role.RUNS else "changes something"
        raise UsageError(
            f"{kind.name} {verb} at {kind.vendor}, and nobody can be asked here",
            "add --yes to do it unasked, or --emulate to try it",
        )


def _agreed(kind: Kind, name: str, made: opening.Planned, args: argparse.Namespace) -> bool:
    """Whether a person wants it done. Against emulators nobody need be asked."""
    if args.yes or args.emulate:
        return True
    source = made.opened
    settings = linking.settings_of(name, source, Secrets(os.environ, dotenv(source.root)), None)
    params = load("pipeforge.reports.plan:shown")(made.plan.steps[0].params)
    talk(report.question(kind, name, settings.account()[0], params))
    talk("go ahead? [y/N] ")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")


def _journal(kind: Kind, made: opening.Planned, args: argparse.Namespace) -> Journal:
    """Where the call is kept. A question leaves nothing behind: it can be asked again at any time."""
    if kind.role is Role.READS:
        memory = "pipeforge.journal.memory"
        journal: Journal = load(f"{memory}:MemoryJournal")(load(f"{memory}:MemoryStore")())
        return journal
    composing.keep(made)
    source = made.opened
    place = opening.journal_path(args, source.root, source.project)
    opening.name_journal(args, source)
    return open_journal(place)


def _tell(
    kind: Kind, connection: str, ended: calling.Ended, args: argparse.Namespace, journal: Journal
) -> None:
    state = ended.state
    step = state.steps.get(composing.STEP, StepState())
    args.file = None  # what goes on with a call is in the journal
    if kind.role is Role.READS:
        _tell_answer(kind, connection, step, args)
        return
    resume = nexts.resume_command(state.run, args) if state.outcome is None else ""
    if args.format == "json":
        kept = report.Kept(state.run, step.link or ended.link, resume, nexts.decisions(state, args, journal))
        out(report.as_json(kind, connection, step, kept))
    elif step.ok:
        out(report.outputs(step.outputs))
    elif step.outcome is None and ended.code == 0:
        out(report.left(step, ended.link, resume, nexts.command("show", state.run, args)))
    else:
        out("\n" + ending(state, args, journal))


def _tell_answer(kind: Kind, connection: str, step: StepState, args: argparse.Namespace) -> None:
    if args.format == "json":
        out(report.as_json(kind, connection, step))
    elif step.ok:
        out(report.outputs(step.outputs))
    else:
        talk(report.failure(kind, step) if step.outcome else "interrupted: it was only a question\n")
