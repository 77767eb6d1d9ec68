"""What a validator of ours raises: words and a mend that lint passes on as they are."""

from typing import Any

from pydantic_core import PydanticCustomError

from pipeforge.language.saying import Said, say


def refused(code: str, message: Said, hint: Said, **more: Any) -> PydanticCustomError:
    """An error of type `pipeforge.<code>`. `more`: what else its context carries, such as a `route`."""
    context: dict[str, Any] = {"message": message, "hint": hint, **more}
    return PydanticCustomError(f"pipeforge.{code}", "{message}", context)


def one_of_two(one: str, other: str, *, given: bool) -> PydanticCustomError:
    """Of two settings exactly one is wanted. `given`: both are, else neither."""
    if given:
        message = say("both `{one}` and `{other}` is given", one=one, other=other)
    else:
        message = say("neither `{one}` nor `{other}` is given", one=one, other=other)
    return refused("connection", message, say("give exactly one of the two"))
