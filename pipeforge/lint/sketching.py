"""Makes what lint sees of models and kinds: of those installed beside us, and of ours, to be written down."""

from pydantic import BaseModel

from pipeforge.adapter import Kind
from pipeforge.language.forms import Form, Settings, Sketch
from pipeforge.language.model_types import of_model
from pipeforge.language.shapes import shape_of
from pipeforge.lint.annotations import credential_maps, credentials


def form_of(model: type[BaseModel]) -> Form:
    """A model whose data is looked at."""
    return Form(_place(model), shape_of(model), held=model)


def outputs_of(model: type[BaseModel]) -> Form:
    """A model that templates read."""
    return Form(_place(model), gives=of_model(model), held=model)


def connection_of(model: type[BaseModel]) -> Form:
    """A model of a connection's settings."""
    preset, strict = getattr(model, "PRESET", None), getattr(model, "STRICT", ())
    limits = {name: getattr(preset, name, None) for name in strict}
    settings = Settings(
        secrets=credentials(model),
        secret_maps=credential_maps(model),
        outdated=getattr(model, "OUTDATED", {}),
        one_place={name: _usual(model, name) for name in getattr(model, "ONE_PLACE", ())},
        strict={name: limit for name, limit in sorted(limits.items()) if limit},
    )
    return form_of(model)._replace(settings=settings)


def sketch_of(kind: Kind, at: str = "") -> Sketch:
    """A kind. `at`: where it is found again."""
    params, outputs = form_of(kind.params), outputs_of(kind.outputs)
    bare = Sketch(kind.name, at, params, outputs, kind.guarantee, kind.cancellable, kind.traits, kind.vendor)
    return bare._replace(role=kind.role, held=None if at else kind)


def _usual(model: type[BaseModel], name: str) -> str | None:
    default = model.model_fields[name].default
    return default if isinstance(default, str) else None


def _place(model: type[BaseModel]) -> str:
    return f"{model.__module__}:{model.__qualname__}"
