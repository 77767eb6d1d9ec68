"""check pipelines without running anything: every finding, with its place and the mend"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeforge.commands.streams import colours, is_live, out, talk
from pipeforge.commands.vendors import catalog
from pipeforge.errors import UsageError
from pipeforge.language import project as projects
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.lint.linter import Report, check
from pipeforge.lint.rules import RULES
from pipeforge.loading import load
from pipeforge.reports import diagnostics as report

EXAMPLE = """examples:
  pipeforge lint pipelines/
  pipeforge lint nightly_sales.yaml --env staging --select PF2,PF301
  pipeforge lint --fix --diff
  pipeforge lint --format sarif --output-file lint.sarif --exit-zero"""

_PIPELINE = re.compile(r"^(steps[ \t]*[:：]|#.*pipeline\.schema\.json)", re.M)
"""What tells a pipeline from other YAML in a folder, even one that is badly broken."""


FORMATS = {
    "json": "as_json",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "rdjson": "rdjson",
}
"""For programs, beside full and concise: each a module of `pipeforge.reports`, loaded when asked for."""

_FOR_PEOPLE = ("full", "concise")
_REPORTING = "pipeforge.commands.reporting"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[Path()], help="files and folders; default: here"
    )
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    _choosing(parser)
    _telling(parser)
    _changing(parser)


def _choosing(parser: argparse.ArgumentParser) -> None:
    for option, meaning in (
        ("--select", "apply this rule only; `PF4` for all such, `PF2,PF301` for several"),
        ("--ignore", "a rule to leave out; written like those to select, and stronger"),
    ):
        parser.add_argument(option, metavar="CODE", action="append", default=[], help=meaning)


def _telling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=[*_FOR_PEOPLE, *FORMATS], default="full", help="default: full")
    parser.add_argument("--output-file", metavar="FILE", type=Path, help="write the findings there instead")
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found")
    parser.add_argument("--statistics", action="store_true", help="how often each rule found something")
    parser.add_argument("--show-settings", action="store_true", help="what applies to which file; no check")


def _changing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="mend what has a safe fix, then tell what is left")
    parser.add_argument("--unsafe-fixes", action="store_true", help="mend also what you should look at after")
    parser.add_argument("--diff", action="store_true", help="show what would be changed; 1 if anything would")
    parser.add_argument("--add-ignore", metavar="REASON", help="suppress all that is found, by comments")


def run(args: argparse.Namespace) -> int:
    files = list(dict.fromkeys(file for path in args.paths for file in pipelines(path)))
    ignore = _left_out(args)
    if args.show_settings:
        load("pipeforge.commands.lint_settings:show")(args, files, ignore)
        return 0
    if args.fix or args.unsafe_fixes or args.diff or args.add_ignore is not None:
        changed = _change(args, files, ignore)
        if args.diff:
            return 1 if changed and not args.exit_zero else 0
    found, texts = _checked(files, args.env, ignore)
    _tell(args, found, texts, files)
    if args.output_file or args.format in (*_FOR_PEOPLE, "github"):
        talk(report.summary(found, len(files)))
    failed = any(one.severity in ("error", "warning") for one in found)
    return 1 if failed and not args.exit_zero else 0


def _change(args: argparse.Namespace, files: list[Path], ignore: tuple[str, ...]) -> int:
    """Fixes and suppresses, or shows how. Gives how many files that changes."""
    known = catalog()

    def again(file: Path, texts: Mapping[Path, str]) -> Report:
        return check(file, known, environment=args.env, ignore=ignore, texts=texts)

    changed: int = load("pipeforge.commands.mending:change")(args, files, again)
    return changed


def _left_out(args: argparse.Namespace) -> tuple[str, ...]:
    """The rules that the command line leaves out."""
    if not args.select and not args.ignore:
        return ()
    codes: tuple[str, ...] = load("pipeforge.lint.selecting:left_out")(args.select, args.ignore, RULES)
    return codes


def _checked(
    files: Iterable[Path], environment: str | None, ignore: tuple[str, ...]
) -> tuple[list[Diagnostic], dict[Path, str]]:
    """What all the files have wrong, each thing once, and the texts of those that were read."""
    known = catalog()
    found: dict[Diagnostic, None] = {}
    texts: dict[Path, str] = {}
    for file in files:
        checked = check(file, known, environment=environment, ignore=ignore)
        found |= dict.fromkeys(checked.diagnostics)
        texts |= checked.texts
    return sorted(found, key=lambda one: one.order), texts


def _tell(
    args: argparse.Namespace, found: list[Diagnostic], texts: dict[Path, str], files: list[Path]
) -> None:
    if args.statistics:
        text = load(f"{_REPORTING}:statistics")(found, args.format)
    elif args.format in FORMATS:
        text = load(f"{_REPORTING}:rendered")(args.format, FORMATS[args.format], found, texts, files)
    else:
        text = _for_people(args, found, texts)
    if args.output_file or args.format in FORMATS:
        load(f"{_REPORTING}:deliver")(text, args.output_file)
    else:
        out(text)
    if args.format == "github":
        load(f"{_REPORTING}:summarize")(found)


def _for_people(args: argparse.Namespace, found: list[Diagnostic], texts: dict[Path, str]) -> str:
    if args.format == "concise":
        return report.concise(found)
    screen = not args.output_file
    link = load("pipeforge.reports.addresses:rule_page") if screen and is_live(sys.stdout) else None
    return report.full(found, texts, colour=screen and colours(sys.stdout), link=link)


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
