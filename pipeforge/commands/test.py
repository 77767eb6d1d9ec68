"""run the tests of pipelines: against emulators, in time that is jumped over"""

import argparse
import sys
import time
from pathlib import Path

from pipeforge.commands import speaking
from pipeforge.commands.reporting import deliver
from pipeforge.commands.streams import colours, out
from pipeforge.commands.trying import files, tried
from pipeforge.errors import UsageError
from pipeforge.reports import trials as report
from pipeforge.reports.diagnostics import full
from pipeforge.reports.trials import Result, Tried

EXAMPLE = """examples:
  pipeforge test                                   every NAME.test.yaml below this folder
  pipeforge test nightly_sales.test.yaml -k orders
  pipeforge test --junit tests.xml
"""

PROGRAMS = {"json": report.as_json, "junit": report.junit}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[Path()], help="test files and folders; default: here"
    )
    parser.add_argument(
        "-k", metavar="TEXT", action="append", default=[], help="only tests with this in their name"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="name each test as it ends")
    parser.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first that fails")
    parser.add_argument("--format", choices=["text", *PROGRAMS], default="text", help="default: text")
    parser.add_argument("--junit", metavar="FILE", type=Path, help="write JUnit XML there, too")
    speaking.language_argument(parser)


def run(args: argparse.Namespace) -> int:
    began, found = time.perf_counter(), []
    for path in files(args.paths):
        found.append(_file(path, args))
        if args.exitfirst and not _well(found[-1]):
            break
    if args.junit is not None:
        deliver(report.junit(found), args.junit)
    if args.format != "text":
        out(PROGRAMS[args.format](found))
    if not any(one.results or one.diagnostics for one in found):
        words = " or ".join(f"'{word}'" for word in args.k)
        raise UsageError(f"no test has {words} in its name", "without -k, -v names them all")
    if args.format == "text":
        _failures(found, args)
        out("\n" + report.closing(found, time.perf_counter() - began))
    return 0 if all(_well(one) for one in found) else 1


def _file(path: Path, args: argparse.Namespace) -> Tried:
    """The tests of one file, each told as it ends."""
    dots, told = args.format == "text" and not args.verbose, 0

    def ended(one: Result) -> None:
        nonlocal told
        if dots:
            out(("" if told else f"{path} ") + report.mark(one), at_once=True)
        elif args.format == "text":
            out(report.row(one), at_once=True)
        told += 1

    done = tried(path, args.k, speaking.language(args), ended, stop=args.exitfirst)
    if dots and (told or done.diagnostics):
        out("\n" if told else f"{path} not read\n")
    return done


def _failures(found: list[Tried], args: argparse.Namespace) -> None:
    for one in found:
        if one.diagnostics:
            texts = {one.path: one.text}
            colour, language = colours(sys.stdout), speaking.language(args)
            out("\n" + full(one.diagnostics, texts, colour=colour, language=language))
        for result in one.results:
            if not result.passed:
                out("\n" + report.failure(result, one.text))


def _well(tried: Tried) -> bool:
    return not tried.diagnostics and all(result.passed for result in tried.results)
