"""The lock, pipeforge.lock: what a pipeline's steps name at the vendors, as it was when somebody looked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from pipeforge.errors import UsageError
from pipeforge.language.locating import LOCK, find
from pipeforge.language.model import _Model
from pipeforge.language.reading import Unreadable, content

VERSION = 1

_MEND = "write it anew: pipeforge lint --online --lock"


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
    """The lock in a file; None where there is none. Raises UsageError for what is no lock."""
    try:
        raw = content(path)
    except Unreadable:
        if path.exists():
            raise
        return None
    try:
        return Lock.model_validate(json.loads(raw))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"'{path}' is not a lock: {where}: {first['msg'].lower()}", _MEND) from None
    except ValueError:
        raise UsageError(f"'{path}' is not a lock: it is no JSON", _MEND) from None


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
