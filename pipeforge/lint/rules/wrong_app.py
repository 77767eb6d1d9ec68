"""A parameter that repeats what the connection holds, where another is wanted: krewData's two apps."""

import re
from collections.abc import Iterator, Mapping

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.policies import connections
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    used = connections(subject)
    for step in subject.steps.values():
        apart = step.kind.traits.apart if step.kind else None
        params = subject.params.get(step.id)
        if apart is None or step.id not in used or not isinstance(params, Mapping):
            continue
        held, given = used[step.id].data.get(apart.setting), params.get(apart.param)
        found = re.search(apart.pattern, held) if isinstance(held, str) else None
        if found is not None and isinstance(given, str | int) and str(given) == found[1]:
            message = say(
                "'{param}' is the app of the connection's {setting}", param=apart.param, setting=apart.setting
            )
            hint = say("give the app that the unit is called from, not the one that holds the unit")
            yield Problem((*step.route, "with", apart.param), message, hint)


RULE = Rule(
    "PF408", "wrong-app", "warning", say("the app that holds a unit is given as its calling app"), check
)
