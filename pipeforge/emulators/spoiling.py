"""How a fault spoils an answer: pure functions from a reply to what goes out in its place."""

from collections.abc import Callable
from dataclasses import replace

from pipeforge.emulators.core import Asked, Json, Reply, Vendor
from pipeforge.emulators.faults import Fault

HTML = b"<!DOCTYPE html>\n<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>\n"

CUTS = frozenset({"lose_answer", "drop", "unreachable"})
"""The faults after which no answer comes."""


def spoil(fault: Fault, vendor: Vendor, asked: Asked, reply: Reply | None) -> Reply | None:
    """What the client gets: a reply, or None for a cut connection. `reply` is None if no work was done."""
    if fault.do in CUTS:
        return None
    if fault.do in vendor.refusals:
        return _refuse(fault, vendor, asked)
    made = Reply() if reply is None else reply
    return _dressed(fault, _SPOILS[fault.do](fault, vendor, made))


def _refuse(fault: Fault, vendor: Vendor, asked: Asked) -> Reply:
    refusal = vendor.refusals[fault.do](asked)
    if fault.body is not None:
        refusal = replace(refusal, body=fault.body)
    return vendor.finish(asked, _dressed(fault, refusal))


def _dressed(fault: Fault, reply: Reply) -> Reply:
    """With the fault's own status and headers, if it names any."""
    headers = {**reply.headers, **fault.headers}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    return replace(reply, status=fault.status or reply.status, headers=headers)


def _html(fault: Fault, _: Vendor, reply: Reply) -> Reply:
    return Reply(502, HTML, {"Content-Type": "text/html; charset=utf-8"})


def _empty(_: Fault, __: Vendor, reply: Reply) -> Reply:
    return replace(reply, body=None)


def _truncated(_: Fault, __: Vendor, reply: Reply) -> Reply:
    payload = reply.payload()
    return replace(reply, body=payload[: len(payload) // 2], headers={"Content-Type": "application/json"})


def _slow(_: Fault, __: Vendor, reply: Reply) -> Reply:
    return reply


def _unknown_status(fault: Fault, vendor: Vendor, reply: Reply) -> Reply:
    return replace(reply, body=_rewritten(reply.body, {vendor.status_key: fault.word}))


def _backwards(_: Fault, vendor: Vendor, reply: Reply) -> Reply:
    return replace(reply, body=_rewritten(reply.body, {vendor.status_key: vendor.first_word}))


def _rewrite(fault: Fault, _: Vendor, reply: Reply) -> Reply:
    return replace(reply, body=_rewritten(reply.body, fault.values))


def _wrong_types(_: Fault, __: Vendor, reply: Reply) -> Reply:
    return replace(reply, body=_each(reply.body, _swapped))


def _nulls(_: Fault, __: Vendor, reply: Reply) -> Reply:
    return replace(reply, body=_each(reply.body, lambda _: None))


def _emptied(_: Fault, __: Vendor, reply: Reply) -> Reply:
    return replace(reply, body=_without_items(reply.body))


def _wrapped(_: Fault, __: Vendor, reply: Reply) -> Reply:
    told = reply.body is not None and not isinstance(reply.body, bytes)
    return replace(reply, body=[reply.body]) if told else reply


def _answer(fault: Fault, _: Vendor, reply: Reply) -> Reply:
    return Reply(200, fault.body)


_SPOILS: dict[str, Callable[[Fault, Vendor, Reply], Reply]] = {
    "slow": _slow,
    "html": _html,
    "empty": _empty,
    "truncated": _truncated,
    "unknown_status": _unknown_status,
    "backwards": _backwards,
    "wrong_types": _wrong_types,
    "rewrite": _rewrite,
    "nulls": _nulls,
    "emptied": _emptied,
    "wrapped": _wrapped,
    "answer": _answer,
}


def _rewritten(value: Json, values: dict[str, Json]) -> Json:
    if isinstance(value, dict):
        kept = {key: _rewritten(inner, values) for key, inner in value.items()}
        return {key: values.get(key, inner) for key, inner in kept.items()}
    if isinstance(value, list):
        return [_rewritten(inner, values) for inner in value]
    return value


def _without_items(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_items(inner) for key, inner in value.items()}
    return [] if isinstance(value, list) else value


def _each(value: Json, change: Callable[[Json], Json]) -> Json:
    """With every value changed that is neither a mapping nor a list."""
    if isinstance(value, dict):
        return {key: _each(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, change) for inner in value]
    return value if isinstance(value, bytes) else change(value)


def _swapped(value: Json) -> Json:
    """Whole numbers as text, numerals as numbers, all else as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
