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
