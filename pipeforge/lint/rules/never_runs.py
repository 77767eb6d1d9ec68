"""Steps that no run can ever start."""

from collections.abc import Iterator, Mapping

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.saying import say
from pipeforge.lint.graph import components
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import StepView, Subject

_OFF = frozenset(["${{ false }}", "${{false}}", "${{ False }}", "${{False}}"])


def check(subject: Subject) -> Iterator[Problem]:
    if (
        "failure" not in subject.document.texts
        and not subject.may_have("if")
        and not subject.may_have("foreach")
    ):
        return
    followers: dict[str, list[StepView]] = {}
    for step, culprit in _waiting_in_vain(subject):
        followers.setdefault(culprit, []).append(step)
    for step in subject.steps.values():
        also = tuple(
            (Place((*other.route, "run_when")), say("so '{id}' never runs either", id=other.id))
            for other in followers.get(step.id, ())
        )
        if step.data.get("run_when") == "failure" and "needs" not in step.data:
            message = say("'{id}' runs when a need fails, but it needs nothing: it never runs", id=step.id)
            hint = say("add the steps whose failure it waits for to needs")
            yield Problem((*step.route, "run_when"), message, hint, see_also=also)
        elif _off(step):
            hint = say("remove the step, or the if")
            yield Problem((*step.route, "if"), say("'{id}' never runs", id=step.id), hint, see_also=also)
        elif _no_items(step):
            message = say("'{id}' never runs: there are no items", id=step.id)
            yield Problem((*step.route, "foreach", "items"), message, say("give one at least"), see_also=also)
        elif _forgiven(subject, step):
            message = say("'{id}' waits for failures that allow_failure takes for success", id=step.id)
            hint = say("drop allow_failure there, or write run_when: always with an if on the outcome")
            yield Problem((*step.route, "run_when"), message, hint, see_also=also)


def _waiting_in_vain(subject: Subject) -> Iterator[tuple[StepView, str]]:
    """Steps that wait for the failure of what never starts, each with the one to blame for it."""
    if not any(step.data.get("run_when") == "failure" for step in subject.steps.values()):
        return
    edges = subject.edges()
    blamed: dict[str, str] = {}
    for component in components(edges):
        step = subject.steps[component[0]]
        if len(component) > 1 or len(edges[step.id]) < len(step.needs):
            continue  # in a ring, or it needs what is not there: told by others
        idle = all(need in blamed for need in edges[step.id])
        if step.data.get("run_when") == "failure":
            if idle and step.needs:
                blamed[step.id] = blamed[edges[step.id][0]]
                yield step, blamed[step.id]
            elif idle:
                blamed[step.id] = step.id
        elif (_off(step) or _no_items(step)) and (idle or step.data.get("run_when") == "always"):
            # With needs that may fail it can be blocked, and that counts as a failure.
            blamed[step.id] = step.id


def _forgiven(subject: Subject, step: StepView) -> bool:
    """Whether all whose failure it waits for are forgiven theirs, and can neither be blocked."""
    if step.data.get("run_when") != "failure" or not step.needs:
        return False
    needs = [subject.steps.get(need.text) for need in step.needs]
    return all(n is not None and n.data.get("allow_failure") is True and not n.needs for n in needs)


def _off(step: StepView) -> bool:
    condition = step.data.get("if")
    return condition is False or (isinstance(condition, str) and condition.strip() in _OFF)


def _no_items(step: StepView) -> bool:
    foreach = step.data.get("foreach")
    return isinstance(foreach, Mapping) and foreach.get("items") == []


RULE = Rule("PF205", "never-runs", "warning", say("a step can never run"), check)
