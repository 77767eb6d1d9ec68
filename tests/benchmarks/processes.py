"""Runs a command as a process of its own and tells what it cost."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = sys.executable
PIPEFORGE = str(Path(sys.executable).with_name("pipeforge"))


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: CPU seconds (user and system, all threads), wall seconds, peak memory in MB."""

    cpu: float
    wall: float
    memory: float

    def least(self, other: "Cost") -> "Cost":
        """The better figure of each: what disturbs a measurement only ever adds."""
        pairs = ((self.cpu, other.cpu), (self.wall, other.wall), (self.memory, other.memory))
        return Cost(*(min(pair) for pair in pairs))


class Failed(Exception):
    """A measured command did not do what it was measured for."""


def environment() -> dict[str, str]:
    """Ours, with compiled modules cached as in any installation, and as in CI rather than on a terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"TROCCO_API_KEY": "a_key_for_benchmarks", "CI": "true", "TZ": "UTC"}


def spend(command: Sequence[str], folder: Path) -> Cost:
    """Runs it to its end; its output goes to a file, as in CI. Raises Failed when it exits with an error."""
    with (folder / "output.txt").open("w+b") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:]
            raise Failed(f"{' '.join(command)}: exit code {process.returncode}\n{said}")
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / scale)


def compare(runs: Mapping[str, Callable[[], Cost]], repeats: int) -> dict[str, Cost]:
    """The best of a few repeats of each, taken in turn so that what disturbs one disturbs all."""
    best: dict[str, Cost] = {}
    for _ in range(repeats):
        for name, run in runs.items():
            cost = run()
            best[name] = cost.least(best[name]) if name in best else cost
    return best


@contextmanager
def stub(duration: float = 0.0) -> Iterator[str]:
    """The vendor in a process of its own; gives its base URL."""
    command = [PYTHON, str(HERE / "stub.py"), str(duration)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
