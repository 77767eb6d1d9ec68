"""Codes in the project file's lint settings that name no rule."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Problem, Route
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject


def check(subject: Subject) -> Iterator[Problem]:
    settings = subject.project_data.get("lint")
    if not isinstance(settings, Mapping):
        return
    yield from _listed(settings.get("ignore"), ("lint", "ignore"), subject)
    per_path = settings.get("per_path")
    for glob, codes in per_path.items() if isinstance(per_path, Mapping) else ():
        yield from _listed(codes, ("lint", "per_path", glob), subject)


def _listed(codes: Any, route: Route, subject: Subject) -> Iterator[Problem]:
    for index, code in enumerate(codes if isinstance(codes, list) else ()):
        if isinstance(code, str) and not (code and any(known.startswith(code) for known in subject.codes)):
            hint = "write a code such as PF203, or the beginning of several such as PF4"
            message = f"no rule has the code '{code}'"
            mend = f"did you mean '{code.upper()}'?" if code.upper() in subject.codes else hint
            yield Problem((*route, index), message, mend, path=subject.project_document.path)


RULE = Rule("PF111", "unknown-code", "error", "a lint setting names no rule", check)
