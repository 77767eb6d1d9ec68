"""Codes in the project file's lint settings that name no rule."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeforge.language.diagnostics import Place, Problem, Route
from pipeforge.language.saying import say
from pipeforge.lint.codes import code_hint, meant_code
from pipeforge.lint.mending import instead
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
            message = say("no rule has the code '{code}'", code=code)
            here, meant = (*route, index), meant_code(code, subject.codes)
            fix = instead([Place(here)], meant, safe=code.strip().upper() == meant)
            hint = code_hint(code, subject.codes)
            yield Problem(here, message, hint, fix=fix, path=subject.project_document.path)


RULE = Rule("PF111", "unknown-code", "error", say("a lint setting names no rule"), check)
