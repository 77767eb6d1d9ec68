"""A file with a mark where the cursor is, seen as the language server sees it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from pipeforge.commands import lsp as command
from pipeforge.commands import vendors
from pipeforge.language.docstrings import field_docs
from pipeforge.lsp.completing import complete
from pipeforge.lsp.cursor import locate
from pipeforge.lsp.items import Item
from pipeforge.lsp.view import Reference, View, view
from pipeforge.reports import kinds as report
from pipeforge.reports.addresses import rule_page

MARK = "‸"
"""Where the cursor is."""

PROJECT = """
connections:
  shared: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
  td: {vendor: treasure, region: jp, api_key: "${{ secrets.TD }}"}
env: [STAGE]
"""


class Seen(NamedTuple):
    """A file, and the offset of its mark."""

    view: View
    at: int


@pytest.fixture(scope="session")
def reference():
    catalog = vendors.catalog()
    return Reference(
        catalog,
        lambda kind: report.page(kind, field_docs),
        command._vendor,
        report.TEMPLATE_NAMES,
        rule_page,
    )


@pytest.fixture
def see(tmp_path, reference):
    """Reads a text with a mark as `pipeline.yaml`, beside a project file."""
    (tmp_path / "pipeforge.yaml").write_text(PROJECT, encoding="utf-8")

    def read(text, name="pipeline.yaml"):
        at = text.index(MARK)
        text = text.replace(MARK, "")
        path: Path = tmp_path / name
        return Seen(view(path, text, {path: text}, reference.catalog, text.count("\n", 0, at)), at)

    return read


@pytest.fixture
def offer(see, reference):
    """What completion offers at the mark: items by label."""

    def offered(text, name="pipeline.yaml") -> dict[str, Item]:
        seen = see(text, name)
        cursor = locate(seen.view.text, seen.at)
        return {item.label: item for item in complete(seen.view, cursor, reference)}

    return offered
