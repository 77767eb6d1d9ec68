"""Findings in the words of a language: the one place where a message is translated and, when long, cut."""

from collections.abc import Mapping

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.saying import overheard, tell

_LONGEST = 300
"""Characters of a message or a hint; what authors wrote is quoted in them, and may be of any length."""


def told(one: Diagnostic, tongue: Mapping[str, str]) -> Diagnostic:
    """The same finding with all its words by a catalogue; places, codes and edits are untouched."""
    return one._replace(
        message=_short(tell(one.message, tongue)),
        hint=_short(tell(one.hint, tongue)) if one.hint else None,
        see_also=tuple((span, tell(label, tongue)) for span, label in one.see_also),
        fix=one.fix and one.fix._replace(title=overheard(tell(one.fix.title, tongue))),
    )


def _short(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} … {text[-half:]}"
