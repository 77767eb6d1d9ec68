"""The reference pages of kinds, connections and templates, made from their own docstrings."""

from collections.abc import Sequence

from pydantic import BaseModel

from pipeforge.adapter import Kind, Limits, Role
from pipeforge.language.durations import text as duration
from pipeforge.language.filters import SIGNATURES
from pipeforge.language.snippets import settings
from pipeforge.reports.fields import Docs, chapter
from pipeforge.reports.plan import PROMISES


def page(kind: Kind, docs: Docs) -> str:
    """A kind's page, in Markdown."""
    out = [f"# {kind.name}", "", kind.doc.strip(), "", f"**{kind.guarantee}**: {PROMISES[kind.guarantee]}."]
    out += [f"A lost answer: {kind.recovery}."] if kind.recovery else []
    out += [_course(kind), ""]
    out += [*chapter("## Parameters (`with`)", kind.params, docs), ""]
    out += chapter("## Outputs", kind.outputs, docs, given=False)
    return "\n".join(out) + "\n"


def _course(kind: Kind) -> str:
    """How one goes on once it has begun."""
    if kind.role is Role.READS:
        return "It only asks, and asks again until there is an answer or the step's time is up."
    cancel = "can be canceled" if kind.cancellable else "cannot be canceled"
    if kind.role is Role.CHANGES:
        return f"It changes something at the vendor, and {cancel}."
    pace = f"every {duration(kind.pace.first)}, later every {duration(kind.pace.longest)}"
    return f"A running job {cancel}; it is looked at {pace}."


def connection_page(
    vendor: str, model: type[BaseModel], docs: Docs, limits: Limits, kinds: Sequence[str]
) -> str:
    """A vendor's page: what a connection to it is given, in Markdown."""
    out = [f"# {vendor}", "", " ".join((model.__doc__ or "").split()), ""]
    out += [f"Kinds: {', '.join(f'`{name}`' for name in kinds)}.", ""]
    out += ["```yaml", "connections:", "  any_name:", f"    vendor: {vendor}"]
    out += [*(f"    {key}: {example}" for key, example in settings(model).items()), "```", ""]
    out += [*chapter("## Settings", model, docs), "", f"Limits when none are given: {_limits(limits)}."]
    return "\n".join(out) + "\n"


def _limits(limits: Limits) -> str:
    rates = {"requests": limits.requests, "starts": limits.starts}
    known = [f"{name} {rate[0]}/{duration(rate[1])}" for name, rate in rates.items() if rate]
    known += [f"running {limits.running}"] if limits.running else []
    return ", ".join(known) or "none: the vendor documents no number"


TEMPLATE_NAMES: dict[str, str] = {
    "context_time": "the instant the run is for, in the pipeline's time zone",
    "context_time.year": "a part of it as a number; also month, day, hour, minute, second",
    "custom_variables.NAME": "a custom variable's value",
    "records.NAME": "a kintone record, as a mapping",
    "env.NAME": "an environment variable listed under `env:` of pipeforge.yaml",
    "secrets.NAME": "a secret, in connections only",
    "steps.ID.outputs.NAME": "what an earlier step gave; the step must be needed",
    "steps.ID.outputs": "of a step with `foreach`: a list with the outputs of each item, in order",
    "steps.ID.outcome": "how an earlier step ended: succeeded, failed, canceled, skipped, timed_out, "
    "blocked or unknown",
    "run.id": "the run's id",
    "run.attempt": "which attempt of the step this is",
    "item": "the item of a `foreach`, or the name its `as` gives",
}
"""What templates can name; parts in capitals stand for any name."""


def templates_page() -> str:
    """What may stand between ${{ and }}."""
    out = ["# Templates", "", "An expression stands between `${{` and `}}`. A value that is nothing but one"]
    out += ["expression keeps its type; anything else becomes text. There are no calls, only filters.", ""]
    out += ["```yaml", "if: ${{ steps.load.outcome == 'succeeded' and custom_variables.region != 'us' }}"]
    out += ["session_time: ${{ context_time | start_of('day') | shift(days=-1) }}", "```", ""]
    out += ["## Names", "", *(f"- `{name}`: {what}" for name, what in TEMPLATE_NAMES.items()), ""]
    out += ["## Filters", "", *(f"- `{signature}`" for signature in SIGNATURES.values())]
    return "\n".join(out) + "\n"
