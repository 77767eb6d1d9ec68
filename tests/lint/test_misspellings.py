"""Every word of valid pipelines misspelt by one edit: one finding, at the place, with the right word."""

from pathlib import Path

import pytest
from misspelling import cases

ROOT = Path(__file__).parents[2]
PIPELINES = [
    Path(__file__).parent / "ok" / "everything.yaml",
    *sorted(path for path in ROOT.glob("examples/*/*.yaml") if path.stem == path.parent.name),
]
CASES = [
    pytest.param(folder, file, case, id=f"{file.name}:{case.name}")
    for pipeline in PIPELINES
    for folder, file in [(pipeline, pipeline), (pipeline, pipeline.with_name("pipeforge.yaml"))]
    if file.is_file()
    for case in cases(file.read_text(encoding="utf-8"))
]


def files_beside(pipeline):
    """The project file and the records of a pipeline, by their path from it."""
    others = [pipeline.with_name("pipeforge.yaml"), *pipeline.parent.glob("records/*")]
    return {
        str(path.relative_to(pipeline.parent)): path.read_text("utf-8") for path in others if path.is_file()
    }


def test_the_pipelines_use_most_of_the_language():
    assert len(PIPELINES) == 7
    assert len(CASES) > 1200


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.name)
def test_as_they_are_they_are_clean(lint, pipeline):
    assert lint(pipeline.read_text(encoding="utf-8"), files_beside(pipeline)).diagnostics == ()


@pytest.mark.parametrize(("pipeline", "file", "case"), CASES)
def test_one_edit_gives_one_finding_with_the_right_word(lint, pipeline, file, case):
    files = {**files_beside(pipeline), "pipeline.yaml": pipeline.read_text(encoding="utf-8")}
    name = "pipeline.yaml" if file == pipeline else file.name
    files[name] = case.applied(files[name])
    found = lint(files.pop("pipeline.yaml"), files).diagnostics
    told = [(str(one.path), one.code, one.span, one.message, one.hint) for one in found]
    assert len(found) == 1, told
    only = found[0]
    assert str(only.path) == name
    assert (only.span.line, only.span.column) == (case.span.line, case.span.column), told
    assert f"did you mean '{case.word}'?" in (only.hint or ""), told
