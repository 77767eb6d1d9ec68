"""Which files are open, which of them are pipelines, and what a change of one makes worth checking again."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeforge.language import project as projects
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.document import parse
from pipeforge.language.model import Pipeline
from pipeforge.language.surroundings import PIPELINE
from pipeforge.lint.annotations import fields
from pipeforge.lint.linter import Report

_PIPELINE = re.compile(PIPELINE)
_TOP = re.compile(r"^([^\s#:'\"\[\]{}-][^:#]*?)[ \t]*:", re.M)

_GOVERNED, _LOOKED_AT, _LARGEST = 100, 5_000, 1024 * 1024
"""chosen: pipelines on disk that are checked because their project file is open, the files that are looked at
to find them, and the bytes beyond which one is left alone."""
_NEVER = frozenset(["node_modules", "venv", "build", "dist"])


@dataclass(slots=True)
class Workspace:
    """What the editor has open, and what the last checks found. Paths are resolved."""

    texts: dict[Path, str] = field(default_factory=dict)
    """Of open files, without their byte order marks."""
    reads: dict[Path, frozenset[Path]] = field(default_factory=dict)
    """By pipeline, the files its last check read."""
    found: dict[Path, dict[Path, tuple[Diagnostic, ...]]] = field(default_factory=dict)
    """By pipeline, then by file, what its last check found there."""
    governed: dict[Path, frozenset[Path]] = field(default_factory=dict)
    """By open project file, the pipelines on disk that it governs."""
    shown: dict[Path, str] = field(default_factory=dict)
    """The text of every file that a check read, for counting positions in those that are not open."""
    pipelines: set[Path] = field(default_factory=set)
    """Open files that are pipelines, or were when they were last told apart."""

    def open(self, path: Path, text: str) -> None:
        """A file as it now is in the editor."""
        self.texts[path] = text = text.removeprefix("\ufeff")
        if path.name == projects.NAME:
            if path not in self.governed:
                self.governed[path] = frozenset(_governed(path))
        elif _PIPELINE.search(text):
            self.pipelines.add(path)

    def look_again(self) -> None:
        """Files on disk may have come or gone."""
        self.governed = {path: frozenset(_governed(path)) for path in self.governed}

    def close(self, path: Path) -> None:
        """From now on the file is what is on disk."""
        self.texts.pop(path, None)
        self.pipelines.discard(path)
        self.governed.pop(path, None)

    def findings(self, path: Path) -> tuple[Diagnostic, ...]:
        """Everything that is known to be wrong in a file, whichever pipeline showed it."""
        found = {one: None for by_file in self.found.values() for one in by_file.get(path, ())}
        return tuple(sorted(found, key=lambda one: one.order))

    def concerned(self, path: Path) -> list[Path]:
        """The pipelines to check again when a file has changed."""
        known = self.pipelines | {one for one, read in self.reads.items() if path in read}
        found = {one for one in known if one == path or path in self._read(one)}
        if path.name == projects.NAME and path in self.texts:
            found |= self.governed.get(path) or {path.with_name("pipeline.yaml")}
        return sorted(found)

    def _read(self, pipeline: Path) -> frozenset[Path]:
        project = projects.find(pipeline)
        return self.reads.get(pipeline, frozenset()) | ({project} if project else set())

    def take(self, pipeline: Path, report: Report | None) -> set[Path]:
        """Keeps what a check found; None where there is nothing left to check.

        Gives the files whose findings may be others now.
        """
        before = self.forget(pipeline)
        if report is None:
            return before
        by_file: dict[Path, list[Diagnostic]] = {}
        for one in report.diagnostics:
            by_file.setdefault(one.path.resolve(), []).append(one)
        self.reads[pipeline] = frozenset(path.resolve() for path in report.texts)
        self.shown |= {path.resolve(): text for path, text in report.texts.items()}
        if self._is_stand_in(pipeline):
            by_file.pop(pipeline, None)
        self.found[pipeline] = {path: tuple(listed) for path, listed in by_file.items()}
        return before | set(by_file)

    def forget(self, pipeline: Path) -> set[Path]:
        """Drops what a pipeline showed: the files whose findings may be others now."""
        self.reads.pop(pipeline, None)
        return set(self.found.pop(pipeline, {}))

    def wanted(self, pipeline: Path) -> bool:
        """Whether a pipeline's findings are of interest: it is open, or its project file is."""
        project = projects.find(pipeline)
        return pipeline in self.texts or (project is not None and project in self.texts)

    def _is_stand_in(self, pipeline: Path) -> bool:
        return pipeline not in self.texts and not pipeline.exists()

    def texts_for(self, pipeline: Path) -> dict[Path, str]:
        """What a check is to take for files on disk; an empty pipeline where a project file governs none."""
        return {**self.texts, **({pipeline: "{}\n"} if self._is_stand_in(pipeline) else {})}


def ours(path: Path, text: str) -> bool:
    """Whether completion and hover make sense in a file: not in other tools' YAML."""
    if path.name == projects.NAME or _PIPELINE.search(text):
        return True
    if projects.find(path) is not None and not isinstance(parse(path, text).data, Mapping):
        return True
    keys = {key for key in _TOP.findall(text)}
    return keys <= fields(Pipeline).keys()


def _governed(project: Path) -> Iterator[Path]:
    """The pipelines below a project file, as far as they are few and no other project file is nearer."""
    left = _GOVERNED
    for path in itertools.islice(_files_below(project.parent), _LOOKED_AT):
        yaml = left and path.suffix in (".yaml", ".yml") and path.name != projects.NAME
        if yaml and _is_one(path) and projects.find(path) == project:
            left -= 1
            yield path.resolve()


def _files_below(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.name.startswith(".") or path.name in _NEVER or path.is_symlink():
            continue
        if path.is_dir():
            yield from _files_below(path)
        else:
            yield path


def _is_one(path: Path) -> bool:
    try:
        small = path.stat().st_size <= _LARGEST
        return small and bool(_PIPELINE.search(path.read_bytes().decode("utf-8", "replace")))
    except OSError:
        return False
