"""The field types of kintone records, and how their values look."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Literal, NamedTuple

from pipeforge.language.saying import UNSAID, Said, say

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


class FieldType(NamedTuple):
    """How the values of one field type look."""

    shape: Literal["text", "texts", "codes", "code", "files", "table"]
    fits: Callable[[str], bool] = _anything
    wanted: Said = UNSAID
    in_table: bool = True
    may_be_empty: bool = True


_CODES = FieldType("codes")
_WHEN = say("YYYY-MM-DDTHH:MM:SS with Z or an offset such as +09:00")

# https://kintone.dev/en/docs/kintone/overview/field-types and the official REST API specification's enum.
TYPES: Mapping[str, FieldType] = {
    "SINGLE_LINE_TEXT": FieldType("text"),
    "MULTI_LINE_TEXT": FieldType("text"),
    "RICH_TEXT": FieldType("text"),
    "NUMBER": FieldType("text", _is_number, say("a number in half-width digits, without commas")),
    "CALC": FieldType("text"),
    "RADIO_BUTTON": FieldType("text"),
    "DROP_DOWN": FieldType("text"),
    "CHECK_BOX": FieldType("texts"),
    "MULTI_SELECT": FieldType("texts"),
    "DATE": FieldType("text", _is_date, say("a real date as YYYY-MM-DD")),
    "TIME": FieldType("text", _is_time, say("a time as HH:MM, from 00:00 to 23:59")),
    "DATETIME": FieldType("text", _is_datetime, _WHEN),
    "LINK": FieldType("text"),
    "FILE": FieldType("files"),
    "USER_SELECT": _CODES,
    "ORGANIZATION_SELECT": _CODES,
    "GROUP_SELECT": _CODES,
    "SUBTABLE": FieldType("table", in_table=False),
    "RECORD_NUMBER": FieldType("text", bool, say("a record number such as 1 or APP-1"), False, False),
    "__ID__": FieldType("text", _is_digits, say("digits"), False, False),
    "__REVISION__": FieldType("text", _is_digits, say("digits"), False, False),
    "CREATOR": FieldType("code", in_table=False, may_be_empty=False),
    "MODIFIER": FieldType("code", in_table=False, may_be_empty=False),
    "CREATED_TIME": FieldType("text", _is_datetime, _WHEN, False, False),
    "UPDATED_TIME": FieldType("text", _is_datetime, _WHEN, False, False),
    "CATEGORY": FieldType("texts", in_table=False),
    "STATUS": FieldType("text", in_table=False),
    "STATUS_ASSIGNEE": FieldType("codes", in_table=False),
}

TOLERATED = frozenset(["type", "value", "disabled", "error", "lookup", "code"])
"""What fields of kintone's JavaScript API carry; krewData is given them too."""

NOT_TYPES: Mapping[str, Said] = {
    "LOOKUP": say("a lookup field appears in records as SINGLE_LINE_TEXT or NUMBER"),
    "REFERENCE_TABLE": say("related records have no value; leave the field out"),
    "GROUP": say("a field group has no value; leave it out"),
    "LABEL": say("a label has no value; leave it out"),
    "SPACER": say("a blank space has no value; leave it out"),
    "HR": say("a border has no value; leave it out"),
    "RECORD_ID": say("did you mean '{near}' or '{other}'?", near="__ID__", other="RECORD_NUMBER"),
    "REVISION": say("did you mean '{near}'?", near="__REVISION__"),
    "DATE_TIME": say("did you mean '{near}'?", near="DATETIME"),
    "TEXT": say("did you mean '{near}' or '{other}'?", near="SINGLE_LINE_TEXT", other="MULTI_LINE_TEXT"),
}
