"""The state file: clock, fault script and every vendor's memory as JSON, swapped in atomically."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from pipeforge.emulators.core import Clock, Json
from pipeforge.emulators.faults import Script

VERSION = 1


def restore(
    path: Path, clock: Clock, memories: Mapping[str, dict[str, Json]]
) -> list[dict[str, Json]] | None:
    """Take up what `keep` wrote; gives the fault script back, None if there is no file yet.

    Raises ValueError if the file is not a state file.
    """
    if not path.exists():
        return None
    try:
        state = json.loads(path.read_text("utf-8"))
        if state["version"] != VERSION:
            raise KeyError("version")
        faults: list[dict[str, Json]] = state["faults"]
        clock.jumped = state["jumped"]
        for name, memory in memories.items():
            memory.update(state["vendors"].get(name, {}))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "remove it to start afresh"
        raise ValueError(f'"{path}" is not a state file of the emulators; {hint}') from error
    return faults


def keep(path: Path, clock: Clock, script: Script, memories: Mapping[str, Mapping[str, Json]]) -> None:
    """Write everything beside the file, then put it in its place in one step."""
    state = {"version": VERSION, "jumped": clock.jumped, "faults": script.dump(), "vendors": memories}
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(state, ensure_ascii=False), "utf-8")
    os.replace(beside, path)  # noqa: PTH105
