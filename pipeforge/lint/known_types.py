"""What the names of templates stand for in one pipeline: declared, written out, or a kind's outputs."""

from collections.abc import Mapping
from typing import Any

from pipeforge.language.inferring import Inferred, Look, infer, step
from pipeforge.language.kinds import Outcome
from pipeforge.language.templating import Path, TemplateError, template
from pipeforge.language.types import ANY, INT, LIST, TEXT, TIME, Type, of_value, of_variable
from pipeforge.lint.subject import StepView, Subject

_RUN = Type("mapping", parts={"id": TEXT, "attempt": INT})
_OUTCOME = Type("text", values=tuple(outcome.value for outcome in Outcome))


class KnownTypes:
    """The types of one subject's names, each found once."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._variables: dict[str, Type] = {}
        self._items: dict[str, Type] = {}
        self._inferred: dict[tuple[str, str], Inferred] = {}
        records = subject.data.get("records")
        self._records = records if isinstance(records, Mapping) else {}

    def infer(self, source: str, view: StepView | None) -> Inferred:
        """An expression as it stands in a step, or outside of any."""
        key = (source, view.id if view is not None and view.item is not None else "")
        if key not in self._inferred:
            self._inferred[key] = infer(source, self._look(view))
        return self._inferred[key]

    def of_text(self, text: str, view: StepView | None) -> Type:
        """A value that may be a whole template."""
        try:
            found = template(text)
        except TemplateError:
            return ANY
        if found is None or not found.whole:
            return TEXT
        return self.infer(found.expressions[0].source, view).type

    def _look(self, view: StepView | None) -> Look:
        def look(path: Path) -> Type:
            if view is not None and path[0] == view.item:
                found, rest = self._item(view), path[1:]
            else:
                found, rest = self._root(path), path[2:]
            for part in rest:
                found = step(found, part)
            return found

        return look

    def _root(self, path: Path) -> Type:
        """What the first two parts of a name stand for."""
        root, name = path[0], path[1] if len(path) > 1 else None
        if root == "context_time":
            return step(TIME, name) if name else TIME
        if root == "run":
            return step(_RUN, name) if name else _RUN
        if name is None:
            return ANY
        if root == "env":
            return TEXT
        if root == "custom_variables":
            return self._variable(name)
        if root == "records" and name in self._records:
            record = self._records[name]
            return of_value(record) if isinstance(record, Mapping) and "file" not in record else ANY
        return self._step(name) if root == "steps" else ANY

    def _variable(self, name: str) -> Type:
        if name not in self._variables:
            self._variables[name] = ANY  # while it is looked at: it may need itself
            value = self._subject.variables.get(name)
            known = self.of_text(value, None) if isinstance(value, str) else of_variable(value)
            self._variables[name] = known._replace(values=None) if isinstance(value, str) else known
        return self._variables[name]

    def _step(self, name: str) -> Type:
        view = self._subject.steps.get(name)
        if view is None:
            return ANY
        outputs = view.kind.outputs.gives if view.kind else ANY
        if name in self._subject.runs:
            outputs = self._handed(name)
        if "foreach" in view.data:
            outputs = LIST._replace(inner=outputs)
        return Type("mapping", parts={"outcome": _OUTCOME, "outputs": outputs})

    def _handed(self, name: str) -> Type:
        """What the pipeline that a step runs says under `outputs`."""
        path, known = self._subject.runs[name], self._subject.handed
        if path not in known:
            child = self._subject.children[path]
            outputs, types = child.data.get("outputs"), KnownTypes(child)
            parts = {
                key: types.of_text(value, None) if isinstance(value, str) else of_value(value)
                for key, value in (outputs.items() if isinstance(outputs, Mapping) else ())
            }
            known[path] = Type("mapping", parts=parts)
        return known[path]

    def _item(self, view: StepView) -> Type:
        if view.id not in self._items:
            self._items[view.id] = ANY
            foreach = view.data.get("foreach")
            items: Any = foreach.get("items") if isinstance(foreach, Mapping) else None
            found = self.of_text(items, None) if isinstance(items, str) else of_value(items)
            self._items[view.id] = found.inner or ANY
        return self._items[view.id]
