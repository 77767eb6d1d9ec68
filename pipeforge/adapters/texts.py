"""Texts at the edge: what authors may also write as a whole number, and what vendors may also send as one."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from pipeforge.language.refusing import refused
from pipeforge.language.saying import Said, say


def _authored(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    given = _WORDS.get(type(value), say("a mapping or list"))
    message = say("the value is text, not {given}", given=given)
    if isinstance(value, bool | float):
        raise refused("text", message, say("put it in quotes"), quote=True)
    raise refused(
        "text", message, say('write "" for an empty one') if value is None else say("write one text")
    )


_WORDS: dict[type, Said] = {
    type(None): say("nothing"),
    bool: say("true or false"),
    float: say("a fraction"),
}

AuthoredText = Annotated[str, BeforeValidator(_authored, json_schema_input_type=int | str)]
"""A parameter that travels as text. A whole number is taken as written; a fraction would not survive."""

LenientText = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, str) else str(value))]
"""A field of an answer that should be text."""
