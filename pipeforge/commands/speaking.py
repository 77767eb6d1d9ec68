"""Which language a command tells its findings and errors in: that of a flag, else of the environment."""

import argparse
import os
from collections.abc import Sequence

from pipeforge.errors import PipeforgeError, UsageError
from pipeforge.language.saying import say, tell
from pipeforge.lint.tongues import LANGUAGES, Language, catalogue

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


def told(error: PipeforgeError, arguments: Sequence[str]) -> str:
    """The lines that tell a person of an error; what was not said in a language we have stays as it is."""
    tongue = catalogue(_asked(arguments))
    lines = f"{tell(say('error'), tongue)}: {tell(error.message, tongue)}\n"
    return lines + f"{tell(say('help'), tongue)}: {tell(error.hint, tongue)}\n" if error.hint else lines


def _asked(arguments: Sequence[str]) -> Language:
    """What is asked for by words that may not have been understood."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        given = following if word == "--lang" else word.removeprefix("--lang=")
        if given != word and given in LANGUAGES:
            return next(one for one in LANGUAGES if one == given)
    try:
        return of_environment()
    except UsageError:
        return "en"


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
