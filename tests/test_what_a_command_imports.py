import subprocess
import sys
from pathlib import Path

import pytest

from pipeforge.adapters import VENDORS

EXAMPLES = Path(__file__).parents[1] / "examples"
PIPELINE = """
name: one
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.TROCCO_API_KEY }}"}
steps:
  load:
    uses: trocco.run_job
    with: {job_definition_id: 1, context_time: "${{ context_time | shift(days=-1) }}"}
"""

OTHERS = {f"pipeforge.adapters.{vendor}" for vendor in ("treasure", "workato", "krewdata", "reckoner")}
ALWAYS = {"networkx", "rich", "starlette", "uvicorn", "cryptography", "click", "pygments", "jinja2"} | OTHERS

LINT = "from pipeforge.cli import main; assert main(['lint', '--no-cache', 'one.yaml']) == 0"
LINTED = {"pydantic", "pydantic_core", "importlib.metadata", "email", "dataclasses", "inspect", "zoneinfo"}
"""What a file that is valid is linted without: the models are asked only in doubt."""
RUN = """
import asyncio, pipeforge.commands.run
from pipeforge import adapters
from pipeforge.adapters import connections
model = adapters.connection_model("trocco")
client = connections.connect("one", model(vendor="trocco", api_key="key"))
connections.adapter(adapters.kinds()["trocco.run_job"], client)
asyncio.run(client.aclose())
"""


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        (
            "from pipeforge.cli import main; assert main(['--version']) == 0",
            {"argparse", "pydantic", "asyncio", "typing", "re", "enum", "collections", "pathlib"},
        ),
        (
            LINT,
            ALWAYS
            | LINTED
            | {"asyncio", "httpx", "aiohttp", "sqlite3", "ssl", "ruamel", "pipeforge.planning"},
        ),
        (RUN, ALWAYS | {"pipeforge.commands.children", "pipeforge.commands.family"}),
    ],
    ids=["version", "lint", "run"],
)
def test_a_command_imports_no_more_than_it_needs(code: str, unwanted: set[str], tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(PIPELINE, encoding="utf-8")
    modules = loaded(code, tmp_path)
    assert "pipeforge.cli" in modules or "pipeforge.commands.run" in modules
    assert not unwanted & modules


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_example_is_linted_without_pydantic(vendor: str, tmp_path: Path) -> None:
    path = EXAMPLES / vendor / f"{vendor}.yaml"
    modules = loaded(LINT.replace("one.yaml", str(path)), tmp_path)
    assert f"pipeforge.adapters.{vendor}.sketches" in modules
    assert not {"pydantic", "pydantic_core"} & modules


def loaded(code: str, folder: Path) -> set[str]:
    """The modules that are there after it."""
    told = f"{code}\nimport sys\nprint('loaded:', *sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=folder
    )
    return set(said.stdout.rpartition("loaded: ")[2].split())
