"""What every benchmark stands on: where it runs, and the rows of the table it makes."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from processes import HERE, PIPEFORGE, PYTHON, Cost, spend


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: `value` must not exceed `bound`; without one it is there to be known."""

    what: str
    figures: str
    value: float
    bound: float | None
    unit: str = "x"

    @property
    def ok(self) -> bool:
        return self.bound is None or self.value <= self.bound

    def line(self) -> str:
        value, bound, verdict = f"{self.value:.2f} {self.unit}", "", ""
        if self.bound is not None:
            bound, verdict = f"{self.bound:g} {self.unit}", "ok" if self.ok else "OVER"
        return f"{self.what:<62}{self.figures:<34}{value:>12}{bound:>12}  {verdict}"


def cpu_row(what: str, ours: Cost, other: Cost, bound: float | None = None) -> Row:
    """Compares the CPU of two."""
    figures = f"CPU {ours.cpu * 1000:.0f} / {other.cpu * 1000:.0f} ms"
    return Row(what, figures, ours.cpu / other.cpu, bound)


class Bench:
    """Where the measured runs live: a folder on the disk of this tree, for memory makes commits free."""

    def __init__(self, folder: Path, quick: bool) -> None:
        self.folder = folder
        self.quick = quick
        self._numbers = itertools.count(1)
        # The stub takes more requests than any vendor, of which lint would warn.
        self.file("pipeforge", "lint: {ignore: [PF512]}\n")

    def repeats(self, usual: int) -> int:
        return max(1, usual // 3) if self.quick else usual

    def command(self, *words: str) -> Callable[[], Cost]:
        return lambda: spend(words, self.folder)

    def file(self, name: str, text: str) -> str:
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def pipeforge(self, file: str, *program: str) -> Callable[[], Cost]:
        """A whole run of a pipeline file: read, checked, planned, run, told, into a journal of its own."""
        words = program or (PIPEFORGE,)
        return lambda: spend((*words, "run", file, "--journal", self.journal()), self.folder)

    def bare(self, shape: str, steps: int, url: str, interval: float = 1.0) -> Callable[[], Cost]:
        """The same by the bare loop."""
        words = (PYTHON, str(HERE / "bare.py"), shape, str(steps), url)
        return lambda: spend((*words, self.journal(), str(interval)), self.folder)

    def journal(self) -> str:
        return str(self.folder / f"{next(self._numbers)}.db")
