"""check pipelines without running anything: every finding, with its place and the mend"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeforge.commands.streams import colours, out, talk
from pipeforge.commands.vendors import catalog
from pipeforge.errors import UsageError
from pipeforge.language import project as projects
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.lint.linter import check
from pipeforge.reports import diagnostics as report

EXAMPLE = """examples:
  pipeforge lint pipelines/
  pipeforge lint nightly_sales.yaml --env staging --format json"""

_PIPELINE = re.compile(r"^(steps[ \t]*[:：]|#.*pipeline\.schema\.json)", re.M)
"""What tells a pipeline from other YAML in a folder, even one that is badly broken."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[Path()], help="files and folders; default: here"
    )
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    parser.add_argument(
        "--ignore",
        metavar="CODE",
        action="append",
        default=[],
        help="a rule to leave out; `PF4` for all such",
    )
    parser.add_argument("--format", choices=["full", "concise", "json"], default="full", help="default: full")


def run(args: argparse.Namespace) -> int:
    files = list(dict.fromkeys(file for path in args.paths for file in pipelines(path)))
    known, ignore = catalog(), tuple(args.ignore)
    found: dict[Diagnostic, None] = {}
    texts: dict[Path, str] = {}
    for file in files:
        checked = check(file, known, environment=args.env, ignore=ignore)
        found |= dict.fromkeys(checked.diagnostics)
        texts |= checked.texts
    _tell(sorted(found, key=lambda one: one.order), texts, args.format)
    if args.format != "json":
        talk(report.summary(list(found), len(files)))
    return 1 if any(one.severity in ("error", "warning") for one in found) else 0


def _tell(found: list[Diagnostic], texts: dict[Path, str], how: str) -> None:
    if how == "json":
        out(report.json(found))
    elif how == "concise":
        out(report.concise(found))
    elif found:
        out(report.full(found, texts, colour=colours(sys.stdout)))


def pipelines(path: Path) -> Iterator[Path]:
    """The pipelines a path stands for: itself, or all in a folder. Raises UsageError when there is none."""
    if path.name == projects.NAME and path.is_file():
        path = path.parent  # a project file is checked with the pipelines that it governs
    if not _is_folder(path):
        yield path
        return
    found = sorted(file for file in _yaml_below(path) if _is_pipeline(file))
    if not found:
        raise UsageError(f"no pipeline in '{path}'", "a pipeline is a .yaml or .yml file with `steps:`")
    yield from found


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # check will say why it cannot be read


def _yaml_below(folder: Path) -> Iterable[Path]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _yaml_below(path)
        elif path.suffix in (".yaml", ".yml") and path.name != projects.NAME:
            yield path


def _is_pipeline(path: Path) -> bool:
    try:
        return bool(_PIPELINE.search(path.read_bytes().decode("utf-8", "replace")))
    except OSError:
        return True  # check will say why it cannot be read
