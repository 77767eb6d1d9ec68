"""What a pipeline can ask of krewData: its connection, the parameters and outputs of its kind."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pipeforge.adapter import Apart, Guarantee, Kind, Limits, Pace, Traits
from pipeforge.adapters.krewdata import accepting
from pipeforge.adapters.krewdata.naming import UNIT
from pipeforge.adapters.settings import BaseUrl, ConnectionSettings, Credential
from pipeforge.language import kintone
from pipeforge.language.model import Duration
from pipeforge.language.saying import say


class KrewdataConnection(ConnectionSettings):
    """One execution unit of krewData's real-time execution API."""

    # The vendor disables a unit that is often started more than 5 times a minute: one less leaves a margin.
    # One at a time, because krewData answers 409 while a unit runs that may not run concurrently.
    PRESET: ClassVar[Limits] = Limits(running=1, starts=(4, 60.0))
    STRICT: ClassVar[frozenset[str]] = frozenset({"starts"})
    ONE_PLACE: ClassVar[tuple[str, ...]] = ("base_url", "unit_id")

    vendor: Literal["krewdata"]
    """Says that this is a krewData execution unit."""
    unit_id: Credential
    """The execution unit's id, the last part of its address; whoever knows it can run the unit."""
    krewdata_app_url: Annotated[
        str, AfterValidator(accepting.app_url), Field(examples=["https://example.cybozu.com/k/123"])
    ]
    """The address of the krewData app that holds the unit, not that of the business app."""
    serial_number: Credential
    """The serial number of the real-time execution licence, as it was issued (not in Base64)."""
    base_url: BaseUrl = "https://api.krewdata.grapecity.com/trigger/v1"
    """Where the API lives."""
    recovery_window: Duration = 120.0
    """How long a run whose start was not confirmed is asked for again with its token (chosen: 2m)."""

    def account(self) -> tuple[str, str]:
        """The unit, whoever's serial number starts it."""
        return self.base_url.rstrip("/"), self.unit_id.get_secret_value()

    def limited(self) -> tuple[str, ...]:
        """The unit: krewData disables one that is started too often, by whichever connection."""
        return self.base_url.rstrip("/"), self.unit_id.get_secret_value()


CONFIG = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class RunUnitParams(BaseModel):
    """Parameters of krewdata.run_unit."""

    model_config = CONFIG

    app_id: Annotated[
        str, BeforeValidator(accepting.app_id, json_schema_input_type=int | str), Field(examples=[55])
    ]
    """The number of the unit's calling app (the business app, not the krewData app)."""
    user: Annotated[str, AfterValidator(accepting.user), Field(examples=["batch"])]
    """The kintone login name that krewData writes into its log as the one who ran it."""
    record: Annotated[dict[str, Any], AfterValidator(kintone.checked)] | None = None
    """A kintone record whose fields the flows use as parameters: field code to {type, value}."""
    on_conflict: Literal["fail", "wait"] = "fail"
    """What to do while somebody else runs the unit.

    `fail`: the step fails. `wait`: it is tried again once a minute until the unit is free.
    """


class Flow(BaseModel):
    """How one data editing flow of the unit went."""

    model_config = CONFIG

    key: str | None = None
    """What identifies the executed flow."""
    name: str | None = None
    """The flow's name."""
    status: str | None = None
    """krewData's word; `Cancel` is a flow that never ran because something before it failed."""
    started_at: str | None = None
    """When it started, without a zone, as krewData writes it."""
    ended_at: str | None = None
    """When it ended."""


class RunUnitOutputs(BaseModel):
    """Outputs of krewdata.run_unit."""

    model_config = CONFIG

    id: str
    """The task's id."""
    status: str
    """krewData's word for how it ended."""
    link: str
    """The krewData app, whose log tells more."""
    flows: list[Flow] = Field(default_factory=list)
    """The unit's flows in order."""
    error_code: str | None = None
    """krewData's error code, when it failed."""
    error_message: str | None = None
    """krewData's error message, when it failed."""


RUN_UNIT = Kind(
    name="krewdata.run_unit",
    params=RunUnitParams,
    outputs=RunUnitOutputs,
    connection=KrewdataConnection,
    guarantee=Guarantee.AT_MOST_ONCE,
    cancellable=False,
    doc="Runs an execution unit and waits for its end. krewData cannot cancel a run nor undo one.",
    recovery="the run is asked for again with the same one-shot token; if that is spent, it ends as unknown",
    handle="the task's id; krewData shows it to nobody but who started it, so say --succeeded or --failed",
    pace=Pace(first=5.0, longest=30.0),
    traits=Traits(
        names=UNIT,
        thing=say("execution unit"),
        shortest=60.0,  # chosen: runs wait in the unit's queue, and for scheduled flows of the whole domain
        repeats=say("what the failed run wrote stays, and is written again"),
        called={"app": "app_id", "username": "user", "login": "user", "fields": "record"},
        apart=Apart("app_id", "krewdata_app_url", r"/k/([0-9]+)/?$"),
    ),
)
