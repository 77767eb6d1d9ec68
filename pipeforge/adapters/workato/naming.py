"""What steps name in Workato and what can be looked up there."""

from collections.abc import Mapping

from pipeforge.adapter import Named
from pipeforge.adapters.workato.choices import UNFIT_TRIGGERS
from pipeforge.language.saying import Said, say

_SWITCHES = frozenset(
    f"workato.{verb}_recipe" for verb in ("start", "stop", "run", "poll", "deploy", "update", "delete")
)
"""Kinds that make, start or stop a recipe."""

_SCHEDULED = (
    say("runs on a schedule: polling it may run it once more"),
    say("have it start by a trigger that delivers each event once, or leave it to its schedule"),
)
_NOT_POLLING = (
    say("begins with a trigger that does not poll: this step brings about no job of it"),
    say("run it by what its trigger waits for"),
)
_NOT_RESET = (
    say("begins with a trigger that a reset does nothing to, or harm"),
    say("only triggers that poll or go by a schedule can be reset"),
)
_POLLED = {**dict.fromkeys(UNFIT_TRIGGERS, _NOT_POLLING), "clock": _SCHEDULED}


def _recipe(
    must_run: bool | None = None,
    unfit: Mapping[str, tuple[Said, Said]] | None = None,
    repeated: str = "",
) -> Named:
    return Named(
        "recipe",
        say("recipe"),
        ("recipe_id",),
        brought_by=_SWITCHES,
        must_run=must_run,
        ensured="ensure_running",
        unfit=unfit or {},
        repeated=repeated,
    )


FOLDER = (Named("folder", say("folder"), ("folder_id",)),)
_CONNECTIONS = Named("connection", say("connection"), ("config",), lines=("provider", "account_id"))

RECIPE = (_recipe(),)
POLLED = (_recipe(must_run=True, unfit=_POLLED),)
RUN = (_recipe(must_run=False, unfit=dict.fromkeys(UNFIT_TRIGGERS, _NOT_POLLING)),)
RESET = (_recipe(unfit=dict.fromkeys(UNFIT_TRIGGERS, _NOT_RESET)),)
DELETED = (_recipe(must_run=False, repeated="confirm"),)
CREATED = (*FOLDER, _CONNECTIONS)
UPDATED = (_recipe(must_run=False), *FOLDER, _CONNECTIONS)
DEPLOYED = (
    *FOLDER,
    Named("recipe_called", say("recipe"), ("folder_id", "name"), new=True),
    _CONNECTIONS,
)
JOB = (*RECIPE, Named("job", say("job"), ("recipe_id", "job_id")))
