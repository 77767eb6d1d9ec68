"""The pipeline file as a model: the envelope; kinds and vendors are checked apart."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from pipeforge.language import accepting
from pipeforge.language.durations import seconds

Duration = Annotated[float, BeforeValidator(seconds)]
"""A duration in seconds, written as text with a unit."""


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, populate_by_name=False, defer_build=True
    )


class RetryPolicy(_Model):
    """When a definite failure is answered with another attempt."""

    max_attempts: Annotated[int, Field(ge=1, le=100)]
    """How often the step is tried in all, the first time included."""
    delay: Duration = 0.0
    """How long to wait before the second attempt."""
    backoff: Literal["constant", "exponential"] = "constant"
    """How the delay grows. `constant`: it stays. `exponential`: it doubles each time."""
    max_delay: Duration | None = None
    """The longest wait between two attempts."""
    jitter: bool = False
    """Whether to shorten each wait by chance, so that many steps do not come back at once."""


class PollPace(_Model):
    """How often a running job is looked at."""

    interval: Duration | None = None
    """The first pause between two looks."""
    max_interval: Duration | None = None
    """The longest pause between two looks."""


class ForeachPolicy(_Model):
    """Runs the step once for each item."""

    items: Any
    """A list, or a template that gives one."""
    as_: Annotated[str, AfterValidator(accepting.item_name), Field(alias="as")] = "item"
    """The name of the item in templates."""
    max_parallel: Annotated[int, Field(ge=1)] | None = None
    """How many items may run side by side; all when left out."""


class ConcurrencyPolicy(_Model):
    """How many runs may be under way at once, in whatever process, on one journal."""

    key: Annotated[str, Field(min_length=1)]
    """What the runs share; pipelines that name the same key count together. May be a template."""
    limit: Annotated[int, Field(ge=1)] = 1
    """How many runs with this key may be under way at once."""
    on_conflict: Literal["queue", "skip", "fail"] = "queue"
    """What a run does when there are so many.

    `queue`: it waits for its turn. `skip`: it does not run at all. `fail`: it fails with exit code 5.
    """


class Defaults(_Model):
    """What a step has when it does not say otherwise."""

    timeout: Duration | None = None
    """How long one attempt of a step may take."""
    retry: RetryPolicy | None = None
    """When a definite failure is answered with another attempt."""
    poll: PollPace | None = None
    """How often a running job is looked at."""
    on_ambiguous: Literal["reconcile", "fail", "retry"] | None = None
    """What to do when a trigger's answer is lost and the vendor cannot tell.

    `reconcile`: look for the job by evidence; what cannot be known ends unknown.
    `fail`: take the step as failed. `retry`: trigger once more, even if that may double the job.
    """
    on_interrupt: Literal["cancel", "leave"] | None = None
    """What to do with a running job when the run is interrupted.

    `cancel`: have the vendor end it. `leave`: let it go on.
    """


# Nothing in it needs to be validated, and a model that is not asked for need not be built at every start.
NO_DEFAULTS = Defaults.model_construct()


class Step(_Model):
    """One vendor operation: triggered once, awaited to its end."""

    uses: str
    """The kind: `vendor.verb_noun`."""
    with_: Annotated[dict[str, Any], Field(alias="with")] = Field(default_factory=dict)
    """The kind's parameters."""
    connection: str | None = None
    """Which connection to use; may be left out when exactly one has the kind's vendor."""
    needs: Annotated[list[str], BeforeValidator(accepting.one_or_many)] = Field(default_factory=list)
    """The steps that must be over first: a name or a list of names."""
    run_when: Literal["success", "failure", "always"] = "success"
    """`success`: every need succeeded. `failure`: all are over and one did not. `always`: all are over."""
    if_: Annotated[bool | str | None, Field(alias="if")] = None
    """Skips the step when it is false: a whole template, true or false."""
    foreach: ForeachPolicy | None = None
    """Runs the step once for each item of a list."""
    retry: RetryPolicy | None = None
    """When a definite failure is answered with another attempt."""
    timeout: Duration | None = None
    """How long one attempt may take, from its trigger to its end."""
    poll: PollPace | None = None
    """How often the running job is looked at."""
    on_ambiguous: Literal["reconcile", "fail", "retry"] | None = None
    """What to do when the trigger's answer is lost and the vendor cannot tell; default reconcile.

    `reconcile`: look for the job by evidence; what cannot be known ends unknown.
    `fail`: take the step as failed. `retry`: trigger once more, even if that may double the job.
    """
    on_interrupt: Literal["cancel", "leave"] | None = None
    """What to do with the running job when the run is interrupted; default leave.

    `cancel`: have the vendor end it. `leave`: let it go on.
    """
    accept: list[Literal["skipped", "canceled", "failed"]] = Field(default_factory=list)
    """Outcomes to take as success, such as [skipped].

    `skipped`: the vendor did not run it. `canceled`: somebody canceled it. `failed`: it failed.
    """
    allow_failure: bool = False
    """Lets what needs this step go on when it fails."""
    description: str = ""
    """For people."""


class Pipeline(_Model):
    """A pipeline file."""

    name: Annotated[str, Field(pattern=r"^[^\s/\\\x00-\x1f]{1,100}$")]
    """What runs of this pipeline are called; with context_time it identifies a run."""
    description: str = ""
    """For people."""
    timezone: Annotated[str, AfterValidator(accepting.time_zone)] = "UTC"
    """The zone context_time is given and shown in: an IANA name."""
    custom_variables: dict[str, Any] = Field(default_factory=dict)
    """What a run may be given, and what is computed from it: a value, a template, or a declaration."""
    records: dict[str, Any] = Field(default_factory=dict)
    """kintone records: field codes with {type, value}, or {file: PATH} of a JSON or YAML file."""
    connections: dict[str, Any] = Field(default_factory=dict)
    """Vendor accounts, by name; here or in pipeforge.yaml."""
    defaults: Defaults = NO_DEFAULTS
    """What a step has when it does not say otherwise."""
    outputs: dict[str, Any] = Field(default_factory=dict)
    """What a pipeline that runs this one may read as steps.ID.outputs.NAME: by name, values or templates."""
    concurrency: ConcurrencyPolicy | None = None
    """How many runs with the same key may be under way at once; any number when left out."""
    steps: Annotated[dict[str, Step], Field(min_length=1)]
    """The steps, by id."""


class Variable(_Model):
    """A custom variable that a run may be given with --set."""

    type: Literal["string", "integer", "number", "boolean", "array", "object"]
    """What its value must be."""
    default: Any = None
    """Its value when none is given; without a default one must be given."""
    enum: list[Any] | None = None
    """The only values it may have."""
    description: str = ""
    """For people."""
