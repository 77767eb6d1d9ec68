"""The plugin for pytest: a fixture that runs a pipeline against emulators, and test files as tests.

    def test_the_mart_waits(rehearse):
        found = rehearse("nightly_sales.yaml", context_time="2026-01-02T03:00")
        assert found.outcome("build_mart") == "succeeded"
        assert found.jobs("trocco") == 2

With `pipeforge_tests = true` in pytest's settings each `NAME.test.yaml` is collected, too.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeforge.loading import load

if TYPE_CHECKING:
    from pipeforge.commands.rehearsing import Rehearsal
    from pipeforge.reports.trials import Result

# pytest imports this in every session: all that it needs is loaded when a test asks for it.

pytest.register_assert_rewrite("pipeforge.contract")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the setting."""
    parser.addini("pipeforge_tests", "collect NAME.test.yaml files of pipeforge", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "TestYaml | None":
    """A test file, where the setting says so."""
    if file_path.name.endswith((".test.yaml", ".test.yml")) and parent.config.getini("pipeforge_tests"):
        return TestYaml.from_parent(parent, path=file_path)
    return None


@pytest.fixture
def rehearse(request: pytest.FixtureRequest) -> "Callable[..., Rehearsal]":
    """Runs a pipeline against emulators, in time that is jumped over, and gives what came of it.

    Called with the pipeline's path, from the folder of the test, and any of what `given` holds in a test
    file: context_time, environment, custom_variables, env, world, faults, max_time. Raises InvalidPipeline
    for a pipeline that lint finds errors in, UsageError for what cannot be run so.
    """
    folder = request.path.parent

    def run(file: str | Path, **given: Any) -> "Rehearsal":
        opening, rehearsing = load("pipeforge.commands.opening"), load("pipeforge.commands.rehearsing")
        situation = load("pipeforge.language.trials:Situation").model_validate(given)
        manner = opening.Manner("en", quiet=True, silent=True)
        source = opening.opened(folder / file, situation.environment, manner)
        found: Rehearsal = rehearsing.rehearse(source, situation, folder)
        return found

    return run


class TestYaml(pytest.File):
    """A test file."""

    def collect(self) -> "Iterator[TestOfYaml]":
        """Its tests. Raises CollectError where something is wrong with it."""
        checked = load("pipeforge.lint.trials:check")(self.path)
        if checked.file is None or checked.document is None:
            texts = {self.path: checked.document.text if checked.document else ""}
            raise self.CollectError(load("pipeforge.reports.diagnostics:full")(checked.diagnostics, texts))
        for name in checked.file.tests:
            yield TestOfYaml.from_parent(self, name=name, checked=checked)


class TestOfYaml(pytest.Item):
    """One test of it."""

    def __init__(self, *, checked: Any, **more: Any) -> None:
        super().__init__(**more)
        self._checked = checked

    def runtest(self) -> None:
        """Raises Otherwise."""
        checked = self._checked
        result = load("pipeforge.commands.trying:result")(checked.document, checked.file, self.name, "en")
        if not result.passed:
            raise Otherwise(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is otherwise than expected, as `pipeforge test` tells it."""
        if isinstance(excinfo.value, Otherwise):
            return load("pipeforge.reports.trials:failure")(excinfo.value.result, self._checked.document.text)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the test stands."""
        route = load("pipeforge.language.diagnostics:Place")(("tests", self.name), on_key=True)
        return self.path, self._checked.document.locate(route).line - 1, self.name


class Otherwise(Exception):
    """A test of a pipeline did not come out as expected."""

    def __init__(self, result: "Result") -> None:
        super().__init__(result.name)
        self.result = result
