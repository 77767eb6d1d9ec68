"""The fix that lets one step need another."""

from pipeforge.language.diagnostics import Edit, Fix, Place
from pipeforge.language.saying import say
from pipeforge.lint.editing import scalar
from pipeforge.lint.subject import StepView


def add_need(step: StepView, other: str) -> Fix | None:
    """A new key before all others, a list of the one need and this, or one more in the list."""
    needs, place = step.data.get("needs"), Place((*step.route, "needs"))
    written = scalar(other)
    if written is None or not step.data:
        return None
    if "needs" not in step.data:
        first = Place((*step.route, next(iter(step.data))), on_key=True)
        edit = Edit(first, f"needs: {written}", "insert")
    elif isinstance(needs, str):
        edit = Edit(place, written, "join")
    elif isinstance(needs, list):
        edit = Edit(place, written, "append")
    else:
        return None
    return Fix(say("add '{other}' to needs", other=other), (edit,))
