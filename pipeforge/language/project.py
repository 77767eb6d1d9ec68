"""The project file pipeforge.yaml: what the pipelines of one folder share, found upwards from a pipeline."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeforge.language import locating, surroundings
from pipeforge.language.document import Document, decoded
from pipeforge.language.reading import content

NAME = surroundings.NAME
find = locating.find


def calls(root: Path) -> Path:
    """Where the pipelines lie that `pipeforge call` made."""
    return root / ".pipeforge" / "calls"


def home(pipeline: Path) -> Path:
    """The folder that a pipeline belongs to where no project file governs it."""
    folder = pipeline.resolve().parent
    called = folder.name == "calls" and folder.parent.name == ".pipeforge"
    return folder.parents[1] if called else folder


def load(pipeline: Path) -> Document:
    """The project document that governs a pipeline; an empty one where there is none."""
    folder = os.path.dirname(os.path.realpath(pipeline))  # noqa: PTH120  on the way of every file
    found = surroundings.above(folder)
    if found is None:
        return Document(Path(folder, NAME), "{}\n", {})
    path = Path(found)
    if path.is_symlink():
        locating.keep_inside(path)
    raw = content(path)
    document = _read(path, raw)
    return decoded(path, raw) if document.faults else document.again()


@lru_cache(maxsize=4)
def _read(path: Path, raw: bytes) -> Document:
    """Of many pipelines under one project file only the first has it parsed; nobody changes its data."""
    return decoded(path, raw)


def connections(
    shared: dict[str, Any], own: dict[str, Any], overlay: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Shared connections, the pipeline's own over them, then what the environment changes."""
    merged = {name: value for name, value in {**shared, **own}.items() if isinstance(value, dict)}
    return {name: {**value, **overlay.get(name, {})} for name, value in merged.items()}
