"""From a step's parameters to what Workato is sent of a recipe: JSON in texts, connections by their ids."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeforge.adapter import Json
from pipeforge.adapters.workato.authored import texts
from pipeforge.adapters.workato.client import WorkatoClient
from pipeforge.adapters.workato.wire_recipes import Connection
from pipeforge.errors import Rejected
from pipeforge.language.nearest import suggest


async def fields(client: WorkatoClient, params: Any) -> dict[str, str]:
    """What is given of name, folder, code and config. Reads only; raises Rejected."""
    for name in ("code", "config"):
        given = getattr(params, name)
        if isinstance(given, str) or (isinstance(given, dict) and set(given) == {"file"}):
            raise Rejected(
                f"`{name}` was not read from its file", "write the file's path as it is, not a template"
            )
    config = await _config(client, params.config)
    named = {"name": params.name, "folder_id": None if params.folder_id is None else str(params.folder_id)}
    return {key: value for key, value in named.items() if value is not None} | texts(params.code, config)


async def _config(
    client: WorkatoClient, lines: Sequence[dict[str, Json]] | None
) -> list[dict[str, Json]] | None:
    """The lines; connections that are named there, as in files that Workato exports, by their ids here."""
    if lines is None or not any(_named(line) for line in lines):
        return None if lines is None else list(lines)
    listed = (await client.list_connections()).items
    return [{**line, "account_id": _account(line, listed)} if _named(line) else line for line in lines]


def _named(line: Mapping[str, Json]) -> str:
    """The name of the connection; empty where its id is given, or none."""
    account = line.get("account_id")
    if isinstance(account, dict):
        account = account.get("name")
    return account if isinstance(account, str) else ""


def _account(line: Mapping[str, Json], listed: Sequence[Connection]) -> int:
    name, provider = _named(line), line.get("provider")
    fit = [each for each in listed if each.connector in (None, provider)]
    found = [each.id for each in fit if each.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(map(str, found))
        raise Rejected(
            f"{len(found)} connections to '{provider}' are called '{name}': {ids}", "write `account_id: ID`"
        )
    hint = suggest(name, [each.name for each in fit], f"connections to {provider}")
    raise Rejected(f"the workspace has no connection '{name}' to '{provider}'", hint)
