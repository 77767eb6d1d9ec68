"""Workato over HTTP: a method an endpoint, for both families of its API."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pipeforge.adapter import Json
from pipeforge.adapters.calls import PROBED, Access, Call, Reply
from pipeforge.adapters.http import Http
from pipeforge.adapters.workato.choices import CONNECT_TIMEOUT, PAGE, READ_TIMEOUT, SEARCH_PAGE
from pipeforge.adapters.workato.kinds import WorkatoConnection
from pipeforge.adapters.workato.requesting import Asking, Seen
from pipeforge.adapters.workato.wire import JobPage, Recipe, refusal_words
from pipeforge.adapters.workato.wire_recipes import (
    ConnectionPage,
    FolderPage,
    FullJob,
    FullRecipe,
    PublicPage,
    RecipePage,
)
from pipeforge.errors import InDoubt

Pairs = Sequence[tuple[str, str]]


class WorkatoClient(Asking):
    """One workspace. Every method may raise the errors of `Http.send`."""

    def page(self, recipe: int) -> str:
        """A recipe's page, with its jobs; of a customer's workspace it opens for those who are in it."""
        return f"{self._screen}/recipes/{recipe}"

    def folder_page(self, folder: int | None) -> str:
        """A folder's page, or the workspace's. inferred: as the web application writes the address."""
        return self._screen if folder is None else f"{self._screen}/?fid={folder}"

    @property
    def _screen(self) -> str:
        return self.http.access.base_url.rstrip("/").removesuffix("/api")

    async def probe(self) -> Reply | None:
        """GET …/recipes: one of them."""
        return await self.http.send(Call("GET", self._recipes, [("per_page", "1")], accept=PROBED))

    async def list_recipes(
        self, filters: Pairs = (), *, below: int | None = None, size: int = PAGE
    ) -> Seen[RecipePage]:
        """GET …/recipes: the page with the greatest ids, or the one with ids lower than `below`.

        Not by `page`: what is created meanwhile would shift the pages.
        """
        query = [*filters, ("per_page", str(size)), *([("since_id", str(below))] if below else [])]
        return await self._read(Call("GET", self._recipes, query), RecipePage)

    async def search_recipes(self, query: Pairs, page: int) -> PublicPage:
        """GET /recipes/search, the same in both families: a page, counted from 0."""
        pages = [("page", str(page)), ("per_page", str(SEARCH_PAGE))]
        return await self.http.fit(Call("GET", "/recipes/search", [*query, *pages]), PublicPage)

    async def get_recipe(self, recipe: int) -> Seen[Recipe]:
        """GET …/recipes/:id, of which only what decides how it stands is read."""
        return await self._read(Call("GET", f"{self._recipes}/{recipe}"), Recipe)

    async def read_recipe(self, recipe: int) -> Seen[FullRecipe]:
        """GET …/recipes/:id."""
        return await self._read(Call("GET", f"{self._recipes}/{recipe}"), FullRecipe)

    async def create_recipe(self, fields: Mapping[str, str]) -> int:
        """POST …/recipes: the new recipe's id. Raises InDoubt where the answer names none."""
        accepted = await self._ask(
            Call("POST", self._recipes, json={"recipe": fields}, any_body=True), "creation"
        )
        found = accepted.body.get("id")
        if isinstance(found, bool) or not str(found).isdigit():
            name = self.http.access.name
            raise InDoubt(f"{name}: a recipe was created, but not which was told", "look for it in Workato")
        return int(str(found))

    async def update_recipe(self, recipe: int, fields: Mapping[str, str]) -> datetime:
        """PUT …/recipes/:id: the server's time of its answer. Refused while the recipe runs."""
        call = Call("PUT", f"{self._recipes}/{recipe}", json={"recipe": fields}, any_body=True)
        return (await self._ask(call, "update")).at

    async def delete_recipe(self, recipe: int) -> None:
        """DELETE …/recipes/:id. Refused while the recipe runs."""
        call = Call("DELETE", f"{self._recipes}/{recipe}", any_body=True, accept=frozenset([204]))
        await self._ask(call, "deletion", empty=True)

    async def list_jobs(
        self, recipe: int, *, before: str | None = None, filters: Pairs = ()
    ) -> Seen[JobPage]:
        """GET …/recipes/:id/jobs: the newest page, or the one older than the job `before`."""
        query = list(filters)
        if before is not None:
            query += [("offset_job_id", before), ("prev", "false")]
        return await self._read(Call("GET", f"{self._recipes}/{recipe}/jobs", query), JobPage)

    async def get_job(self, recipe: int, job: str) -> FullJob:
        """GET …/recipes/:id/jobs/:job_id."""
        call = Call("GET", f"{self._recipes}/{recipe}/jobs/{quote(job, safe='')}")
        return await self.http.fit(call, FullJob)

    async def start_recipe(self, recipe: int) -> datetime:
        """PUT …/start: the server's time of its answer. Accepted is not yet active.

        Raises Rejected with the recipe's errors.
        """
        return (await self._ask(Call("PUT", f"{self._recipes}/{recipe}/start", any_body=True), "start")).at

    async def stop_recipe(self, recipe: int, *, repeat: bool = True) -> datetime:
        """PUT …/stop: the server's time of its answer. Repeating it is safe unless a start follows."""
        call = Call("PUT", f"{self._recipes}/{recipe}/stop", any_body=True, safe=repeat)
        return (await self._ask(call, "stop")).at

    async def poll_now(self, recipe: int) -> datetime:
        """POST …/poll_now: the server's time of its answer. Raises Transient while the trigger backs off."""
        call = Call("POST", f"{self._recipes}/{recipe}/poll_now", any_body=True, accept=frozenset([429]))
        return (await self._ask(call, "poll")).at

    async def reset_trigger(self, recipe: int) -> datetime:
        """POST …/reset_trigger: the server's time of its answer. Repeating it processes everything again."""
        call = Call("POST", f"{self._recipes}/{recipe}/reset_trigger", any_body=True)
        return (await self._ask(call, "reset")).at

    async def list_connections(self) -> ConnectionPage:
        """GET …/connections: all of the workspace."""
        return await self.http.fit(Call("GET", f"{self._prefix}/connections"), ConnectionPage)

    async def list_folders(self, parent: int | None, page: int) -> FolderPage:
        """GET …/folders: those directly below a folder, or below the workspace's own; pages from 1."""
        above = [] if parent is None else [("parent_id", str(parent))]
        query = [*above, ("page", str(page)), ("per_page", str(PAGE))]
        return await self.http.fit(Call("GET", f"{self._prefix}/folders", query), FolderPage)


def path_prefix(settings: WorkatoConnection) -> str:
    """Below the base URL: empty for the token's own workspace, else the customer's segment."""
    user = settings.managed_user
    if user is None:
        return ""
    segment = str(user.id) if user.external_id is None else quote(f"E{user.external_id}", safe="")
    return f"/managed_users/{segment}"


def connect(name: str, settings: WorkatoConnection, *, app: Any = None) -> WorkatoClient:
    """A client for the connection called `name`; `app` stands in for the vendor."""
    token = settings.api_token.get_secret_value()
    headers = {"authorization": f"Bearer {token}"}
    if settings.auth == "legacy":
        headers = {"x-user-email": settings.user_email or "", "x-user-token": token}
    access = Access(
        name=name,
        base_url=settings.address(),
        headers=headers,
        secrets=settings.secrets(),
        requests=settings.limits_in_force().requests,
        words=refusal_words,
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
    )
    return WorkatoClient(Http(access, app=app), path_prefix(settings))


def as_query(given: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Filters as Workato takes them: lists by commas, what is None left out."""
    return [(name, _written(value)) for name, value in given.items() if value is not None]


def _written(value: Json) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
