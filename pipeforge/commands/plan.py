"""show what a run would do: order, rendered parameters, guarantees"""

import argparse

from pipeforge import graphs
from pipeforge.commands import opening
from pipeforge.commands.streams import out
from pipeforge.reports import plan as report

EXAMPLE = "example:\n  pipeforge plan pipeline.yaml --set region=us"

_FORMATS = {"text": report.as_text, "json": report.as_json, "markdown": report.as_markdown}


def arguments(parser: argparse.ArgumentParser) -> None:
    opening.pipeline_argument(parser)
    opening.value_arguments(parser)
    parser.add_argument("--format", choices=sorted(_FORMATS), default="text", help="default: text")


def run(args: argparse.Namespace) -> int:
    out(_FORMATS[args.format](_picture(opening.planned(args))))
    return 0


def _picture(planned: opening.Planned) -> report.Picture:
    children = {id_: _picture(child) for id_, child in planned.children.items()}
    return report.Picture(planned.plan, graphs.waves(planned.plan), children)
