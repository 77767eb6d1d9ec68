"""What lint tells other programs: its findings in their formats, into a file or a step's summary."""

import io
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeforge.commands.streams import out, talk
from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.lint.tongues import Language
from pipeforge.loading import load

_ROOTS = {"github": "GITHUB_WORKSPACE", "sarif": "GITHUB_WORKSPACE", "gitlab": "CI_PROJECT_DIR"}
"""By format, the variable that names the folder from which its readers count paths; else the current one."""


def rendered(
    format_: str,
    module: str,
    found: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    files: Sequence[Path],
    language: Language,
) -> str:
    """The findings in a format, each path as its readers count it."""
    base = Path(os.environ.get(_ROOTS.get(format_, ""), "") or Path.cwd())
    near = {path: _near(path, base) for path in {*texts, *files, *(one.path for one in found)}}
    text: str = load(f"pipeforge.reports.{module}:render")(
        [one._replace(path=near[one.path]) for one in found],
        {near[path]: text for path, text in texts.items()},
        [near[path] for path in files],
        language,
    )
    return text


def statistics(found: Sequence[Diagnostic], format_: str, language: Language) -> str:
    """The findings counted. Raises UsageError for a format that has no place for counts."""
    if format_ not in ("full", "json"):
        raise UsageError(f"--statistics cannot be told as '{format_}'", "leave --format out, or choose json")
    report = load("pipeforge.reports.statistics")
    counted: str = report.as_json(found) if format_ == "json" else report.table(found, language)
    return counted


def _near(path: Path, base: Path) -> Path:
    """A path as seen from `base`, also through links; as it was given where it is not below."""
    whole = Path(os.path.normpath(Path.cwd() / path))
    through = Path(os.path.realpath(whole.parent), whole.name)
    for one, root in ((whole, base), (through, Path(os.path.realpath(base)))):
        if one.is_relative_to(root):
            return one.relative_to(root)
    return path


def deliver(text: str, file: Path | None) -> None:
    """Writes to stdout, or all of it into a file or, when that fails, nothing: what the file held stays.

    In UTF-8 either way, whatever the locale: the formats say so of themselves.
    Raises UsageError when the file cannot be written; the text has gone to stdout then, and is not lost.
    """
    if file is None:
        _out(text)
        return
    try:
        _replace(file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        _out(text)
        raise UsageError(f"cannot write '{file}': {error.strerror}", "choose another --output-file") from None


def _out(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    out(text)


def _replace(file: Path, content: bytes) -> None:
    target = Path(os.path.realpath(file))  # a link stays one
    if target.exists() and not target.is_file():
        target.write_bytes(content)  # a pipe or a device; a folder refuses
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(content)
        if target.exists():
            draft.chmod(target.stat().st_mode & 0o777)
        draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink()


def summarize(found: Sequence[Diagnostic], language: Language) -> None:
    """Beyond what GitHub shows of a step: a summary where it reads one, or a warning that it cannot be."""
    place = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not place or len(found) <= load("pipeforge.reports.github:SHOWN"):
        return
    text: str = load("pipeforge.reports.github:summary")(found, language)
    try:
        with Path(place).open("a", encoding="utf-8", errors="backslashreplace") as summary:
            summary.write(text)
    except OSError as error:
        talk(f"warning: cannot write the step's summary '{place}': {error.strerror}\n")
