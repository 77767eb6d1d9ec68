"""What Treasure's settings and parameters accept beyond their type.

Fields that have to agree come as the model, or as `surely` shows them without it.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeforge.adapters.accepting import is_late
from pipeforge.language.filters import plain
from pipeforge.language.refusing import one_of_two, refused
from pipeforge.language.saying import say
from pipeforge.loading import load

if TYPE_CHECKING:
    from pydantic import SecretStr

_LARGEST_SECRET = 16 * 1024
_SEGMENT = "[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?"
_KEY = re.compile(rf"{_SEGMENT}(\.{_SEGMENT})*")


def whole_second(value: Any) -> Any:
    """Cut to the second: the vendor drops fractions, so two times within a second are one session."""
    # What is known without the clocks of other zones does not bring them in.
    if isinstance(value, str) and is_late(value):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.replace(microsecond=0)
    when = load("pipeforge.adapters.instants").instant(value, None)
    return when if isinstance(when, str) else when.replace(microsecond=0)


def digits(value: Any) -> Any:
    """Ids are text of digits; the vendor takes numbers too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def json_object(value: Any) -> Any:
    """Times that templates gave become text: what is sent is JSON."""
    if not isinstance(value, Mapping):
        return value
    try:
        return json.loads(json.dumps(dict(value), default=plain, allow_nan=False))
    except ValueError:
        hint = say("give texts, numbers, lists or mappings")
        raise refused("json", say("a value has no JSON form"), hint) from None


def secret_value(secret: "SecretStr") -> "SecretStr":
    """A project keeps texts of up to 16 KiB; digdag's limit, in UTF-8."""
    value = secret.get_secret_value()
    if not is_late(value) and not 0 < len(value.encode("utf-8", "surrogatepass")) <= _LARGEST_SECRET:
        raise refused(
            "secret_value",
            say("the value is empty or longer than 16 KiB, which no project keeps"),
            say("look at what the secret holds"),
        )
    return secret


def secret_key(key: str) -> str:
    """What digdag takes for a secret's key. Raises PydanticCustomError `pipeforge.secret_key`."""
    if not is_late(key) and not (len(key) <= 255 and _KEY.fullmatch(key)):
        hint = say("write letters, digits, - and _, with a dot between parts, as in mysql.password")
        raise refused("secret_key", say("'{given}' cannot be the key of a secret", given=key), hint)
    return key


def reachable(connection: Any) -> Any:
    """By a region or an address, with a key where the service wants one."""
    if (connection.region is None) == (connection.base_url is None):
        raise one_of_two("region", "base_url", given=connection.region is not None)
    if connection.api_key is None and connection.api == "hosted":
        raise refused("connection", say("`api_key` is missing"), say("give the TD API key as a secret"))
    return connection


def own_or_shared(params: Any) -> Any:
    """Only a session of its own has an attempt's name, and can be resumed."""
    if params.session == "shared" and params.retry_attempt_name is not None:
        hint = say("drop `retry_attempt_name`, or write `session: own`")
        raise refused("session", say("a shared session has no attempt name"), hint)
    if params.session == "shared" and params.resume is not None:
        raise refused("session", say("a shared session cannot be resumed"), say("write `session: own`"))
    return params


def one_project(params: Any) -> Any:
    """Named in exactly one way."""
    if (params.project is None) == (params.project_id is None):
        raise one_of_two("project", "project_id", given=params.project is not None)
    return params


def one_schedule(params: Any) -> Any:
    """Named in exactly one way."""
    _one("schedule_id", params.schedule_id, params)
    return params


def one_workflow(params: Any) -> Any:
    """Named in exactly one way."""
    _one("workflow_id", params.workflow_id, params)
    return params


def _one(key: str, given: str | None, params: Any) -> None:
    """Raises PydanticCustomError unless it is named in exactly one way: by the id, or by names."""
    if (given is None) == (params.workflow is None):
        raise one_of_two(key, "workflow", given=given is not None)
    named = params.project is not None or params.project_id is not None
    if given is not None and named:
        raise one_of_two(key, "project", given=True)
    if given is None and (params.project is None) == (params.project_id is None):
        raise one_of_two("project", "project_id", given=named)


def of_a_project(params: Any) -> Any:
    """A workflow's name says something in its project alone."""
    if params.workflow is not None and params.project is None:
        message = say("`workflow` without `project` would be no filter")
        raise refused("filter", message, say("add `project`"))
    return params


def confirmed(params: Any) -> Any:
    """The name is repeated, where the project is given by it."""
    late = is_late(params.confirm) or is_late(params.project or "")
    if params.project is not None and params.confirm != params.project and not late:
        message = say("`confirm` is '{given}', not '{name}'", given=params.confirm, name=params.project)
        hint = say("repeat the name of what is to be deleted")
        raise refused("confirm", message, hint, route=("confirm",))
    return params


def skipped(params: Any) -> Any:
    """A first time is only given where those before it are skipped."""
    if params.next_time is not None and not params.skip_missed:
        message = say("`next_time` is for times that are skipped")
        raise refused("schedule", message, say("leave `next_time` out, or `skip_missed: false`"))
    return params


def one_way(params: Any) -> Any:
    """Up to a time, or so many from a time on."""
    if (params.next_time is None) == (params.from_time is None):
        raise one_of_two("next_time", "from_time", given=params.next_time is not None)
    if (params.from_time is None) != (params.count is None):
        message = say("`from_time` and `count` go together")
        raise refused("schedule", message, say("give both, or `next_time` alone"))
    return params
