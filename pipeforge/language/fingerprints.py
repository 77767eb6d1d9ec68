"""One short text for a value, the same in every process, which changes when the value does."""

import hashlib
import json
from typing import Any

from pipeforge.language.filters import plain
from pipeforge.language.templating import Template


def fingerprint(value: Any) -> str:
    """Of what JSON can hold, of templates, times and sets."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_canonical)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _canonical(value: Any) -> Any:
    if isinstance(value, Template):
        return {"template": value.text}
    if isinstance(value, frozenset):
        return sorted(value)
    return plain(value)
