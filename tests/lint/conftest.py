"""Lints texts with the real catalogue: no kind and no connection model is made up."""

from pathlib import Path

import pytest

from pipeforge.commands import vendors
from pipeforge.lint.linter import check


@pytest.fixture(scope="session")
def catalog():
    return vendors.catalog()


@pytest.fixture
def lint(tmp_path, monkeypatch, catalog):
    """Checks a text as `pipeline.yaml`, with other files beside it."""
    monkeypatch.chdir(tmp_path)

    def run(text, files=None, environment=None, ignore=()):
        for name, content in {"pipeline.yaml": text, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return check(Path("pipeline.yaml"), catalog, environment=environment, ignore=ignore)

    return run
