"""serve emulators of the five vendors on a port: no account, no network"""

import argparse
import errno
from pathlib import Path

from pipeforge.commands import worlds
from pipeforge.commands.linking import emulated_vendors
from pipeforge.commands.streams import out, talk
from pipeforge.emulators import server
from pipeforge.emulators.serving import serve
from pipeforge.errors import UsageError

EXAMPLE = """examples:
  pipeforge emulate --port 8700 --world world.yaml
  pipeforge emulate treasure --port 65432
  pipeforge emulate --explain

Give a connection the base_url that is printed; any credential is accepted unless the world names some.
GET /_emulator/calls tells what was asked, /_emulator/jobs what was started."""

_LAST_PORT = 65_535


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "vendor",
        nargs="?",
        metavar="VENDOR",
        help="answer for this one at / itself, for clients that know a host and a port alone",
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    parser.add_argument("--port", type=int, default=8700, help="default 8700; 0 takes a free one")
    parser.add_argument(
        "--world", type=Path, metavar="FILE", help="which jobs exist and how they go; default: all succeed"
    )
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="keeps the emulators' memory across restarts"
    )
    parser.add_argument(
        "--explain", action="store_true", help="list what is stated, inferred and chosen, and stop"
    )


def run(args: argparse.Namespace) -> int:
    if args.explain:
        out(explained())
        return 0
    if not 0 <= args.port <= _LAST_PORT:
        raise UsageError(f"'{args.port}' is no port", f"choose one from 0 to {_LAST_PORT}")
    packages = emulated_vendors()
    if args.vendor is not None and args.vendor not in packages:
        raise UsageError(f"there is no emulator of '{args.vendor}'", f"there are {', '.join(packages)}")
    found = worlds.written(args.world) if args.world else worlds.Written()
    world = worlds.opened(found, packages)
    try:
        app = worlds.built(found, lambda: server.build(world, state=args.state, at_root=args.vendor))
    except ValueError as error:
        raise UsageError(f"cannot build the emulators: {error}", "mend or remove the --state file") from None

    def ready(port: int) -> None:
        root = f"http://{args.host}:{port}"
        urls = server.base_urls(root, packages, args.vendor)
        lines = [f"  {vendor:<9} base_url: {url}" for vendor, url in urls.items()]
        talk("\n".join(["emulators are up; Ctrl-C ends them", *lines, ""]))
        out(f"{root}\n", at_once=True)

    try:
        serve(app, args.host, args.port, ready=ready)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        mend = (
            "choose another --port" if error.errno == errno.EADDRINUSE else "choose another --host or --port"
        )
        raise UsageError(f"cannot listen on {args.host}:{args.port}: {why}", mend) from None
    return 0


def explained() -> str:
    """Every behaviour of the emulators: how sure it is, and where it comes from."""
    lines = []
    for vendor, row in server.explain(emulated_vendors()):
        source = f"  [{row.source}]" if row.source else ""
        lines.append(f"{vendor:<9} {row.evidence:<8} {row.what}{source}")
    return "\n".join(lines) + "\n"
