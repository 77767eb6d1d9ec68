"""What a workspace has beside recipes: its user, folders and projects, connections."""

from pipeforge.emulators.core import Desk, Json
from pipeforge.emulators.workato.editing import HOME
from pipeforge.emulators.workato.refusing import bad_request, missing
from pipeforge.emulators.workato.shapes import AUTHOR, EMAIL, USER, instant
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.world import Connection, Folder, WorkatoWorld

PROJECTS = 500_000
"""A project's id is not that of its folder: so much is added to it."""
FIRST = 90_001


class Workspace:
    """One workspace; every folder directly below the root folder is a project."""

    def __init__(self, world: WorkatoWorld, shelf: Shelf, desk: Desk) -> None:
        self._world = world
        self._shelf = shelf
        self._desk = desk
        self._made: dict[str, dict[str, Json]] = desk.shelf("folders")
        self._opened: float = desk.memory.setdefault("opened", desk.clock.now())

    def folders(self) -> dict[int, Folder]:
        """All but the root folder, the world's and those that were made."""
        made = {int(number): Folder(**row) for number, row in self._made.items()}
        return {**(self._world.folders or {}), **made}

    def folder(self, number: int) -> None:
        """404 if there is no such folder, where folders are listed."""
        if number != HOME and self._world.folders is not None and number not in self.folders():
            raise missing()

    def create_folder(self, name: Json, parent: Json) -> int:
        """Its number. 400 without a name, or below a folder that is not there."""
        known = self.folders()
        if not isinstance(name, str) or not name.strip() or parent not in (None, HOME, *known):
            raise bad_request()
        number = max([FIRST - 1, *known]) + 1
        self._made[str(number)] = {"name": name, "parent_id": None if parent == HOME else parent}
        return number

    def shown_folder(self, number: int, folder: Folder) -> dict[str, Json]:
        """As the developer family shows it."""
        top = self._top(number)
        return {
            "id": number,
            "name": folder.name,
            "parent_id": folder.parent_id or HOME,
            "is_project": top == number,
            "project_id": PROJECTS + top,
            "created_at": instant(self._opened),
            "updated_at": instant(self._opened),
        }

    def projects(self) -> list[dict[str, Json]]:
        return [
            {"id": PROJECTS + number, "description": "", "folder_id": number, "name": folder.name}
            for number, folder in self.folders().items()
            if self._top(number) == number
        ]

    def connections(self) -> dict[int, Connection]:
        return self._world.connections or {}

    def shown_connection(self, number: int, connection: Connection) -> dict[str, Json]:
        """As the developer family shows it."""
        lost = connection.status not in ("success", None)
        return {
            "id": number,
            "application": connection.provider,
            "provider": connection.provider,
            "name": connection.name,
            "description": None,
            "authorized_at": instant(self._opened) if connection.status == "success" else None,
            "authorization_status": connection.status,
            "authorization_error": "the credentials are not accepted" if lost else None,
            "created_at": instant(self._opened),
            "updated_at": instant(self._opened),
            "external_id": None,
            "folder_id": connection.folder_id,
            "connection_lost_at": instant(self._opened) if lost else None,
            "connection_lost_reason": "refused" if lost else None,
            "parent_id": None,
            "tags": [],
        }

    def user(self) -> dict[str, Json]:
        """Whose token it is, and the workspace."""
        recipes = self._shelf.recipes()
        return {
            "id": USER,
            "name": AUTHOR,
            "created_at": instant(self._opened),
            "plan_id": "oem_plan",
            "current_billing_period_start": instant(self._opened),
            "current_billing_period_end": instant(self._opened + 30 * 86_400),
            "expert": False,
            "avatar_url": None,
            "recipes_count": len(recipes),
            "interested_applications": [],
            "company_name": "Example Company",
            "location": "Tokyo, Japan",
            "last_seen": instant(self._desk.clock.now()),
            "contact_phone": None,
            "contact_email": None,
            "about_me": None,
            "email": EMAIL,
            "phone": None,
            "active_recipes_count": sum(each["runs_since"] is not None for each in recipes),
            "root_folder_id": HOME,
        }

    def _top(self, number: int) -> int:
        """The project's folder above a folder, or itself."""
        known, seen = self.folders(), {number}
        while number in known:
            parent = known[number].parent_id or HOME
            if parent == HOME or parent in seen:
                break
            number = parent
            seen.add(number)
        return number
