"""Checks one file for `pipeforge lint`, here or in another process; never fails, whatever the file."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from pipeforge.commands.vendors import catalog
from pipeforge.errors import UsageError
from pipeforge.lint.linter import Report, check
from pipeforge.lint.results import Result
from pipeforge.lint.rules import RULES
from pipeforge.lint.telling import told
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.lint.unchecked import unchecked
from pipeforge.loading import load

_NO_TEXTS: Mapping[Path, bytes] = {}


def left_out(select: Sequence[str], ignore: Sequence[str]) -> tuple[str, ...]:
    """The rules that a command line leaves out. Raises UsageError for codes that no rule has."""
    codes: tuple[str, ...] = load("pipeforge.lint.selecting:left_out")(select, ignore, RULES)
    return codes


def checker(environment: str | None, ignore: tuple[str, ...], language: Language) -> partial[Result]:
    """What `check_one` needs beside the file."""
    return partial(check_one, environment=environment, ignore=ignore, language=language)


def again(
    environment: str | None, ignore: tuple[str, ...], language: Language
) -> Callable[[Path, Mapping[Path, str]], Report]:
    """Checks a file as it would be with these texts: for those who change files. Raises UsageError."""

    def look(file: Path, texts: Mapping[Path, str]) -> Report:
        return check(file, catalog(), environment=environment, ignore=ignore, texts=texts, language=language)

    return look


def check_one(
    file: Path,
    texts: Mapping[Path, bytes] = _NO_TEXTS,
    *,
    environment: str | None,
    ignore: tuple[str, ...],
    language: Language,
) -> Result:
    """All findings of one file. `texts`: what stands for the content of files, by resolved path."""
    try:
        report = check(
            file, catalog(), environment=environment, ignore=ignore, texts=texts, language=language
        )
    except UsageError as error:
        return Result((told(unchecked(file, error), catalogue(language)),), {})
    return Result(report.diagnostics, needed(report), None if texts else report.inputs)


def needed(report: Report) -> dict[Path, str]:
    """The texts of the files with findings: of a thousand clean files none is held in memory."""
    about = {one.path for one in report.diagnostics}
    return {path: text for path, text in report.texts.items() if path in about}
