"""draw the steps of a pipeline and their needs"""

import argparse

from pipeforge import graphs
from pipeforge.commands import opening
from pipeforge.commands.streams import out
from pipeforge.reports import graph

EXAMPLE = "example:\n  pipeforge graph pipeline.yaml --format mermaid"

_FORMATS = {"mermaid": graph.mermaid, "dot": graph.dot}


def arguments(parser: argparse.ArgumentParser) -> None:
    opening.pipeline_argument(parser)
    opening.value_arguments(parser)
    parser.add_argument("--format", choices=sorted(_FORMATS), default="mermaid", help="default: mermaid")


def run(args: argparse.Namespace) -> int:
    out(_FORMATS[args.format](_drawing(opening.planned(args))))
    return 0


def _drawing(planned: opening.Planned) -> graph.Drawing:
    children = {id_: _drawing(child) for id_, child in planned.children.items()}
    return graph.Drawing(planned.plan, graphs.edges(planned.plan), children)
