"""What `doctor` found: for people a line a check with its mend, for programs the same as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeforge.journal import Health
from pipeforge.reports.display import padded, shown, width
from pipeforge.reports.json_schema import DIALECT, object_

VERSION = 1


def text(found: Sequence[Health]) -> str:
    """One line a check, what to do below it, and the sum."""
    widest = max((width(one.what) for one in found), default=0)
    lines = []
    for one in found:
        lines.append(f"{one.state:<4}  {padded(one.what, widest)}  {shown(one.detail)}")
        lines += [f"      help: {shown(one.mend)}"] if one.mend else []
    counts = Counter(one.state for one in found)
    told = [f"{counts[state]} {state}" for state in ("ok", "warn", "fail") if counts[state]]
    return "\n".join([*lines, "", ", ".join(told)]) + "\n"


def as_json(found: Sequence[Health]) -> str:
    """The same for programs; `schema` describes it."""
    checks = [
        {"what": one.what, "state": one.state, "detail": one.detail, "mend": one.mend or None}
        for one in found
    ]
    return json.dumps({"version": VERSION, "checks": checks}, ensure_ascii=False, indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of `as_json`."""
    check = object_(
        {
            "what": {"type": "string", "description": "What was looked at."},
            "state": {"enum": ["ok", "warn", "fail"], "description": "A fail makes the exit code 1."},
            "detail": {"type": "string"},
            "mend": {"type": ["string", "null"], "description": "What to do about it."},
        }
    )
    return {
        "$schema": DIALECT,
        "title": "pipeforge doctor",
        "description": "What `pipeforge doctor --format json` prints.",
        **object_(
            {
                "version": {"const": VERSION, "description": "Changes when a reader would have to."},
                "checks": {"type": "array", "items": check},
            }
        ),
    }
