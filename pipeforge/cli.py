"""The command line: finds the command, runs it, turns every error into words and an exit code."""

from __future__ import annotations

import os
import sys

from pipeforge import __version__
from pipeforge.commands.streams import flush, out, talk
from pipeforge.errors import Busy, InvalidPipeline, JournalError, PipeforgeError, RunEnded
from pipeforge.loading import load, load_large

TYPE_CHECKING = False
if TYPE_CHECKING:  # see loading.py
    from collections.abc import Sequence

COMMANDS = {
    "init": "write a starter pipeline and project file",
    "lint": "check pipelines without running anything",
    "plan": "show what a run would do",
    "graph": "draw the steps and their needs",
    "import": "draw up a pipeline from what there is at a vendor",
    "test": "run the tests of pipelines, with no account and in no time",
    "run": "trigger every step once and await it",
    "resume": "go on with a run that did not end",
    "settle": "say what became of a step of which it cannot be known",
    "rerun": "do again what failed in a run that ended",
    "backfill": "run a pipeline for every instant of a period",
    "cancel": "end a run for good, from any terminal",
    "attach": "follow a run that another process holds",
    "runs": "list runs",
    "show": "show one run",
    "call": "do one thing at a vendor by hand: any kind, with its parameters",
    "drift": "tell what changed at the vendors since pipeforge.lock was written",
    "doctor": "check what pipeforge stands on: journal, clock, secrets, credentials",
    "emulate": "serve emulators of the five vendors on a port",
    "lsp": "serve an editor over the language server protocol",
    "schema": "print a JSON Schema for editors",
    "explain": "explain a rule, a kind, a vendor, a file, or the templates",
    "completion": "make a shell complete commands and options",
}
"""Every command and its summary; each is a module of `pipeforge.commands`."""

EXIT_CODES = {
    0: "all well",
    1: "findings, or a step did not succeed",
    2: "usage or configuration",
    3: "internal or journal error",
    4: "an outcome is unknown and needs a decision",
    5: "busy: another process holds the run, or its concurrency key",
    6: "time budget used up, resume later",
    130: "interrupted",
}

_UTF8 = "use a UTF-8 locale such as LANG=C.UTF-8, or set PYTHONUTF8=1"

_PARSING = "pipeforge.commands.parsing"
"""Loaded when there is something to parse: `pipeforge --version` has no use for it."""


_AT_ONCE = {"lint": "pipeforge.commands.lint_unchanged:answered"}
"""What can answer some of a command's words without it: the exit code, or None for the others."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    _open_streams()
    code, arguments = 0, list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(arguments)
        flush()
        return code
    except BrokenPipeError:
        return code  # the reader has gone (a closed pager, `| head`): there is nobody left to tell
    except PipeforgeError as error:
        talk(load("pipeforge.commands.speaking:told")(error, arguments))
        return _exit_code(error)
    except KeyboardInterrupt:
        _say("error: interrupted", "")
        return 130
    except UnicodeEncodeError as error:
        if error.encoding == "utf-8":
            return _internal(error)
        _say(f"error: this system's encoding, {error.encoding}, has no '{error.object[error.start]}'", _UTF8)
        return 2
    except Exception as error:
        return _internal(error)
    finally:
        talk("")  # of a terminal that has gone, nothing may be left for Python to complain of as it ends


def _open_streams() -> None:
    """Python has None for a stream that was closed before it began: what is said there goes nowhere."""
    if sys.stdout is None or sys.stderr is None:
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  for as long as we live
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in ("--version", "-V"):
        out(f"pipeforge {__version__}\n")
        return 0
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        out(usage())
        return 0 if arguments else 2
    name = arguments[0]
    if name in _AT_ONCE and (told := load(_AT_ONCE[name])(arguments[1:])) is not None:
        return int(told)
    if name not in COMMANDS:
        raise load(f"{_PARSING}:unknown")(name, COMMANDS)
    command = load_large(f"pipeforge.commands.{name}")
    parser = load(f"{_PARSING}:Parser")(name, command.__doc__, command.EXAMPLE)
    command.arguments(parser)
    code: int = command.run(parser.parse_args(arguments[1:]))
    return code


def usage() -> str:
    """What `pipeforge --help` prints."""
    lines = [
        "usage: pipeforge COMMAND …",
        "",
        "Pipelines over trocco, Treasure Workflow, Workato, krewData, Reckoner:",
    ]
    lines += ["each step triggered once, or we say so.", "", "commands:"]
    lines += [f"  {name:<10} {summary}" for name, summary in COMMANDS.items()]
    lines += ["", "exit codes:"]
    lines += [f"  {code:<10} {meaning}" for code, meaning in EXIT_CODES.items()]
    lines += [
        "",
        "`pipeforge COMMAND --help` tells more, `pipeforge explain` lists what else can be looked up.",
        "First minute: pipeforge init, then pipeforge run first.yaml --emulate.",
    ]
    return "\n".join(lines) + "\n"


def _say(message: str, hint: str) -> None:
    talk(message + "\n" + (f"help: {hint}\n" if hint else ""))


def _exit_code(error: PipeforgeError) -> int:
    if isinstance(error, InvalidPipeline):
        return 1
    if isinstance(error, Busy):
        return 5
    return 3 if isinstance(error, JournalError) and not isinstance(error, RunEnded) else 2


def _internal(error: Exception) -> int:
    """A bug of ours: where it is, but not what the values were, for they may hold secrets."""
    if os.environ.get("PIPEFORGE_DEBUG"):
        raise error
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
        trace = trace.tb_next
    foreign = sys.modules.get("pipeforge.adapters.foreign")
    package = foreign.blamed(error) if foreign else ""
    if foreign and package:
        _say(f"error: package '{package}' fails: {type(error).__name__} at {place}", foreign.MEND)
        return 2
    _say(
        f"error: internal error: {type(error).__name__} at {place}",
        "this is a bug: report it with your pipeforge version; PIPEFORGE_DEBUG=1 shows the traceback",
    )
    return 3
