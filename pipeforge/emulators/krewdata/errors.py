"""krewData's refusals, in its own words."""

from pipeforge.emulators.core import Json, Refused, Reply

TITLES = {400: "Bad Request", 401: "Unauthorized", 409: "Conflict", 429: "Too Many Requests"}

PATH = "Request path is invalid."
URL_FORMAT = 'krewdataAppUrl format is wrong, should be "https://yourdomain/k/appId(/)".'
URL_WRONG = 'Specified krewdataAppUrl is invalid, should be "https://yourdomain.cybozu.com/k/{appId}".'
NOT_BASE64 = "serialNumber is not a valid Base64 encoding value."
LICENSE = "Illegal License."
WEBHOOK = "Request type (Webhook/API) is wrong."
UNIT_INVALID = "Specified unit is invalid."
RATE = "The rate limit for API calls has been exceeded. Specified unit has been disabled."
TOKEN_INVALID = "Specified token is invalid."  # noqa: S105
TOKEN_USED = "Specified token has been used."  # noqa: S105
TOKEN_OLD = "Specified token has been created for more than 10 minutes and cannot be used to run unit."  # noqa: S105
WRONG_APP = "app (appId) is not call app of task specified."
RECORD = "record data type is wrong, should be keep with Kintone record."
STATUS_TOKEN = "Specified accessToken is invalid."  # noqa: S105
STATUS_TASK = "Specified taskId is invalid."
BUSY = "Other User is running the execution unit."


def answer(code: int, description: str) -> Reply:
    """An error body with the status that mirrors its code."""
    title = TITLES.get(code, "Internal Server Error")
    return Reply(code, {"code": code, "status": title, "description": description})


def refused(description: str, code: int = 400) -> Refused:
    return Refused(answer(code, description))


def conflict(task_id: str, shape: str) -> Reply:
    """The 409, whose documented text is a broken string, in one of the shapes that it may have."""
    head: dict[str, Json] = {"code": 409, "status": TITLES[409]}
    if shape == "sibling":
        return Reply(409, {**head, "description": BUSY, "taskId": task_id})
    if shape == "embedded":
        return Reply(409, {**head, "description": f'{BUSY}","taskId":{task_id}'})
    text = f'{{"code":409,"status":"Conflict","description":"{BUSY}","taskId":{task_id}}}'
    return Reply(409, text.encode(), {"Content-Type": "application/json"})
