"""check what pipeforge stands on: versions, clock, journal, project file, secrets, credentials"""

import argparse
from pathlib import Path

from pipeforge.commands import checkups, opening, speaking
from pipeforge.commands.streams import out
from pipeforge.reports import doctor as report

EXAMPLE = """examples:
  pipeforge doctor                              the project of this folder
  pipeforge doctor pipeline.yaml --env prod     with the connections that a pipeline brings
  pipeforge doctor --offline                    asks no vendor

Each vendor is asked one thing that changes nothing and costs nothing. krewData has no such question, so it
is not asked. Of secrets only names are told. Exit code 1 when something fails, 0 otherwise."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a pipeline, to check its connections too")
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    parser.add_argument("--offline", action="store_true", help="ask no vendor")
    parser.add_argument("--format", choices=["json", "text"], default="text", help="default: text")
    parser.add_argument(
        "--world", type=Path, metavar="FILE", help="the emulators' world; default world.yaml beside the file"
    )
    speaking.language_argument(parser)
    opening.journal_argument(parser)


def run(args: argparse.Namespace) -> int:
    found = checkups.all_of(args)
    out(report.as_json(found) if args.format == "json" else report.text(found))
    return 1 if any(one.state == "fail" for one in found) else 0
