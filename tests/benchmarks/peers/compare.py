"""What a step costs here and at our peers: `python tests/benchmarks/peers/compare.py [peer …]`.

Run by hand: it takes ten minutes, and a package registry. Each peer is installed into an environment of its
own in a temporary folder (or in that of --environments, which is kept and used again) and does the same work:
1,000 steps in layers of 100, each starts a job at a local stub and looks at it. What is compared is the
marginal CPU of a step: the difference of two sizes, so that starting up costs nobody anything, of all
processes that are started. Peers talk to the stub over bare sockets; pipeforge does as it always does.
Telemetry is off. Exit code 1 when a target is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


def marginal(small: list[float], large: list[float]) -> float:
    """Milliseconds a step, from the best of each: what disturbs a measurement only ever adds."""
    return (min(large) - min(small)) / (LARGE - SMALL) * 1000


def measured(peer: Peer, python: str, repeats: int) -> tuple[float, float]:
    """Milliseconds of CPU a step, ours and theirs, taken in turn."""
    spent: dict[tuple[str, int], list[float]] = {}
    with stub() as url:
        for _ in range(repeats):
            for steps in (SMALL, LARGE):
                spent.setdefault(("ours", steps), []).append(ours(steps, url))
                spent.setdefault(("theirs", steps), []).append(theirs(peer, python, steps, url))
    return tuple(marginal(spent[who, SMALL], spent[who, LARGE]) for who in ("ours", "theirs"))  # type: ignore[return-value]


def main() -> int:
    """Prints the table as it comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="peer", help=", ".join(peer.name for peer in PEERS))
    parser.add_argument(
        "--environments", type=Path, metavar="F", help="where they are kept; default: nowhere"
    )
    parser.add_argument("--repeats", type=int, default=3, help="of each size; default 3")
    args = parser.parse_args()
    if unknown := set(args.peers) - {peer.name for peer in PEERS}:
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    adopt_orphans()
    well = True
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        folder = args.environments or Path(temporary)
        print(f"{'CPU a step':<24}{'ours':>10}{'theirs':>12}{'ratio':>10}{'target':>10}", flush=True)
        for peer in PEERS:
            if args.peers and peer.name not in args.peers:
                continue
            mine, other = measured(peer, python_of(peer, folder), args.repeats)
            good = other >= peer.times * mine
            well = well and good
            figures = f"{mine:>7.2f} ms{other:>9.2f} ms{other / mine:>8.1f} x{peer.times:>8g} x"
            print(f"{peer.title:<24}{figures}  {'ok' if good else 'MISSED'}", flush=True)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
