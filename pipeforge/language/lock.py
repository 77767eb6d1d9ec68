"""The lock, pipeforge.lock: what a pipeline's steps name at the vendors, as it was when somebody looked."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from pipeforge.errors import UsageError
from pipeforge.language.locating import find, keep_inside
from pipeforge.language.model import _Model
from pipeforge.language.reading import Unreadable, content
from pipeforge.language.saying import Said, say
from pipeforge.language.surroundings import LOCK

VERSION = 1


class Broken(UsageError):
    """A file that holds no lock, and may be written anew."""

    message: Said
    hint: Said

    def __init__(self, path: Path, what: Said) -> None:
        mend = say("write it anew: pipeforge lint --online --lock")
        super().__init__(say("'{path}' is not a lock: {what}", path=path, what=what), mend)


class Parameter(_Model):
    """One value that a run may be given."""

    type: str = ""
    """In the vendor's words; empty where it has none."""
    required: bool = False
    """It has no value of its own."""
    secret: bool = False
    """The vendor keeps its value from people."""


class Thing(_Model):
    """What a vendor says of one thing."""

    state: Literal["there", "absent", "barred", "unasked"] = "there"
    """`barred`: these credentials may not look at it. `unasked`: there was no answer; never in a file."""
    detail: str = ""
    """The vendor's words, where it is not there to be seen."""
    name: str | None = None
    running: bool | None = None
    """Of a recipe; None for what is neither running nor stopped."""
    trigger: str | None = None
    """What makes it run, in the vendor's words."""
    parameters: dict[str, Parameter] | None = None
    """By name; None where the vendor does not tell."""
    schedules: list[str] = Field(default_factory=list)
    """The vendor's own that are on, in words."""
    others_start_it: bool = False
    """There are addresses with which others can start it."""
    revision: str | None = None
    """Changes whenever somebody changes it."""
    connected: bool | None = None
    """Of a connection to elsewhere; None for what is none, or is not told."""
    others: list[str] = Field(default_factory=list)
    """The ids of all that are called so, where it is not the only one."""
    age: Annotated[str, Field(exclude=True)] = ""
    """How long ago the vendor said so, such as `4m`; empty of what was asked just now. Never in a file."""


Things = dict[str, dict[str, dict[str, Thing]]]
"""By environment ("" for none), by connection, by key of the thing."""


class Lock(_Model):
    """A lock file."""

    version: Annotated[int, Field(ge=1, le=VERSION)] = VERSION
    things: Things = Field(default_factory=dict)

    def of(self, environment: str | None, connection: str, key: str) -> Thing | None:
        """What is known of a thing; None where nothing is."""
        return self.things.get(environment or "", {}).get(connection, {}).get(key)


def key(what: str, names: tuple[Any, ...]) -> str:
    """What a thing is called in a lock, such as `job_definition 1201` or `workflow sales/build_mart`."""
    return f"{what} {'/'.join(map(str, names))}".rstrip()


def place(pipeline: Path) -> Path:
    """Where the lock of a pipeline lies, or would."""
    project = find(pipeline)
    return (project.parent if project else pipeline.resolve().parent) / LOCK


def read(path: Path) -> Lock | None:
    """The lock in a file; None where there is none.

    Raises Broken for what is no lock, UsageError for one of a newer pipeforge and for what is no file here:
    those are not to be written over.
    """
    if not os.path.lexists(path):
        return None
    try:
        keep_inside(path)
        raw = json.loads(content(path))
    except Unreadable as error:
        mend = say("remove it, then write it anew: pipeforge lint --online --lock")
        raise UsageError(error.message, mend) from None
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        raise Broken(path, say("it is no JSON object"))
    version = raw.get("version")
    if isinstance(version, int) and version > VERSION:
        message = say("'{path}' was written by a newer pipeforge", path=path)
        raise UsageError(message, say("update pipeforge; it can read version {version}", version=VERSION))
    try:
        return Lock.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(
            json.dumps(part)[1:-1] if isinstance(part, str) else str(part) for part in first["loc"]
        )
        raise Broken(path, say("'{where}' has no fit value", where=where)) from None


def written(lock: Lock) -> str:
    """As it stands in its file: what is as usual is left out, and the order is always the same."""
    plain = {"version": lock.version, "things": lock.model_dump(exclude_defaults=True).get("things", {})}
    return json.dumps(plain, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def merged(old: Lock | None, new: Mapping[str, Mapping[str, Mapping[str, Thing]]]) -> Lock:
    """The old lock with what was looked at anew in it."""
    things: Things = {
        environment: {connection: dict(known) for connection, known in there.items()}
        for environment, there in (old.things if old else {}).items()
    }
    for environment, there in new.items():
        for connection, known in there.items():
            kept = {key_: thing for key_, thing in known.items() if thing.state != "unasked"}
            things.setdefault(environment, {}).setdefault(connection, {}).update(kept)
    return Lock(things=things)
