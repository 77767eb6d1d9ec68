"""Examines data that a model is to take: what is surely right without it, the rest for all its faults."""

from typing import TYPE_CHECKING, Any

from pipeforge.language.diagnostics import Route
from pipeforge.language.forms import Form
from pipeforge.language.kinds import Traits
from pipeforge.language.saying import Said, say
from pipeforge.language.surely import partly, surely
from pipeforge.lint.faults import Fault
from pipeforge.loading import load

if TYPE_CHECKING:
    from pydantic import BaseModel

KEY = say("key")


class Examined:
    """Data as it was meant: known keys under their right names."""

    __slots__ = ("data", "faults", "is_right", "renamed", "valid")

    def __init__(self, data: Any, *, is_right: bool = False, valid: "BaseModel | None" = None) -> None:
        self.data = data
        self.is_right = is_right
        """Whether the model takes it as it is."""
        self.faults: list[Fault] = []
        self.renamed: dict[Route, str] = {}
        """For routes of `data`, the last key as it stands in the file, where that is another."""
        self.valid = valid
        """The model's instance, where one was made."""


def examine(
    form: Form, data: Any, *, templates: bool = False, noun: Said = KEY, traits: Traits | None = None
) -> Examined:
    """All faults of `data`. `templates`: its texts may be templates, whose values nobody knows yet.

    `traits`: of the kind whose parameters they are; they tell what those are called elsewhere.
    """
    if surely(form.shape, data, late=templates):
        return Examined(data, is_right=True)
    found: Examined = load("pipeforge.lint.finding:find")(
        form.model, data, templates=templates, noun=noun, traits=traits
    )
    return found


def examine_part(form: Form, data: Any, *, noun: Said = KEY) -> Examined:
    """The same for settings of which others stand elsewhere: what is not there may be a fault or none."""
    if surely(partly(form.shape), data, late=True):
        return Examined(data)
    return examine(form, data, templates=True, noun=noun)
