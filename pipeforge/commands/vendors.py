"""What lint needs to know of the vendors, apart from all that running a pipeline needs."""

from collections.abc import Iterator, Mapping
from functools import cache

from pipeforge import adapters
from pipeforge.language.forms import Form, Sketch
from pipeforge.language.sketches import PIPELINE, PROJECT, STEP, VARIABLE
from pipeforge.language.subpipeline import NAME
from pipeforge.language.surely import UNSURE
from pipeforge.lint.catalog import Catalog
from pipeforge.loading import load


def catalog() -> Catalog:
    """Every kind, vendor and connection, each loaded when it is asked for."""
    return Catalog(_Kinds(), adapters.vendors(), _connection)


def exact() -> Catalog:
    """The same, with all data shown to the models themselves: slower, and what `catalog` is held to."""
    forms = [form._replace(shape=UNSURE) for form in (PIPELINE, PROJECT, VARIABLE)]
    return Catalog(_Exact(), adapters.vendors(), _exact_connection)._replace(
        pipeline=forms[0], project=forms[1], variable=forms[2]
    )


class _Kinds(Mapping[str, Sketch]):
    """Ours as they were written down, those of installed packages as they are, and `pipeline`."""

    def __getitem__(self, name: str) -> Sketch:
        if name == NAME:
            return STEP
        if name not in adapters.KINDS:
            return _foreign(name)
        known: Mapping[str, Sketch] = load(f"pipeforge.adapters.{name.partition('.')[0]}.sketches:KINDS")
        return known[name]

    def __iter__(self) -> Iterator[str]:
        yield from adapters.kinds()
        yield NAME

    def __len__(self) -> int:
        return len(adapters.kinds()) + 1

    def __contains__(self, name: object) -> bool:
        return name == NAME or name in adapters.kinds()


class _Exact(_Kinds):
    """With forms that tell nothing of what is right."""

    def __getitem__(self, name: str) -> Sketch:
        return _doubted(super().__getitem__(name))


@cache
def _foreign(name: str) -> Sketch:
    sketch: Sketch = load("pipeforge.lint.sketching:sketch_of")(adapters.kinds()[name])
    return sketch


def _connection(vendor: str) -> Form:
    if vendor not in adapters.CONNECTIONS:
        return _foreign_connection(vendor)
    form: Form = load(f"pipeforge.adapters.{vendor}.sketches:CONNECTION")
    return form


@cache
def _foreign_connection(vendor: str) -> Form:
    form: Form = load("pipeforge.lint.sketching:connection_of")(adapters.connection_model(vendor))
    return form


@cache
def _doubted(sketch: Sketch) -> Sketch:
    return sketch._replace(params=sketch.params._replace(shape=UNSURE))


def _exact_connection(vendor: str) -> Form:
    return _connection(vendor)._replace(shape=UNSURE)
