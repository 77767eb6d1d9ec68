"""print the JSON Schema of pipeline, project and test files, for editors, or of what commands print"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeforge import adapters
from pipeforge.commands.streams import out
from pipeforge.errors import UsageError
from pipeforge.language.schema import pipeline_schema, project_schema, tests_schema
from pipeforge.language.subpipeline_kind import Kinds
from pipeforge.reports.calls import schema as call_schema
from pipeforge.reports.doctor import schema as doctor_schema
from pipeforge.reports.json_schema import schema as lint_schema
from pipeforge.reports.run_list import schema as runs_schema

EXAMPLE = "examples:\n  pipeforge schema pipeline > pipeline.schema.json\n  pipeforge schema --write schemas"


def _pipeline() -> dict[str, Any]:
    return pipeline_schema(Kinds(adapters.kinds()), _connections())


def _project() -> dict[str, Any]:
    return project_schema(_connections())


def _connections() -> dict[str, Any]:
    return {vendor: adapters.connection_model(vendor) for vendor in adapters.vendors()}


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "call": call_schema,
    "doctor": doctor_schema,
    "lint": lint_schema,
    "pipeline": _pipeline,
    "project": _project,
    "runs": runs_schema,
    "test": tests_schema,
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "which", nargs="?", choices=sorted(SCHEMAS), default="pipeline", help="default: pipeline"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FOLDER", help="write all as files into a folder instead"
    )


def run(args: argparse.Namespace) -> int:
    if args.write is None:
        out(text(args.which))
        return 0
    try:
        args.write.mkdir(parents=True, exist_ok=True)
        for name in SCHEMAS:
            path = args.write / f"{name}.schema.json"
            path.write_text(text(name), encoding="utf-8")
            out(f"{path}\n")
    except OSError as error:
        raise UsageError(
            f"cannot write into '{args.write}': {error.strerror}", "choose another folder"
        ) from None
    return 0


def text(which: str) -> str:
    """A schema as it stands in its file."""
    return json.dumps(SCHEMAS[which](), ensure_ascii=False, indent=2) + "\n"
