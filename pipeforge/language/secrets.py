"""Secrets come from the environment or a .env file, and never go anywhere but into a connection."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeforge.errors import UsageError
from pipeforge.language.nearest import nearest

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")


class Secrets(Mapping[str, str]):
    """Secrets by name. Remembers which were read, so that exactly those can be masked everywhere."""

    def __init__(self, environment: Mapping[str, str], dotenv: Mapping[str, str]) -> None:
        self._values = {**dotenv, **environment}
        self.used: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        value = self._values.get(name, "")
        if not value:
            near = nearest(name, self._values) if name not in self._values else None
            meant = f"did you mean {near}? else " if near else ""
            raise UsageError(
                f"secret '{name}' is not set", f"{meant}export {name}, or put {name}=… into .env"
            )
        self.used[name] = value
        return value

    def need(self, names: Iterable[str], place: Path) -> None:
        """Raises UsageError naming every secret that is not set. `place`: the folder of .env."""
        unset = [name for name in dict.fromkeys(names) if not self._values.get(name)]
        if len(unset) == 1:
            self[unset[0]]
        if unset:
            listed = ", ".join(f"'{name}'" for name in unset)
            hint = f"export them, or put a line NAME=… for each into '{place / '.env'}'"
            raise UsageError(f"secrets {listed} are not set", hint)

    def __contains__(self, name: object) -> bool:
        # Always: a secret that is not set is an error of its own, with its own mend, when it is read.
        return isinstance(name, str)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({len(self._values)} names)"


class EmulatedSecrets(Secrets):
    """Stands in for secrets against an emulator: made up, so that no real one is ever used in a trial."""

    def __init__(self) -> None:
        super().__init__({}, {})

    def __getitem__(self, name: str) -> str:
        return f"emulated-{name}"

    def need(self, names: Iterable[str], place: Path) -> None:
        """Every one is there."""


def dotenv(folder: Path) -> dict[str, str]:
    """The .env file of a folder, or nothing. Raises UsageError naming the line, never its value."""
    path = folder / ".env"
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"cannot read '{path}'", "check its permissions and that it is UTF-8") from None
    out = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise UsageError(
                f"'{path}' line {number} is not NAME=value", "one secret a line, no spaces in its name"
            )
        out[found[1]] = _unquoted(found[2])
    return out


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.split(" #", 1)[0].rstrip()
