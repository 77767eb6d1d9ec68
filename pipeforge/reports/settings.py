"""What lint goes by, as text or JSON: the rules left out, and the settings of each project file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeforge.language.saying import UNSAID, say, tell
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.reports.as_json import VERSION
from pipeforge.reports.display import shown
from pipeforge.reports.findings import dumps


class OfProject(NamedTuple):
    """What one project file says of lint."""

    path: Path | None
    """None for the pipelines that no project file governs."""
    ignore: Sequence[str]
    per_path: Mapping[str, Sequence[str]]
    pipelines: Sequence[Path]


class Settings(NamedTuple):
    """All that a lint goes by."""

    environment: str | None
    left_out: Sequence[str]
    """The codes of the rules that the command line leaves out."""
    projects: Sequence[OfProject]


_NONE = say("none")


def text(settings: Settings, language: Language = "en") -> str:
    """A block for the command line, then one for each project file."""
    lines = [
        say("environment: {name}", name=settings.environment or _NONE),
        say("rules left out by the command line: {codes}", codes=", ".join(settings.left_out) or _NONE),
    ]
    for project in settings.projects:
        lines += [UNSAID, say("project file: {path}", path=project.path or _NONE)]
        lines.append(say("  ignore: {codes}", codes=", ".join(project.ignore) or _NONE))
        lines += [
            say("  ignore in {glob}: {codes}", glob=glob, codes=", ".join(codes))
            for glob, codes in project.per_path.items()
        ]
        lines += [say("  pipelines:"), *(say("    {path}", path=path) for path in project.pipelines)]
    tongue = catalogue(language)
    return "".join(f"{shown(tell(line, tongue))}\n" for line in lines)


def as_json(settings: Settings) -> str:
    """The same as one object with a `version`."""
    projects = [
        {
            "path": project.path.as_posix() if project.path else None,
            "ignore": list(project.ignore),
            "per_path": {glob: list(codes) for glob, codes in project.per_path.items()},
            "pipelines": [path.as_posix() for path in project.pipelines],
        }
        for project in settings.projects
    ]
    told = {"environment": settings.environment, "left_out": list(settings.left_out), "projects": projects}
    return dumps({"version": VERSION, "settings": told})
