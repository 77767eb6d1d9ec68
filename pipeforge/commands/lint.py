"""check pipelines without running anything: every finding, with its place and the mend"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from pipeforge.commands.lint_checking import Checked, checked, left_out, room
from pipeforge.commands.lint_paths import gather, read
from pipeforge.commands.speaking import language, language_argument
from pipeforge.commands.streams import colours, columns, is_live, out, talk
from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.saying import say
from pipeforge.lint.stamps import Stamps
from pipeforge.lint.telling import told
from pipeforge.lint.tongues import catalogue
from pipeforge.lint.unchecked import CODE as UNCHECKED
from pipeforge.loading import load, load_large
from pipeforge.reports.summary import summary

EXAMPLE = """examples:
  pipeforge lint pipelines/
  pipeforge lint pipeline.yaml --env staging --select PF2,PF301
  pipeforge lint --fix --diff
  pipeforge lint --format sarif --output-file lint.sarif --exit-zero
  pipeforge lint - --stdin-filename pipelines/new.yaml < new.yaml
  pipeforge lint --online --lock
  pipeforge lint --watch"""

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
_FULL = "pipeforge.reports.diagnostics:full"

STDIN = Path("-")
"""What stands for standard input."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        help="files, folders and patterns, or `-` for what is on standard input; default: here",
    )
    parser.add_argument(
        "--env",
        metavar="NAME",
        action="append",
        dest="environments",
        default=[],
        help="an environment of pipeforge.yaml; several to check under each",
    )
    _choosing(parser)
    _telling(parser)
    _changing(parser)
    _working(parser)
    _asking(parser)


def _choosing(parser: argparse.ArgumentParser) -> None:
    for option, meaning in (
        ("--select", "apply this rule only; `PF4` for all such, `PF2,PF301` for several"),
        ("--ignore", "a rule to leave out; written like those to select, and stronger"),
    ):
        parser.add_argument(option, metavar="CODE", action="append", default=[], help=meaning)


def _telling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=[*_FOR_PEOPLE, *FORMATS], default="full", help="default: full")
    parser.add_argument("--output-file", metavar="FILE", type=Path, help="write the findings there instead")
    language_argument(parser)
    parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found")
    parser.add_argument("--statistics", action="store_true", help="how often each rule found something")
    parser.add_argument("--show-settings", action="store_true", help="what applies to which file; no check")


def _changing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="mend what has a safe fix, then tell what is left")
    parser.add_argument("--unsafe-fixes", action="store_true", help="mend also what you should look at after")
    parser.add_argument("--diff", action="store_true", help="show what would be changed; 1 if anything would")
    parser.add_argument("--add-ignore", metavar="REASON", help="suppress all that is found, by comments")


def _working(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stdin-filename", metavar="FILE", type=Path, help="with `-`: the file that its text will be"
    )
    parser.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    parser.add_argument("--jobs", metavar="N", type=int, help="processes for many files; default: one a core")
    parser.add_argument("--no-cache", action="store_true", help="check also what has not changed")
    parser.add_argument(
        "--cache-dir",
        metavar="DIR",
        help="where results are kept; default: below ~/.cache, outside of checkouts",
    )


def _asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--online", action="store_true", help="look up at the vendors what steps name; reads only"
    )
    parser.add_argument(
        "--lock", action="store_true", help="with --online: keep what was seen in pipeforge.lock"
    )
    for option, meaning in (
        ("--krewdata-token-probe", "with --online: take a token of each krewData unit, once"),
        ("--emulate", "with --online: ask the emulators instead"),
        ("--refresh", "with --online: ask also what was answered within the last 10 minutes"),
    ):
        parser.add_argument(option, action="store_true", help=meaning)
    parser.add_argument("--world", type=Path, metavar="FILE", help="the emulators' world, with --emulate")


def run(args: argparse.Namespace) -> int:
    args.lang = language(args)
    args.env = args.environments[-1] if args.environments else None
    _sensible(args)
    if args.watch:
        watch = load("pipeforge.commands.lint_watch:watch")
        code: int = watch(args.paths, room(args), lambda: _once(args))
        return code
    if args.online:
        found, files = load("pipeforge.commands.lint_online:checked")(args)
        return _told(args, found, files)
    if args.paths == [STDIN]:
        found, name = load("pipeforge.commands.lint_input:checked")(args)
        return _told(args, found, [name])
    if args.show_settings or _changes(args):
        return _settings_or_changes(args)
    return _once(args)[0]


def _sensible(args: argparse.Namespace) -> None:
    """Raises UsageError for flags that do not go together."""
    if STDIN in args.paths and (len(args.paths) > 1 or args.watch or args.show_settings or _changes(args)):
        raise UsageError(
            say("standard input, `-`, is checked alone and not changed"), say("name files instead")
        )
    if args.stdin_filename and args.paths != [STDIN]:
        raise UsageError(
            say("--stdin-filename goes with `-`"), say("write `pipeforge lint - --stdin-filename FILE`")
        )
    if args.watch and (args.show_settings or args.output_file or _changes(args)):
        raise UsageError(
            say("--watch only shows what it finds"),
            say("leave out --fix, --unsafe-fixes, --diff, --add-ignore, --output-file and --show-settings"),
        )
    asks = args.lock or args.krewdata_token_probe or args.emulate or args.world or args.refresh
    if asks and not args.online:
        raise UsageError(
            "--lock, --refresh, --krewdata-token-probe, --emulate and --world go with --online",
            "add --online",
        )
    if args.online and (args.watch or args.show_settings or STDIN in args.paths or _changes(args)):
        raise UsageError(
            "--online only looks", "leave out --watch, --fix, --diff, --add-ignore, --show-settings and `-`"
        )
    if len(args.environments) > 1 and (_changes(args) or args.show_settings or STDIN in args.paths):
        raise UsageError(
            say("several --env are for checks of files alone"),
            say("give one, or leave out what goes with it"),
        )
    if args.jobs is not None and args.jobs < 1:
        raise UsageError(
            say("--jobs {given} is no number of processes", given=args.jobs), say("write --jobs 1 or more")
        )


def _changes(args: argparse.Namespace) -> bool:
    return bool(args.fix or args.unsafe_fixes or args.diff or args.add_ignore is not None)


def _settings_or_changes(args: argparse.Namespace) -> int:
    gathered = read(gather(args.paths))
    files = list(gathered.digests)
    if args.show_settings:
        load("pipeforge.commands.lint_settings:show")(args, files, left_out(args))
        changed = 0
    else:
        changed = _change(args, files)
    if not args.show_settings and not args.diff:
        return _once(args)[0]
    if gathered.unchecked:
        found = [told(one, catalogue(args.lang)) for one in gathered.unchecked]
        talk(load(_FULL)(found, {}, colour=colours(sys.stderr), language=args.lang))
        return 2
    return 1 if changed and not args.exit_zero else 0


def _once(args: argparse.Namespace) -> tuple[int, Checked]:
    """Checks and tells: the exit code, and what there was to check."""
    kept = room(args)
    gathered = gather(args.paths, Stamps(kept))
    found = checked(args, gathered, kept)
    return _told(args, found, list(gathered.digests)), found


def _told(args: argparse.Namespace, checked: Checked, files: list[Path]) -> int:
    found = checked.found
    _tell(args, found, checked.texts, files)
    if args.output_file or args.format in (*_FOR_PEOPLE, "github"):
        talk(summary(found, len(files), args.lang))
    if any(one.code == UNCHECKED for one in found):
        return 2
    failed = any(one.severity in ("error", "warning") for one in found)
    return 1 if failed and not args.exit_zero else 0


def _change(args: argparse.Namespace, files: list[Path]) -> int:
    """Fixes and suppresses, or shows how. Gives how many files that changes."""
    again = load_large("pipeforge.commands.lint_one:again")(args.env, left_out(args), args.lang)
    changed: int = load("pipeforge.commands.mending:change")(args, files, again)
    return changed


def _tell(
    args: argparse.Namespace, found: list[Diagnostic], texts: Mapping[Path, str], files: list[Path]
) -> None:
    if args.statistics:
        text = load(f"{_REPORTING}:statistics")(found, args.format, args.lang)
    elif args.format in FORMATS:
        text = load(f"{_REPORTING}:rendered")(
            args.format, FORMATS[args.format], found, texts, files, args.lang
        )
    else:
        text = _for_people(args, found, texts) if found else ""
    if args.output_file or args.format in FORMATS:
        load(f"{_REPORTING}:deliver")(text, args.output_file)
    else:
        out(text, at_once=args.watch)
    if args.format == "github":
        load(f"{_REPORTING}:summarize")(found, args.lang)


def _for_people(args: argparse.Namespace, found: list[Diagnostic], texts: Mapping[Path, str]) -> str:
    if args.format == "concise":
        return str(load("pipeforge.reports.diagnostics:concise")(found))
    screen = not args.output_file
    link = load("pipeforge.reports.addresses:rule_page") if screen and is_live(sys.stdout) else None
    colour, wide = screen and colours(sys.stdout), columns(sys.stdout) if screen else None
    return str(load(_FULL)(found, texts, colour=colour, link=link, language=args.lang, columns=wide))
