"""write a starter pipeline and project file that lint clean"""

import argparse
import shlex
from pathlib import Path

from pipeforge.commands.streams import out, talk
from pipeforge.errors import UsageError

EXAMPLE = "example:\n  pipeforge init my_project && cd my_project && pipeforge run first.yaml --emulate"

_PROJECT = """\
# What the pipelines in this folder share.
connections:
  trocco:
    vendor: trocco
    api_key: ${{ secrets.TROCCO_API_KEY }}
  td:
    vendor: treasure
    region: aws-tokyo
    api_key: ${{ secrets.TD_API_KEY }}

defaults:
  timeout: 2h
"""

_PIPELINE = """\
name: first
description: Loads orders with trocco, then builds the mart with Treasure Workflow.
timezone: Asia/Tokyo

custom_variables:
  target_date: ${{ context_time | date("%Y-%m-%d") }}

steps:
  load_orders:
    uses: trocco.run_job
    with:
      job_definition_id: 1201
      context_time: ${{ context_time }}
      custom_variables:
        $target_date$: ${{ custom_variables.target_date }}

  build_mart:
    needs: load_orders
    uses: treasure.run_workflow
    with:
      project: sales
      workflow: build_mart
      session_time: ${{ context_time }}
      params:
        source_job: ${{ steps.load_orders.outputs.id }}
"""

_ENV = """\
# Secrets, one a line; this file stays out of git. Not needed for --emulate.
# TROCCO_API_KEY=
# TD_API_KEY=
"""

FILES = {
    "pipeforge.yaml": _PROJECT,
    "first.yaml": _PIPELINE,
    ".env": _ENV,
    ".gitignore": ".env\n.pipeforge/\n",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), help="where; default the current folder"
    )


def run(args: argparse.Namespace) -> int:
    there = [name for name in FILES if (args.folder / name).exists() and name != ".gitignore"]
    if there:
        hint = "name another folder, or move it away: nothing is overwritten"
        raise UsageError(f"'{args.folder / there[0]}' exists already", hint)
    try:
        args.folder.mkdir(parents=True, exist_ok=True)
        for name, text in FILES.items():
            path = args.folder / name
            if not path.exists():
                path.touch(mode=0o600 if name == ".env" else 0o666)
                path.write_text(text, encoding="utf-8")
                out(f"wrote {path}\n")
    except OSError as error:
        raise UsageError(
            f"cannot write into '{args.folder}': {(error.strerror or str(error)).lower()}",
            "choose another folder",
        ) from None
    talk(f"next: {shlex.join(['pipeforge', 'run', str(args.folder / 'first.yaml'), '--emulate'])}\n")
    return 0
