"""What a step costs here and at our peers: `python tests/benchmarks/peers/compare.py [peer …]`.

Run by hand: it takes a quarter of an hour, and a package registry. Each peer is installed into one of its
own in a temporary folder (or in that of --environments, which is kept and used again), to do the same work:
1,000 steps in layers of 100, each starts a job at a local stub and looks at it. What is compared is the
marginal CPU of a step: the difference of two sizes, so that starting up costs nobody anything, of all
processes that are started. Peers talk to the stub over bare sockets; pipeforge does as it always does.
Telemetry is off.

Everybody takes a turn at both sizes, then all again, after one turn that only warms up. What disturbs a
measurement only ever adds, so the figure is that of the best run of each size; in brackets is what the single
turns would have said, from the lowest to the highest. Exit code 1 when a target is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from processes import PIPEFORGE, environment, stub  # noqa: E402
from shapes import layers, pipeline  # noqa: E402
from whole import adopt_orphans, cpu_of  # noqa: E402

SMALL, LARGE = 200, 1000

# What keeps them from calling home, and lets Prefect bring its own server.
_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "DAGSTER_DISABLE_TELEMETRY": "1",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """Who it is, what to install, and how many times less than it a step may cost here."""

    name: str
    title: str
    packages: tuple[str, ...]
    times: float


PEERS = (
    # Prefect 3.8 does not start with fastapi 0.142 and later.
    Peer("prefect", "Prefect 3", ("prefect>=3,<4", "fastapi<0.142"), 8),
    Peer("dagster", "Dagster, in process", ("dagster",), 25),
    Peer("dbos", "DBOS on SQLite", ("dbos",), 3),
)


def python_of(peer: Peer, folder: Path) -> str:
    """The interpreter of the peer's environment, made when it is not there."""
    place = folder / peer.name
    python = place / "bin" / "python"
    if not python.exists():
        print(f"installing {peer.title} …", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *peer.packages], check=True)
    return str(python)


@contextmanager
def _place() -> Iterator[Path]:
    """A home of its own for each measured run, on the disk of this tree: in memory commits are free."""
    root = os.environ.get("BENCH_DIR", Path.cwd())
    with tempfile.TemporaryDirectory(dir=root, prefix=".peers-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def ours(steps: int, url: str) -> float:
    """CPU seconds of a whole run of ours."""
    with _place() as folder:
        file = folder / "pipeline.yaml"
        file.write_text(pipeline(layers(steps), url), encoding="utf-8")
        command = [PIPEFORGE, "run", str(file), "--journal", str(folder / "journal.db")]
        return cpu_of(command, folder, environment())


def theirs(peer: Peer, python: str, steps: int, url: str) -> float:
    """CPU seconds of a whole run of a peer's."""
    with _place() as folder:
        home = {"HOME": str(folder), "PREFECT_HOME": str(folder / "prefect")}
        kept = {name: value for name, value in environment().items() if name != "DAGSTER_HOME"}
        command = [python, str(HERE / f"on_{peer.name}.py"), str(steps), url, str(folder)]
        return cpu_of(command, folder, kept | home | _QUIET)


@dataclass(slots=True)
class Spent:
    """CPU seconds of one contestant's runs, by size, turn after turn."""

    runs: dict[int, list[float]] = field(default_factory=lambda: {SMALL: [], LARGE: []})

    @property
    def marginal(self) -> float:
        """Milliseconds a step."""
        return _a_step(min(self.runs[SMALL]), min(self.runs[LARGE]))

    @property
    def spread(self) -> str:
        turns = [_a_step(*turn) for turn in zip(self.runs[SMALL], self.runs[LARGE], strict=True)]
        return f"{self.marginal:.2f} ms ({min(turns):.2f}-{max(turns):.2f})"


def _a_step(small: float, large: float) -> float:
    return (large - small) / (LARGE - SMALL) * 1000


def measured(run: Mapping[str, Callable[[int, str], float]], repeats: int) -> dict[str, Spent]:
    """What each spent, all in turn."""
    spent = {name: Spent() for name in run}
    with stub() as url:
        for turn in range(repeats + 1):
            for size in (SMALL, LARGE) if turn else (SMALL,):
                for name, one in run.items():
                    seconds = one(size, url)
                    if turn:
                        spent[name].runs[size].append(seconds)
            if turn:
                told = ", ".join(f"{name} {figures.spread}" for name, figures in spent.items())
                print(f"turn {turn} of {repeats}: {told}", file=sys.stderr, flush=True)
    return spent


def main() -> int:
    """Prints the table when all have had their turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="peer", help=", ".join(peer.name for peer in PEERS))
    parser.add_argument(
        "--environments", type=Path, metavar="F", help="where they are kept; default: nowhere"
    )
    parser.add_argument("--repeats", type=int, default=5, help="turns of each; default 5")
    args = parser.parse_args()
    if unknown := set(args.peers) - {peer.name for peer in PEERS}:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    adopt_orphans()
    asked = [peer for peer in PEERS if not args.peers or peer.name in args.peers]
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        folder = args.environments or Path(temporary)
        run: dict[str, Callable[[int, str], float]] = {"ours": ours}
        for peer in asked:
            run[peer.name] = partial(theirs, peer, python_of(peer, folder))
        spent = measured(run, args.repeats)
    return 0 if _told(asked, spent) else 1


def _told(asked: Sequence[Peer], spent: Mapping[str, Spent]) -> bool:
    """The table; whether every target is met."""
    mine, well = spent["ours"], True
    print(f"{'CPU a step':<22}{'ours':>24}{'theirs':>24}{'ratio':>10}{'target':>10}")
    for peer in asked:
        other = spent[peer.name]
        good = other.marginal >= peer.times * mine.marginal
        well = well and good
        figures = f"{mine.spread:>24}{other.spread:>24}{other.marginal / mine.marginal:>8.1f} x"
        print(f"{peer.title:<22}{figures}{peer.times:>8g} x  {'ok' if good else 'MISSED'}", flush=True)
    return well


if __name__ == "__main__":
    sys.exit(main())
