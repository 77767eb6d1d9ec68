"""What a declaration of a custom variable is, and which values have the type that it declares."""

from typing import Any


def declared(value: Any) -> bool:
    """Whether a custom variable is a declaration rather than a value."""
    return isinstance(value, dict) and "type" in value


TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def fits(value: Any, type_: str) -> bool:
    """Whether a value has a declared type; true and false are no numbers."""
    return isinstance(value, TYPES[type_]) and (type_ == "boolean" or not isinstance(value, bool))
