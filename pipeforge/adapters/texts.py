"""Texts at the edge: what authors may also write as a whole number, and what vendors may also send as one."""

from typing import Annotated

from pydantic import BeforeValidator

from pipeforge.adapters import accepting

AuthoredText = Annotated[str, BeforeValidator(accepting.text, json_schema_input_type=int | str)]
"""A parameter that travels as text. A whole number is taken as written; a fraction would not survive."""

LenientText = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, str) else str(value))]
"""A field of an answer that should be text."""
