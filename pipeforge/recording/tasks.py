"""The tasks of an attempt as a tree, as a world writes them, from the list that Treasure gives."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeforge.adapter import Json

_UNSEEN = 0.5
"""chosen: seconds of a task whose times are not told."""


def tree(rows: Sequence[Mapping[str, Json]], logs: Mapping[str, Sequence[str]]) -> list[Json]:
    """The tasks below the root. Those that the server adds by itself (`^…`) come with the emulator."""
    shown = [row for row in rows if "^" not in str(row.get("fullName"))]
    below: dict[str, list[Mapping[str, Json]]] = {}
    for row in shown:
        below.setdefault(str(row.get("parentId")), []).append(row)
    roots = below.get("None", [])
    return _scripts(roots[0], below, logs) if roots else []


def _scripts(
    parent: Mapping[str, Json],
    below: Mapping[str, list[Mapping[str, Json]]],
    logs: Mapping[str, Sequence[str]],
) -> list[Json]:
    prefix = str(parent.get("fullName"))
    told: list[Json] = []
    for row in below.get(str(parent.get("id")), []):
        full = str(row.get("fullName"))
        task: dict[str, Json] = {"name": full.removeprefix(prefix) or full}
        children = _scripts(row, below, logs)
        if children:
            side_by_side = not any(child.get("upstreams") for child in below[str(row.get("id"))])
            told.append(
                task
                | ({"parallel": True} if side_by_side and len(children) > 1 else {})
                | {"tasks": children}
            )
        else:
            told.append(task | _leaf(row, logs.get(full, ())))
    return told


def _leaf(row: Mapping[str, Json], log: Sequence[str]) -> dict[str, Json]:
    task: dict[str, Json] = {"seconds": _seconds(row)}
    if row.get("state") == "error":
        error = row.get("error")
        message = error.get("message") if isinstance(error, Mapping) else None
        task |= {"outcome": "error", "message": str(message or "no message")}
    return task | ({"log": list(log)} if log else {})


def _seconds(row: Mapping[str, Json]) -> float:
    try:
        began, ended = (datetime.fromisoformat(str(row.get(name))) for name in ("startedAt", "updatedAt"))
        return max(round((ended - began).total_seconds(), 2), 0.0)
    except (TypeError, ValueError):
        return _UNSEEN
