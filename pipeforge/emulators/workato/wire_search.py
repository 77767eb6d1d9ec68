"""The handler of the search in public recipes, whose pages alone are counted from 0."""

from pipeforge.emulators.core import Asked, Json, Reply
from pipeforge.emulators.workato.listing import whole
from pipeforge.emulators.workato.refusing import bad_request
from pipeforge.emulators.workato.shapes import USER
from pipeforge.emulators.workato.world import PublicRecipe, WorkatoWorld

MOST = 20
CREATED = "2015-05-26T22:53:39.032Z"


class SearchWire:
    """The handler."""

    def __init__(self, world: WorkatoWorld) -> None:
        self._world = world

    def search(self, asked: Asked) -> Reply:
        """`applications` may come in the query or, as the vendor's sample has it, in the body of the GET."""
        wanted = set(filter(None, (each.strip() for each in _applications(asked).split(","))))
        if not wanted:
            raise bad_request()
        term = (asked.one("term") or "").lower()
        rows = list(enumerate(reversed(self._world.public_recipes), 59))[::-1]
        found = [row for row in rows if wanted & set(row[1].applications) and _matches(row[1], term)]
        if (asked.one("boost_owned") or "").lower() == "true":
            found.sort(key=lambda row: not row[1].owned)
        size = min(max(whole(asked, "per_page") or MOST, 1), MOST)
        first = max(whole(asked, "page") or 0, 0) * size
        return Reply(200, {"items": [_shown(number, each) for number, each in found[first : first + size]]})


def _applications(asked: Asked) -> str:
    text = asked.one("applications")
    if text is None and asked.body:
        try:
            given = asked.json()
        except ValueError:
            raise bad_request() from None
        text = given.get("applications") if isinstance(given, dict) else None
    return text if isinstance(text, str) else ""


def _matches(recipe: PublicRecipe, term: str) -> bool:
    return term in recipe.name.lower() or term in recipe.description.lower()


def _shown(number: int, recipe: PublicRecipe) -> dict[str, Json]:
    return {
        "id": number,
        "user_id": USER if recipe.owned else 50,
        "name": recipe.name,
        "created_at": CREATED,
        "updated_at": CREATED,
        "copy_count": 1,
        "trigger_application": recipe.trigger_application,
        "action_applications": [each for each in recipe.applications if each != recipe.trigger_application],
        "applications": recipe.applications,
        "description": recipe.description,
        "parameters_schema": [],
    }
