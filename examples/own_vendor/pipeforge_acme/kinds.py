"""What a pipeline can ask of Acme: its connection, and the parameters and outputs of its two kinds."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeforge.adapter import Guarantee, Kind, Named, Role, Traits
from pipeforge.adapters.settings import BaseUrl, ConnectionSettings, Credential
from pipeforge.language.saying import say


class Strict(BaseModel):
    """What all of these have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class AcmeConnection(ConnectionSettings):
    """An account at Acme."""

    vendor: Literal["acme"]
    """Says that this is an account at Acme."""
    api_key: Credential
    """The key from Acme's settings."""
    base_url: BaseUrl = "https://api.acme.example"
    """Where the API lives."""

    def account(self) -> tuple[str, str]:
        return self.base_url.rstrip("/"), self.api_key.get_secret_value()


class RunReportParams(Strict):
    """Parameters of acme.run_report."""

    report: str = Field(min_length=1, examples=["monthly"])
    """The report's name."""


class GetReportParams(Strict):
    """Parameters of acme.get_report."""

    id: int = Field(ge=1, examples=[1])
    """The number of a run of a report."""


class Report(BaseModel):
    """One run of a report, as Acme tells it: the outputs of both kinds. It is read leniently."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    id: int
    """Its number."""
    status: str
    """Acme's word for how it stands."""
    rows: int = 0
    """How many rows it has come to."""


RUN_REPORT = Kind(
    name="acme.run_report",
    params=RunReportParams,
    outputs=Report,
    connection=AcmeConnection,
    guarantee=Guarantee.EXACTLY_ONCE,
    cancellable=True,
    doc="Runs a report and waits for it.",
    recovery="the run that Acme has of our key",
    handle="the number of the run",
    traits=Traits(names=(Named("report", say("report"), ("report",)),)),
)
GET_REPORT = Kind(
    "acme.get_report", GetReportParams, Report, AcmeConnection, Guarantee.IDEMPOTENT,
    cancellable=False, doc="Tells how a run of a report stands.", role=Role.READS,
)  # fmt: skip
