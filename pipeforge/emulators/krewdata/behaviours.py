"""What krewData's emulator does and how well each point is known."""

from pipeforge.emulators.core import Behaviour

_API = "krewData API reference"
_TIPS = "krewData real-time execution cautions"

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("token, run and status are POST with JSON; success is code 200 in the body", "stated", _API),
    Behaviour("the HTTP status is the body's code (http_status: always_200 changes it)", "inferred", _API),
    Behaviour("every error text is the reference's own", "stated", _API),
    Behaviour("checks go path, body, presence, type, form, meaning", "chosen", "order is not told"),
    Behaviour("serialNumber is strict Base64 of the serial number", "stated", _API),
    Behaviour("a token runs a unit once, within ten minutes", "stated", _API),
    Behaviour("a used token is told before an old one (token_order)", "chosen", "order is not told"),
    Behaviour("a token asks for status after ten minutes too", "inferred", "status has no such error"),
    Behaviour("any token of the unit asks for any of its tasks (status_token: own)", "chosen", ""),
    Behaviour("appId as a number is refused", "stated", "error table; the parameter table differs"),
    Behaviour('a key "user " is not user', "stated", "error table; the example differs"),
    Behaviour("record needs type and value in each field", "inferred", "kintone record format"),
    Behaviour("appId must be the unit's calling app, if the world names one", "stated", _API),
    Behaviour("an unknown unit: Request path is invalid.", "inferred", _API),
    Behaviour("a busy unit: 409 with the running task's id (concurrency: refused)", "stated", _API),
    Behaviour("the 409's taskId stands beside the description (conflict_body)", "inferred", "broken text"),
    Behaviour("the 409 uses the token up", "chosen", "nobody tells"),
    Behaviour("or the task ends with 134 and all flows Cancel (concurrency: fails_late)", "stated", _API),
    Behaviour("five starts a minute for a unit; the next one disables it: 429", "stated", _TIPS),
    Behaviour(
        "tokens are what is counted, in the last 60 seconds", "chosen", "429 is in the token table only"
    ),
    Behaviour("the first excess disables the unit", "chosen", "documents say frequent excess"),
    Behaviour("a disabled unit answers Specified unit is invalid. until a person enables it", "stated", _API),
    Behaviour("flows run one after another; after a failure the rest is Cancel", "stated", _API),
    Behaviour("flows share the running time evenly, times are Japan's without a zone", "chosen", ""),
    Behaviour("endTime is empty while a flow runs; waiting and canceled flows have no times", "stated", _API),
    Behaviour("an answer is JSON (flow_keys: bare prints flows as the reference does)", "inferred", _API),
    Behaviour("no cancel, no list, no other operation", "stated", _API),
)
