"""The routes of what lies beside recipes: workspace, folders, projects, connections, packages."""

from pipeforge.emulators.core import Desk, Route
from pipeforge.emulators.workato.editing import Editor
from pipeforge.emulators.workato.packages import Packages
from pipeforge.emulators.workato.shelf import Shelf
from pipeforge.emulators.workato.state import Recipes
from pipeforge.emulators.workato.wire_packages import PackageWire
from pipeforge.emulators.workato.wire_workspace import WorkspaceWire
from pipeforge.emulators.workato.workspace import Workspace
from pipeforge.emulators.workato.world import WorkatoWorld

EMBEDDED = "/managed_users/{mu}"


def neighbours(
    world: WorkatoWorld, shelf: Shelf, recipes: Recipes, editor: Editor, desk: Desk
) -> tuple[Route, ...]:
    """In both families; only the developer one has a user and projects."""
    workspace = Workspace(world, shelf, desk)
    wire = WorkspaceWire(world, workspace)
    packages = PackageWire(world, Packages(shelf, recipes, editor, workspace), workspace, desk)
    return (
        Route("GET", "/users/me", wire.get_user),
        Route("GET", "/projects", wire.list_projects),
        *_both("", wire, packages),
        Route("POST", "/packages/export/{id}", packages.export),
        Route("POST", "/packages/import/{id}", packages.take_in),
        Route("GET", "/packages/{id}", packages.get),
        Route("GET", "/packages/{id}/download", packages.download),
        *_both(EMBEDDED, wire, packages),
        Route("POST", f"{EMBEDDED}/exports/{{id}}", packages.export),
        Route("GET", f"{EMBEDDED}/exports/{{id}}", packages.get),
        Route("POST", f"{EMBEDDED}/imports", packages.take_in),
        Route("GET", f"{EMBEDDED}/imports/{{id}}", packages.get),
    )


def _both(base: str, wire: WorkspaceWire, packages: PackageWire) -> tuple[Route, ...]:
    return (
        Route("GET", f"{base}/folders", wire.list_folders),
        Route("POST", f"{base}/folders", wire.create_folder),
        Route("GET", f"{base}/connections", wire.list_connections),
        Route("GET", f"{base}/export_manifests/folder_assets", packages.folder_assets),
        Route("POST", f"{base}/export_manifests", packages.create_manifest),
    )
