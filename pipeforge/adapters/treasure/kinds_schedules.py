"""Kinds around schedules: which there are, switching and skipping, and running past times again.

Source: the group Schedule of the vendor's OpenAPI description; digdag's source for what a conflict means.
"""

from typing import Annotated

from pydantic import Field, model_validator

from pipeforge.adapter import Guarantee, Kind, Pace
from pipeforge.adapters.treasure import accepting
from pipeforge.adapters.treasure.fields import Instant, OfSchedule, Paged
from pipeforge.adapters.treasure.kinds import TreasureConnection
from pipeforge.adapters.treasure.kinds_projects import SchedulesOutputs
from pipeforge.adapters.treasure.making import OUTPUTS, Outputs, called, changing, reading
from pipeforge.adapters.treasure.naming import SCHEDULE
from pipeforge.adapters.treasure.rows import AttemptRow, ScheduleRow
from pipeforge.language.saying import say


class ScheduleOutputs(ScheduleRow):
    """The schedule as it stands."""

    model_config = OUTPUTS


class EnableScheduleParams(OfSchedule):
    """Which schedule to switch on."""

    skip_missed: bool = True
    """Whether the times that went by while it was off are skipped; else they are all run now."""
    next_time: Instant | None = None
    """Skip all times before this one; with an offset."""

    _skipped = model_validator(mode="after")(accepting.skipped)


class SkipScheduleParams(OfSchedule):
    """Which times to skip."""

    next_time: Instant | None = None
    """The first time that is not skipped, with an offset. Give this, or `from_time` with `count`."""
    from_time: Instant | None = None
    """From when on times are skipped; with `count`."""
    count: int | None = Field(default=None, ge=1)
    """How many times from `from_time` on are skipped."""
    next_run_time: Instant | None = None
    """When the first time that is not skipped runs, where not as scheduled."""
    dry_run: bool = False
    """Whether only to tell what would be."""

    _one_way = model_validator(mode="after")(accepting.one_way)


class SkipScheduleOutputs(ScheduleRow):
    """The schedule after it, or with `dry_run` as it would be."""

    model_config = OUTPUTS

    skipped: bool
    """False where the schedule had come as far before: nothing was left to skip."""


class BackfillScheduleParams(OfSchedule):
    """Which past times to run."""

    from_time: Annotated[Instant, Field(examples=["2026-01-01T00:00:00+09:00"])]
    """The first time, with an offset; times are run up to the one that the schedule has next."""
    count: int | None = Field(default=None, ge=1)
    """Run so many times; left out, all of them. More than there are is an error."""
    skip_existing: bool = False
    """Whether times that were run before, whoever ran them, are left as they are. The hosted service only."""
    attempt_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")] | None = None
    """The name of the attempts, which no attempt of these times may bear yet. The default is made from run,
    step and attempt."""


class BackfillScheduleOutputs(Outputs):
    """What was run."""

    schedule_id: str
    """The schedule's id."""
    attempt_name: str
    """The name that all these attempts bear."""
    attempts: list[AttemptRow]
    """The attempts, by session time; none where `skip_existing` left nothing to run."""


LIST_SCHEDULES = reading(
    "list_schedules", Paged, SchedulesOutputs, "Lists the schedules of all projects' latest revisions."
)
GET_SCHEDULE = reading(
    "get_schedule", OfSchedule, ScheduleOutputs, "Shows one schedule: when its workflow is started next."
)
DISABLE_SCHEDULE = changing(
    "disable_schedule",
    OfSchedule,
    ScheduleOutputs,
    "Switches a schedule off. What it has started goes on.",
    "it is switched off again, which changes nothing",
)
ENABLE_SCHEDULE = changing(
    "enable_schedule",
    EnableScheduleParams,
    ScheduleOutputs,
    "Switches a schedule on, with or without the times that went by while it was off.",
    "it is switched on again, which changes nothing",
    called(EnableScheduleParams, {"skipSchedule": "skip_missed", "nextTime": "next_time"})._replace(
        instants={"next_time": None}
    ),
)
SKIP_SCHEDULE = changing(
    "skip_schedule",
    SkipScheduleParams,
    SkipScheduleOutputs,
    "Moves a schedule on, past times that are not to be run. One that has come as far stays as it is.",
    "it is moved on again, which changes nothing where it stands there already",
    called(
        SkipScheduleParams,
        {
            "nextTime": "next_time",
            "fromTime": "from_time",
            "nextRunTime": "next_run_time",
            "dryRun": "dry_run",
        },
    )._replace(instants={"next_time": None, "from_time": None, "next_run_time": None}),
)
BACKFILL_SCHEDULE = Kind(
    name="treasure.backfill_schedule",
    params=BackfillScheduleParams,
    outputs=BackfillScheduleOutputs,
    connection=TreasureConnection,
    guarantee=Guarantee.EXACTLY_ONCE,
    cancellable=True,
    doc=(
        "Runs past times of a schedule, one after the other, and waits until all their attempts end. They "
        "bear a name made from run, step and attempt, which the vendor accepts once for a session time. It "
        "fails where one of them did not succeed, and tells why."
    ),
    recovery="the sessions of these times are searched for attempts of our name; others cannot be made",
    handle="the ids of all its attempts: a mapping with `attempts`",
    pace=Pace(first=5.0, longest=30.0, factor=1.5),
    traits=called(
        BackfillScheduleParams,
        {
            "fromTime": "from_time",
            "attemptName": "attempt_name",
            "retry_attempt_name": "attempt_name",
            "limit": "count",
            "skipExisting": "skip_existing",
        },
    )._replace(
        names=SCHEDULE,
        gives=frozenset({"failed", "canceled"}),
        instants={"from_time": None},
        lacks={key: say("leave it out: what is in a pipeline is run") for key in ("dryRun", "dry_run")},
    ),
)
