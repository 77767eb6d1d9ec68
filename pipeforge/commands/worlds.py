"""Reads world files for the emulators, and tells of each mistake where it stands and how it is mended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Place, Route
from pipeforge.language.document import Document, read
from pipeforge.loading import load

_HINT = "see `pipeforge explain world`"

_DIGITS = 20
"""chosen: no id of a vendor has more, and Python refuses to read thousands of them."""


@dataclass(frozen=True, slots=True)
class Written:
    """A world as it is written: in a file, in a test, or nowhere, and then all exists and succeeds."""

    data: Any = None
    called: str = "the world"
    """As a person knows it."""
    document: Document | None = None

    def place(self, place: Place) -> str:
        """Where something stands: a line of the file, or the keys that lead to it."""
        line, column = self.line(place)
        if self.document is None:
            return ".".join(map(str, ("world", *place.route)))
        return f"{self.document.path}:{line}:{column}"

    def line(self, place: Place) -> tuple[int, int]:
        """Its line and column; the first where there is no file."""
        if self.document is None:
            return 1, 1
        span = self.document.locate(place._replace(route=_as_written(self.document.data, place.route)))
        return span.line, span.column


def written(path: Path) -> Written:
    """A world file. Raises UsageError for one that is not there or no YAML."""
    if not path.exists():
        raise UsageError(
            f"no such file: '{path}'", "check the spelling; `pipeforge explain world` tells what it holds"
        )
    document = read(path)
    for _, problem in document.faults:
        place = f" line {problem.span.line}" if problem.span else ""
        raise UsageError(f"'{path}'{place}: {problem.message}", problem.hint or "")
    return Written(numbered(document.data or {}), f"'{path}'", document)


def numbered(value: Any) -> Any:
    """Ids as keys become numbers again, and `.inf` the time that never comes: our YAML keeps both as text.

    A key that is written otherwise than its number is a name, such as `007`.
    """
    if isinstance(value, dict):
        return {int(key) if _is_number(key) else key: numbered(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [numbered(inner) for inner in value]
    return float("inf") if value == ".inf" else value


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) <= _DIGITS and str(int(key)) == key


def opened(world: Written, packages: Mapping[str, Any]) -> Any:
    """The world. Raises UsageError with a line for each mistake."""
    module = load("pipeforge.emulators.world")
    try:
        return module.World.read(world.data, packages)
    except ValueError as error:
        found = load("pipeforge.lint.finding:find")(module.file_model(packages), world.data)
        as_in_file = load("pipeforge.lint.linter:written")
        problems = [fault.problem() for fault in found.faults]
        told = [
            (as_in_file(one.place, found.renamed), str(one.message), str(one.hint or "")) for one in problems
        ]
        raise _wrong(world, told or [(Place(()), str(error), "")]) from None


def built(world: Written, build: Callable[[], Any]) -> Any:
    """What `build` makes of it. Raises UsageError with a line for each fault that cannot strike."""
    try:
        return build()
    except load("pipeforge.emulators.faults:Unfit") as unfit:
        told = [(Place(("faults", number, *key)), text, "") for number, key, text in unfit.wrong]
        raise _wrong(world, told) from None


def _wrong(world: Written, told: list[tuple[Place, str, str]]) -> UsageError:
    ordered = sorted(told, key=lambda one: world.line(one[0]))
    lines = [f"{world.place(place)}: {'; '.join(filter(None, said))}" for place, *said in ordered]
    return UsageError("\n  ".join([f"{world.called} is not a world", *lines]), _HINT)


def _as_written(data: Any, route: Route) -> Route:
    """A route whose keys are text, as a document has them."""
    keys: list[str | int] = []
    for part in route:
        if isinstance(data, list) and isinstance(part, int):
            keys.append(part)
            data = data[part]
        else:
            keys.append(str(part))
            data = data.get(str(part)) if isinstance(data, dict) else None
    return tuple(keys)
