"""lint in the pipelines of others: hooks by the real pre-commit, and the README's workflow for GitHub."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import clean
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
GOOD = """name: one
connections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}
steps:
  a: {uses: trocco.run_job, with: {job_definition_id: 1}, timeout: 1h}
"""
BAD = GOOD.replace("timeout", "timeot")
WORSE = GOOD.replace("uses: trocco.run_job", "uses: trocco.run_jobs_of_mine")


@pytest.fixture
def run(tmp_path):
    """Runs a command in a folder; git knows who we are and nothing of this machine's settings."""
    environment = {
        **clean(os.environ), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.example",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.example",
        "PRE_COMMIT_HOME": str(tmp_path / "hooks"),
    }  # fmt: skip
    environment = {name: value for name, value in environment.items() if not name.startswith("GIT_DIR")}

    def call(folder, *words, code=0, **more):
        done = subprocess.run(
            words, cwd=folder, env=environment | more, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return call


@pytest.fixture
def repositories(tmp_path, run):
    """One with our hooks as they stand, but run by the pipeforge of this environment; one that uses them."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    for folder in (theirs, ours):
        folder.mkdir()
        run(folder, "git", "init", "-q")
    hooks = HOOKS.replace("language: python", "language: system")  # installing it would take a minute
    ours.joinpath(".pre-commit-hooks.yaml").write_text(hooks, encoding="utf-8")
    run(ours, "git", "add", ".")
    run(ours, "git", "commit", "-qm", "hooks")
    revision = run(ours, "git", "rev-parse", "HEAD").strip()
    theirs.joinpath(".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {ours}\n  rev: {revision}\n  hooks: [{{id: pipeforge-lint, args: [pipelines]}}]\n"
    )
    theirs.joinpath("pipelines").mkdir()
    return theirs, ours


def test_the_hooks_are_what_pre_commit_takes(run, tmp_path):
    run(tmp_path, "pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))


def test_a_commit_is_held_up_by_a_finding(run, repositories):
    theirs, _ = repositories
    run(theirs, "pre-commit", "install")
    theirs.joinpath("pipelines/one.yaml").write_text(BAD)
    run(theirs, "git", "add", ".")
    told = run(theirs, "git", "commit", "-m", "bad", code=1)
    assert "PF101" in told
    assert "did you mean 'timeout'?" in told
    theirs.joinpath("pipelines/one.yaml").write_text(GOOD)
    run(theirs, "git", "add", ".")
    assert "Passed" in run(theirs, "git", "commit", "-m", "good")
    theirs.joinpath("pipelines/pipeforge.yaml").write_text("unknown: 1\n")
    run(theirs, "git", "add", ".")
    assert "PF101" in run(theirs, "git", "commit", "-m", "project", code=1)  # of files that are not its own


def test_the_fixing_hook_mends_and_tells_what_is_left(run, repositories):
    theirs, ours = repositories
    file = theirs / "pipelines/one.yaml"
    for text, left in ((BAD, GOOD), (WORSE, WORSE)):
        file.write_text(text)
        run(theirs, "git", "add", ".")
        told = run(theirs, "pre-commit", "try-repo", str(ours), "pipeforge-lint-fix", "--all-files", code=1)
        assert file.read_text() == left
        assert ("mended 1 finding" in told) == (text != left)


@pytest.mark.timeout(600)
def test_the_hooks_install_themselves(run, repositories, tmp_path):
    theirs, _ = repositories
    source = tmp_path / "source"
    kept = ("pipeforge", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
    source.mkdir()
    for name in kept:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    run(source, "git", "init", "-q")
    run(source, "git", "add", ".")
    run(source, "git", "commit", "-qm", "all")
    theirs.joinpath("one.yaml").write_text(BAD)
    run(theirs, "git", "add", ".")
    told = run(
        theirs, "pre-commit", "try-repo", str(source), "pipeforge-lint", "--all-files", code=1, **_registry()
    )  # fmt: skip
    assert "PF101" in told


def _registry():
    """How pip reaches its index from here."""
    wanted = re.compile(r"HOME|PIP_.*|.*_CERT.*|.*_CA_BUNDLE|.*_proxy", re.IGNORECASE)
    return {name: value for name, value in os.environ.items() if wanted.fullmatch(name)}


class TestActions:
    """The README's workflow for pull requests: read as GitHub reads it, its commands run as they stand."""

    @pytest.fixture
    def job(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)
        (found,) = [block for block in blocks if "upload-sarif" in block]
        workflow = YAML(typ="safe").load(found)
        assert "pull_request" in workflow["on"]
        return workflow["jobs"]["lint"]

    def test_it_may_write_what_it_writes(self, job):
        assert job["permissions"] == {"contents": "read", "security-events": "write"}
        actions = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+", action) for action in actions)

    @pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (BAD, 1)])
    def test_its_commands_do_what_it_says(self, job, run, tmp_path, text, code):
        checkout = tmp_path / "checkout"
        (checkout / "pipelines").mkdir(parents=True)
        (checkout / "pipelines/one.yaml").write_text(text)
        commands = [step["run"] for step in job["steps"] if "run" in step]
        lints = [command for command in commands if command.startswith("pipeforge lint")]
        assert len(lints) == 2
        sarif, github = lints
        run(checkout, *shlex.split(sarif), GITHUB_WORKSPACE=str(checkout))
        (upload,) = [step for step in job["steps"] if "upload-sarif" in step.get("uses", "")]
        report = checkout / upload["with"]["sarif_file"]
        results = Sarif.model_validate_json(report.read_text(encoding="utf-8")).runs[0].results
        told = run(checkout, *shlex.split(github), code=code, GITHUB_WORKSPACE=str(checkout))
        assert bool(results) == ("::error file=pipelines/one.yaml" in told) == bool(code)
        assert job["steps"].index(upload) < [step.get("run") for step in job["steps"]].index(github)
