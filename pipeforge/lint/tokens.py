"""What looks like a credential wherever it stands: by its shape, or by the name it is given under."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeforge.language.diagnostics import Route
from pipeforge.language.saying import Said, say
from pipeforge.language.templating import OPEN, Expression
from pipeforge.lint.subject import Subject, Use

_SHAPES: tuple[tuple[str, str, Said], ...] = (
    ("AKIA|ASIA", r"(?<![A-Za-z0-9])A(?:KIA|SIA)[0-9A-Z]{16}(?![A-Za-z0-9])", say("an AWS access key")),
    ("ghp_|gho_|ghu_|ghs_|ghr_", r"(?<!\w)gh[pousr]_[A-Za-z0-9]{36,255}(?!\w)", say("a GitHub token")),
    ("github_pat_", r"(?<!\w)github_pat_[A-Za-z0-9_]{30,255}(?!\w)", say("a GitHub token")),
    ("xox", r"(?<!\w)xox[abeprs]-[A-Za-z0-9-]{20,255}(?!\w)", say("a Slack token")),
    (
        "hooks.slack",
        r"https://hooks\.slack\.com/services/T\w{6,20}/B\w{6,20}/\w{16,40}",
        say("a Slack webhook"),
    ),
    ("AIza", r"(?<!\w)AIza[0-9A-Za-z_-]{35}(?!\w)", say("a Google API key")),
    ("eyJ", r"(?<!\w)eyJ[\w-]{8,4000}\.eyJ[\w-]{8,4000}\.[\w-]{8,1000}", say("a JSON Web Token")),
    ("PRIVATE KEY-----", r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----", say("a private key")),
    ("earer ", r"(?<!\w)[Bb]earer (?=[A-Za-z]{0,60}[0-9])[\w.~+/-]{20,1000}", say("a bearer token")),
    ("tra_", r"(?<!\w)tra_(?=[A-Za-z]{0,60}[0-9])[A-Za-z0-9]{24,255}(?!\w)", say("a trocco API key")),
    ("pat_|prt_", r"(?<!\w)p[ar]t_(?=[A-Za-z]{0,60}[0-9])[A-Za-z0-9]{24,255}(?!\w)", say("a Reckoner token")),
    ("k_live_", r"(?<!\w)[sr]k_live_[0-9A-Za-z]{20,255}(?!\w)", say("an API key")),
    ("sk-", r"(?<!\w)sk-(?=[A-Za-z_-]{0,60}[0-9])[0-9A-Za-z_-]{32,255}(?!\w)", say("an API key")),
)
"""Texts of which one is in every such key, how all of it looks, and what it is. All repetition is bounded."""
_STARTS = ("://", *(start for starts, _, _ in _SHAPES for start in starts.split("|")))
_ACCOUNT_START = "/[0-9a-f]{40}"
_ACCOUNT_KEY = r"(?<![\w/.-])[0-9]{1,8}/[0-9a-f]{40}(?![\w/])"
_URL = r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/?#@:'\"{}$]{1,100}:([^\s/?#@'\"{}$<>*•]{1,200})@"
_NAME = (
    r"(?:.*[_.-])?(?:password|passwd|passphrase|api[_-]?key|secret[_-]?key|access[_-]?key|private[_-]?key"
    r"|client[_-]?secret|(?:access|auth|refresh|api)[_-]?token)"
)
_HARMLESS = r"[A-Z][A-Z0-9_]*|\S{0,5}|.*\s.*"
"""A name in capitals (that of a secret, not the secret), too little, or a sentence."""


class Token(NamedTuple):
    """Where something that looks like a credential stands in a text, and what it looks like."""

    start: int
    end: int
    what: Said


def suspect(text: str) -> bool:
    """Whether there may be one in a text, or a password in a URL."""
    return any(start in text for start in _STARTS) or re.search(_ACCOUNT_START, text) is not None


def tokens(text: str) -> Iterator[Token]:
    """Those with a shape that nothing else has, in the order of shapes; not those of documents' examples."""
    for starts, shape, what in _SHAPES:
        if any(start in text for start in starts.split("|")):
            yield from _shaped(shape, text, what)
    if re.search(_ACCOUNT_START, text):
        yield from _shaped(_ACCOUNT_KEY, text, say("a Treasure Data API key"))


def _shaped(shape: str, text: str, what: Said) -> Iterator[Token]:
    for found in re.finditer(shape, text):
        if "EXAMPLE" not in found[0]:
            yield Token(*found.span(), what)


def passwords_in_urls(text: str) -> Iterator[Token]:
    """The passwords of `https://user:password@host`."""
    for found in re.finditer(_URL, text) if "@" in text and "://" in text else ():
        yield Token(*found.span(1), say("a password in a URL"))


def hidden(text: str) -> str:
    """The text with everything in it that has the shape of a credential made unreadable."""
    for found in [*tokens(text), *passwords_in_urls(text)]:
        text = text[: found.start] + "•" * (found.end - found.start) + text[found.end :]
    return text


_COLLECTIONS = (dict, list)


def named(value: Any, route: Route, name: str = "") -> list[Route]:
    """Where texts below a value are called a password or a key: in parameters and custom variables."""
    found: list[Route] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str):
                if _is_secret(key, inner):
                    found.append((*route, key))
            elif isinstance(inner, _COLLECTIONS):
                found += named(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if not isinstance(inner, str):
                found += named(inner, (*route, index))
    elif isinstance(value, str) and _is_secret(name, value):
        found.append(route)
    return found


def _is_secret(name: str, value: str) -> bool:
    return _called_so(name) and OPEN not in value and not re.fullmatch(_HARMLESS, value, re.DOTALL)


@lru_cache(maxsize=4096)
def _called_so(name: str) -> bool:
    return re.fullmatch(_NAME, name.strip("$"), re.IGNORECASE) is not None


def passwords(subject: Subject) -> list[Route]:
    """Where parameters and custom variables are called a password or a key, and have a fitting value."""
    routes: list[Route] = []
    for step in subject.steps.values():
        routes += named(subject.params.get(step.id, step.data.get("with")), (*step.route, "with"))
    for name, value in subject.variables.items():
        if isinstance(value, Mapping) and isinstance(value.get("default"), str):
            routes += named(value["default"], ("custom_variables", name, "default"), name)
        else:
            routes += named(value, ("custom_variables", name), name)
    return routes


def defaults(subject: Subject) -> Iterator[tuple[Use, Expression]]:
    """Secrets that are given a default, which may be one itself."""
    for use in subject.uses:
        for expression, path in use.names:
            if path[0] == "secrets" and {"default", "d"} & set(expression.filters):
                yield use, expression


def exposed(subject: Subject) -> Iterator[tuple[Path | None, Route]]:
    """What must not be shown although no connection has it: file and route."""
    yield from ((None, route) for route in passwords(subject))
    yield from ((use.path, use.route) for use, _ in defaults(subject))
