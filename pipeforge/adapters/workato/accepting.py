"""What Workato's settings and parameters accept beyond their type.

Fields that have to agree come as the model, or as `surely` shows them without it.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeforge.adapters.accepting import is_late
from pipeforge.language.refusing import one_of_two, refused
from pipeforge.language.saying import Said, say
from pipeforge.loading import load

if TYPE_CHECKING:
    from pipeforge.adapter import Json


def code(value: Any) -> Any:
    """The trigger's line. Of a file that Workato exported its `code`."""
    found = _read(value)
    if isinstance(found, dict) and isinstance(found.get("code"), dict) and "keyword" not in found:
        found = found["code"]
    if not isinstance(found, dict) or (found.get("keyword") != "trigger" and not _elsewhere(found)):
        raise _wrong(say("this is no recipe's code: its outermost line has no `keyword: trigger`"))
    return found


def config(value: Any) -> Any:
    """The lines with what Workato needs in each. Of a file that Workato exported its `config`."""
    found = _read(value)
    if isinstance(found, dict) and isinstance(found.get("config"), list):
        found = found["config"]
    if _elsewhere(found):
        return found
    if not isinstance(found, list) or not all(isinstance(line, dict) for line in found):
        raise _wrong(say("this is no recipe's config: it is a list of mappings, one a connector"))
    return [_line(line) for line in found]


def _line(line: "dict[str, Json]") -> "dict[str, Json]":
    """Without a name Workato takes a line and then never activates the recipe (inferred from a client)."""
    provider = line.get("provider")
    if not isinstance(provider, str) or not provider:
        raise _wrong(say("a line of config has no `provider`"))
    return {"keyword": "application", "name": provider, **line}


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        if is_late(value):
            return value
        raise _wrong(say("the text is no JSON")) from None


def _elsewhere(value: Any) -> bool:
    """Whether it stands in a file, or is not known yet."""
    if isinstance(value, str):
        return is_late(value)
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("file"), str)


def _wrong(message: Said) -> Exception:
    return refused("workato_recipe", message, say("export the recipe from Workato, or name such a file"))


def moment(value: Any) -> str | None:
    """ISO 8601 with an offset, as the vendor wants it; or none. Raises PydanticCustomError as `instant`."""
    # What is known without the clocks of other zones does not bring them in.
    if value is None or (isinstance(value, str) and is_late(value)):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    found = load("pipeforge.adapters.instants").instant(value, None)
    return found if isinstance(found, str) else str(found.isoformat())


def acknowledged(value: bool) -> bool:
    """True. Raises PydanticCustomError `pipeforge.workato_reset`."""
    if not value:
        raise refused(
            "workato_reset",
            say("a reset makes the recipe process every record of its source once more"),
            say("write `acknowledge_reprocess: true` if that is what you want"),
        )
    return value


def something(params: Any) -> Any:
    """At least one part of the recipe is replaced."""
    if params.model_fields_set <= {"recipe_id"}:
        raise refused(
            "workato_update",
            say("nothing of the recipe is replaced"),
            say("give `name`, `code`, `config` or `folder_id`"),
        )
    return params


def one_user(user: Any) -> Any:
    """By exactly one of its ids."""
    if (user.id is None) == (user.external_id is None):
        raise refused(
            "connection", say("a managed user has one id"), say("give either `id` or `external_id`")
        )
    return user


def reachable(connection: Any) -> Any:
    """By a data center or an address, with the address of a user where the headers are the old ones."""
    if (connection.data_center is None) == (connection.base_url is None):
        raise one_of_two("data_center", "base_url", given=connection.base_url is not None)
    if (connection.auth == "legacy") != (connection.user_email is not None):
        raise refused(
            "connection",
            say("`user_email` and `auth: legacy` belong together"),
            say("give both or neither"),
        )
    return connection
