"""What lint goes by, as text or JSON: the rules left out, and the settings of each project file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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


def text(settings: Settings) -> str:
    """A block for the command line, then one for each project file."""
    lines = [
        f"environment: {shown(settings.environment or 'none')}",
        f"rules left out by the command line: {', '.join(settings.left_out) or 'none'}",
    ]
    for project in settings.projects:
        lines += ["", f"project file: {shown(str(project.path or 'none'))}"]
        lines.append(f"  ignore: {shown(', '.join(project.ignore)) or 'none'}")
        lines += [
            f"  ignore in {shown(glob)}: {shown(', '.join(codes))}"
            for glob, codes in project.per_path.items()
        ]
        lines += ["  pipelines:", *(f"    {shown(str(path))}" for path in project.pipelines)]
    return "\n".join(lines) + "\n"


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
