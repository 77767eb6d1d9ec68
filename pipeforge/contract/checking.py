"""Tells the author of a suite what is wrong with how it is set up: nothing that an adapter does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from pydantic import ValidationError

from pipeforge import adapters
from pipeforge.adapter import Json, Kind
from pipeforge.adapters.settings import ConnectionSettings
from pipeforge.errors import UsageError


def refuse(message: str, hint: str) -> NoReturn:
    """Fails the test with a message and no traceback."""
    told = f"the suite is not set up rightly: {message}\nhelp: {hint}"
    raise pytest.fail.Exception(told, pytrace=False) from None


@contextmanager
def set_up(name: str, mend: str) -> Iterator[None]:
    """What cannot be made of a case is told in words."""
    try:
        yield
    except UsageError as error:
        refuse(f"{name}: {error.message}", error.hint)
    except ValueError as error:
        refuse(f"{name}: {error}", mend)


def kind(name: str) -> Kind:
    """A kind."""
    known = adapters.kinds()
    with set_up(name, "mend the package"):
        if name in known:
            return known[name]
    there = ", ".join(each for each in known if each.startswith(f"{name.partition('.')[0]}."))
    refuse(
        f"there is no kind '{name}'" + (f"; its vendor has {there}" if there else ""),
        "spell it as the package does, and install the package where the tests run: pip install -e .",
    )


def params(of: Kind, given: Mapping[str, Json]) -> Any:
    """A case's parameters."""
    return _read(of.name, "params", of.params, dict(given))


def settings(vendor: str, given: Mapping[str, Json]) -> ConnectionSettings:
    """The settings of a case's connection."""
    with set_up(vendor, "mend the package"):
        model = adapters.connection_model(vendor)
    found: ConnectionSettings = _read(vendor, "settings", model, {"vendor": vendor, **given})
    return found


def _read(name: str, what: str, model: Any, given: Mapping[str, Json]) -> Any:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join([what, *map(str, first["loc"])])
    refuse(f"{name}: {place}: {first['msg']}", "mend the case")
