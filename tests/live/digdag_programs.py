"""digdag's own programs, as `make test` fetched them with Maven: where they are and how to ask them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import clean

SOURCES = Path(__file__).with_name("digdag")
FETCHED = Path(__file__).parents[2] / ".venv/digdag"
"""Where `make test` leaves, for each program, its class path and what was compiled for it."""

JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")


def command(program):
    """The words that start Java with a program's class path; where it is missing a test skips or fails."""
    fetched = FETCHED / f"{program}.classpath"
    if not fetched.exists():
        must = os.environ.get("CI") == "true" or os.environ.get("PIPEFORGE_TOOLS")
        java = shutil.which("java") and shutil.which("mvn")
        assert not must or not (java or os.environ.get("CI") == "true"), (
            f"Maven did not fetch {program}: no {fetched}"
        )
        pytest.skip(
            "`make test` fetches digdag's own programs" if java else "there is no Java or no Maven here"
        )
    return [*JAVA, "-cp", f"{FETCHED / program}:{fetched.read_text().strip()}"]


def opened(*more):
    """The same for the engine, whose injector is of before modules; `more`: places of resources."""
    java, *flags, path = command("engine")
    places = ":".join(map(str, (path, *more)))
    return [java, "--add-opens=java.base/java.lang=ALL-UNNAMED", *flags, places]


class Failed(Exception):
    """What a method threw: the exception's class, and the server's status and body if it answered."""

    def __init__(self, told):
        super().__init__(json.dumps(told))
        self.kind = told["failed"]
        self.status = told.get("status")
        self.body = json.loads(told["body"]) if told.get("body") else None


class Program:
    """A Java program that reads a line of JSON for each line that it writes.

    `errors`: the open file that its standard error goes to; it works in that file's folder.
    """

    def __init__(self, words, errors):
        self._process = subprocess.Popen(
            words,
            cwd=Path(errors.name).parent,
            env=clean(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )

    def line(self):
        line = self._process.stdout.readline()
        assert line, f"the program ended: exit code {self._process.wait()}"
        return json.loads(line)

    def tell(self, asked):
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        return self.line()

    def end(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


class Client(Program):
    """io.digdag.client.DigdagClient, asked through `client/AskDigdag.java`."""

    def __init__(self, port, authorization, errors):
        super().__init__([*command("client"), "AskDigdag", str(port), authorization], errors)
        self.methods = self.line()

    def __call__(self, method, *given):
        """What the method gave, as the client's own mapper writes it; Failed if it threw."""
        told = self.tell({"method": method, "given": given})
        if "failed" in told:
            raise Failed(told)
        return told["answer"]


class Engine(Program):
    """The engine of digdag's server, asked through `engine/Engine.java`."""

    def __init__(self, errors):
        super().__init__([*opened(), "Engine"], errors)

    def __call__(self, do, **given):
        return self.tell({"do": do, **given})


class CommandLine(Program):
    """digdag's own command line, each command run by `engine/RunDigdag.java` as its Main would run it."""

    def __init__(self, errors):
        super().__init__([*opened(SOURCES / "engine"), "RunDigdag"], errors)

    def __call__(self, *words, typed=""):
        """What `digdag WORDS` printed, first to standard output; the exit code before it."""
        told = self.tell({"words": words, "typed": typed})
        return told["code"], told["out"] + told["err"]
