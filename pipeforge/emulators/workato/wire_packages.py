"""Handlers of packages for both families: manifests, what a folder holds, export, import, download."""

from pipeforge.emulators.core import Asked, Desk, Json, Reply
from pipeforge.emulators.workato import reading
from pipeforge.emulators.workato.access import customer
from pipeforge.emulators.workato.editing import HOME
from pipeforge.emulators.workato.listing import whole
from pipeforge.emulators.workato.packages import Packages
from pipeforge.emulators.workato.refusing import bad_request, missing
from pipeforge.emulators.workato.shapes import instant
from pipeforge.emulators.workato.workspace import Workspace
from pipeforge.emulators.workato.world import WorkatoWorld

TAKES = 0.5
"""Seconds until a package is ready. chosen."""
STORE = "https://packages.example.com"


class PackageWire:
    """The handlers."""

    def __init__(self, world: WorkatoWorld, packages: Packages, workspace: Workspace, desk: Desk) -> None:
        self._world = world
        self._packages = packages
        self._workspace = workspace
        self._desk = desk
        self._manifests: dict[str, dict[str, Json]] = desk.shelf("manifests")
        self._kept: dict[str, dict[str, Json]] = desk.shelf("packages")

    def folder_assets(self, asked: Asked) -> Reply:
        customer(self._world, asked)
        folder = whole(asked, "folder_id") or HOME
        self._workspace.folder(folder)
        return Reply(200, {"result": {"assets": self._packages.assets(folder)}})

    def create_manifest(self, asked: Asked) -> Reply:
        """201; its assets are those of the folder."""
        customer(self._world, asked)
        given = reading.body(asked).get("export_manifest")
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            raise bad_request()
        folder = given.get("folder_id") or HOME
        if not isinstance(folder, int):
            raise bad_request()
        self._workspace.folder(folder)
        number, now = self._desk.number("manifest"), instant(asked.now)
        self._manifests[str(number)] = {"folder": folder, "name": given["name"]}
        times = {"created_at": now, "updated_at": now, "last_exported_at": None, "deleted_at": None}
        shown = {"id": number, "name": given["name"], **times, "project_path": "Home", "status": "working"}
        return Reply(201, {"result": shown})

    def export(self, asked: Asked) -> Reply:
        customer(self._world, asked)
        manifest = self._manifests.get(asked.params["id"])
        if manifest is None:
            raise missing()
        made: dict[str, Json] = {"operation_type": "export", "export_manifest_id": int(asked.params["id"])}
        return self._begun(asked, {**made, "folder": manifest["folder"]})

    def take_in(self, asked: Asked) -> Reply:
        """The body is the archive itself. Refused while recipes run, unless `restart_recipes=true`."""
        customer(self._world, asked)
        folder = asked.params.get("id") or asked.one("folder_id") or ""
        if "octet-stream" not in asked.headers.get("content-type", ""):
            raise bad_request()
        number = reading.folder(folder)
        self._workspace.folder(number)
        restart = (asked.one("restart_recipes") or "").lower() == "true"
        done = self._packages.take_in(asked.body, number, restart)
        return self._begun(asked, {"operation_type": "import", "recipe_status": done})

    def get(self, asked: Asked) -> Reply:
        return Reply(200, self._shown(asked))

    def download(self, asked: Asked) -> Reply:
        package = self._shown(asked)
        if package.get("download_url") is None:
            raise missing()
        content = self._packages.archive(self._kept[asked.params["id"]]["folder"])
        return Reply(200, content, {"Content-Type": "application/octet-stream"})

    def _begun(self, asked: Asked, package: dict[str, Json]) -> Reply:
        number = self._desk.number("package")
        self._kept[str(number)] = {**package, "id": number, "begun": asked.now}
        about = {key: value for key, value in package.items() if key not in ("folder", "recipe_status")}
        return Reply(200, {"id": number, "status": "in_progress", **about}, started=f"package {number}")

    def _shown(self, asked: Asked) -> dict[str, Json]:
        customer(self._world, asked)
        kept = self._kept.get(asked.params["id"])
        if kept is None:
            raise missing()
        done = asked.now >= kept["begun"] + TAKES
        shown = {key: value for key, value in kept.items() if key not in ("begun", "folder", "recipe_status")}
        shown["status"] = "completed" if done else "in_progress"
        if kept["operation_type"] == "export":
            return {**shown, "download_url": f"{STORE}/{kept['id']}.zip" if done else None}
        return {**shown, "error": None, "recipe_status": kept["recipe_status"] if done else []}
