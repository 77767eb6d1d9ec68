"""Every benchmark in one table: `python tests/benchmarks/run.py [part …] [--quick] [--long]`.

All figures are ratios of two things measured in one go, in processes of their own, taken in turn, the best of
a few repeats; CPU is that of the whole process, start-up included. Exit code 1 when a bound is not met.
Beside this, by hand: lint_bench.py measures lint against other linters, journal_bench.py the journal alone,
peers/compare.py a step against other orchestrators.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import lasting
from processes import HERE, PIPEFORGE, PYTHON, compare, stub
from shapes import SHAPES, TWENTY_STEPS, pipeline, tiers
from table import Bench, Row, cpu_row


def start_up(bench: Bench) -> Iterator[Row]:
    """What a person waits for: against the empty interpreter."""
    with stub() as url:
        twenty = bench.file("twenty", TWENTY_STEPS)
        one = bench.file("one", pipeline([["step_0"]], url))
        runs = {
            "empty": bench.command(PYTHON, "-c", "pass"),
            "version": bench.command(PIPEFORGE, "--version"),
            "lint": bench.command(PIPEFORGE, "lint", twenty),
            "run": bench.pipeforge(one),
            "lint's": bench.command(PYTHON, str(HERE / "libraries.py"), "lint"),
            "run's": bench.command(PYTHON, str(HERE / "libraries.py"), "run"),
        }
        compare(runs, 1)  # leaves compiled modules behind
        best = compare(runs, bench.repeats(15))
    yield cpu_row("pipeforge --version / python -c pass", best["version"], best["empty"], 2.5)
    yield cpu_row("pipeforge lint of one file of 20 steps / python -c pass", best["lint"], best["empty"], 9)
    yield cpu_row("  of that: pydantic, ruamel.yaml", best["lint's"], best["empty"])
    yield cpu_row("pipeforge run of one step / python -c pass", best["run"], best["empty"], 25)
    yield cpu_row("  of that: the same, asyncio, httpx, aiohttp, sqlite3", best["run's"], best["empty"])


def steps(bench: Bench) -> Iterator[Row]:
    """What pipeforge adds to the work itself."""
    with stub() as url:
        for shape in SHAPES:
            file = bench.file(shape, pipeline(SHAPES[shape](1000), url))
            runs = {"ours": bench.pipeforge(file), "bare": bench.bare(shape, 1000, url)}
            best = compare(runs, bench.repeats(5))
            what = f"1,000 steps, {shape}, 2 requests each / bare loop"
            yield cpu_row(what, best["ours"], best["bare"], 2 if shape == "layers" else None)


def growth(bench: Bench) -> Iterator[Row]:
    """Ten times the steps may cost twelve times as much, and so much memory."""
    peak = 0.0
    with stub() as url:
        for shape, graph in SHAPES.items():
            small = bench.file(f"{shape}_1000", pipeline(graph(1000), url))
            large = bench.file(f"{shape}_10000", pipeline(graph(10_000), url))
            runs = {"large": bench.pipeforge(large), "small": bench.pipeforge(small)}
            best = compare(runs, bench.repeats(2))
            peak = max(peak, best["large"].memory)
            yield cpu_row(f"10,000 steps / 1,000 steps, {shape}", best["large"], best["small"], 12)
    yield Row("peak memory of 10,000 steps, the worst shape", "", peak, 120, "MB")


def pace(bench: Bench) -> Iterator[Row]:
    """Jobs that take a while: nobody is kept waiting."""
    with stub(0.05) as url:
        file = bench.file("pace", pipeline(tiers(400), url, interval="0.025s"))
        runs = {"ours": bench.pipeforge(file), "bare": bench.bare("tiers", 400, url, 0.025)}
        best = compare(runs, bench.repeats(5))
    ours, bare = best["ours"].wall, best["bare"].wall
    figures = f"wall {ours * 1000:.0f} / {bare * 1000:.0f} ms"
    yield Row("400 steps in 20 layers, jobs of 50 ms / bare loop", figures, ours / bare, 1.4)


def journal(bench: Bench) -> Iterator[Row]:
    """How seldom the disk is made to wait."""
    counted = (PYTHON, str(HERE / "counted.py"))
    with stub() as url:
        found = {}
        for shape in ("layers", "chain"):
            file = bench.file(f"journal_{shape}", pipeline(SHAPES[shape](1000), url))
            bench.pipeforge(file, *counted)()
            last = (bench.folder / "output.txt").read_text(encoding="utf-8").split()[-2:]
            found[shape] = int(last[0]), int(last[1])
    commits, _ = found["layers"]
    yield Row("journal commits a step, 64 in flight", f"{commits} commits", commits / 1000, 0.5, "")
    commits, handed = found["chain"]
    figures = f"{handed} of {commits} commits"
    yield Row("chain: commits that went through the thread", figures, 100 * handed / commits, 5, "%")


PARTS = {
    "start-up": start_up,
    "steps": steps,
    "growth": growth,
    "pace": pace,
    "journal": journal,
    "durability": lasting.durability,
    "lateness": lasting.lateness,
    "resume": lasting.resume,
}
LONG = {"flight": lasting.flight, "hundred-thousand": lasting.hundred_thousand}
"""Those that take minutes: by name, or all with --long."""


def main() -> int:
    """Prints the table as it comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS | LONG))
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    parser.add_argument("--long", action="store_true", help=f"also {' and '.join(LONG)}")
    args = parser.parse_args()
    parts = PARTS | LONG
    if unknown := [name for name in args.parts if name not in parts]:
        parser.error(f"no such part: {', '.join(unknown)}")
    print(f"{'what is compared':<62}{'figures':<34}{'ratio':>12}{'bound':>12}", flush=True)
    well = True
    place = os.environ.get("BENCH_DIR", Path.cwd())
    with tempfile.TemporaryDirectory(dir=place, prefix=".benchmark-") as folder:
        bench = Bench(Path(folder), args.quick)
        for name in args.parts or (parts if args.long else PARTS):
            for row in parts[name](bench):
                print(row.line(), flush=True)
                well = well and row.ok
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
