"""Which language a command tells its findings and errors in: that of a flag, else of the environment."""

import argparse
from collections.abc import Sequence

from pipeforge.commands.languages import VARIABLE, of_environment
from pipeforge.errors import PipeforgeError, UsageError
from pipeforge.language.saying import say, tell
from pipeforge.lint.tongues import LANGUAGES, Language, catalogue


def language_argument(parser: argparse.ArgumentParser) -> None:
    """--lang; what was given is in `args.lang`."""
    parser.add_argument(
        "--lang", choices=LANGUAGES, help=f"the language of findings; default: that of {VARIABLE}, then LANG"
    )


def language(args: argparse.Namespace) -> Language:
    """What was chosen. Raises UsageError when the variable of ours names no language we have."""
    given: Language | None = getattr(args, "lang", None)
    return given or _of_environment()


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
        return _of_environment()
    except UsageError:
        return "en"


def _of_environment() -> Language:
    meant = of_environment()
    return next(one for one in LANGUAGES if one == meant)
