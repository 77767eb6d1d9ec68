"""What lint is told of the vendors: it imports none of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pipeforge.language.forms import Form, Sketch
from pipeforge.language.sketches import PIPELINE, PROJECT, VARIABLE

if TYPE_CHECKING:
    from pipeforge.language.lock import Lock


class Catalog(NamedTuple):
    """Every kind and every vendor there is."""

    kinds: Mapping[str, Sketch]
    """By name. Names are known at once; a look-up may load that vendor, so only used kinds are looked up."""
    vendors: Sequence[str]
    connection: Callable[[str], Form]
    """The settings of a vendor's connection."""
    lock: "Lock | None" = None
    """What somebody has just seen there, instead of what is kept in a file beside the pipeline."""
    by_lock: bool = True
    """Whether that file counts: not for those who are about to ask the vendors themselves."""
    pipeline: Form = PIPELINE
    project: Form = PROJECT
    variable: Form = VARIABLE
    """Of a custom variable that is declared."""
