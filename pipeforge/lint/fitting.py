"""Whether parameters can take what their templates give: tried with samples."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pipeforge.language.diagnostics import Route
from pipeforge.language.forms import Form
from pipeforge.language.surely import part_of, surely
from pipeforge.language.types import Type
from pipeforge.loading import load

MOST_VALUES = 8
"""chosen: how many values of an enum are tried."""
SAMPLES: Mapping[str, Any] = {
    "text": "x", "int": 1, "number": 1, "bool": True, "mapping": {},
    "time": datetime(2024, 1, 31, tzinfo=UTC),
}  # fmt: skip


def fits(form: Form, route: Route, type_: Type) -> bool:
    """Whether a parameter, or a key in it, certainly takes what its template gives; False if not clear."""
    if type_.sort == "list" or not all(isinstance(part, str) for part in route):
        return False
    values = (type_.values or ())[:MOST_VALUES] if type_.sort == "text" else ()
    return all(_takes(form, route, type_.sort, value) for value in (None, *values))


@lru_cache(maxsize=2048)
def _takes(form: Form, route: Route, sort: str, value: Any) -> bool:
    """What one takes does not depend on others: a model looks at all of them only when each is valid."""
    given = SAMPLES.get(sort) if value is None else value
    if given is None:
        return True
    if surely(part_of(form.shape, route), given):
        return True
    for part in reversed(route):
        given = {part: given}
    found: bool = load("pipeforge.lint.unfitting:takes")(form.model, route, given)
    return found
