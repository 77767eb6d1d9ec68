"""tell what changed at the vendors since pipeforge.lock was written"""

import argparse
from pathlib import Path

from pipeforge.commands import looking_up
from pipeforge.commands.lint_paths import gather
from pipeforge.commands.streams import out, talk
from pipeforge.errors import UsageError
from pipeforge.language import lock as locks
from pipeforge.reports import drift as report

EXAMPLE = """examples:
  pipeforge drift                     of all pipelines below this folder
  pipeforge drift nightly_sales.yaml --env prod --format json

Reads only. Exit code 1 when something changed: run it every night, and `pipeforge lint --online --lock` when
the changes are as they should be. 2 when nothing did, but not everything could be looked up."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", type=Path, default=[Path()], help="files and folders; default: here"
    )
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    looking_up.arguments(parser)


def run(args: argparse.Namespace) -> int:
    gathered = gather(args.paths)
    if gathered.unchecked:
        first = gathered.unchecked[0]
        raise UsageError(str(first.message), str(first.hint or ""))
    seen = looking_up.look_up(gathered.digests, args)
    if seen.left_out:
        raise UsageError(f"'{seen.left_out[0]}' has errors", "run `pipeforge lint` on it")
    drifts: list[report.Drift] = []
    for path, things in seen.things.items():
        lock = locks.read(path)
        if lock is None:
            raise UsageError(f"there is no '{path}'", "write it: pipeforge lint --online --lock")
        drifts += report.drifts(path, lock.things, things)
    out(report.as_json(drifts) if args.format == "json" else report.text(drifts))
    unasked = sum(one.unasked for one in drifts)
    changed = sum(bool(one.changes) for one in drifts) - unasked
    if args.format == "text":
        talk(report.closing(len(drifts) - unasked, changed, unasked))
    if changed:
        return 1
    return 2 if unasked else 0
