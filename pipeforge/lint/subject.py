"""What rules look at: the files' data, taken apart once, with everything that more than one rule asks for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pipeforge.language.diagnostics import Problem, Route
from pipeforge.language.document import Document
from pipeforge.language.forms import Form, Sketch
from pipeforge.language.kintone import RecordFault
from pipeforge.language.nearest import equals, nearest
from pipeforge.language.saying import say
from pipeforge.language.scope import Names
from pipeforge.language.templating import Expression, TemplateError
from pipeforge.language.templating import Path as TemplatePath
from pipeforge.language.types import Type
from pipeforge.lint.catalog import Catalog
from pipeforge.lint.faults import Area, Fault, Sort

if TYPE_CHECKING:
    from pipeforge.language.lock import Lock

_NOTHING: Mapping[Path, str | bytes] = {}

Section = Literal[
    "custom_variables", "records", "connections", "with", "if", "foreach", "concurrency", "outputs"
]


class Name(NamedTuple):
    """A name that the author wrote, and where."""

    text: str
    route: Route


class StepView(NamedTuple):
    """One step, as far as it can be read."""

    id: str
    route: Route
    data: Mapping[str, Any]
    needs: tuple[Name, ...]
    uses: str | None
    kind: Sketch | None
    """None when `uses` is missing or names no kind."""
    item: str | None
    """What a foreach calls its item; None in a step that is none."""


class ConnectionView(NamedTuple):
    """One connection, as far as it can be read."""

    name: str
    route: Route
    path: Path | None
    """The file it stands in, when that is not the pipeline itself."""
    data: Mapping[str, Any]
    vendor: str | None
    form: Form | None
    """None when the vendor is missing or unknown."""


class RecordView(NamedTuple):
    """What is wrong with one record, in place or from a file."""

    faults: tuple[RecordFault, ...]
    route: Route
    data: Any
    path: Path | None


class Use(NamedTuple):
    """One text with templates, read once."""

    route: Route
    section: Section
    step: StepView | None
    names: tuple[tuple[Expression, TemplatePath], ...]
    """Every dotted name its expressions use, as far as they can be read."""
    errors: tuple[TemplateError, ...] = ()
    path: Path | None = None
    text: str = ""


class Subject:
    """A pipeline and its project file under inspection. Broken parts are simply not there."""

    def __init__(
        self,
        document: Document,
        project_document: Document,
        catalog: Catalog,
        environment: str | None = None,
        codes: Sequence[str] = (),
        texts: Mapping[Path, str | bytes] = _NOTHING,
    ) -> None:
        """`codes`: of all rules there are. `texts`: by resolved path, what stands for files on disk."""
        self.document = document
        self.project_document = project_document
        self.catalog = catalog
        self.environment = environment
        self.codes = codes
        self.texts = texts
        self.data: Mapping[str, Any] = {}
        self.project_data: Mapping[str, Any] = {}
        self.is_whole = False
        """Whether the envelope is valid."""
        self.shared: Mapping[str, Any] = {}
        """The project file as it is, when it is valid."""
        self.faults: list[Fault] = []
        """What the models found."""
        self.problems: dict[str, list[Problem]] = {}
        """What was found on the way while taking the files apart, by the rule's name."""
        self._take_apart()

    def _take_apart(self) -> None:
        """What is filled in while the files are."""
        self.steps: Mapping[str, StepView] = {}
        self.params: dict[str, Any] = {}
        """Of each step with a known kind: its parameters, under their right names."""
        self.variables: dict[str, Any] = {}
        """The custom variables, declarations under their right keys."""
        self.connections: Mapping[str, ConnectionView] = {}
        self.used: Mapping[str, ConnectionView] | None = None
        """By step, the connection it uses; None until a rule asks."""
        self.literals: list[tuple[Path | None, Route]] = []
        """Where credentials of connections are written out instead of named: file and route."""
        self.records: list[RecordView] = []
        self.uses: list[Use] = []
        """Every text with templates, in the file's order."""
        self.children: dict[Path, Subject] = {}
        """Pipelines that this one runs, and those that they run, by resolved path; as far as others need
        them."""
        self.levels = 0
        """Of such a pipeline: how many levels of others are below it."""
        self.handed: dict[Path, Type] = {}
        """What those give, by resolved path, each found once."""
        self.runs: dict[str, Path] = {}
        """By step: the resolved path of the pipeline that it runs, where that could be read."""
        self.names = Names(say("name"), {})
        """What templates can name outside a foreach."""
        self.documents: dict[Path, Document] = {}
        """Every file that was read, by path."""
        self.renamed: dict[Path, dict[Route, str]] = {}
        """By file, the keys that were taken for others: right route to the key as written."""
        self.lock: Lock | None = None
        """What is known of the things that steps name at their vendors; None where nobody looked."""
        self.lock_path: Path | None = None
        """The lock's file; None where somebody looked just now."""

    def of(self, area: Area, sort: Sort) -> list[Problem]:
        """The models' faults of one sort."""
        return [fault.problem() for fault in self.faults if fault.area == area and fault.sort == sort]

    def note(self, rule: str, problem: Problem) -> None:
        self.problems.setdefault(rule, []).append(problem)

    def keep(self, path: Path | None, base: Route, renamed: Mapping[Route, str]) -> None:
        """Remembers what was renamed in a part that was examined alone."""
        if not renamed:
            return
        names = self.renamed.setdefault(path or self.document.path, {})
        names.update({(*base, *route): written for route, written in renamed.items()})

    def may_have(self, key: str) -> bool:
        """Whether a key may stand anywhere in the pipeline or its project file, as written or as meant."""
        return key in self.document.keys or key in self.project_document.keys or any(self.renamed.values())

    def foreign(self, route: Route) -> bool:
        """Whether the pipeline's key at a route is another tool's word: what it holds was named with it."""
        written = self.renamed.get(self.document.path, {}).get(route)
        return written is not None and nearest(written, [str(route[-1])]) is None

    def edges(self) -> dict[str, list[str]]:
        """From each step to the steps it needs, as far as those exist and are others."""
        steps = self.steps
        return {
            id_: list(dict.fromkeys([n.text for n in step.needs if n.text in steps and n.text != id_]))
            for id_, step in steps.items()
        }

    def meant_edges(self) -> dict[str, list[str]]:
        """The same as if misspelt needs had been right: they are a mistake of their own."""
        edges = self.edges()
        left = self.suggestions
        for id_, step in self.steps.items():
            for need in step.needs:
                if need.text not in self.steps and left:
                    left -= 1
                    edges[id_] += equals(need.text, [other for other in self.steps if other != id_])
        return edges

    @property
    def suggestions(self) -> int:
        """For how many missing names the nearest of all steps is looked for: bounds the work."""
        return 10 + 100_000 // (1 + len(self.steps))
