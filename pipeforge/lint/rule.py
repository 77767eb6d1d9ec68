"""What a rule is: a code, a name, and a function from a subject to problems."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pipeforge.language.diagnostics import Problem, Severity
from pipeforge.language.saying import Said
from pipeforge.lint.subject import Subject

Check = Callable[[Subject], Iterable[Problem]]


class Rule(NamedTuple):
    """One thing that lint can find. The code and the name never change their meaning."""

    code: str
    name: str
    severity: Severity
    summary: Said
    """What is wrong, in one line."""
    check: Check
