"""What is worth checking again when a file changes, and which files are ours."""

import pytest

from pipeforge.lint.linter import check
from pipeforge.lsp.workspace import Workspace, ours

PIPELINE = "name: one\nsteps:\n  load:\n    uses: trocco.run_job\n    with: {job_definition_id: 1}\n"
PROJECT = 'connections:\n  t: {vendor: trocco, api_key: "${{ secrets.K }}"}\n'


@pytest.fixture
def files(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "pipeline.yaml").write_text(PIPELINE, encoding="utf-8")
    (tmp_path / "pipeforge.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "order.json").write_text("{}", encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    return tmp_path.resolve()


@pytest.fixture
def examine(reference):
    def run(workspace, pipeline):
        found = check(pipeline, reference.catalog, texts=workspace.texts_for(pipeline))
        return workspace.take(pipeline, found)

    return run


def test_a_pipeline_concerns_itself(files):
    workspace = Workspace()
    workspace.open(files / "a.yaml", PIPELINE)
    assert workspace.concerned(files / "a.yaml") == [files / "a.yaml"]


def test_other_yaml_is_left_alone(files):
    workspace = Workspace()
    workspace.open(files / "compose.yaml", "services: {}\n")
    assert workspace.concerned(files / "compose.yaml") == []


def test_a_pipeline_stays_one_while_its_steps_are_written_anew(files):
    workspace = Workspace()
    workspace.open(files / "a.yaml", PIPELINE)
    workspace.open(files / "a.yaml", "name: one\n")
    assert workspace.concerned(files / "a.yaml") == [files / "a.yaml"]


def test_a_project_file_concerns_what_it_governs_on_disk_and_in_the_editor(files):
    workspace = Workspace()
    workspace.open(files / "a.yaml", PIPELINE)
    workspace.open(files / "pipeforge.yaml", PROJECT)
    assert workspace.concerned(files / "pipeforge.yaml") == [
        files / "a.yaml",
        files / "deep" / "pipeline.yaml",
    ]


def test_unsaved_changes_of_the_project_file_count(files, examine):
    workspace = Workspace()
    pipeline, project = files / "a.yaml", files / "pipeforge.yaml"
    workspace.open(pipeline, PIPELINE)
    examine(workspace, pipeline)
    assert workspace.findings(pipeline) == ()
    workspace.open(project, PROJECT.replace("trocco", "toroku"))
    assert examine(workspace, pipeline) == {project}
    assert [one.rule for one in workspace.findings(project)] == ["unknown-vendor"]


def test_a_project_file_that_governs_nothing_is_checked_too(tmp_path, examine):
    workspace, project = Workspace(), tmp_path.resolve() / "pipeforge.yaml"
    workspace.open(project, PROJECT + "nonsense: 1\n")
    (stand_in,) = workspace.concerned(project)
    assert examine(workspace, stand_in) == {project}
    assert [one.rule for one in workspace.findings(project)] == ["unknown-key"]


def test_a_record_file_concerns_the_pipeline_that_reads_it(files, examine):
    workspace, pipeline = Workspace(), files / "a.yaml"
    workspace.open(pipeline, PIPELINE + "records:\n  order: {file: order.json}\n")
    examine(workspace, pipeline)
    assert workspace.concerned(files / "order.json") == [pipeline]
    workspace.open(files / "order.json", '{"A": {"type": "NO_SUCH"}}')
    assert files / "order.json" in examine(workspace, pipeline)
    assert workspace.findings(files / "order.json")


def test_what_is_closed_is_what_is_on_disk(files, examine):
    workspace, pipeline = Workspace(), files / "deep" / "pipeline.yaml"
    workspace.open(pipeline, PIPELINE + "nonsense: 1\n")
    examine(workspace, pipeline)
    assert workspace.findings(pipeline)
    workspace.close(pipeline)
    assert not workspace.wanted(pipeline)
    assert workspace.forget(pipeline) == {pipeline}
    assert workspace.findings(pipeline) == ()


@pytest.mark.parametrize(
    ("name", "text", "is_ours"),
    [
        ("a.yaml", "", True),
        ("a.yaml", "na", True),
        ("a.yaml", "name: x\n", True),
        ("a.yaml", "name: x\nservices: {}\n", False),
        ("a.yaml", "name: x\non: push\njobs: {}\n", False),
        ("a.yaml", "name: x\njobs: {}\nsteps: {}\n", True),
        ("pipeforge.yaml", "anything: x\n", True),
    ],
)
def test_which_files_are_ours(tmp_path, name, text, is_ours):
    assert ours(tmp_path / name, text) is is_ours
