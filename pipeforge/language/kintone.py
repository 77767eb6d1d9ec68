"""kintone records as krewData takes them: each field's type and shape, checked without asking kintone."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from pipeforge.language.diagnostics import Route
from pipeforge.language.nearest import nearest, suggest

MARK = "${{"
"""A text with it in is a template: its shape is checked, its format only once it is rendered."""


class RecordFault(NamedTuple):
    """One thing wrong with a record. The route leads from the record to the culprit."""

    route: Route
    message: str
    hint: str
    severity: Literal["error", "warning"] = "error"
    on_key: bool = False


_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DIGITS = re.compile(r"[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})")


def _parses(pattern: re.Pattern[str], parse: Callable[[str], object], text: str) -> bool:
    if not pattern.fullmatch(text):
        return False
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def _is_digits(text: str) -> bool:
    return bool(_DIGITS.fullmatch(text))


def _is_date(text: str) -> bool:
    return _parses(_DATE, date.fromisoformat, text)


def _is_time(text: str) -> bool:
    return _parses(_TIME, time.fromisoformat, text)


def _is_datetime(text: str) -> bool:
    return _parses(_DATETIME, datetime.fromisoformat, text)


def _anything(text: str) -> bool:
    return True


class _Type(NamedTuple):
    """How the values of one field type look."""

    shape: Literal["text", "texts", "codes", "code", "files", "table"]
    fits: Callable[[str], bool] = _anything
    wanted: str = ""
    in_table: bool = True
    may_be_empty: bool = True


_CODES = _Type("codes")
_WHEN = "YYYY-MM-DDTHH:MM:SS with Z or an offset such as +09:00"

# https://kintone.dev/en/docs/kintone/overview/field-types and the official REST API specification's enum.
_TYPES: Mapping[str, _Type] = {
    "SINGLE_LINE_TEXT": _Type("text"),
    "MULTI_LINE_TEXT": _Type("text"),
    "RICH_TEXT": _Type("text"),
    "NUMBER": _Type("text", _is_number, "a number in half-width digits, without commas"),
    "CALC": _Type("text"),
    "RADIO_BUTTON": _Type("text"),
    "DROP_DOWN": _Type("text"),
    "CHECK_BOX": _Type("texts"),
    "MULTI_SELECT": _Type("texts"),
    "DATE": _Type("text", _is_date, "a real date as YYYY-MM-DD"),
    "TIME": _Type("text", _is_time, "a time as HH:MM, from 00:00 to 23:59"),
    "DATETIME": _Type("text", _is_datetime, _WHEN),
    "LINK": _Type("text"),
    "FILE": _Type("files"),
    "USER_SELECT": _CODES,
    "ORGANIZATION_SELECT": _CODES,
    "GROUP_SELECT": _CODES,
    "SUBTABLE": _Type("table", in_table=False),
    "RECORD_NUMBER": _Type("text", bool, "a record number such as 1 or APP-1", False, False),
    "__ID__": _Type("text", _is_digits, "digits", False, False),
    "__REVISION__": _Type("text", _is_digits, "digits", False, False),
    "CREATOR": _Type("code", in_table=False, may_be_empty=False),
    "MODIFIER": _Type("code", in_table=False, may_be_empty=False),
    "CREATED_TIME": _Type("text", _is_datetime, _WHEN, False, False),
    "UPDATED_TIME": _Type("text", _is_datetime, _WHEN, False, False),
    "CATEGORY": _Type("texts", in_table=False),
    "STATUS": _Type("text", in_table=False),
    "STATUS_ASSIGNEE": _Type("codes", in_table=False),
}

_TOLERATED = frozenset(["type", "value", "disabled", "error", "lookup", "code"])
"""What fields of kintone's JavaScript API carry; krewData is given them too."""

_NOT_TYPES: Mapping[str, str] = {
    "LOOKUP": "a lookup field appears in records as SINGLE_LINE_TEXT or NUMBER",
    "REFERENCE_TABLE": "related records have no value; leave the field out",
    "GROUP": "a field group has no value; leave it out",
    "LABEL": "a label has no value; leave it out",
    "SPACER": "a blank space has no value; leave it out",
    "HR": "a border has no value; leave it out",
    "RECORD_ID": "did you mean '__ID__' or 'RECORD_NUMBER'?",
    "REVISION": "did you mean '__REVISION__'?",
    "DATE_TIME": "did you mean 'DATETIME'?",
    "TEXT": "did you mean 'SINGLE_LINE_TEXT' or 'MULTI_LINE_TEXT'?",
}


def faults(record: Any) -> Iterator[RecordFault]:
    """Everything wrong with a record: field code to {type, value}. A whole template stands for anything."""
    yield from _fields(record, (), in_table=False)


def _fields(record: Any, route: Route, *, in_table: bool) -> Iterator[RecordFault]:
    if _is_template(record):
        return
    if not isinstance(record, Mapping):
        yield _shape(route, record, "a mapping of field codes", "write Field Code: {type: …, value: …}")
        return
    for code, body in record.items():
        here = (*route, code)
        if not code or code != code.strip():
            yield RecordFault(
                here, f"field code '{code}' begins or ends with a blank", "remove the blank", on_key=True
            )
        if _is_template(body):
            continue
        if not isinstance(body, Mapping):
            yield _shape(here, body, "{type: …, value: …}", f"write {code}: {{type: …, value: …}}")
            continue
        yield from _field(code, body, here, in_table=in_table)


def _field(code: str, body: Mapping[str, Any], route: Route, *, in_table: bool) -> Iterator[RecordFault]:
    if "type" not in body:
        yield _lacks("type", code, body, route, "add its kintone type, such as SINGLE_LINE_TEXT")
        return
    name = body["type"]
    type_ = _TYPES.get(name) if isinstance(name, str) else None
    if type_ is None:
        yield RecordFault((*route, "type"), f"'{name}' is no kintone field type", _type_hint(name))
        return
    if in_table and not type_.in_table:
        yield RecordFault((*route, "type"), f"'{name}' cannot stand in a subtable", "move it to the record")
        return
    if "value" not in body:
        lack = _lacks("value", code, body, route, "add value: (nothing after it means empty)")
        yield lack._replace(severity="warning")
        return
    yield from _value(name, type_, body["value"], (*route, "value"))


def _lacks(key: str, code: str, body: Mapping[str, Any], route: Route, hint: str) -> RecordFault:
    """A key that is not there, or the one that was meant to be it."""
    near = _meant(body, key)
    if near:
        return RecordFault((*route, near), f"unknown key '{near}'", f"did you mean '{key}'?", on_key=True)
    return RecordFault(route, f"field '{code}' has no {key}", hint, on_key=True)


def _meant(body: Mapping[str, Any], key: str) -> str | None:
    """The key that is there and was meant to be another."""
    return next((given for given in body if given not in _TOLERATED and nearest(given, [key])), None)


def _type_hint(name: Any) -> str:
    if not isinstance(name, str):
        return "give a type such as SINGLE_LINE_TEXT"
    if MARK in name:
        return "write the type itself: it is checked before anything is rendered"
    upper = name.upper()
    return _NOT_TYPES.get(upper) or suggest(upper, _TYPES, "types")


def _value(name: str, type_: _Type, value: Any, route: Route) -> Iterator[RecordFault]:
    if value is None or (value == "" and type_.shape in ("text", "code")):
        if not type_.may_be_empty:
            yield RecordFault(route, f"a {name} cannot be empty", "give its value, or leave the field out")
        return
    if _is_template(value):
        return
    if type_.shape == "text":
        yield from _text(name, type_, value, route)
    elif type_.shape == "code":
        yield from _keyed(value, "code", route)
    elif not isinstance(value, list):
        yield _shape(route, value, f"a list (it is a {name})", "write [ … ], also for a single one")
    else:
        for index, item in enumerate(value):
            yield from _item(type_, item, (*route, index))


def _text(name: str, type_: _Type, value: Any, route: Route) -> Iterator[RecordFault]:
    if not isinstance(value, str):
        yield _shape(route, value, f"a text (it is a {name})", _quote_hint(value))
    elif MARK not in value and not type_.fits(value):
        yield RecordFault(route, f"'{value}' is no {name}", f"write {type_.wanted}")


def _item(type_: _Type, item: Any, route: Route) -> Iterator[RecordFault]:
    if _is_template(item):
        return
    if type_.shape == "texts":
        if not isinstance(item, str):
            yield _shape(route, item, "a text", _quote_hint(item))
    elif type_.shape == "codes":
        yield from _keyed(item, "code", route)
    elif type_.shape == "files":
        yield from _keyed(item, "fileKey", route)
    elif isinstance(item, Mapping) and "value" not in item and (near := _meant(item, "value")):
        yield RecordFault((*route, near), f"unknown key '{near}'", "did you mean 'value'?", on_key=True)
    elif not isinstance(item, Mapping) or "value" not in item:
        yield _shape(route, item, "a row", "write {value: {Field Code: {type: …, value: …}}}")
    else:
        yield from _fields(item["value"], (*route, "value"), in_table=True)


def _keyed(item: Any, key: str, route: Route) -> Iterator[RecordFault]:
    if isinstance(item, Mapping) and key not in item and (near := _meant(item, key)):
        yield RecordFault((*route, near), f"unknown key '{near}'", f"did you mean '{key}'?", on_key=True)
    elif isinstance(item, Mapping) and key not in item:
        yield RecordFault(route, f"missing key '{key}'", f"add {key}: …")
    elif not isinstance(item, Mapping):
        yield _shape(route, item, f"a mapping with '{key}'", f"write {{{key}: …}}")
    elif not isinstance(item[key], str):
        yield _shape((*route, key), item[key], "a text", _quote_hint(item[key]))


def _shape(route: Route, value: Any, wanted: str, hint: str) -> RecordFault:
    return RecordFault(route, f"expected {wanted}, got {_said(value)}", hint)


def _said(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else str(value)


def _quote_hint(value: Any) -> str:
    return "put it in quotes: kintone takes every value as text" if not _nested(value) else "write one text"


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _is_template(value: Any) -> bool:
    """A text that may become anything once it is rendered."""
    return isinstance(value, str) and value.strip().startswith(MARK) and value.strip().endswith("}}")


def _checked(record: dict[str, Any]) -> dict[str, Any]:
    found = [fault for fault in faults(record) if fault.severity == "error"]
    if found:
        context = {
            "message": found[0].message,
            "hint": found[0].hint,
            "faults": [(f.route, f.message, f.hint, f.on_key) for f in found],
        }
        raise PydanticCustomError("pipeforge.record", "{message}", context)
    return record


Record = Annotated[dict[str, Any], AfterValidator(_checked)]
"""A kintone record as a parameter. The error it raises carries every fault in `faults`."""
