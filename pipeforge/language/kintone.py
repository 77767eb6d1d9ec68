"""kintone records as krewData takes them: each field's type and shape, checked without asking kintone."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from pipeforge.language.diagnostics import Route
from pipeforge.language.kintone_types import NOT_TYPES, TOLERATED, TYPES, FieldType
from pipeforge.language.nearest import nearest, suggest
from pipeforge.language.refusing import refused
from pipeforge.language.saying import Said, say

MARK = "${{"
"""A text with it in is a template: its shape is checked, its format only once it is rendered."""


class RecordFault(NamedTuple):
    """One thing wrong with a record. The route leads from the record to the culprit."""

    route: Route
    message: Said
    hint: Said
    severity: Literal["error", "warning"] = "error"
    on_key: bool = False


def faults(record: Any) -> Iterator[RecordFault]:
    """Everything wrong with a record: field code to {type, value}. A whole template stands for anything."""
    yield from _fields(record, (), in_table=False)


def _fields(record: Any, route: Route, *, in_table: bool) -> Iterator[RecordFault]:
    if _is_template(record):
        return
    if not isinstance(record, Mapping):
        yield _shape(
            route, record, say("a mapping of field codes"), say("write Field Code: {type: …, value: …}")
        )
        return
    for code, body in record.items():
        here = (*route, code)
        if not code or code != code.strip():
            yield RecordFault(
                here,
                say("field code '{code}' begins or ends with a blank", code=code),
                say("remove the blank"),
                on_key=True,
            )
        if _is_template(body):
            continue
        if not isinstance(body, Mapping):
            yield _shape(
                here, body, say("{type: …, value: …}"), say("write {code}: {type: …, value: …}", code=code)
            )
            continue
        yield from _field(code, body, here, in_table=in_table)


def _field(code: str, body: Mapping[str, Any], route: Route, *, in_table: bool) -> Iterator[RecordFault]:
    if "type" not in body:
        yield _lacks("type", code, body, route, say("add its kintone type, such as SINGLE_LINE_TEXT"))
        return
    name = body["type"]
    type_ = TYPES.get(name) if isinstance(name, str) else None
    if type_ is None:
        yield RecordFault(
            (*route, "type"), say("'{name}' is no kintone field type", name=name), _type_hint(name)
        )
        return
    if in_table and not type_.in_table:
        yield RecordFault(
            (*route, "type"),
            say("'{name}' cannot stand in a subtable", name=name),
            say("move it to the record"),
        )
        return
    if "value" not in body:
        lack = _lacks("value", code, body, route, say("add value: (nothing after it means empty)"))
        yield lack if lack.route != route else lack._replace(severity="warning")
        return
    yield from _strange(body, TOLERATED, route)
    yield from _value(name, type_, body["value"], (*route, "value"))


def _lacks(key: str, code: str, body: Mapping[str, Any], route: Route, hint: Said) -> RecordFault:
    """A key that is not there, or the one that was meant to be it."""
    near = _meant(body, key)
    if near:
        return RecordFault(
            (*route, near),
            say("unknown key '{key}'", key=near),
            say("did you mean '{near}'?", near=key),
            on_key=True,
        )
    return RecordFault(route, say("field '{code}' has no {key}", code=code, key=key), hint, on_key=True)


def _meant(body: Mapping[str, Any], key: str) -> str | None:
    """The key that is there and was meant to be another."""
    return next((given for given in body if given not in TOLERATED and nearest(given, [key])), None)


def _strange(holder: Mapping[str, Any], known: Collection[str], route: Route) -> Iterator[RecordFault]:
    """Keys that nobody reads, where it is clear which one was meant; kintone may well add others."""
    for key in holder:
        near = nearest(key, known) if isinstance(key, str) and key not in known else None
        if near is not None:
            yield RecordFault(
                (*route, key),
                say("unknown key '{key}'", key=key),
                say("did you mean '{near}'?", near=near),
                on_key=True,
            )


def _type_hint(name: Any) -> Said:
    if not isinstance(name, str):
        return say("give a type such as SINGLE_LINE_TEXT")
    if MARK in name:
        return say("write the type itself: it is checked before anything is rendered")
    upper = name.upper()
    return NOT_TYPES.get(upper) or suggest(upper, TYPES, say("types"))


def _value(name: str, type_: FieldType, value: Any, route: Route) -> Iterator[RecordFault]:
    if value is None or (value == "" and type_.shape in ("text", "code")):
        if not type_.may_be_empty:
            yield RecordFault(
                route,
                say("a {name} cannot be empty", name=name),
                say("give its value, or leave the field out"),
            )
        return
    if _is_template(value):
        return
    if type_.shape == "text":
        yield from _text(name, type_, value, route)
    elif type_.shape == "code":
        yield from _keyed(value, "code", route)
        yield from _about(value, ("name",), route)
    elif not isinstance(value, list):
        yield _shape(
            route, value, say("a list (it is a {name})", name=name), say("write [ … ], also for a single one")
        )
    else:
        for index, item in enumerate(value):
            yield from _item(type_, item, (*route, index))


def _text(name: str, type_: FieldType, value: Any, route: Route) -> Iterator[RecordFault]:
    if not isinstance(value, str):
        yield _shape(route, value, say("a text (it is a {name})", name=name), _quote_hint(value))
    elif MARK not in value and not type_.fits(value):
        yield RecordFault(
            route,
            say("'{value}' is no {name}", value=value, name=name),
            say("write {wanted}", wanted=type_.wanted),
        )


def _item(type_: FieldType, item: Any, route: Route) -> Iterator[RecordFault]:
    if _is_template(item):
        return
    if type_.shape == "texts":
        if not isinstance(item, str):
            yield _shape(route, item, say("a text"), _quote_hint(item))
    elif type_.shape == "codes":
        yield from _keyed(item, "code", route)
        yield from _about(item, ("name",), route)
    elif type_.shape == "files":
        yield from _keyed(item, "fileKey", route)
        yield from _about(item, ("name", "contentType", "size"), route)
    elif isinstance(item, Mapping) and "value" not in item and (near := _meant(item, "value")):
        yield RecordFault(
            (*route, near),
            say("unknown key '{key}'", key=near),
            say("did you mean '{near}'?", near="value"),
            on_key=True,
        )
    elif not isinstance(item, Mapping) or "value" not in item:
        yield _shape(route, item, say("a row"), say("write {value: {Field Code: {type: …, value: …}}}"))
    else:
        yield from _strange(item, ("id", "value"), route)
        if isinstance(item.get("id"), bool | float | list | Mapping):
            yield _shape(
                (*route, "id"), item["id"], say("the number of a row"), say("leave it out for a new row")
            )
        yield from _fields(item["value"], (*route, "value"), in_table=True)


def _about(item: Any, keys: tuple[str, ...], route: Route) -> Iterator[RecordFault]:
    """What else kintone tells of a person or a file is text too."""
    if isinstance(item, Mapping) and not item.keys().isdisjoint(("code", "fileKey")):
        yield from _strange(item, ("code", "fileKey", *keys), route)
    for key in keys if isinstance(item, Mapping) else ():
        if item.get(key) is not None and not isinstance(item[key], str):
            yield _shape((*route, key), item[key], say("a text"), _quote_hint(item[key]))


def _keyed(item: Any, key: str, route: Route) -> Iterator[RecordFault]:
    if isinstance(item, Mapping) and key not in item and (near := _meant(item, key)):
        yield RecordFault(
            (*route, near),
            say("unknown key '{key}'", key=near),
            say("did you mean '{near}'?", near=key),
            on_key=True,
        )
    elif isinstance(item, Mapping) and key not in item:
        yield RecordFault(route, say("missing key '{key}'", key=key), say("add {key}: …", key=key))
    elif not isinstance(item, Mapping):
        yield _shape(route, item, say("a mapping with '{key}'", key=key), say("write {{key}: …}", key=key))
    elif not isinstance(item[key], str):
        yield _shape((*route, key), item[key], say("a text"), _quote_hint(item[key]))


def _shape(route: Route, value: Any, wanted: Said, hint: Said) -> RecordFault:
    return RecordFault(route, say("expected {wanted}, got {value}", wanted=wanted, value=_said(value)), hint)


def _said(value: Any) -> Said:
    if isinstance(value, str):
        return say("'{value}'", value=value)
    if value is None:
        return say("nothing")
    if isinstance(value, bool):
        return say("{value}", value=str(value).lower())
    if isinstance(value, Mapping):
        return say("a mapping")
    return say("a list") if isinstance(value, list) else say("{value}", value=value)


def _quote_hint(value: Any) -> Said:
    return (
        say("put it in quotes: kintone takes every value as text")
        if not _nested(value)
        else say("write one text")
    )


def _nested(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _is_template(value: Any) -> bool:
    """A text that may become anything once it is rendered."""
    return isinstance(value, str) and value.strip().startswith(MARK) and value.strip().endswith("}}")


def checked(record: dict[str, Any]) -> dict[str, Any]:
    """A record as it is. Raises PydanticCustomError with every error of it in `faults`."""
    found = [fault for fault in faults(record) if fault.severity == "error"]
    if found:
        told = [(f.route, f.message, f.hint, f.on_key) for f in found]
        raise refused("record", found[0].message, found[0].hint, faults=told)
    return record
