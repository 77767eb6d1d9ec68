"""The errors of the Workato API in its own shapes; most are a `message`, some are a success that is none."""

from math import ceil

from pipeforge.emulators.core import Json, Refused, Reply


def saying(status: int, message: str, **more: Json) -> Reply:
    """`{"message": ...}` and what else belongs to it."""
    return Reply(status, {"message": message, **more})


def missing() -> Refused:
    """404 of every operation but poll_now."""
    return Refused(saying(404, "Not found"))


def missing_for_poll() -> Refused:
    """404 as poll_now words it."""
    return Refused(Reply(404, {"success": False, "message": "Not Found"}))


def back_off(until: str, status: int = 429, wait: float | None = None) -> Reply:
    """The trigger backs off `until` a minute without zone; `wait` is sent in seconds as `Retry-After`."""
    headers = {} if wait is None or status != 429 else {"Retry-After": str(ceil(wait))}
    return Reply(status, {"message": f"Recipe is currently in trigger back off mode till {until}"}, headers)


def not_started(code_errors: list[Json], config_errors: list[Json]) -> Reply:
    """A start that was refused, with 200."""
    return Reply(200, {"success": False, "code_errors": code_errors, "config_errors": config_errors})


NO_CREDIT = saying(429, "Not enough transaction credit")
NO_QUOTA = saying(429, "Not enough action quota")
TRIAL_EXPIRED = saying(400, "Trial has expired")
NOT_RUNNING = saying(400, "Recipe is not running")
ACCEPTED = {"success": True}
BLANK_STEP: list[Json] = [[4, [["Response body/Error", None, "can't be blank", "response.error"]]]]
"""A step whose field is empty: four elements."""
NO_TRIGGER: list[Json] = [[0, [["Trigger", None, "can't be blank"]]]]
"""A recipe without lines: three elements."""


def bad_request(message: str = "Bad request") -> Refused:
    """400."""
    return Refused(saying(400, message))


def not_while_running(message: str) -> Refused:
    """A change that a running recipe refuses, with 200."""
    return Refused(Reply(200, {"success": False, "errors": {"running": [message]}}))


def unconnected(step: int, account: int | None) -> Json:
    """A step whose connection is gone or dead: the fourth element is an object."""
    key = {"key": "recipe.errors.config_unconnected"}
    return [step, [["account_id", account, "unconnected", key]]]
