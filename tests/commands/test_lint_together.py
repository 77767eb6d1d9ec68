"""What `pipeforge lint` checks beyond the named files: the pipelines they run, and several environments."""

import pytest
from lint_files import BAD, GOOD, found

RUNS = "name: {name}\nsteps:\n  go: {{uses: pipeline, with: {{path: {path}}}, timeout: 1h}}\n"


@pytest.fixture
def family(shell):
    """A pipeline that runs one that runs another, in which something is wrong."""
    shell.write("pipeforge.yaml", "{}\n")
    shell.write("parent.yaml", RUNS.format(name="parent", path="parts/child.yaml"))
    shell.write("parts/child.yaml", RUNS.format(name="child", path="grandchild.yaml"))
    shell.write("parts/grandchild.yaml", BAD.format(name="grandchild"))
    return shell


class TestPipelinesThatOthersRun:
    def test_what_is_wrong_below_is_told_with_the_one_that_was_named(self, family):
        done = family("lint", "parent.yaml", "--format", "json", "--no-cache")
        assert found(done) == [("parts/grandchild.yaml", "PF101")]
        assert (done.code, family("lint", "parent.yaml").err) == (1, "1 error in 3 files\n")

    def test_it_is_told_once(self, family):
        assert family("lint", ".", "parent.yaml", "--format", "concise").out.count("PF101") == 1
        assert family("lint", "parts", "parent.yaml").err == "1 error in 3 files\n"

    def test_it_is_told_from_the_cache_too(self, family):
        first = family("lint", "parent.yaml", "--format", "json")
        again = family("lint", "parent.yaml", "--format", "json")
        assert (again.code, again.out) == (1, first.out)
        family.write("parts/grandchild.yaml", GOOD.format(name="grandchild"))
        assert family("lint", "parent.yaml").err == "no findings in 3 files\n"

    def test_a_ring_ends(self, family):
        family.write("parts/grandchild.yaml", RUNS.format(name="grandchild", path="../parent.yaml"))
        done = family("lint", "parent.yaml", "--format", "json")
        assert done.code == 1
        assert {path for path, _ in found(done)} == {
            "parent.yaml",
            "parts/child.yaml",
            "parts/grandchild.yaml",
        }


class TestSeveralEnvironments:
    @pytest.fixture
    def project(self, shell):
        shell.write(
            "pipeforge.yaml",
            "environments:\n"
            "  staging: {connections: {t: {api_key: '${{ secrets.STAGING }}'}}}\n"
            "  prod: {connections: {t: {api_key: '${{ secrets.PROD }}', base_ulr: x}}}\n",
        )
        shell.write("one.yaml", GOOD.format(name="one"))
        return shell

    def test_each_is_checked(self, project):
        assert project("lint", "one.yaml", "--env", "staging").code == 0
        both = project("lint", "one.yaml", "--env", "staging", "--env", "prod", "--format", "json")
        alone = project("lint", "one.yaml", "--env", "prod", "--format", "json")
        assert both.code == alone.code == 1
        assert found(both) == found(alone) != []

    def test_a_misspelt_one_is_told_and_the_right_one_named(self, project):
        done = project("lint", "one.yaml", "--env", "staging", "--env", "prdo")
        assert done.code == 1
        assert "did you mean 'prod'?" in done.out

    @pytest.mark.parametrize("flags", [("--fix",), ("--diff",), ("--show-settings",)])
    def test_what_is_for_one_is_refused_for_several(self, project, flags):
        done = project("lint", "one.yaml", "--env", "staging", "--env", "prod", *flags)
        assert done.code == 2
        assert "several --env" in done.err
