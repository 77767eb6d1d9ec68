"""The languages findings are told in, and the catalogue of each: a template to the same in that language."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from pipeforge.loading import load

Language = Literal["en", "ja"]

LANGUAGES: tuple[Language, ...] = get_args(Language)

_NOTHING: Mapping[str, str] = {}
_FOLDER = Path(__file__).parent


def catalogue(language: Language) -> Mapping[str, str]:
    """By English template, the same in a language; empty for English, which is what messages are made in."""
    return _NOTHING if language == "en" else _read(language)


@lru_cache(maxsize=len(LANGUAGES))
def _read(language: str) -> Mapping[str, str]:
    sections = load("json:loads")((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return {template: told for section in sections.values() for template, told in section.items()}
