"""Handlers of what a workspace has beside recipes, for both families: user, folders, connections."""

from collections.abc import Sequence

from pipeforge.emulators.core import Asked, Json, Reply
from pipeforge.emulators.workato import reading
from pipeforge.emulators.workato.access import customer
from pipeforge.emulators.workato.editing import HOME
from pipeforge.emulators.workato.listing import whole
from pipeforge.emulators.workato.workspace import Workspace
from pipeforge.emulators.workato.world import WorkatoWorld

MOST = 100


class WorkspaceWire:
    """The handlers."""

    def __init__(self, world: WorkatoWorld, workspace: Workspace) -> None:
        self._world = world
        self._workspace = workspace

    def get_user(self, asked: Asked) -> Reply:
        return Reply(200, self._workspace.user())

    def list_projects(self, asked: Asked) -> Reply:
        return self._listed(asked, self._workspace.projects())

    def list_folders(self, asked: Asked) -> Reply:
        """Those directly below `parent_id`, by default the root folder."""
        parent, known = whole(asked, "parent_id") or HOME, self._workspace.folders()
        below = {number: each for number, each in known.items() if (each.parent_id or HOME) == parent}
        return self._listed(asked, [self._workspace.shown_folder(*row) for row in below.items()])

    def create_folder(self, asked: Asked) -> Reply:
        """`name` in the body; the oldest documents have `folder_name` in the query."""
        customer(self._world, asked)
        given = reading.body(asked) if asked.body else {}
        name = given.get("name") or asked.one("folder_name")
        made = self._workspace.create_folder(name, given.get("parent_id"))
        folder = self._workspace.folders()[made]
        return Reply(200, self._workspace.shown_folder(made, folder), started=f"folder {made}")

    def list_connections(self, asked: Asked) -> Reply:
        folder, known = whole(asked, "folder_id"), self._workspace.connections()
        rows = [self._workspace.shown_connection(*row) for row in known.items()]
        return self._wrapped(asked, [row for row in rows if folder in (None, row["folder_id"])])

    def _listed(self, asked: Asked, rows: Sequence[dict[str, Json]]) -> Reply:
        """One page."""
        size = min(max(whole(asked, "per_page") or MOST, 1), MOST)
        first = (max(whole(asked, "page") or 1, 1) - 1) * size
        return self._wrapped(asked, rows[first : first + size])

    def _wrapped(self, asked: Asked, rows: Sequence[dict[str, Json]]) -> Reply:
        """Bare in the developer family."""
        customer(self._world, asked)
        return Reply(200, {"result": list(rows)} if "mu" in asked.params else list(rows))
