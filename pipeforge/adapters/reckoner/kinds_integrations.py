"""What a pipeline can ask about Reckoner's integrations (its connections to services), and their deletion."""

from typing import Annotated

from pydantic import BaseModel, Field

from pipeforge.adapter import Guarantee, Kind, Role, Traits
from pipeforge.adapters.reckoner import naming
from pipeforge.adapters.reckoner.kinds import CONFIG, ReckonerConnection
from pipeforge.adapters.reckoner.kinds_jobs import Number
from pipeforge.language.saying import say

Service = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
"""A service in Reckoner's word for it, such as `mysql` or `google_bigquery`."""


class ListIntegrationsParams(BaseModel):
    """Parameters of reckoner.list_integrations."""

    model_config = CONFIG

    project_id: Number = Field(examples=[3])
    """The project's number."""
    service: Service | None = Field(default=None, examples=["mysql"])
    """Only integrations with this service; by default with all."""


class Integration(BaseModel):
    """One integration. Reckoner tells no secrets of it."""

    model_config = CONFIG

    integration_id: int
    """Its number, by which it is deleted."""
    service: str
    """The service, in Reckoner's word for it."""
    name: str
    """Its name."""
    project_id: int | None = None
    """The project's number."""
    team_id: int | None = None
    """The team's number."""
    auth_method: str | None = None
    """How it signs in, where Reckoner says so, as in `oauth`."""
    created_at: str | None = None
    """When it was made, as Reckoner writes it."""
    updated_at: str | None = None
    """When it was changed; `0001-01-01T00:00:00Z` of one that never was."""
    refreshed_at: str | None = None
    """When its sign-in was last renewed."""


class ListIntegrationsOutputs(BaseModel):
    """Outputs of reckoner.list_integrations."""

    model_config = CONFIG

    integrations: list[Integration]
    """The integrations, by service and as Reckoner orders them."""


class DeleteIntegrationParams(BaseModel):
    """Parameters of reckoner.delete_integration."""

    model_config = CONFIG

    project_id: Number = Field(examples=[3])
    """The number of the project that it belongs to."""
    service: Service = Field(examples=["mysql"])
    """The service, in Reckoner's word for it."""
    integration_id: Number = Field(examples=[42294])
    """Its number."""
    confirm: Annotated[str, Field(min_length=1, examples=["orders (old)"])]
    """Its name, letter for letter: what is called otherwise is not deleted."""
    force: bool = False
    """Delete it even though workflows use it; they fail from then on."""


class DeleteIntegrationOutputs(BaseModel):
    """Outputs of reckoner.delete_integration."""

    model_config = CONFIG

    integration_id: int
    """Its number."""
    service: str
    """The service."""
    name: str
    """The name that it had."""


LIST_INTEGRATIONS = Kind(
    name="reckoner.list_integrations",
    params=ListIntegrationsParams,
    outputs=ListIntegrationsOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.READS,
    doc="Lists the integrations of a project: its connections to databases and services. Reckoner's "
    "operation listIntegrations.",
    recovery="asked again",
    traits=Traits(
        names=naming.PROJECT,
        called={"id": "project_id", "project": "project_id", "service_name": "service"},
    ),
)

DELETE_INTEGRATION = Kind(
    name="reckoner.delete_integration",
    params=DeleteIntegrationParams,
    outputs=DeleteIntegrationOutputs,
    connection=ReckonerConnection,
    guarantee=Guarantee.IDEMPOTENT,
    cancellable=False,
    role=Role.CHANGES,
    doc="Deletes an integration, for good: nothing brings it back. First its name is looked up, and compared "
    "with `confirm`. One that workflows use (CONFLICT) is not deleted without `force: true`; the message "
    "names them. An inactive subscription (SUBSCRIPTION_INACTIVE) fails the step. Reckoner's operation "
    "deleteIntegration.",
    recovery="asked again; one that is gone by then was deleted by the first request",
    traits=Traits(
        names=naming.INTEGRATION,
        called={
            "id": "integration_id",
            "service_name": "service",
            "project": "project_id",
            "name": "confirm",
            "confirm_name": "confirm",
        },
        lacks={"cascade": say("write {text}", text="force: true")},
    ),
)
