"""What some keys of a pipeline accept beyond their type; apart from the models, which cost a start much."""

from typing import Any

from pipeforge.language.filters import FilterError, zone
from pipeforge.language.refusing import refused
from pipeforge.language.saying import say


def one_or_many(value: Any) -> Any:
    """A text as a list of it."""
    return [value] if isinstance(value, str) else value


_CERTAIN = frozenset(["UTC", "Asia/Tokyo"])
"""chosen: zones that nearly all pipelines name. There is no Python with our libraries that lacks them, so
that nothing of the zones need be loaded to know them."""


def time_zone(value: str) -> str:
    """The name of a time zone. Raises PydanticCustomError `pipeforge.timezone`."""
    if value in _CERTAIN:
        return value
    try:
        zone(value)
    except FilterError as error:
        message = say("unknown time zone '{value}'", value=value)
        raise refused("timezone", message, error.hint) from None
    return value


_NO_NAMES = frozenset(
    ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None"]
)
"""Words that mean something else in an expression."""


def item_name(value: str) -> str:
    """What templates can call an item. Raises PydanticCustomError `pipeforge.item_name`."""
    if value.isidentifier() and value not in _NO_NAMES:
        return value
    mend = say("begin with a letter or _, then letters, digits and _; no word of the templates, such as `in`")
    raise refused("item_name", say("'{value}' cannot be what an item is called", value=value), mend)
