"""Steps that run another pipeline of the project: how they are told, and which file they mean."""

from pathlib import Path

NAME = "pipeline"
"""What `uses` says."""

MOST = 8
"""chosen: how many levels pipelines may run each other; more is no structure that a person still follows."""


def target(pipeline: Path, path: str) -> Path:
    """The file that a step of a pipeline means."""
    return pipeline.parent / path
