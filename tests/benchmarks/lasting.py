"""Benchmarks of durability and of long runs: the journal's price, jobs in flight, a resume, 100,000 steps."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from processes import HERE, PIPEFORGE, PYTHON, compare, spend, stub
from shapes import chain, layers, pipeline, wide
from table import Bench, Row, cpu_row

_SECONDS, _INTERVAL = 20, 5


def durability(bench: Bench) -> Iterator[Row]:
    """What it costs that every step is on disk before it is done, and its place claimed."""
    nulled = (PYTHON, str(HERE / "nulled.py"))
    with stub() as url:
        for name, graph, bound in (("layers", layers(1000), 1.25), ("chain", chain(1000), None)):
            file = bench.file(f"durable_{name}", pipeline(graph, url))
            runs = {"on": bench.pipeforge(file), "null": bench.pipeforge(file, *nulled)}
            best = compare(runs, bench.repeats(15 if bound else 5))
            yield cpu_row(
                f"1,000 steps, {name}, journal on / a null journal", best["on"], best["null"], bound
            )


def flight(bench: Bench) -> Iterator[Row]:
    """1,000 jobs under way at once, each looked at now and then."""
    with stub(_SECONDS) as url:
        text = pipeline(wide(1000), url, interval=f"{_INTERVAL}s", running=1000)
        file, journal = bench.file("flight", text), bench.journal()
        cost = spend((PIPEFORGE, "run", file, "--journal", journal), bench.folder)
    began, ends, _ = _told(Path(journal))
    what = f"1,000 jobs of {_SECONDS} s at once, a look every {_INTERVAL} s"
    share = 100 * cost.cpu / cost.wall
    figures = f"CPU {cost.cpu:.2f} of {cost.wall:.1f} s"
    yield Row(f"{what}: of one core", figures, share, 12, "%")
    yield Row("  from the run's first event to its last step", "", max(ends.values()) - began, 22, "s")
    yield Row("  peak memory", "", cost.memory, 150, "MB")


def lateness(bench: Bench) -> Iterator[Row]:
    """From a job's end at the vendor to the step's end here."""
    seconds, interval = 1.3, 0.5
    with stub(seconds) as url:
        text = pipeline(layers(200, 50), url, interval=f"{interval}s")
        file, journal = bench.file("late", text), bench.journal()
        spend((PIPEFORGE, "run", file, "--journal", journal), bench.folder)
    _, ends, starts = _told(Path(journal))
    # The vendor's job began a little before its handle was on disk.
    late = max(ends[step] - starts[step] - seconds for step in ends)
    what = f"jobs of {seconds:g} s, a look every {interval:g} s: end to step's end"
    yield Row(what, "from the handle, the worst of 200", late * 1000, interval * 1000 + 50, "ms")


def resume(bench: Bench) -> Iterator[Row]:
    """How long until a run of 10,000 steps goes on."""
    with stub() as url:
        file, journal = bench.file("resumed", pipeline(layers(10_000), url)), bench.journal()
        spend((PIPEFORGE, "run", file, "--journal", journal), bench.folder)
        run = _unfinished(Path(journal))
        runs = {
            "ours": bench.command(PYTHON, str(HERE / "first.py"), "resume", run, "--journal", journal),
            "bare": bench.command(PYTHON, str(HERE / "decoded.py"), journal),
        }
        best = compare(runs, bench.repeats(6))
    yield cpu_row(
        "resume of 10,000 steps to its first request / SELECT, decode", best["ours"], best["bare"], 6
    )
    yield Row("  peak memory", "", best["ours"].memory, None, "MB")


def hundred_thousand(bench: Bench) -> Iterator[Row]:
    """As many steps as anybody will ever have."""
    with stub() as url:
        small = bench.file("small", pipeline(layers(10_000), url))
        large = bench.file("large", pipeline(layers(100_000), url))
        one = bench.pipeforge(small)()
        ten = bench.pipeforge(large)()
    yield cpu_row("100,000 steps / 10,000 steps, layers", ten, one, 12)
    yield Row("  peak memory", f"wall {ten.wall:.0f} s", ten.memory, 1000, "MB")


def _told(journal: Path) -> tuple[float, dict[str, float], dict[str, float]]:
    """When the run began, and each step's end and handle were told, in seconds since 1970."""
    connection = sqlite3.connect(journal)
    found: dict[str, dict[str, float]] = {"step_finished": {}, "step_triggered": {}}
    began = 0.0
    for kind, body in connection.execute("SELECT type, body FROM events ORDER BY run, seq"):
        event = json.loads(body)
        at = datetime.fromisoformat(event["at"]).timestamp()
        began = began or at
        if kind in found:
            found[kind][event["step"]] = at
    connection.close()
    return began, found["step_finished"], found["step_triggered"]


def _unfinished(journal: Path) -> str:
    """Makes the run one that was killed shortly before its end; its id."""
    connection = sqlite3.connect(journal)
    ((run, last),) = connection.execute("SELECT run, max(seq) FROM events GROUP BY run").fetchall()
    connection.execute("DELETE FROM events WHERE seq > ?", (last - 50,))
    connection.execute("UPDATE runs SET ended_at = NULL, outcome = NULL")
    connection.commit()
    connection.close()
    return str(run)
