"""Which language a command tells its findings in: that of a flag, else of the environment."""

import argparse
import os

from pipeforge.errors import UsageError
from pipeforge.lint.tongues import LANGUAGES, Language

VARIABLE = "PIPEFORGE_LANG"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX asks them: the first that is set speaks for the messages."""


def language_argument(parser: argparse.ArgumentParser) -> None:
    """--lang; what was given is in `args.lang`."""
    parser.add_argument(
        "--lang", choices=LANGUAGES, help=f"the language of findings; default: that of {VARIABLE}, then LANG"
    )


def language(args: argparse.Namespace) -> Language:
    """What was chosen. Raises UsageError when the variable of ours names no language we have."""
    given: Language | None = getattr(args, "lang", None)
    return given or of_environment()


def of_environment() -> Language:
    """The language of the environment. Raises UsageError as above."""
    ours = os.environ.get(VARIABLE, "")
    if ours:
        meant = next((known for known in LANGUAGES if _is(ours, known)), None)
        if meant is None:
            raise UsageError(f"{VARIABLE} cannot be '{ours}'", f"choose one of {', '.join(LANGUAGES)}")
        return meant
    locale = next((value for name in _LOCALE if (value := os.environ.get(name))), "")
    return next((known for known in LANGUAGES if _is(locale, known)), "en")


def _is(locale: str, language: Language) -> bool:
    """Whether a locale such as `ja_JP.UTF-8` is of a language."""
    return locale.replace("_", "-").replace(".", "-").casefold().split("-")[0] == language
