"""Which language the environment asks for."""

from __future__ import annotations

import os

from pipeforge.errors import UsageError

VARIABLE = "PIPEFORGE_LANG"

KNOWN = ("en", "ja")
"""Those that there is a catalogue of."""

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX asks them: the first that is set speaks for the messages."""


def of_environment() -> str:
    """That of the variable of ours, else of the locale. Raises UsageError when ours names none we have."""
    ours = os.environ.get(VARIABLE, "")
    if ours:
        meant = next((known for known in KNOWN if _is(ours, known)), None)
        if meant is None:
            raise UsageError(f"{VARIABLE} cannot be '{ours}'", f"choose one of {', '.join(KNOWN)}")
        return meant
    locale = next((value for name in _LOCALE if (value := os.environ.get(name))), "")
    return next((known for known in KNOWN if _is(locale, known)), KNOWN[0])


def _is(locale: str, language: str) -> bool:
    """Whether a locale such as `ja_JP.UTF-8` is of a language."""
    return locale.replace("_", "-").replace(".", "-").casefold().split("-")[0] == language
