"""Words of valid pipelines misspelt by one edit: one finding, at the place, with the right word."""

import pytest
from misspelling import EXAMPLES, PIPELINES, base_of, cases, files, missed

each = pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: str(path.relative_to(path.parents[1])))


def chosen(pipeline):
    """How many edits of each word: four in what shows most of the language, else one."""
    return 4 if pipeline in EXAMPLES or pipeline.stem == "everything" else 1


def test_the_pipelines_use_most_of_the_language():
    counted = [
        len(list(cases(path.read_bytes().decode("utf-8-sig"), chosen(pipeline), base_of(name))))
        for pipeline in PIPELINES
        for name, path in files(pipeline).items()
    ]
    assert len(EXAMPLES) >= 6
    assert sum(counted) > 3000


@each
def test_one_edit_gives_one_finding_with_the_right_word(lint, pipeline):
    texts = {name: path.read_bytes().decode("utf-8-sig") for name, path in files(pipeline).items()}
    misses = []
    for name, text in texts.items():
        for case in cases(text, chosen(pipeline), base_of(name)):
            changed = {**texts, name: case.applied(text)}
            # In the folder of the test every pipeline is called pipeline.yaml.
            report = lint(changed.pop(pipeline.name), changed)
            place = "pipeline.yaml" if name == pipeline.name else name
            misses.append(missed(case, place, report.diagnostics))
    assert not list(filter(None, misses))
