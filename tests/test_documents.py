"""Everything documented is executed: README commands, its tables, the examples, the schemas."""

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from command_line import Done

from pipeforge import adapters
from pipeforge.cli import COMMANDS, EXIT_CODES, main
from pipeforge.commands.journals import below
from pipeforge.commands.schema import SCHEMAS
from pipeforge.language import project as projects
from pipeforge.language.document import parse
from pipeforge.language.project_model import Project

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*/*.yaml") if path.stem == path.parent.name)


def pipeforge(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CI": "true", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "pipeforge", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)


def at_once(folder: Path) -> None:
    """A world in which no job takes any time, where none is: the commands are tested, not our patience."""
    stages = {
        "trocco": {"queued": 0, "setting_up": 0, "executing": 0},
        "krewdata": {"Queuing": 0, "Running": 0},
        "reckoner": {"SUBMITTING": 0, "RUNNABLE": 0, "RUNNING": 0},
    }
    world: dict[str, object] = {vendor: {"course": {"stages": each}} for vendor, each in stages.items()}
    world["treasure"] = {"course": {"seconds": 0}}
    if folder.is_dir() and not (folder / "world.yaml").exists():
        (folder / "world.yaml").write_text(json.dumps(world), encoding="utf-8")


def console() -> Iterator[list[str]]:
    for block in re.findall(r"```console\n(.*?)```", README, re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                yield shlex.split(line[2:])


def test_every_command_of_the_readme_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns(".pipeforge"))
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    folder, done = tmp_path, 0
    for example in (tmp_path / "examples").iterdir():
        at_once(example)
    for words in console():
        if words[0] == "make":
            assert f"\n{words[1]}:" in targets
            continue
        assert words[0] == "pipeforge"
        arguments = words[1:]
        monkeypatch.chdir(tmp_path if any(word.startswith("examples/") for word in words) else folder)
        if "RUN" in arguments:
            run = json.loads(here("runs", "--emulate", "--format", "json").out)["runs"][0]["run"]
            arguments = [run if word == "RUN" else word for word in arguments]
        result = here(*arguments)
        assert result.code == 0, (words, result.err)
        done += 1
        at_once(tmp_path / "my_project")
        if words[1:3] == ["run", "my_project/first.yaml"]:
            folder = tmp_path / "my_project"  # its runs are asked for where they are
    assert done >= 9


def here(*arguments: str) -> Done:
    """A command in this process, in its current folder."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(list(arguments))
        except SystemExit as ended:  # argparse's way out of --help
            code = int(ended.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def test_the_demo_of_the_makefile_is_the_example() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "pipeforge run examples/nightly_sales/nightly_sales.yaml --emulate" in makefile


def test_the_readme_lists_every_kind_with_its_guarantee() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| ([a-z_]+) \|", README, re.M))
    assert rows == {name: str(kind.guarantee) for name, kind in adapters.kinds().items()}


def test_the_readme_lists_every_exit_code() -> None:
    rows = {int(code): meaning for code, meaning in re.findall(r"^\| ([0-9]+) \| (.+) \|$", README, re.M)}
    assert rows == EXIT_CODES


def test_the_pipeline_explained_in_the_readme_lints_clean(tmp_path: Path) -> None:
    block = next(b for b in re.findall(r"```yaml\n(.*?)```", README, re.S) if b.startswith("name: first"))
    (tmp_path / "first.yaml").write_text(block, encoding="utf-8")
    result = pipeforge("lint", "first.yaml", cwd=tmp_path)
    assert result.returncode == 0, result.stdout


def test_the_workflow_in_the_readme_is_yaml_that_calls_commands_that_exist() -> None:
    block = next(b for b in re.findall(r"```yaml\n(.*?)```", README, re.S) if b.startswith("on:"))
    document = parse(Path("workflow.yml"), block)
    assert not document.faults
    steps = [step["run"] for step in document.data["jobs"]["nightly"]["steps"] if "run" in step]
    called = [words.split()[1] for words in steps if words.startswith("pipeforge ")]
    assert called == ["lint", "run"]
    assert set(called) <= set(COMMANDS)
    assert "--context-time 20" not in block  # a fixed instant would be run on the first night only


def test_the_workflow_in_the_readme_keeps_the_journal_whatever_happens() -> None:
    block = next(b for b in re.findall(r"```yaml\n(.*?)```", README, re.S) if b.startswith("on:"))
    steps = parse(Path("workflow.yml"), block).data["jobs"]["nightly"]["steps"]
    taken, kept = (
        next(step for step in steps if step.get("uses", "").startswith(f"actions/cache/{what}@"))
        for what in ("restore", "save")
    )
    assert kept["if"] == "always()"
    assert taken["with"] == {**kept["with"], "restore-keys": "pipeforge-"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_the_editors_of_the_readme_start_the_language_server(tmp_path: Path) -> None:
    (settings,) = (json.loads(block) for block in blocks("json"))
    (helix,) = (tomllib.loads(block) for block in blocks("toml"))
    (neovim,) = (re.findall(r"cmd = \{ (.*?) \}", block)[0] for block in blocks("lua"))
    started = [
        [settings["glspc.server.command"], *settings["glspc.server.commandArguments"]],
        [helix["language-server"]["pipeforge"]["command"], *helix["language-server"]["pipeforge"]["args"]],
        json.loads(f"[{neovim}]"),
    ]
    assert started == [["pipeforge", "lsp", "--stdio"]] * 3
    assert all((ROOT / schema).is_file() for schema in settings["yaml.schemas"])
    assert "pipeforge" in helix["language"][0]["language-servers"]
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
    command = [sys.executable, "-m", "pipeforge", *started[0][1:]]
    hello = f"Content-Length: {len(body)}\r\n\r\n{body}"
    said = subprocess.run(command, input=hello, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert '"completionProvider"' in said.stdout


def test_the_extras_that_the_readme_names_are_those_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(re.findall(r"pipeforge\[(\w+)\]", README)) == set(extras["optional-dependencies"])


def test_the_database_of_the_readme_is_one_that_runs_can_be_kept_in(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("yaml") if block.startswith("journal:"))
    (tmp_path / "pipeforge.yaml").write_text(block, encoding="utf-8")
    project = Project.model_validate(projects.load(tmp_path / "any.yaml").data)
    assert project.journal is not None
    assert str(below(tmp_path, project.journal)) == project.journal


def test_the_line_that_names_the_schema_is_that_of_the_examples() -> None:
    (line,) = (
        block.strip() for block in blocks("yaml") if re.fullmatch(r"# yaml-language-server.*\n", block)
    )
    assert (ROOT / line.partition("$schema=")[2]).is_file()
    assert all(path.read_text(encoding="utf-8").startswith(line.partition("=")[0]) for path in EXAMPLES)


def test_there_is_an_example_for_each_vendor_one_for_all_and_one_of_pipelines_in_a_pipeline() -> None:
    assert {path.stem for path in EXAMPLES} == {*adapters.VENDORS, "nightly_sales", "sub_pipelines"}
    everything = (ROOT / "examples/nightly_sales/nightly_sales.yaml").read_text(encoding="utf-8")
    for vendor in adapters.VENDORS:
        assert f"uses: {vendor}." in everything


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_lints_plans_draws_and_runs(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / example.stem
    shutil.copytree(example.parent, folder, ignore=shutil.ignore_patterns(".pipeforge"))
    at_once(folder)
    monkeypatch.chdir(folder)
    for arguments in (["lint"], ["plan"], ["graph"], ["run", "--emulate"]):
        result = here(arguments[0], example.name, *arguments[1:])
        assert result.code == 0, (arguments, result.out, result.err)
        assert "warning" not in result.err, result.err
    listed = here("runs", "--emulate", "--format", "json")
    runs = json.loads(listed.out)["runs"]
    assert {run["outcome"] for run in runs} == {"succeeded"}
    name = re.search(r"^name: (\S+)$", example.read_text(encoding="utf-8"), re.M)
    assert name is not None
    assert [run["pipeline"] for run in runs if run["parent"] is None] == [name[1]]
    inside = [run["pipeline"] for run in runs if run["parent"] is not None]
    assert inside == (["load_region"] * 2 if example.stem == "sub_pipelines" else [])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_has_a_readme_of_about_ten_lines(example: Path) -> None:
    text = (example.parent / "README.md").read_text(encoding="utf-8")
    assert 5 <= len(text.splitlines()) <= 20
    for line in re.findall(r"^    \$ (.*)$", text, re.M):
        assert line.split()[:2] in [["pipeforge", command] for command in COMMANDS], line


def test_the_test_of_the_readme_is_one_that_passes(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("yaml") if "\ntests:\n" in block)
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "examples/nightly_sales", folder, ignore=shutil.ignore_patterns(".pipeforge"))
    (folder / "nightly_sales.test.yaml").write_text(block, encoding="utf-8")
    result = pipeforge("test", cwd=folder)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("which", SCHEMAS)
def test_the_schemas_are_fresh(which: str) -> None:
    fresh = pipeforge("schema", which, cwd=ROOT).stdout
    kept = (ROOT / "schemas" / f"{which}.schema.json").read_text(encoding="utf-8")
    assert fresh == kept, "run `make schemas`"


def test_every_command_has_help_with_an_example() -> None:
    for name in COMMANDS:
        result = here(name, "--help")
        assert result.code == 0
        assert f"pipeforge {name}" in result.out.split("example", 1)[1], name


VENDORS_WORDS = re.compile(r"\.cancell(?:ed|ing)\(|CancelledError|[\"'|]cancelled[\"'|]", re.I)
"""Python's own names, and words that vendors and other tools use."""


def test_canceled_is_spelled_as_the_outcome_is() -> None:
    sources = [path for path in (ROOT / "pipeforge").rglob("*") if path.suffix in (".py", ".md", ".json")]
    ours = [path for path in sources if "emulators" not in path.parts]
    for path in [*ours, ROOT / "README.md", ROOT / "CHANGELOG.md"]:
        text = VENDORS_WORDS.sub("", path.read_text(encoding="utf-8"))
        assert not re.search(r"cancell(ed|ing)", text, re.I), path
