"""Custom variables that are computed from each other in a ring."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.graph import rings
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    edges: dict[str, list[str]] = {name: [] for name in subject.variables}
    for use in subject.uses:
        if use.section != "custom_variables":
            continue
        name = str(use.route[1])
        for _, path in use.names:
            if path[0] == "custom_variables" and len(path) > 1 and path[1] in edges:
                edges[name].append(path[1])
    for name, others in edges.items():
        if name in others:
            message = say("custom variable '{name}' is computed from itself", name=name)
            yield Problem(("custom_variables", name), message, say("give it a value of its own"), on_key=True)
    for ring in rings({name: [o for o in others if o != name] for name, others in edges.items()}):
        spelt = " -> ".join([*ring, ring[0]])
        message = say("custom variables are computed from each other in a ring: {spelt}", spelt=spelt)
        yield Problem(("custom_variables", ring[0]), message, say("give one of them a value"), on_key=True)


RULE = Rule("PF306", "variable-cycle", "error", say("custom variables need each other in a ring"), check)
