"""Vendors that installed packages bring along: found by their entry points, asked only where ours end."""

import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import PurePath
from typing import Any, NamedTuple, TypeVar

from pipeforge.adapter import Json, Kind
from pipeforge.adapters import CONNECTIONS
from pipeforge.adapters.drafts import Draft
from pipeforge.adapters.settings import ConnectionSettings
from pipeforge.adapters.vendor import Vendor
from pipeforge.errors import PipeforgeError, UsageError
from pipeforge.language.lock import Thing
from pipeforge.loading import load

T = TypeVar("T")

GROUP = "pipeforge.vendors"
"""The entry points that are looked for; looking reads the metadata of every installed package."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KIND = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9]*(_[a-z0-9]+)+")
_TAKEN = ("afresh", "faults")
"""What a world file says beside its vendors."""

MEND = "mend that package, or uninstall it"


class Entry(NamedTuple):
    """An entry point."""

    package: str
    """Name and version."""
    target: str


@cache
def entries() -> Mapping[str, Entry]:
    """By vendor. Raises UsageError for a name that is no name, is one of ours, or is there twice."""
    found: dict[str, Entry] = {}
    for point in load("importlib.metadata:entry_points")(group=GROUP):
        entry = Entry(f"{point.dist.name} {point.dist.version}", point.value)
        other = "pipeforge itself" if point.name in CONNECTIONS else _taken(point.name, found, entry)
        if other:
            raise UsageError(
                f"package '{entry.package}' offers a vendor '{point.name}', as {other} does",
                "give it another name there, or uninstall one of the two",
            )
        if not _NAME.fullmatch(point.name) or point.name in _TAKEN:
            raise _wrong(point.name, entry, "that is no name for one", "take small letters, digits and _")
        found[point.name] = entry
    return dict(sorted(found.items()))


def _taken(name: str, found: Mapping[str, Entry], entry: Entry) -> str:
    """Who else offers it. The same package may be met twice, on two paths."""
    return f"package '{found[name].package}'" if name in found and found[name] != entry else ""


@cache
def vendor(name: str) -> Vendor:
    """What its package says of a vendor. Raises KeyError if none is, UsageError if it is wrong."""
    entry = entries()[name]
    found = _loaded(name, entry.target)
    if not isinstance(found, Vendor):
        raise _wrong(name, entry, f"'{entry.target}' is no pipeforge.adapters.vendor:Vendor")
    if found.name != name:
        raise _wrong(name, entry, f"'{entry.target}' calls itself '{found.name}'", "give both the same name")
    if not (isinstance(found.kinds, Mapping) and found.kinds):
        raise _wrong(name, entry, f"'{entry.target}' has no kinds by their names")
    for kind in found.kinds:
        if not (_KIND.fullmatch(kind) and kind.startswith(f"{name}.")):
            raise _wrong(name, entry, f"its kind '{kind}' is not named {name}.verb_noun", "rename it there")
    return found


def names() -> list[str]:
    """The kinds of all of them. Raises UsageError for a package that is wrong."""
    return [kind for name in entries() for kind in vendor(name).kinds]


def offers(kind: str) -> bool:
    """Whether one of them has this kind. Nothing is looked for under the name of a vendor of ours."""
    name, dot, _ = kind.partition(".")
    return bool(dot) and name not in CONNECTIONS and name in entries() and kind in vendor(name).kinds


def kind(name: str) -> Kind:
    """A kind. Raises KeyError where there is none, UsageError where its package is wrong."""
    if not offers(name):
        raise KeyError(name)
    owner = name.partition(".")[0]
    target = vendor(owner).kinds[name]
    found = _loaded(owner, target)
    if not isinstance(found, Kind) or found.name != name:
        raise _wrong(owner, entries()[owner], f"'{target}' is no pipeforge.adapter:Kind named '{name}'")
    return found


def connection_model(name: str) -> type[ConnectionSettings]:
    """The model of a vendor's connection. Raises as `kind` does."""
    target = vendor(name).connection
    found = _loaded(name, target)
    if not (isinstance(found, type) and issubclass(found, ConnectionSettings)):
        base = "pipeforge.adapters.settings:ConnectionSettings"
        raise _wrong(name, entries()[name], f"'{target}' is no model that derives from {base}")
    return found


def connect(name: str) -> Callable[..., Any]:
    """What makes its client."""
    make = _loaded(name, vendor(name).client)

    def connected(*given: Any, **more: Any) -> Any:
        with _called(name, "client"):
            return make(*given, **more)

    return connected


def adapter(kind: Kind) -> Callable[..., Any]:
    """What makes the adapter of a kind."""
    name, target = kind.vendor, vendor(kind.vendor).adapters
    made = _loaded(name, target)
    if not isinstance(made, Mapping) or kind.name not in made:
        raise _wrong(name, entries()[name], f"'{target}' has no adapter for '{kind.name}'")

    def adapted(*given: Any) -> Any:
        with _called(name, f"adapter of '{kind.name}'"):
            return made[kind.name](*given)

    return adapted


def shape(kind: str) -> str:
    """Where the model of a kind's handle is; empty for no kind of theirs. Raises ValueError if unsaid."""
    if not offers(kind):
        return ""
    name = kind.partition(".")[0]
    if kind not in vendor(name).handles:
        raise ValueError(f"package '{entries()[name].package}' does not say what its handles hold")
    return vendor(name).handles[kind]


async def inspected(name: str, client: Any, what: str, names: tuple[Json, ...]) -> Thing:
    """What its inspector says of a thing. Raises UsageError where there is none, or it is wrong."""
    look = _optional(name, "inspector", "nothing can be looked up there", "leave --online out")
    with _called(name, "inspector"):
        found = await look(client, what, names)
    return _fit(name, "inspector", found, Thing, "pipeforge.language.lock:Thing")


async def drafted(name: str, client: Any, names: Sequence[str]) -> Draft:
    """What its importer draws up. Raises UsageError where there is none, or it is wrong."""
    draw = _optional(name, "importer", "nothing can be imported from there", "write the pipeline by hand")
    with _called(name, "importer"):
        found = await draw(client, names)
    return _fit(name, "importer", found, Draft, "pipeforge.adapters.drafts:Draft")


def _fit(name: str, part: str, found: Any, wanted: type[T], target: str) -> T:
    if isinstance(found, wanted):
        return found
    raise _wrong(name, entries()[name], f"its {part} gives a '{type(found).__name__}' and no {target}")


@contextmanager
def _called(name: str, part: str) -> Iterator[None]:
    """What a stranger's code raises is told with its package; not in its words, which may hold a secret."""
    try:
        yield
    except PipeforgeError:
        raise
    except Exception as error:
        *_, last = traceback.extract_tb(error.__traceback__)
        place = f"{PurePath(last.filename).name}:{last.lineno}"
        why = f"its {part} fails: {type(error).__name__} at {place}"
        raise _wrong(name, entries()[name], why) from None


def emulator(name: str) -> Any:
    """Its emulators' Package. Raises UsageError where there is none, or it is wrong."""
    found = _optional(name, "emulator", "--emulate cannot stand in for it", "run without --emulate")
    _fit(
        name, "emulator", found, load("pipeforge.emulators.core:Package"), "pipeforge.emulators.core:Package"
    )
    if found.name != name:
        raise _wrong(
            name, entries()[name], f"its emulator calls itself '{found.name}'", "give both the same name"
        )
    return found


def _optional(name: str, part: str, then: str, mend: str) -> Any:
    target = getattr(vendor(name), part)
    if not target:
        message = f"vendor '{name}' of package '{entries()[name].package}' has no {part}: {then}"
        raise UsageError(message, f"{mend}, or ask for one where the package comes from")
    return _loaded(name, target)


def emulators() -> dict[str, Any]:
    """The Packages of those that have one; what is wrong with the others is told by who needs them."""
    found = {}
    for name in _told():
        try:
            found[name] = emulator(name)
        except UsageError:
            continue
    return found


def importable() -> list[str]:
    """Those from which something can be imported; what is wrong with the others is told by who needs them."""
    return [name for name in _sound() if vendor(name).importer]


def _told() -> list[str]:
    try:
        return list(entries())
    except UsageError:
        return []


def blamed(error: BaseException) -> str:
    """The package in whose modules an error came to be; empty where in none of them. Raises nothing."""
    tops = {vendor(name).connection.partition(".")[0]: entries()[name].package for name in _sound()}
    frames = (frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__))
    return next((tops[top] for frame in frames if (top := frame.partition(".")[0]) in tops), "")


def _sound() -> list[str]:
    """Vendors whose package can be told of."""
    found = []
    for name in _told():
        try:
            found += [vendor(name).name]
        except UsageError:
            continue
    return found


def _loaded(name: str, target: str) -> Any:
    try:
        return load(target)
    except (Exception, SystemExit) as error:  # a stranger's module may raise whatever it likes
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        cause = " ".join(why.split())
    raise _wrong(name, entries()[name], f"'{target}' cannot be loaded: {cause}")


def _wrong(name: str, entry: Entry, why: str, mend: str = MEND) -> UsageError:
    return UsageError(f"package '{entry.package}' offers the vendor '{name}', but {why}", mend)
