"""What the killed processes run: a step `it` of a kind, a step `after` it, and what goes wrong beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, SecretStr

from pipeforge import adapters
from pipeforge.adapter import Json, Kind
from pipeforge.contract import checking
from pipeforge.contract.cases import Case

AFTER = {"project": "after", "workflow": "w", "session_time": "${{ context_time }}"}
"""Of the step after: a workflow of Treasure's, of which it can always be told whether it was started."""

_TREASURE = {"vendor": "treasure", "api_key": "${{ secrets.AFTER_API_KEY }}"}
_KEY = {"AFTER_API_KEY": "1234/after0123456789"}

_ANYWHERE = "http://emulators.invalid"
"""Only once there is a stage is it known where they are."""

POLL = {"interval": "5s", "max_interval": "5s"}
QUICK = {"interval": "0.1s", "max_interval": "0.1s"}
"""Where time is not jumped over."""


@dataclass(frozen=True)
class Script:
    """A kind with all that a pipeline needs to run a step of it."""

    kind: str
    given: Mapping[str, Json]
    """What stands under `with`."""
    connections: Mapping[str, Mapping[str, Json]]
    """By name, with `vendor`; where the emulators are is added. One is the kind's, one Treasure's."""
    worlds: Mapping[str, Mapping[str, Json]]
    """By how jobs go: `short`, and of `failing`, `long`, `endless` those that there are."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The secrets that connections name."""

    def known(self) -> Kind:
        """The kind."""
        return adapters.kinds()[self.kind]


@dataclass(frozen=True)
class Trouble:
    """What goes wrong beside the kills."""

    name: str
    course: str = "short"
    step: Mapping[str, Json] = field(default_factory=dict)
    fault: Mapping[str, Json] | None = None
    """Strikes the first call that starts something."""
    interrupted: bool = False
    ends: frozenset[str] = frozenset()
    """Outcomes that a kill may lead to beside that of the uninjured run."""


NOTHING = Trouble("nothing")
TROUBLES = (
    NOTHING,
    Trouble("an answer lost", fault={"do": "lose_answer"}),
    Trouble(
        "a refusal for now",
        fault={"do": "rate_limited", "retry_after": 5},
        ends=frozenset({"succeeded"}),  # where it is final: a refusal that was not heard is asked for again
    ),
    Trouble("a job that failed", course="failing", step={"retry": {"max_attempts": 2, "delay": "10s"}}),
    Trouble("a timeout", course="endless", step={"timeout": "15s"}),
    Trouble(
        "an interrupt",
        course="long",
        step={"on_interrupt": "cancel"},
        interrupted=True,
        ends=frozenset({"succeeded", "canceled"}),
    ),
    Trouble(
        "an interrupt",
        course="endless",
        step={"on_interrupt": "cancel"},
        interrupted=True,
        ends=frozenset({"canceled", "timed_out"}),  # whoever is killed before it cancels has not heard of it
    ),
)


def troubles(script: Script) -> list[Trouble]:
    """Those that can be played: once each, in the first of their worlds that there is."""
    played = [trouble for trouble in TROUBLES if trouble.course in script.worlds]
    return list({trouble.name: trouble for trouble in reversed(played)}.values())[::-1]


def script_of(name: str, case: Case) -> Script:
    """The script of a case."""
    kind = checking.kind(name)
    checking.params(kind, case.params)
    hidden = _secrets(checking.settings(kind.vendor, {"base_url": _ANYWHERE, **case.settings}))
    settings = {key: f"${{{{ secrets.IT_{key.upper()} }}}}" for key in hidden}
    worlds = {"short": case.world, "failing": case.failing, "endless": case.endless}
    ours = {"treasure": _TREASURE} if kind.vendor != "treasure" else {}
    return Script(
        name,
        case.params,
        {"it": {"vendor": kind.vendor, **case.settings, **settings}, **ours},
        {
            course: {kind.vendor: world, **({"treasure": {"course": {"seconds": 0}}} if ours else {})}
            for course, world in worlds.items()
            if world or course == "short"
        },
        {**_KEY, **{f"IT_{key.upper()}": value for key, value in hidden.items()}},
    )


def _secrets(settings: BaseModel) -> dict[str, str]:
    every = ((name, getattr(settings, name)) for name in type(settings).model_fields)
    return {name: value.get_secret_value() for name, value in every if isinstance(value, SecretStr)}


def steps(script: Script, trouble: Trouble) -> dict[str, Json]:
    """The two steps."""
    it = {"uses": script.kind, "with": script.given, "poll": POLL, "timeout": "10m", **trouble.step}
    after = {"needs": "it", "uses": "treasure.run_workflow", "with": AFTER, "timeout": "10m"}
    return {"it": it, "after": after}


def pipeline(script: Script, trouble: Trouble) -> dict[str, Json]:
    """The pipeline of a script."""
    return {"name": "crash", "connections": script.connections, "steps": steps(script, trouble)}


def world(script: Script, trouble: Trouble, fault: Mapping[str, Json] | None) -> dict[str, Json]:
    """The world that it is played in."""
    return {**script.worlds[trouble.course], "faults": [fault] if fault else []}
