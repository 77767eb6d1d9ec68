"""What `pipeforge lint --show-settings` tells: the rules left out, and the project file of each pipeline."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeforge.commands.streams import out
from pipeforge.commands.vendors import catalog
from pipeforge.errors import UsageError
from pipeforge.language import project as projects
from pipeforge.lint.linter import check
from pipeforge.lint.rules import RULES
from pipeforge.reports import settings as report


def show(args: argparse.Namespace, files: Sequence[Path], left_out: tuple[str, ...]) -> None:
    """Prints them. Raises UsageError for a format that has no place for them."""
    if args.format not in ("full", "json"):
        raise UsageError(
            f"--show-settings cannot be told as '{args.format}'", "leave --format out, or choose json"
        )
    governed: dict[Path | None, list[Path]] = {}
    for file in files:
        governed.setdefault(projects.find(file), []).append(file)
    settings = report.Settings(
        args.env,
        tuple(rule.code for rule in RULES if left_out and rule.code.startswith(left_out)),
        tuple(_of(path, pipelines) for path, pipelines in governed.items()),
    )
    out(report.as_json(settings) if args.format == "json" else report.text(settings, args.lang))


def _of(path: Path | None, pipelines: Sequence[Path]) -> report.OfProject:
    # As lint itself reads them: a project file that is not valid has no settings.
    lint = check(pipelines[0], catalog()).project.lint
    here = Path.cwd()
    near = path.relative_to(here) if path and path.is_relative_to(here) else path
    return report.OfProject(near, tuple(lint.ignore), dict(lint.per_path), tuple(pipelines))
