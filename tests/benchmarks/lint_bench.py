"""lint against other linters of YAML: `python tests/benchmarks/lint_bench.py [--quick]`, run by hand.

yamllint and check-jsonschema (the latter with our schema) go over the same files in the same run; both are
found beside this Python, or in `BENCH_PEERS`, a folder of commands: `uv venv peers && uv pip install --python
peers/bin/python yamllint check-jsonschema && BENCH_PEERS=peers/bin python tests/benchmarks/lint_bench.py`.
All figures are ratios, as in run.py; exit code 1 when a bound is not met.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from processes import PIPEFORGE, PYTHON, Cost, compare, spend
from run import Row

ROOT = Path(__file__).parents[2]
PEERS = Path(os.environ.get("BENCH_PEERS") or Path(sys.executable).parent)

HEAD = """name: nightly_{number}
description: Twenty steps of the usual kind, for measuring lint.
timezone: Asia/Tokyo
custom_variables:
  region: {{type: string, enum: [jp, us], default: jp}}
  target_date: ${{{{ context_time | date("%Y-%m-%d") }}}}
connections:
  trocco_{number}:
    vendor: trocco
    api_key: ${{{{ secrets.TROCCO_API_KEY }}}}
defaults:
  timeout: 2h
  on_interrupt: leave
steps:
"""

STEP = """  load_{number}_{step}:
    description: Loads part {step} of the orders of {number}.
{needs}    uses: trocco.run_job
    with:
      job_definition_id: {id}
      context_time: ${{{{ context_time }}}}
      custom_variables:
        $target_date$: {date}
        $region$: {region}
"""


def pipeline(number: int, steps: int = 20) -> str:
    """A pipeline of the issue's size: with 20 steps 236 lines and 26 templates."""
    lines = HEAD.format(number=number)
    for step in range(steps):
        needs = f"    needs: load_{number}_{step - 1}\n" if step else "    run_when: always\n"
        lines += STEP.format(
            number=number,
            step=step,
            needs=needs,
            id=1000 * (number + 1) + step,
            date="${{ custom_variables.target_date }}" if step in (1, 2) else '"2026-01-31"',
            region="${{ custom_variables.region }}" if step in (0, 1) else "jp",
        )
        lines += "    timeout: 1h\n" if step % 10 < 9 else "    timeout: 1h\n    allow_failure: false\n"
    return lines


class Bench:
    """The measured files, in a folder of their own, and a home for caches."""

    def __init__(self, folder: Path, quick: bool) -> None:
        self.folder = folder / "checkout"
        self.folder.mkdir()
        self.kept = ("--cache-dir", str(folder / "kept"))
        self.repeats = 1 if quick else 5

    def files(self, name: str, count: int, steps: int = 20) -> str:
        """Writes `count` files into a folder and gives its path."""
        place = self.folder / name
        place.mkdir()
        for number in range(count):
            place.joinpath(f"{number:05}.yaml").write_text(pipeline(number, steps), encoding="utf-8")
        return str(place)

    def lint(self, place: str, *flags: str) -> Callable[[], Cost]:
        words = (PIPEFORGE, "lint", place, "--exit-zero", *flags)
        return lambda: spend(words, self.folder)


def per_file(bench: Bench) -> Iterator[Row]:
    """A thousand files, all rules on, against the others on the same files."""
    many = bench.files("many", 1000)
    runs = {
        "cold": bench.lint(many, "--no-cache", "--jobs", "1"),
        "both": bench.lint(many, "--no-cache"),
        "kept": bench.lint(many, *bench.kept),
    }
    runs["kept"]()  # fills the cache
    time.sleep(2.5)  # what has only just been written is not believed by its times: see lint/stamps.py
    runs["kept"]()
    best = compare(runs, bench.repeats)
    # The others are a tenth as fast and all linear: a tenth of the files tells as much.
    few = bench.files("few", 100)
    config = "{extends: default, rules: {line-length: disable, document-start: disable, truthy: disable}}"
    schema = str(ROOT / "schemas" / "pipeline.schema.json")
    paths = sorted(str(path) for path in Path(few).iterdir())
    peers = {
        "yamllint": lambda: spend((str(PEERS / "yamllint"), "-d", config, few), bench.folder),
        "check-jsonschema": lambda: spend(
            (str(PEERS / "check-jsonschema"), "--schemafile", schema, *paths), bench.folder
        ),
    }
    others = compare(peers, max(1, bench.repeats // 2))
    ours = best["cold"].cpu / 1000
    for name, bound in (("yamllint", 1 / 8), ("check-jsonschema", 1 / 9)):
        theirs = others[name].cpu / 100
        figures = f"CPU a file {ours * 1000:.2f} / {theirs * 1000:.2f} ms"
        yield Row(f"lint, cold, all rules / {name}", figures, ours / theirs, bound)
    figures = f"CPU {best['kept'].cpu * 1000:.0f} / {best['cold'].cpu * 1000:.0f} ms"
    yield Row("1,000 unchanged files / cold", figures, best["kept"].cpu / best["cold"].cpu, 0.03)
    figures = f"wall {best['both'].wall * 1000:.0f} / {best['cold'].wall * 1000:.0f} ms"
    yield Row("all cores / one", figures, best["both"].wall / best["cold"].wall, 0.75)
    yield from _memory(bench, best["cold"], few)


def _memory(bench: Bench, many: Cost, few: str) -> Iterator[Row]:
    small = compare({"few": bench.lint(few, "--no-cache", "--jobs", "1")}, bench.repeats)["few"]
    figures = f"{many.memory:.0f} / {small.memory:.0f} MB"
    yield Row("memory of 1,000 files / 100", figures, many.memory / small.memory, 1.2)


def one_file(bench: Bench) -> Iterator[Row]:
    """What a person waits for."""
    one = bench.files("one", 1)
    runs = {
        "empty": lambda: spend((PYTHON, "-c", "pass"), bench.folder),
        "cold": bench.lint(one, "--no-cache"),
        "kept": bench.lint(one, *bench.kept),
    }
    compare(runs, 1)
    best = compare(runs, bench.repeats * 3)
    for name, bound in (("cold", 8), ("kept", 8)):
        figures = f"CPU {best[name].cpu * 1000:.0f} / {best['empty'].cpu * 1000:.0f} ms"
        yield Row(f"one file, {name} / python -c pass", figures, best[name].cpu / best["empty"].cpu, bound)


def growth(bench: Bench) -> Iterator[Row]:
    """A long file costs no more than its steps in short ones."""
    runs = {
        "long": bench.lint(bench.files("long", 1, 10_000), "--no-cache"),
        "short": bench.lint(bench.files("short", 500), "--no-cache", "--jobs", "1"),
    }
    best = compare(runs, max(1, bench.repeats // 2))
    figures = f"CPU {best['long'].cpu * 1000:.0f} / {best['short'].cpu * 1000:.0f} ms"
    yield Row("10,000 steps in one file / in 500", figures, best["long"].cpu / best["short"].cpu, 1.1)


def main() -> int:
    """Prints the table as it comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    args = parser.parse_args()
    well = True
    with tempfile.TemporaryDirectory(prefix=".benchmark-") as folder:
        bench = Bench(Path(folder), args.quick)
        for part in (one_file, growth, per_file):
            for row in part(bench):
                print(row.line(), flush=True)
                well = well and row.ok
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
