"""The errors of the Treasure Workflow API in its own shape: `{"message", "status"}`."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeforge.emulators.core import Refused, Reply


@contextmanager
def of_the_world(project: str, workflow: str, key: str) -> Iterator[None]:
    """A refusal of what the world itself says is a mistake in the world: ValueError with its place."""
    try:
        yield
    except Refused as refused:
        route = f"treasure.projects.{project}.workflows.{workflow}.{key}"
        raise ValueError(f"{route}: {refused.reply.body['message']}") from None


def error(status: int, message: str) -> Reply:
    """An answer in the error shape."""
    return Reply(status, {"message": message, "status": status})


def missing(what: str) -> Refused:
    """404 for a thing such as `session attempt id=7`."""
    return Refused(error(404, f"Resource does not exist: {what}"))


def invalid(message: str) -> Refused:
    """400."""
    return Refused(error(400, message))


def unread(name: str, text: str) -> Refused:
    """404 for a word of the query that cannot be read, as digdag's framework has it; the text is ours."""
    return Refused(error(404, f"Cannot read {name}={text} of the query"))


def conflict(message: str) -> Refused:
    """409 in the error shape (kill); a start that conflicts answers with the attempt instead."""
    return Refused(error(409, message))
