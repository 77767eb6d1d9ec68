"""How a kind that asks or changes is tried: one row of the operation contract."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """Its parameters, the settings of its connection, and the request that faults strike."""

    params: dict
    settings: dict
    route: str
    """`METHOD /path` of the emulator's route: of a change the request that changes, of a read the first."""
    world: dict = field(default_factory=dict)
    gives: dict = field(default_factory=dict)
    """Outputs that must be just so."""
