"""Who may call: tokens, the legacy pair, customers by id or by E and external id, calls in a minute."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from pipeforge.emulators.core import Asked, Desk, Refused
from pipeforge.emulators.workato.refusing import missing, saying
from pipeforge.emulators.workato.world import ManagedUser, WorkatoWorld

MINUTE = 60.0


def authoriser(world: WorkatoWorld, desk: Desk) -> Callable[[Asked], None]:
    """The check before every call: 401, or 429 if the minute is full."""

    def authorise(asked: Asked) -> None:
        token = _token(asked, world.legacy_auth)
        if not token or (world.credentials is not None and token not in world.credentials):
            raise Refused(saying(401, "Unauthorized"))
        if world.rate_limit is not None:
            _count(asked.now, world.rate_limit, desk)

    return authorise


def _token(asked: Asked, legacy: bool) -> str | None:
    word, _, token = asked.headers.get("authorization", "").partition(" ")
    if word == "Bearer":
        return token
    if legacy and (asked.headers.get("x-user-email") or asked.one("user_email")):
        return asked.headers.get("x-user-token") or asked.one("user_token")
    return None


def _count(now: float, limit: int, desk: Desk) -> None:
    """chosen: a rolling minute; a refused call is not counted."""
    calls: list[float] = [each for each in desk.memory.get("calls", []) if each > now - MINUTE]
    if len(calls) >= limit:
        wait = ceil(calls[-limit] + MINUTE - now)
        raise Refused(replace(saying(429, "Too many requests"), headers={"Retry-After": str(max(wait, 1))}))
    desk.memory["calls"] = [*calls, now]


def owns(world: WorkatoWorld, asked: Asked, recipe: int, maker: int | None) -> bool:
    """Whether whoever the path names has the recipe; 404 if there is no such customer.

    `maker`: the customer in whose workspace it was created. A path without `:mu` is the developer family, in
    which a token sees the whole workspace.
    """
    segment = asked.params.get("mu")
    if segment is None:
        return True
    user = _managed_user(world, segment)
    return user is None or user.recipes is None or recipe in user.recipes or maker == user.id


def customer(world: WorkatoWorld, asked: Asked) -> int | None:
    """The customer whom the path names, where customers are told apart; 404 if there is none such."""
    segment = asked.params.get("mu")
    user = None if segment is None else _managed_user(world, segment)
    return None if user is None else user.id


def _managed_user(world: WorkatoWorld, segment: str) -> ManagedUser | None:
    """By numeric id or by `E` and external id; None where every customer is there."""
    if world.managed_users is None:
        if segment.isdigit() or (segment.startswith("E") and len(segment) > 1):
            return None
        raise missing()
    for user in world.managed_users:
        named = user.external_id is not None and segment == f"E{user.external_id}"
        if named or segment == str(user.id):
            return user
    raise missing()
