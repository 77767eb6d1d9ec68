"""Step ids that could not be told apart in reports, or not be named in templates."""

import re
from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject

ID = re.compile(r"[^\W\d][\w-]{0,99}")
"""chosen: letters of any script, digits, _ and -; journals write an item of a foreach as `id[0]`."""


def check(subject: Subject) -> Iterator[Problem]:
    for step in subject.steps.values():
        if not ID.fullmatch(step.id):
            hint = say("begin with a letter or _, then letters, digits, _ and -; 100 characters at most")
            plain = step.id.strip("+ ")
            if ID.fullmatch(plain) and plain not in subject.steps:
                hint = say("write {id}:", id=plain)
            yield Problem(step.route, say("'{id}' cannot be a step's id", id=step.id), hint, on_key=True)


RULE = Rule("PF107", "step-id", "error", say("a step's id has characters that ids cannot have"), check)
