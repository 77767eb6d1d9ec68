"""Changes files as `pipeforge lint` is asked to: fixes and suppressions, written or shown as a diff."""

import argparse
import difflib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from pipeforge.commands.streams import out, talk
from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.saying import say, tell
from pipeforge.lint.fixing import fix
from pipeforge.lint.ignoring import ignore
from pipeforge.lint.linter import LINE, Report
from pipeforge.lint.rules.suppression import MARK
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.display import shown
from pipeforge.reports.saying import counted, in_files

CheckFile = Callable[[Path, Mapping[Path, str]], Report]
"""Checks the pipeline at a path, with these texts for files, by resolved path."""

_BOM = "\ufeff"
_HIDDEN = re.compile("•{4,}")


class _Files:
    """The files under change: as they are on disk, and as they are to be."""

    def __init__(self) -> None:
        self.raw: dict[Path, bytes] = {}
        self.before: dict[Path, str] = {}
        self.after: dict[Path, str] = {}
        self.names: dict[Path, Path] = {}
        """By resolved path, the name to show."""

    def load(self, paths: Iterable[Path]) -> None:
        """Reads files that are met for the first time. What cannot be changed exactly is left out."""
        for path in paths:
            resolved = path.resolve()
            if resolved in self.raw or not resolved.is_file():
                continue
            raw = resolved.read_bytes()
            with suppress(UnicodeDecodeError):
                text = raw.decode("utf-8").removeprefix(_BOM)
                if path.suffix == ".json" and "\\ud" in text.lower():
                    continue  # its escapes are joined when it is read, so that places are others
                self.raw[resolved], self.names[resolved] = raw, path
                self.before[resolved] = self.after[resolved] = text

    @property
    def changed(self) -> list[Path]:
        return [path for path in self.raw if self.before[path] != self.after[path]]


def change(args: argparse.Namespace, files: Sequence[Path], check: CheckFile) -> int:
    """Fixes and suppresses as the flags say. Gives how many files changed, or would with --diff."""
    if args.add_ignore is not None:
        _reason(args.add_ignore)
    held, mended = _Files(), dict[tuple[Path, str, str, object], None]()
    for file in files:
        held.load(check(file, held.after).texts)
        if args.fix or args.unsafe_fixes or args.add_ignore is None:
            done = fix(partial(check, file), held.after, unsafe=args.unsafe_fixes)
            held.after.update(done.texts)
            mended |= dict.fromkeys((one.path, one.code, one.message, one.span) for one in done.applied)
    added = _suppress(args.add_ignore, files, held, check) if args.add_ignore is not None else 0
    if args.diff:
        out("".join(_diff(held, _secrets(files, held, check))))
    else:
        for path in held.changed:
            _write(path, held.raw[path], held.after[path])
        talk(_summary(len(mended), added, len(held.changed), args.lang))
    return len(held.changed)


def _reason(text: str) -> None:
    if not text.strip() or not text.isprintable() or MARK in text:
        raise UsageError("--add-ignore wants a reason", 'say why in one line: --add-ignore "checked by hand"')


def _suppress(reason: str, files: Sequence[Path], held: _Files, check: CheckFile) -> int:
    found: dict[Diagnostic, None] = {}
    for file in files:
        found |= dict.fromkeys(check(file, held.after).diagnostics)
    done = ignore(held.after, found, reason.strip())
    held.after.update(done.texts)
    return done.added


def _summary(mended: int, added: int, files: int, language: Language) -> str:
    if not files:
        return tell(say("nothing to mend"), catalogue(language)) + "\n" if not added else ""
    done = say("mended {findings}", findings=counted(mended))
    if added:
        hidden = say("suppressed {findings}", findings=counted(added))
        done = say("{first} and {then}", first=done, then=hidden) if mended else hidden
    return tell(in_files(done, files), catalogue(language)) + "\n"


def _write(path: Path, raw: bytes, text: str) -> None:
    """Puts a whole new file in place of the old one, with its mode. Raises UsageError when it cannot."""
    mark = _BOM if raw.startswith(_BOM.encode()) else ""
    temporary = None
    try:
        if path.read_bytes() != raw:
            raise UsageError(f"'{path}' was changed meanwhile", "run the command again")
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write((mark + text).encode())
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
        Path(temporary).replace(path)
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror}", "check its permissions") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _secrets(files: Sequence[Path], held: _Files, check: CheckFile) -> set[str]:
    """The credentials that are written out in any of the files, before or after: no diff shows them."""
    found = set()
    for file in files:
        for texts in (held.before, held.after):
            for path, masked in check(file, texts).texts.items():
                text = texts.get(path.resolve(), "")
                found |= {text[slice(*run.span())] for run in _HIDDEN.finditer(masked)}
    return {one for one in found if set(one) - {"•"}}


def _diff(held: _Files, secrets: set[str]) -> Iterator[str]:
    """A unified diff of all that changes, each line without credentials and control characters."""
    for path in sorted(held.changed):
        name = held.names[path].as_posix()
        before, after = (LINE.findall(text) for text in (held.before[path], held.after[path]))
        for line in difflib.unified_diff(before, after, shown(name), shown(name)):
            yield _line(line, secrets)


def _line(line: str, secrets: set[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        line = line.replace(secret, "•" * len(secret))
    body = line.rstrip("\r\n")
    end = "\r\n" if line.endswith("\r\n") else "\n"
    missing = "" if line != body else "\\ No newline at end of file\n"
    return "\t".join(shown(part) for part in body.split("\t")) + end + missing
