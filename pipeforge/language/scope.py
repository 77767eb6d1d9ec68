"""The names templates may use, as a tree, and where a dotted name leaves it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pipeforge.language.declaring import declared
from pipeforge.language.filters import PARTS
from pipeforge.language.forms import Form
from pipeforge.language.saying import UNSAID, Said, say
from pipeforge.language.templating import OPEN, Path

_SCALAR = frozenset(["text", "int", "number", "bool"])
TEXTUAL = ("string", "integer", "number", "boolean")
"""Declared types whose values have no parts."""


class Names(NamedTuple):
    """What may follow a name. `children` None: anything, since its value is known only later."""

    noun: Said
    """What each child is called, such as `step`."""
    children: Mapping[str, "Names"] | None
    hint: Said = UNSAID
    """The mend when something follows that cannot, where the nearest child is not it."""


class Unknown(NamedTuple):
    """A dotted name that leads nowhere."""

    position: int
    """Which of its parts is the first that is not known."""
    names: Names
    """What could have stood there."""


ANYTHING = Names(UNSAID, None)
NOTHING = Names(UNSAID, {})
TIME = Names(
    say("part"), dict.fromkeys(sorted(PARTS), NOTHING), say('use a filter: context_time | date("%Y-%m-%d")')
)
RUN = Names(say("part"), {"id": NOTHING, "attempt": NOTHING})


def resolve(names: Names, path: Path) -> Unknown | None:
    """None when the name is known as far as can be told."""
    for position, part in enumerate(path):
        if names.children is None:
            return None
        child = names.children.get(part)
        if child is None:
            return Unknown(position, names)
        names = child
    return None


def of_value(value: Any) -> Names:
    """What can follow a value that stands in the file."""
    if isinstance(value, str):
        whole = value.strip().startswith(OPEN) and value.strip().endswith("}}")
        return ANYTHING if whole else NOTHING
    if isinstance(value, Mapping):
        return Names(say("key"), {key: of_value(inner) for key, inner in value.items()})
    return ANYTHING if isinstance(value, list) or value is None else NOTHING


def of_variable(value: Any) -> Names:
    """What can follow a custom variable, declared or computed."""
    if declared(value):
        return NOTHING if value["type"] in TEXTUAL else ANYTHING
    return of_value(value)


@lru_cache(maxsize=256)
def of_outputs(form: Form) -> Names:
    """What a kind's outputs are called. What parts they have is the vendor's to say; texts have none."""
    parts = form.gives.parts
    if parts is None:
        return ANYTHING
    return Names(
        say("output"), {name: NOTHING if part.sort in _SCALAR else ANYTHING for name, part in parts.items()}
    )


def of_step(outputs: Form | Names | None, *, each: bool) -> Names:
    """What can follow `steps.<id>`. `each`: it is a foreach, whose outputs are a list."""
    if each:
        inner = Names(UNSAID, {}, say("a foreach gives a list: take an item with [0], or first"))
    else:
        inner = outputs if isinstance(outputs, Names) else of_outputs(outputs) if outputs else ANYTHING
    return Names(_PART, {"outputs": inner, "outcome": NOTHING}, _OUTPUTS)


_PART = say("part")
_OUTPUTS = say("outputs are read as steps.ID.outputs.NAME")


class Scope(NamedTuple):
    """Everything templates of one pipeline can name."""

    custom_variables: Mapping[str, Names]
    records: Mapping[str, Names]
    steps: Mapping[str, Names]
    env: Iterable[str]

    def names(self) -> Names:
        """The tree, without the names of a foreach's items."""
        declare = say("declare it under custom_variables")
        env = dict.fromkeys(self.env, NOTHING)
        return Names(
            say("name"),
            {
                "context_time": TIME,
                "custom_variables": Names(say("custom variable"), self.custom_variables, declare),
                "records": Names(say("record"), self.records, say("write it under records")),
                "secrets": ANYTHING,
                "env": Names(say("environment variable"), env, say("list it under env: in pipeforge.yaml")),
                "steps": Names(say("step"), self.steps),
                "run": RUN,
            },
        )


def of_items(value: Any) -> Names:
    """What can follow the item of a foreach: where the items are written out, what any of them has."""
    if not isinstance(value, list) or not value:
        return ANYTHING
    found = [of_value(one) for one in value]
    children: dict[str, Names] = {}
    for one in found:
        if one.children is None:
            return ANYTHING
        for key, inner in one.children.items():
            children[key] = inner if children.get(key, inner) == inner else ANYTHING
    return Names(say("key"), children) if children else NOTHING


def within_foreach(names: Names, item: str, items: Names = ANYTHING) -> Names:
    """The tree as a foreach's step sees it. `items`: what can follow an item."""
    assert names.children is not None
    return Names(names.noun, {**names.children, item: items})
