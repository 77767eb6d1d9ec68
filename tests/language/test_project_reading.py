"""The project file is parsed once for all pipelines that it governs, and again when it has changed."""

from pipeforge.language import project


def test_pipelines_share_what_was_parsed_but_nothing_that_changes(tmp_path):
    file = tmp_path / "pipeforge.yaml"
    file.write_text("env: [HOME]\n", encoding="utf-8")
    one, other = project.load(tmp_path / "a.yaml"), project.load(tmp_path / "b.yaml")
    assert one is not other
    assert (one.path, one.text) == (other.path, other.text)
    assert one.data is other.data
    file.write_text("env: [PATH]\n", encoding="utf-8")
    assert project.load(tmp_path / "a.yaml").data == {"env": ["PATH"]}


def test_faults_are_found_anew_for_each_since_they_are_explained_in_place(tmp_path):
    (tmp_path / "pipeforge.yaml").write_text("env: [HOME\n", encoding="utf-8")
    one, other = project.load(tmp_path / "a.yaml"), project.load(tmp_path / "b.yaml")
    assert [rule for rule, _ in one.faults] == ["syntax"]
    assert one.faults is not other.faults
