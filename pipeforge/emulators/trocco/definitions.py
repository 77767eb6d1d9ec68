"""trocco's routes for what is set up: lists page by page, and one definition in full."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping

from pipeforge.emulators.core import Asked, Json, Refused, Reply, Route
from pipeforge.emulators.trocco import definition_shapes as shapes
from pipeforge.emulators.trocco.reading import parameters, refused, whole
from pipeforge.emulators.trocco.state import Kind, Trocco

PAGE = 50
LONGEST_PAGE = 200

NOT_FOUND = {"error": "Not found"}
NOT_AUTHORIZED = {"error": "Not Authorized"}
UNDESCRIBABLE = {"message": "指定された転送元先はまだサポートされていません"}

_ITEMS: dict[Kind, Callable[..., dict[str, Json]]] = {
    "transfer": shapes.listed_transfer,
    "workflow": shapes.listed_workflow,
    "datamart": shapes.listed_datamart,
}
_DETAILS: dict[Kind, Callable[..., dict[str, Json]]] = {
    "transfer": shapes.transfer,
    "workflow": shapes.workflow,
    "datamart": shapes.datamart,
}


def existing(account: Trocco, kind: Kind, number: int) -> int:
    """The number of a definition that is there; refused where it is not, or was deleted."""
    definition = account.definition(kind, number)
    if definition is None:
        raise Refused(Reply(404, NOT_FOUND))
    if definition.deleted:
        raise Refused(Reply(403, NOT_AUTHORIZED))
    return number


def routes(account: Trocco) -> tuple[Route, ...]:
    """The routes of all definitions of one account."""
    kinds: dict[str, Kind] = {
        "job_definitions": "transfer",
        "pipeline_definitions": "workflow",
        "datamart_definitions": "datamart",
    }
    found: list[Route] = []
    for path, kind in kinds.items():
        wire = _Definitions(account, kind)
        found += [
            Route("GET", f"/api/{path}", wire.list),
            Route("GET", f"/api/{path}/{{id}}", wire.get),
        ]
    return tuple(found)


class _Definitions:
    """Handlers for one kind of definition."""

    def __init__(self, account: Trocco, kind: Kind) -> None:
        self._account = account
        self._kind = kind

    def get(self, asked: Asked) -> Reply:
        number = existing(self._account, self._kind, whole(asked.params, "id"))
        definition = self._account.definition(self._kind, number)
        if getattr(definition, "undescribable", False):
            raise Refused(Reply(400, UNDESCRIBABLE))
        return Reply(200, _DETAILS[self._kind](number, self._account.name(self._kind, number), definition))

    def list(self, asked: Asked) -> Reply:
        params = parameters(asked)
        limit = whole(params, "limit") if "limit" in params else PAGE
        if not 1 <= limit <= LONGEST_PAGE:
            raise refused(f"limit must be from 1 to {LONGEST_PAGE}")
        past, wanted = _position(params.get("cursor")), self._wanted(params)
        found = [
            (number, name, definition)
            for number, definition in sorted(self._account.definitions(self._kind).items())
            if number > past and not definition.deleted
            if wanted(name := self._account.name(self._kind, number))
        ]
        cursor = _cursor(found[limit - 1][0]) if len(found) > limit else None
        items = [_ITEMS[self._kind](*each) for each in found[:limit]]
        return Reply(200, {"items": items, "next_cursor": cursor})

    def _wanted(self, params: Mapping[str, Json]) -> Callable[[str], bool]:
        """By a part of the name; of data marts also by `/a regular expression/`; workflows have no filter."""
        given = params.get("name")
        if not given or self._kind == "workflow":
            return lambda name: True
        text = str(given)
        if self._kind == "datamart" and len(text) > 2 and text.startswith("/") and text.endswith("/"):
            try:
                expression = re.compile(text[1:-1])
            except re.error:
                raise refused("name is no regular expression") from None
            return lambda name: expression.search(name) is not None
        return lambda name: text in name


def _cursor(number: int) -> str:
    return urlsafe_b64encode(str(number).encode()).decode()


def _position(cursor: Json) -> int:
    if not cursor:
        return 0
    try:
        return int(urlsafe_b64decode(str(cursor)))
    except ValueError:
        raise refused("cursor is invalid") from None
