"""krewData's routes, the order in which a request is checked, and the shapes of its answers."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace

from pipeforge.emulators.core import Asked, Desk, Json, Refused, Reply, Route, Vendor
from pipeforge.emulators.krewdata import errors
from pipeforge.emulators.krewdata.errors import answer, conflict, refused
from pipeforge.emulators.krewdata.flows import flow_info
from pipeforge.emulators.krewdata.screen import Screen
from pipeforge.emulators.krewdata.state import Krewdata
from pipeforge.emulators.krewdata.world import KrewdataWorld, Unit

_APP_URL = re.compile(r"https://[^/]+/k/[0-9]+/?")


def open_vendor(world: KrewdataWorld, desk: Desk) -> Vendor:
    """All units that the world says."""
    units = Krewdata(world, desk)
    wire = _Wire(units)
    screen = Screen(units)
    return Vendor(
        routes=(
            Route("POST", "/{unit}/token", wire.token),
            Route("POST", "/{unit}/run", wire.run),
            Route("POST", "/{unit}/status", wire.status),
        ),
        unmatched=lambda _: answer(400, errors.PATH),
        refusals={
            "unauthorized": lambda _: answer(401, errors.LICENSE),
            "forbidden": lambda _: answer(400, errors.UNIT_INVALID),
            "not_found": lambda _: answer(400, errors.PATH),
            "rate_limited": lambda _: answer(429, errors.RATE),
            "server_error": lambda _: answer(500, "Internal Server Error"),
            "token_expired": lambda _: answer(400, errors.TOKEN_OLD),
            "token_used": lambda _: answer(400, errors.TOKEN_USED),
            "token_invalid": lambda _: answer(400, errors.TOKEN_INVALID),
            "unit_disabled": lambda _: answer(400, errors.UNIT_INVALID),
            "task_lost": lambda _: answer(400, errors.STATUS_TASK),
            "conflict": lambda _: conflict("task0000000000", world.conflict_body),
        },
        status_key="taskStatus",
        first_word="Queuing",
        jobs=screen.jobs,
        acts={"enable_unit": screen.enable, "disable_unit": screen.disable, "start": screen.start},
        finish=wire.finish,
        secret_keys=frozenset({"accessToken", "serialNumber"}),
        secret_params=frozenset({"unit"}),
    )


class _Wire:
    """Handlers. Checks go: path, body, presence, type, form, meaning (chosen: the order is not told)."""

    def __init__(self, units: Krewdata) -> None:
        self._units = units
        self._world = units.world

    def finish(self, _: Asked, reply: Reply) -> Reply:
        """With `always_200`, the code is in the body alone."""
        tells = isinstance(reply.body, (dict, bytes)) and b'"code"' in reply.payload()
        return replace(reply, status=200) if tells and self._world.http_status == "always_200" else reply

    def token(self, asked: Asked) -> Reply:
        unit_id, unit = self._unit(asked)
        body = _body(asked, "Token")
        url = _text(body, "krewdataAppUrl")
        if not _APP_URL.fullmatch(url):
            raise refused(errors.URL_FORMAT)
        serial = _decoded(_text(body, "serialNumber"))
        if unit.krewdata_app_url is not None and url.rstrip("/") != unit.krewdata_app_url.rstrip("/"):
            raise refused(errors.URL_WRONG)
        known = self._world.credentials
        if serial != (unit.serial_number or serial) or (known is not None and serial not in known):
            raise refused(errors.LICENSE, 401)
        if unit.method != "api":
            raise refused(errors.WEBHOOK)
        if not self._units.enabled(unit_id):
            raise refused(errors.UNIT_INVALID)
        if not self._units.within_rate(unit_id):
            raise refused(errors.RATE, 429)
        return _ok(accessToken=self._units.issue(unit_id))

    def run(self, asked: Asked) -> Reply:
        unit_id, unit = self._unit(asked)
        body = _body(asked, "Run")
        token, user, app_id = _text(body, "accessToken"), _text(body, "user"), _text(body, "appId")
        record = body.get("record")
        if record is not None and not _is_record(record):
            raise refused(errors.RECORD)
        slip = self._usable(unit_id, token)
        if unit.app_id is not None and app_id != unit.app_id:
            raise refused(errors.WRONG_APP)
        slip["used"] = True
        busy = self._units.running(unit_id) if unit.concurrency == "refused" else None
        if busy is not None:
            raise Refused(conflict(busy["id"], self._world.conflict_body))
        task = self._units.start(unit_id, {"user": user, "appId": app_id, "record": record})
        slip["task"] = task["id"]
        return replace(_ok(taskId=task["id"]), started=task["id"])

    def status(self, asked: Asked) -> Reply:
        unit_id, _ = self._unit(asked)
        body = _body(asked, "Status")
        token, task_id = _text(body, "accessToken"), _text(body, "taskId")
        slip = self._units.token(unit_id, token)
        if slip is None:
            raise refused(errors.STATUS_TOKEN)
        task = self._units.task(unit_id, task_id)
        if task is None:
            raise refused(errors.STATUS_TASK)
        if self._world.status_token == "own" and slip.get("task") != task_id:  # noqa: S105
            raise refused(errors.STATUS_TOKEN)
        word = self._units.status(task)
        failed = {"errorCode": task["error_code"], "errorMessage": task["error_message"]}
        flows = flow_info(task, self._units.now())
        reply = _ok(taskStatus=word, **(failed if word == "Failure" else {}), flowInfo=flows)
        return _bare(reply) if self._world.flow_keys == "bare" else reply

    def _unit(self, asked: Asked) -> tuple[str, Unit]:
        unit_id = asked.params["unit"]
        unit = self._units.unit(unit_id)
        if unit is None:
            raise refused(errors.PATH)
        return unit_id, unit

    def _usable(self, unit_id: str, token: str) -> dict[str, Json]:
        """The token's slip if `run` may use it. What is tested first, use or age, is for the world to say."""
        slip = self._units.token(unit_id, token)
        if slip is None:
            raise refused(errors.TOKEN_INVALID)
        faults = [(slip["used"], errors.TOKEN_USED), (self._units.expired(slip), errors.TOKEN_OLD)]
        for wrong, words in faults if self._world.token_order == "used_first" else reversed(faults):  # noqa: S105
            if wrong:
                raise refused(words)
        return slip


def _ok(**fields: Json) -> Reply:
    return Reply(200, {"code": 200, "status": "OK", **fields})


def _bare(reply: Reply) -> Reply:
    """With the keys of its flows as the reference prints them, which is no JSON."""
    head, flows, tail = reply.payload().decode().partition('"flowInfo":')
    text = head + flows + re.sub(r'"(\w+)":', r"\1:", tail)
    return Reply(200, text.encode(), {"Content-Type": "application/json"})


def _body(asked: Asked, operation: str) -> Mapping[str, Json]:
    try:
        body = asked.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refused(f"{operation} request body schema is wrong.")
    return body


def _text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name)
    if value is None or value == "":
        spelling = f'Pay attention to the spelling of "{name}".'
        raise refused(f"{name} is empty or {name} cannot be found. {spelling}")
    if not isinstance(value, str):
        raise refused(f"{name} data type is wrong, should be string type.")
    return value


def _decoded(serial: str) -> str:
    try:
        return b64decode(serial, validate=True).decode("utf-8", "replace")
    except ValueError:
        raise refused(errors.NOT_BASE64) from None


def _is_record(record: Json) -> bool:
    """A mapping of field codes to objects with `type` and `value`."""
    return isinstance(record, dict) and all(
        isinstance(field, dict) and isinstance(field.get("type"), str) and "value" in field
        for field in record.values()
    )
