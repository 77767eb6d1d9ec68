"""What lint is told of the vendors: it imports none of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel

from pipeforge.adapter import Kind

if TYPE_CHECKING:
    from pipeforge.language.lock import Lock


class Catalog(NamedTuple):
    """Every kind and every vendor there is."""

    kinds: Mapping[str, Kind]
    """By name. Names are known at once; a look-up may load that vendor, so only used kinds are looked up."""
    vendors: Sequence[str]
    connection_model: Callable[[str], type[BaseModel]]
    """The settings of a vendor's connection."""
    lock: "Lock | None" = None
    """What somebody has just seen there, instead of what is kept in a file beside the pipeline."""
    by_lock: bool = True
    """Whether that file counts: not for those who are about to ask the vendors themselves."""
