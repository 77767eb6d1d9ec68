"""What a validator of ours raises: words and a mend that lint passes on as they are."""

from typing import TYPE_CHECKING, Any

from pipeforge.language.saying import Said, say
from pipeforge.loading import load

if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError


def refused(code: str, message: Said, hint: Said, **more: Any) -> "PydanticCustomError":
    """An error of type `pipeforge.<code>`. `more`: what else its context carries, such as a `route`."""
    context: dict[str, Any] = {"message": message, "hint": hint, **more}
    # Loaded where something is wrong: what is right is told without Pydantic.
    error: PydanticCustomError = load("pydantic_core:PydanticCustomError")(
        f"pipeforge.{code}", "{message}", context
    )
    return error


def one_of_two(one: str, other: str, *, given: bool) -> "PydanticCustomError":
    """Of two settings exactly one is wanted. `given`: both are, else neither."""
    if given:
        message = say("both `{one}` and `{other}` is given", one=one, other=other)
    else:
        message = say("neither `{one}` nor `{other}` is given", one=one, other=other)
    return refused("connection", message, say("give exactly one of the two"))
