"""The examples of every command's --help, as they stand there: each is understood, and does what it says."""

import re
import shlex

import pytest
from vendor_project import number, pipeline, steps

from pipeforge.cli import COMMANDS
from pipeforge.commands.parsing import Parser
from pipeforge.loading import load_large

LASTING = ("emulate --port", "emulate treasure", "lsp", "lint --watch", "lint -")
"""Those that go on until they are stopped, or read what is typed: they are understood, and not begun."""
IN_A_TRIAL = ("run", "resume", "settle", "rerun", "backfill", "cancel", "attach", "runs", "show", "doctor")
OPEN = ("resume", "settle", "cancel", "attach", "show", "runs")
"""Of a run that is not over."""
ELSEWHERE = ("test", "call", "drift", "import")
"""Of files or accounts that this project has not; they have tests of their own."""
BY_KIND = "call"
"""Its options are those of the kind that it names."""


ONE = """\
name: one
steps:
  load:
    uses: trocco.run_job
    with: {job_definition_id: 1201}
    timeout: 2h
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.TROCCO_API_KEY }}"}
"""


def examples():
    """Every line of an example, without what explains it."""
    found = []
    for name in COMMANDS:
        for line in load_large(f"pipeforge.commands.{name}").EXAMPLE.splitlines():
            if line.startswith("  pipeforge "):
                found.append(re.split(r"\s{2,}| && | [<>] ", line.strip())[0].removeprefix("pipeforge "))
    return found


def understood(line):
    name, *words = shlex.split(line)
    command = load_large(f"pipeforge.commands.{name}")
    parser = Parser(name, command.__doc__, command.EXAMPLE)
    command.arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("line", [one for one in examples() if not one.startswith(BY_KIND)])
def test_each_example_is_understood(line):
    understood(line)


@pytest.fixture
def project(shell, quick):
    """A project in which all that examples name is there; the answers of some starts are lost."""
    start = steps(number())["trocco_workflow"]
    wide = {**start, "foreach": {"items": ["a", "b", "c"], "max_parallel": 1}}
    chosen = {
        "load": start,
        "stores": {**wide, "needs": "load", "run_when": "always"},
        "shop": {**start, "needs": "stores", "run_when": "always"},
        "build_mart": {**steps(number())["trocco_job"], "needs": "shop", "run_when": "always"},
    }
    variables = {"region": {"type": "string", "default": "jp"}}
    written = pipeline(chosen, quick, custom_variables=variables)
    shell.write("pipeline.yaml", written)
    shell.write("pipelines/one.yaml", ONE)
    shell.write("pipeforge.yaml", {"environments": {"prod": {}, "staging": {}}})
    lost = {"vendor": "trocco", "route": "POST /api/pipeline_jobs", "do": "lose_answer", "nth": [1, 4, 5]}
    shell.write("world.yaml", {"faults": [lost]})
    shell.write("failing.yaml", {"trocco": {"course": {"outcome": "error"}}})
    return shell


def begun(project, name):
    """A run that the example may be about."""
    open_ = name in OPEN
    world = ["--world", "world.yaml" if open_ else "failing.yaml"]
    done = project("run", "pipeline.yaml", "--emulate", *world)
    assert done.code == (4 if open_ else 1), done.text
    return project.runs("--emulate")[0]["run"]


@pytest.mark.parametrize("line", [one for one in examples() if not one.startswith((*LASTING, *ELSEWHERE))])
def test_each_example_does_what_it_says(project, line):
    name, *words = shlex.split(line)
    if re.search(r"\b20260131\b", line) and name not in ("run", "backfill"):
        run = begun(project, name)
        words = [run if word.startswith("20260131") else "1" if word == "12345" else word for word in words]
    words += ["--emulate"] if name in IN_A_TRIAL and "--emulate" not in words else []
    words += ["--dry-run"] if name == "backfill" and "--dry-run" not in words else []
    done = project(name, *words)
    assert done.code in (0, 1, 4), done.text
    assert "error:" not in done.err
