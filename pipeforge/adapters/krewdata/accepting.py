"""What krewData's settings and parameters accept beyond their type."""

import re
from typing import Any

from pipeforge.adapters.accepting import is_late
from pipeforge.language.refusing import refused
from pipeforge.language.saying import say

_APP_URL = re.compile(r"https://[^/\s]+/k/[0-9]+/?")


def app_url(url: str) -> str:
    """A krewData app's address. Raises PydanticCustomError `pipeforge.krewdata_app_url`."""
    if not is_late(url) and _APP_URL.fullmatch(url) is None:
        message = say("'{given}' is not the address of a krewData app", given=url)
        hint = say("write it as https://yourdomain.cybozu.com/k/123")
        raise refused("krewdata_app_url", message, hint)
    return url


def app_id(value: Any) -> str:
    """The number of a kintone app. Raises PydanticCustomError `pipeforge.app_id`."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and (is_late(text) or re.fullmatch(r"[0-9]+", text)):
        return text
    message = say("'{given}' is not the number of a kintone app", given=value)
    raise refused("app_id", message, say("it is the number after /k/ in the app's address"))


def user(value: str) -> str:
    """A login name. Raises PydanticCustomError `pipeforge.user`."""
    if not value.strip():
        hint = say("give a kintone login name; it is shown in the log")
        raise refused("user", say("the user is empty"), hint)
    if value != value.strip():
        raise refused(
            "user", say("'{user}' begins or ends with a blank", user=value), say("remove the blank")
        )
    return value
