"""What Reckoner says of workflows and integrations as they are defined, read leniently."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeforge.adapters.texts import LenientText


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


def _mappings(given: Any) -> list[Any]:
    """Odd items must not hide the others; a list that is not there is empty."""
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []


def _mapping(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


class Task(_Answer):
    """One task of a workflow."""

    name: LenientText = ""
    category: LenientText | None = None
    subcategory: LenientText | None = None
    property: Annotated[dict[str, Any], BeforeValidator(_mapping)] = Field(default_factory=dict)
    integration_name: LenientText | None = None


class Edge(_Answer):
    """Two tasks by name."""

    upstream: LenientText = Field(alias="from")
    downstream: LenientText = Field(alias="to")


class Parameter(_Answer):
    """A parameter variable; what stands for a secret value is a mask."""

    name: LenientText
    value: LenientText | None = None
    is_secret: bool = False


class Schedule(_Answer):
    """When Reckoner itself runs the workflow."""

    is_enabled: bool
    cron: LenientText | None = None
    timezone: LenientText | None = None


class Label(_Answer):
    """A label of workflows."""

    id: int
    name: LenientText | None = None
    description: LenientText | None = None


class Workflow(_Answer):
    """A workflow's detail."""

    id: int
    name: LenientText
    description: LenientText | None = None
    tasks: Annotated[list[Task], BeforeValidator(_mappings)] = Field(default_factory=list)
    task_dependencies: Annotated[list[Edge], BeforeValidator(_mappings)] = Field(default_factory=list)
    parameters: Annotated[list[Parameter], BeforeValidator(_mappings)] = Field(default_factory=list)
    schedule: Schedule | None = None
    webhooks: list[Any] | None = Field(default=None, repr=False)
    """Addresses that start it: whoever knows one can."""
    notifications: dict[str, Any] | None = Field(default=None, repr=False)
    labels: Annotated[list[Label], BeforeValidator(_mappings)] = Field(default_factory=list)


class ListedWorkflow(_Answer):
    """One item of a project's workflows."""

    id: int
    name: LenientText
    description: LenientText | None = None
    updated_at: LenientText | None = None
    last_started_at: LenientText | None = None
    is_scheduled: bool | None = None
    labels: Annotated[list[Label], BeforeValidator(_mappings)] = Field(default_factory=list)


class WorkflowPage(_Answer):
    """One page. `workflows` is not among what must be there."""

    total: int | None = None
    workflows: list[ListedWorkflow] = Field(default_factory=list)


class Export(_Answer):
    """A workflow in importable form, of which only what names it is read."""

    name: LenientText
    type: LenientText | None = None


class Integration(_Answer):
    """One integration. An `id` beside `integration_id` differs from it, and is not what deletes it."""

    integration_id: int
    service: str
    name: LenientText
    project_id: int | None = None
    team_id: int | None = None
    auth_method: LenientText | None = None
    created_at: LenientText | None = None
    updated_at: LenientText | None = None
    refreshed_at: LenientText | None = None


class Integrations(_Answer):
    """A project's integrations: services beside `total` (the example) or below `integrations` (schema)."""

    listed: list[Integration]

    @model_validator(mode="before")
    @classmethod
    def _of_either_shape(cls, body: Any) -> Any:
        if not isinstance(body, dict) or "total" not in body:
            raise ValueError("it is no list of integrations")
        nested = body.get("integrations")
        services = nested if isinstance(nested, dict) else body
        return {
            "listed": [
                {**item, "service": service}
                for service, items in services.items()
                if isinstance(items, list)
                for item in items
                if isinstance(item, dict)
            ]
        }
