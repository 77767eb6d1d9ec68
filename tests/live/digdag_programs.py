"""digdag's own programs, as `make test` fetched them with Maven: where they are and how to ask them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import clean

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


class Failed(Exception):
    """What a method threw: the exception's class, and the server's status and body if it answered."""

    def __init__(self, told):
        super().__init__(json.dumps(told))
        self.kind = told["failed"]
        self.status = told.get("status")
        self.body = json.loads(told["body"]) if told.get("body") else None


class Client:
    """io.digdag.client.DigdagClient, asked through `client/AskDigdag.java`."""

    def __init__(self, port, authorization, errors):
        self._process = subprocess.Popen(
            [*command("client"), "AskDigdag", str(port), authorization],
            env=clean(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        self.methods = json.loads(self._line())

    def _line(self):
        line = self._process.stdout.readline()
        assert line, f"the client ended: exit code {self._process.wait()}"
        return line

    def __call__(self, method, *given):
        """What the method gave, as the client's own mapper writes it; Failed if it threw."""
        print(json.dumps({"method": method, "given": given}), file=self._process.stdin, flush=True)
        told = json.loads(self._line())
        if "failed" in told:
            raise Failed(told)
        return told["answer"]

    def end(self):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
