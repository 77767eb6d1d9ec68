"""Texts at the edge: what authors may also write as a whole number, and what vendors may also send as one."""

from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def _authored(value: Any) -> str:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise PydanticCustomError(
        "pipeforge.text",
        "the value is text, not {given}",
        {"given": _WORDS.get(type(value), "a mapping or list"), "hint": "put it in quotes"},
    )


_WORDS: dict[type, str] = {type(None): "nothing", bool: "true or false", float: "a fraction"}

AuthoredText = Annotated[str, BeforeValidator(_authored, json_schema_input_type=int | str)]
"""A parameter that travels as text. A whole number is taken as written; a fraction would not survive."""

LenientText = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, str) else str(value))]
"""A field of an answer that should be text."""
