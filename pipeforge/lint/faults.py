"""What a model finds wrong with data, in our words: one fault for one mistake."""

from pathlib import Path
from typing import Literal, NamedTuple

from pipeforge.language.diagnostics import Fix, Problem, Route, Span
from pipeforge.language.saying import Said

Area = Literal["envelope", "params", "connection"]
"""Which model spoke: the language's own, a kind's parameters, a vendor's connection."""

Sort = Literal[
    "unknown_key", "foreign_word", "missing_key", "type", "value", "duration", "template", "record"
]


class Fault(NamedTuple):
    """One mistake. The route is that of the data as it was examined."""

    sort: Sort
    route: Route
    message: Said
    hint: Said
    on_key: bool = False
    fix: Fix | None = None
    area: Area = "envelope"
    path: Path | None = None
    """The file, when that is not the pipeline itself."""
    span: Span | None = None
    """Set where the place is known already."""

    def below(self, route: Route, area: Area, path: Path | None = None) -> "Fault":
        """The same fault, seen from where the examined data stands."""
        fix = self.fix
        if fix is not None and route:
            places = [edit.place._replace(route=(*route, *edit.place.route)) for edit in fix.edits]
            edits = (edit._replace(place=place) for edit, place in zip(fix.edits, places, strict=True))
            fix = fix._replace(edits=tuple(edits))
        return self._replace(route=(*route, *self.route), area=area, path=path, fix=fix)

    def problem(self) -> Problem:
        return Problem(
            self.route, self.message, self.hint, self.on_key, fix=self.fix, path=self.path, span=self.span
        )
