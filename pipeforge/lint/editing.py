"""What an edit at a place means in the text of its file: the characters to replace, and what by."""

import re

from pipeforge.language.diagnostics import Edit, Fix, Place, Span
from pipeforge.language.document import Document
from pipeforge.language.scalars import resolve

# Patterns are texts here: only a file with fixes pays for making them.
_BREAK = r"\r\n|\n|\r"
_ITEM = r"[ ]*-[ ]+"
_PLAIN = r"(?i)(?!(?:y|n|yes|no|on|off)\Z)(?:[^\W\d][\w.+/-]*|[0-9]+[smhd])"
"""Texts that certainly need no quotes, wherever they stand and whoever reads them."""

Placed = tuple[int, int, str]
"""From one offset up to another, and the characters that belong there."""


def placed(document: Document, fix: Fix) -> Fix | None:
    """A fix whose edits know their spans; None where one cannot be made in this text."""
    edits = []
    for edit in fix.edits:
        if edit.span is None:
            found = _placed(document, edit)
            if found is None:
                return None
            edit = edit._replace(span=document.span(found[:2]), source=found[2])
        edits.append(edit)
    return fix._replace(edits=tuple(edits))


def spanned(span: Span, source: str, *, comment: bool = False) -> Edit:
    """An edit of the text itself: a repair of what is no data, or one in a comment."""
    return Edit(Place(()), source, "comment" if comment else "repair", span, source)


def quoted(text: str) -> str | None:
    """A text in quotes; None where it would want escapes."""
    if not text.isprintable():
        return None
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def scalar(text: str) -> str | None:
    """A text as YAML: plain where that is certainly a text, else in quotes."""
    return text if re.fullmatch(_PLAIN, text) and isinstance(resolve(text), str) else quoted(text)


def _placed(document: Document, edit: Edit) -> Placed | None:
    if edit.how == "insert":
        return _insert(document, edit)
    if edit.how == "append":
        return _append(document, edit)
    if edit.how == "remove":
        return _remove(document, edit.place)
    raw = document.exact(edit.place)
    if raw is None:
        return None
    start, end = raw
    source = document.text[start:end]
    if edit.place.on_key or edit.place.within:
        mark = source[:1] if edit.place.on_key and source[:1] in ("'", '"') else ""
        return start, end, f"{mark}{edit.text}{mark}"
    changed = _scalar(source, edit)
    return (start, end, changed) if changed is not None else None


def _scalar(source: str, edit: Edit) -> str | None:
    """What stands in place of a value; None where its source is not a plain one-line scalar or value."""
    if edit.how == "replace":
        return edit.text
    if not source or source[0] in "&!*|>" or re.search(_BREAK, source):
        return None
    if edit.how == "wrap":
        return f"[{source}]"
    if source[0] in "{[":
        return None
    if edit.how == "join":
        return f"[{source}, {edit.text}]"
    if edit.how == "unquote":
        return source[1:-1] if source[0] in "'\"" else None
    if edit.how == "quote":
        return quoted(source) if source[0] not in "'\"" else None
    if source[0] == "'" and edit.text.isprintable():
        return "'" + edit.text.replace("'", "''") + "'"
    return quoted(edit.text) if source[0] in "'\"" else scalar(edit.text)


def _line(document: Document, at: int) -> tuple[int, int]:
    """From the beginning of a line up to its end, without the line break."""
    start = document.offset(document.span((at, at)).line, 1)
    found = re.compile(_BREAK).search(document.text, at)
    return start, found.start() if found else len(document.text)


def _newline(text: str) -> str:
    found = re.search(_BREAK, text)
    return found[0] if found else "\n"


def _insert(document: Document, edit: Edit) -> Placed | None:
    """A pair before a key: on a line of its own in a block, before a comma in braces."""
    text, key = document.text, document.exact(edit.place)
    holder = document.exact(Place(edit.place.route[:-1]))
    if key is None or holder is None:
        return None
    if text[holder[0]] == "{":
        return key[0], key[0], f"{edit.text}, "
    before = text[_line(document, key[0])[0] : key[0]]
    if before.strip(" "):
        return None
    return key[0], key[0], f"{edit.text}{_newline(text)}{before}"


def _append(document: Document, edit: Edit) -> Placed | None:
    """An item at the end of a list: after the last one, or on a line of its own below it."""
    text, raw = document.text, document.exact(edit.place)
    items = document.value(edit.place.route)
    if raw is None or not isinstance(items, list):
        return None
    if not items:
        return (*raw, f"[{edit.text}]") if text[raw[0] : raw[1]] == "[]" else None
    last = document.exact(Place((*edit.place.route, len(items) - 1)))
    if last is None:
        return None
    if text[raw[0]] == "[":
        return last[1], last[1], f", {edit.text}"
    start, end = _line(document, last[0])
    before = re.fullmatch(_ITEM, text[start : last[0]])
    return (end, end, f"{_newline(text)}{before[0]}{edit.text}") if before else None


def _remove(document: Document, place: Place) -> Placed | None:
    """An item of a list, or a pair, with its line or its comma."""
    text, value = document.text, document.exact(Place(place.route))
    holder = document.exact(Place(place.route[:-1]))
    key = document.exact(Place(place.route, on_key=True))
    if value is None or holder is None:
        return None
    start, end = (key or value)[0], max(value[1], (key or value)[1])
    if text[holder[0]] in "[{":
        return _from_flow(text, start, end)
    first, _ = _line(document, start)
    _, last = _line(document, end)
    before, after = text[first:start], text[end:last]
    alone = not before.strip(" ") if key else bool(re.fullmatch(_ITEM, before))
    if not alone or not re.fullmatch(r"[ \t]*", after):
        return None
    found = re.compile(_BREAK).match(text, last)
    return first, found.end() if found else last, ""


def _from_flow(text: str, start: int, end: int) -> Placed | None:
    """With the comma after it, else with the one before it."""
    after = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    if after:
        return start, after.end(), ""
    before = start
    while before and text[before - 1].isspace():
        before -= 1
    return (before - 1 if text[before - 1 : before] == "," else start), end, ""
