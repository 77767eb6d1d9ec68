"""What a package from elsewhere says of its vendor, under the entry-point group `pipeforge.vendors`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's parts, each as `package.module:NAME`, imported when it is first needed."""

    name: str
    """What connections say under `vendor`; the entry point is called the same."""
    kinds: Mapping[str, str]
    """By `vendor.verb_noun` as `uses` says it: each a `pipeforge.adapter:Kind`."""
    connection: str
    """Its model of a connection, which derives from `pipeforge.adapters.settings:ConnectionSettings`."""
    client: str
    """`connect(name, settings, *, app=None)`, which gives a `pipeforge.adapters.connections:Client`."""
    adapters: str
    """By kind, what makes the adapter over a client; it is also given a folder if `Traits.paths` is set."""
    inspector: str = ""
    """`inspect(client, what, names)`, a `pipeforge.language.lock:Thing`, for `lint --online` and `drift` of
    what kinds name in `Traits.names`; empty where nothing can be looked up."""
    importer: str = ""
    """`draft(client, names)`, a `pipeforge.adapters.drafts:Draft` of what is called so there, for `import`;
    empty where nothing can be drawn up."""
    emulator: str = ""
    """A `pipeforge.emulators.core:Package`, for `--emulate`; empty where there is none."""
    handles: Mapping[str, str] = field(default_factory=dict)
    """By kind, the Pydantic model of its handle, for `settle --handle` with one that is given whole."""
