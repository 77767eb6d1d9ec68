"""What a pipeline can ask of trocco's data marts: a start, of which trocco tells no end."""

from pydantic import BaseModel, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.texts import AuthoredText
from pipeforge.adapters.trocco import naming
from pipeforge.adapters.trocco.kinds import (
    CALLED,
    CONFIG,
    INSTANTS,
    NO_ZONE,
    ContextTime,
    TroccoConnection,
    VariableName,
)


class RunDatamartParams(BaseModel):
    """Parameters of trocco.run_datamart."""

    model_config = CONFIG

    datamart_definition_id: int = Field(ge=1, le=2**63 - 1, examples=[42])
    """The number of the data mart definition, as its address in trocco shows it."""
    context_time: ContextTime = Field(default=None, examples=["${{ context_time }}"])
    """The instant that custom variables of the kind "time and date (when queuing)" are computed from.

    Without an offset it is meant in Japan time, as trocco's own documents do.
    """
    custom_variables: dict[VariableName, AuthoredText] = Field(default_factory=dict)
    """Values by name, dollar signs included (`$region$`); they replace the definition's defaults."""
    memo: str | None = None
    """A note on the job in trocco's screen; by default the run and the step, so that people find it."""


class RunDatamartOutputs(BaseModel):
    """Outputs of trocco.run_datamart."""

    model_config = CONFIG

    id: int
    """The data mart job's number."""
    datamart_definition_id: int
    """The data mart definition's number."""
    link: str
    """The job's page in trocco: the only place that tells how it ended."""
    context_time: str | None = None
    """The instant its variables are computed from, as trocco writes it."""


RUN_DATAMART = Kind(
    name="trocco.run_datamart",
    params=RunDatamartParams,
    outputs=RunDatamartOutputs,
    connection=TroccoConnection,
    guarantee=Guarantee.JOURNALED,
    cancellable=False,
    role=Role.CHANGES,
    doc="Starts a data mart job and does not wait for its end: trocco's API has nothing that tells how one "
    "goes. The step succeeds once trocco has taken the job. To await a data mart, put it into a workflow of "
    "trocco's as its only task and run that by `trocco.run_workflow`.",
    recovery="none: trocco's API does not show data mart jobs, so a lost answer ends as unknown",
    handle="the data mart job's number, or the address of its page",
    traits=Traits(
        names=naming.DATAMART_RUN,
        instants=INSTANTS,
        called={"definition_id": "datamart_definition_id", "id": "datamart_definition_id", **CALLED},
        lacks={"time_zone": NO_ZONE, "timezone": NO_ZONE},
    ),
)
