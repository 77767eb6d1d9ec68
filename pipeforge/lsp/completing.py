"""What could stand at the cursor: keys, kinds, steps, connections, words, templates' names, rule codes."""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import available_timezones

from pipeforge.language import snippets
from pipeforge.language.diagnostics import Route
from pipeforge.language.kintone_types import TYPES
from pipeforge.language.saying import tell
from pipeforge.lint.rules import RULES
from pipeforge.lint.rules.suppression import MARK
from pipeforge.lint.tongues import catalogue
from pipeforge.lsp import describing
from pipeforge.lsp.cursor import Cursor
from pipeforge.lsp.expressing import complete as in_expression
from pipeforge.lsp.grammar import Key, key, keys
from pipeforge.lsp.items import Item, literal, of_snippet, words
from pipeforge.lsp.view import Reference, View

_DURATIONS = ("90s", "5m", "30m", "2h", "1d")
_CODES = re.compile(r"ignore(?:-file)?\s*\[[^\]]*$")


def complete(view: View, cursor: Cursor, reference: Reference) -> list[Item]:
    """Everything that could stand there, the likeliest first."""
    if cursor.comment is not None:
        return list(_in_comment(cursor.comment, reference))
    if cursor.expression is not None:
        return in_expression(view, cursor, reference)
    if cursor.text:
        return []
    if cursor.key is not None:
        return list(_values(view, (*cursor.route, cursor.key), cursor, reference))
    if _is_list(view, cursor.route):
        return list(_values(view, cursor.route, cursor, reference))
    return [*_keys(view, cursor), *_beginnings(view, cursor)]


def _in_comment(comment: str, reference: Reference) -> Iterator[Item]:
    if MARK in comment and _CODES.search(comment):
        yield from _rules(reference)
    elif re.fullmatch(r"\s*[\w-]*:?\s*[\w-]*", comment):
        written = comment.lstrip()
        for word, covers in (("ignore", "this line or block"), ("ignore-file", "the whole file")):
            text = f"pipeforge: {word}[${{1:PF}}] ${{2:why}}"
            yield Item(
                f"pipeforge: {word}[…]", "snippet", text, f"Suppresses a finding on {covers}.",
                is_snippet=True, back=len(written),
            )  # fmt: skip


def _rules(reference: Reference) -> Iterator[Item]:
    tongue = catalogue(reference.language)
    for rule in sorted(RULES, key=lambda rule: rule.code):
        yield Item(rule.code, "rule", rule.code, tell(rule.summary, tongue), rule.name)


def _is_list(view: View, route: Route) -> bool:
    """Whether a new line below a key is an item, or a value, rather than a key."""
    if not route or keys(view, route):
        return False
    found = key(view, route)
    return isinstance(route[-1], int) or (found is not None and found.shape != "mapping")


def _keys(view: View, cursor: Cursor) -> Iterator[Item]:
    given = view.at(cursor.route)
    taken = set(given) if isinstance(given, Mapping) else set()
    for order, found in enumerate(_possible(view, cursor.route)):
        if found.name not in taken or found.name == cursor.word:
            yield _key_item(found, cursor, order)
    for name, text in _of_record(cursor.route).items():
        if name not in taken:
            yield Item(name, "key", f"{name}: ", text)


def _possible(view: View, route: Route) -> list[Key]:
    """Those that must be given first."""
    return sorted(keys(view, route).values(), key=lambda found: not found.field.is_required())


def _of_record(route: Route) -> Mapping[str, str]:
    match route:
        case ("records", _):
            return {"file": "A JSON or YAML file beside this one."}
        case ("records", _, _):
            return {"type": "The field's type in kintone.", "value": "In the form that its type has."}
    return {}


def _key_item(found: Key, cursor: Cursor, order: int) -> Item:
    documentation = describing.key(found)
    if cursor.flow or cursor.quoted or cursor.followed or found.shape != "mapping":
        text = found.name if cursor.quoted or cursor.followed else f"{found.name}: "
        return Item(found.name, "key", text, documentation, order=order)
    # Editors indent what they insert as the line is: only what lies deeper is added.
    return Item(found.name, "key", f"{literal(found.name)}:\n  $1", documentation, "", True, order)


def _beginnings(view: View, cursor: Cursor) -> Iterator[Item]:
    """Snippets, where there is nothing but names of the author's own."""
    if cursor.flow:
        return
    catalog = view.subject.catalog
    listed: list[snippets.Snippet] = []
    match cursor.route:
        case () if not view.is_project and not view.data:
            listed = snippets.of_pipeline()
        case ("steps",) if not view.is_project:
            listed = snippets.of_steps({name: catalog.kinds[name].kind for name in catalog.kinds})
        case ("connections",):
            listed = snippets.of_connections(
                {name: catalog.connection(name).model for name in catalog.vendors}
            )
        case ("custom_variables",) if not view.is_project:
            listed = snippets.VARIABLES
        case ("steps", _, "retry") | ("defaults", "retry"):
            listed = snippets.RETRY
        case ("steps", _, "foreach"):
            listed = snippets.FOREACH
    yield from (of_snippet(one) for one in listed)


def _values(view: View, route: Route, cursor: Cursor, reference: Reference) -> Iterator[Item]:
    """What the value at a route could be; `route` is that of the key or of the item."""
    if view.is_project:
        yield from _of_project(view, route, reference)
    else:
        yield from _of_pipeline(view, route, reference)
    found = key(view, route)
    if found is None:
        return
    yield from words(found.words.items())
    if found.is_duration:
        yield from (Item(text, "word", text, "", order=order) for order, text in enumerate(_DURATIONS))
    for example in found.field.examples or ():
        text = str(example)
        quoted = f'"{text}"' if cursor.flow and text.startswith("$") and not cursor.quoted else text
        yield Item(text, "word", quoted, describing.key(found), "example", order=5)


def _of_pipeline(view: View, route: Route, reference: Reference) -> Iterator[Item]:
    match route:
        case ("steps", _, "uses"):
            for name in view.subject.catalog.kinds:
                kind = view.subject.catalog.kinds[name].kind
                yield Item(name, "kind", name, reference.kind_page(kind), str(kind.guarantee))
        case ("steps", str(id_), "connection"):
            yield from _connections(view, id_)
        case ("steps", str(id_), "needs") | ("steps", str(id_), "needs", _):
            yield from _needs(view, id_)
        case ("connections", _, "vendor"):
            yield from _vendors(reference)
        case ("timezone",):
            yield from words((zone, "") for zone in sorted(available_timezones()))
        case ("records", *_, "type"):
            yield from words((name, "") for name in TYPES)


def _of_project(view: View, route: Route, reference: Reference) -> Iterator[Item]:
    match route:
        case ("connections", _, "vendor"):
            yield from _vendors(reference)
        case ("lint", "ignore", *_) | ("lint", "per_path", _, *_):
            yield from _rules(reference)


def _vendors(reference: Reference) -> Iterator[Item]:
    yield from words(((name, reference.vendor_page(name)) for name in reference.catalog.vendors), "kind")


def _connections(view: View, id_: str) -> Iterator[Item]:
    """Those of the kind's vendor; all while the kind is not known."""
    step = view.subject.steps.get(id_)
    vendor = step.kind.vendor if step and step.kind else None
    for name, found in view.subject.connections.items():
        if vendor in (None, found.vendor):
            yield Item(name, "connection", name, describing.connection(view, name), found.vendor or "")


def _needs(view: View, id_: str) -> Iterator[Item]:
    """The steps that do not need this one themselves, and are not needed already."""
    step = view.subject.steps.get(id_)
    given = {need.text for need in step.needs} if step else set()
    barred = _above(view, id_) | {id_}
    for name, other in view.subject.steps.items():
        if name not in barred and name not in given:
            yield Item(name, "step", name, describing.step(view, name), other.uses or "")


def _above(view: View, id_: str) -> set[str]:
    """The steps that need a step, directly or through others."""
    users: dict[str, list[str]] = {}
    for name, needs in view.subject.edges().items():
        for need in needs:
            users.setdefault(need, []).append(name)
    found: set[str] = set()
    open_ = [id_]
    while open_:
        for user in users.get(open_.pop(), ()):
            if user not in found:
                found.add(user)
                open_.append(user)
    return found
