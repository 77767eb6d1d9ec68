"""How much was found, in one line."""

from collections.abc import Sequence

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.saying import Said, say, tell
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.saying import SEVERITIES, in_files


def summary(diagnostics: Sequence[Diagnostic], files: int, language: Language = "en") -> str:
    """How many of what, in how many files: the last line of a lint."""
    numbers = [(name, sum(one.severity == name for one in diagnostics)) for name in SEVERITIES]
    counts = [_count(name, number) for name, number in numbers if number]
    listed = counts[0] if counts else say("no findings")
    for count in counts[1:]:
        listed = say("{counts}, {count}", counts=listed, count=count)
    return tell(in_files(listed, files), catalogue(language)) + "\n"


def _count(severity: str, number: int) -> Said:
    noun = SEVERITIES[severity]
    if number == 1 or severity == "info":
        return say("{count} {noun}", count=number, noun=noun)
    return say("{count} {noun}s", count=number, noun=noun)
