"""What data a file has once its edits are made: said from the edits alone, to hold the new text against."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeforge.language.diagnostics import Edit, Route
from pipeforge.language.document import Document, parse
from pipeforge.language.scalars import resolve


class NoMeaning(Exception):
    """An edit makes no sense in this data."""


def meant(document: Document, edits: Sequence[Edit]) -> Any:
    """The document's data with the edits made in it. Raises NoMeaning.

    What stands under two names (an alias) is two things here, so that an edit of both at once is seen.
    """
    top = {"": _copy(document.data)}
    try:
        for edit in _backwards(edits):
            _make(top, ("", *edit.place.route), edit, document)
    except (LookupError, TypeError, AttributeError) as error:
        raise NoMeaning(str(error)) from None
    return top[""]


def _backwards(edits: Sequence[Edit]) -> list[Edit]:
    """Values, texts from their end; then removals, from the end of lists; then keys, innermost first."""
    values = [one for one in edits if one.how != "remove" and not (one.place.on_key and one.how == "replace")]
    removals = [one for one in edits if one.how == "remove"]
    keys = [one for one in edits if one.place.on_key and one.how == "replace"]
    values.sort(key=lambda one: one.place.within or (0, 0), reverse=True)
    removals.sort(key=lambda one: [str(part).zfill(9) for part in one.place.route], reverse=True)
    keys.sort(key=lambda one: len(one.place.route), reverse=True)
    return values + removals + keys


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _make(top: Any, route: Route, edit: Edit, document: Document) -> None:
    if edit.how == "comment":
        return
    holder, last = top, route[-1]
    for part in route[:-1]:
        holder = holder[part]
    if edit.how == "insert":
        holder.update(parse(document.path, edit.text).data)
    elif edit.how == "remove":
        del holder[last]
    elif edit.place.on_key:
        if edit.text in holder:
            raise NoMeaning(edit.text)
        holder[edit.text] = holder.pop(last)
    else:
        holder[last] = _value(holder[last], edit, document)


def _value(value: Any, edit: Edit, document: Document) -> Any:
    if edit.place.within is not None:
        start, end = edit.place.within
        return value[:start] + edit.text + value[end:]
    if edit.how in ("append", "join"):
        other = parse(document.path, edit.text).data
        return [*value, other] if edit.how == "append" else [value, other]
    if edit.how == "wrap":
        return [value]
    if edit.how == "unquote":
        return resolve(value)
    if edit.how == "quote":
        raw = document.exact(edit.place)
        return document.text[raw[0] : raw[1]] if raw else value
    return edit.text if edit.how == "text" else parse(document.path, edit.text).data
