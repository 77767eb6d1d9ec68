"""What krewData says and how it wants to be asked: answers read leniently, requests written strictly."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeforge.adapter import Json, Outcome
from pipeforge.adapters.texts import LenientText


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)


class Token(_Answer):
    """A one-shot token: good for one run within ten minutes, and for looking at that run."""

    token: LenientText = Field(alias="accessToken", repr=False)


class Started(_Answer):
    """A run that was taken."""

    task_id: LenientText = Field(alias="taskId")


class FlowInfo(_Answer):
    """One flow of a task. The times are absent or empty until they are known."""

    key: LenientText | None = Field(default=None, alias="flowExecUniqueKey")
    name: LenientText | None = Field(default=None, alias="flowName")
    status: LenientText | None = None
    started_at: LenientText | None = Field(default=None, alias="startTime")
    ended_at: LenientText | None = Field(default=None, alias="endTime")


def _readable(flows: Any) -> list[Any]:
    """Odd flows must not keep a task's end from being seen."""
    return [flow for flow in flows if isinstance(flow, dict)] if isinstance(flows, list) else []


class Task(_Answer):
    """A task. `errorCode` and `errorMessage` come with a failure only."""

    status: LenientText = Field(alias="taskStatus")
    error_code: LenientText | None = Field(default=None, alias="errorCode")
    error_message: LenientText | None = Field(default=None, alias="errorMessage")
    flows: Annotated[list[FlowInfo], BeforeValidator(_readable)] = Field(
        default_factory=list, alias="flowInfo"
    )


STATUS: dict[str, Outcome | None] = {
    "queuing": None,  # may last while a scheduled flow of the domain runs
    "running": None,
    "success": Outcome.SUCCEEDED,
    "failure": Outcome.FAILED,
}
"""krewData's words in lower case; None is still going. An unseen word is still going too, with a warning."""

CONCURRENT = "134"
"""The error code of a run that was taken but not executed because another one was running."""

USED = "Specified token has been used."
EXPIRED = "Specified token has been created for more than 10 minutes and cannot be used to run unit."
INVALID = "Specified token is invalid."
UNREADABLE = ("Specified accessToken is invalid.", "Specified taskId is invalid.")
BUSY = "Other User is running the execution unit."

_CONTENT = re.compile(
    r"(accessToken|appId|record|user) (data type is wrong|is empty)"
    r"|app \(appId\) is not call app of task|Run request body schema is wrong"
)

HINTS: dict[str, str] = {
    "Specified krewdataAppUrl is invalid": "`krewdata_app_url` is the app that holds this unit",
    "Request path is invalid": "check `unit_id` and `base_url`",
    "Request type (Webhook/API) is wrong": "set the unit's execution method to API in krewData",
    "serialNumber is not a valid Base64": "give `serial_number` as it was issued; it is encoded here",
    "Specified unit is invalid": "it is disabled or has no valid flow: see its Real Time Execution tab",
    "Illegal License": "the licence of real-time execution is not valid for this domain",
    "The rate limit for API calls": "the unit is now disabled: enable it in its Real Time Execution tab",
    "app (appId) is not call app": "`app_id` is the unit's calling app",
    "record data type is wrong": "compare the record with kintone's record format",
    "user is empty": "`user` is a kintone login name",
    BUSY: "`on_conflict: wait` tries again until the unit is free",
    INVALID: "krewData does not know the token any more; start again",
}
"""The mend for the beginning of a description."""


def token_request(app_url: str, serial: str) -> Json:
    """The serial number goes in Base64, though the example of the document shows it raw."""
    return {"krewdataAppUrl": app_url, "serialNumber": b64encode(serial.encode()).decode()}


def run_request(token: str, app_id: str, user: str, record: Mapping[str, Json] | None) -> Json:
    """`user`, though the example of the document spells it with a blank; `appId` always as text."""
    request = {"accessToken": token, "user": user, "appId": app_id}
    return request if record is None else {**request, "record": dict(record)}


def code_of(body: Json) -> int | None:
    """The `code` of a body, None where there is none."""
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, bool) or not isinstance(code, int | str):
        return None
    return int(code) if re.fullmatch(r"[0-9]{1,4}", str(code)) else None


def error_words(body: Json) -> str:
    """`description`, else `status`."""
    return str(body.get("description") or body.get("status") or "") if isinstance(body, dict) else ""


def is_about_content(description: str) -> bool:
    """Whether the same request was refused for the same reason before: no other refusal says so."""
    return _CONTENT.match(description) is not None


def loosely(text: str) -> Json:
    """An answer whose keys stand without quotes, as the document prints a task's flows; None if it is none.

    inferred: the document's own example reads its answers as JSON, so its print is likely a slip.
    """
    quoted = re.sub(r'"(?:[^"\\]|\\.)*"|([A-Za-z_]\w*)(?=\s*:)', _in_quotes, text)
    try:
        return json.loads(quoted, strict=False)
    except ValueError:
        return None


def _in_quotes(match: re.Match[str]) -> str:
    return f'"{match[1]}"' if match[1] else match[0]


def hint_for(description: str) -> str:
    """The mend for krewData's words."""
    return next((hint for start, hint in HINTS.items() if description.startswith(start)), "")


def other_task(text: str) -> str:
    """The task id in a 409, whatever its form: the document shows a broken one. Whose it is, is unknown."""
    found = re.search(r'taskId\\?"?\s*:\s*\\?"?([^"\\},\s]+)', text)
    return found[1] if found else ""
