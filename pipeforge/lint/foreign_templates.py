"""Templates in the manner of other tools, which are none here: found in a text, with what they mean."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pipeforge.language.saying import Said, say
from pipeforge.language.scope import Names, resolve

_MARKS = (
    r"(?P<open>(?:[$＄][ \u3000]*)?(?:\{\{|｛｛|\{｛|｛\{))-?"
    r"(?P<curly>[^{}｛｝]{1,200}?)-?(?:\}\}|｝｝|\}｝|｝\})"
    r"|\$\{(?P<dollar>[^{}]{1,200})\}|\$\((?P<round>[^()]{1,200})\)"
    r"|%\{(?P<percent>[^{}]{1,200})\}|<%=?(?P<tag>[^<>%]{1,200})%>|#\{(?P<hash>[^{}]{1,200})\}"
)
_SIGNS = ("{{{", "$(", "%{", "<%", "#{", "｛", "＄", "$ ", "$\u3000")
_BARE_STARTS = ("context_time", "custom_variables.", "records.", "steps.")
_BARE = r"(?:context_time|custom_variables\.\w+|records\.\w+|steps\.[\w-]+\.(?:outcome|outputs\.\w+))"
_NAME = re.compile(r"\s*([A-Za-z_]\w*(?:\.[\w-]+|\[\s*['\"][^'\"]*['\"]\s*\])*)")

_DAY, _PLAIN_DAY = "date('%Y-%m-%d')", "date('%Y%m%d')"
_WORDS: Mapping[str, str] = {
    "ds": f"context_time | {_DAY}",
    "ds_nodash": f"context_time | {_PLAIN_DAY}",
    "yesterday_ds": f"context_time | shift(days=-1) | {_DAY}",
    "tomorrow_ds": f"context_time | shift(days=1) | {_DAY}",
    "yesterday_ds_nodash": f"context_time | shift(days=-1) | {_PLAIN_DAY}",
    "tomorrow_ds_nodash": f"context_time | shift(days=1) | {_PLAIN_DAY}",
    **dict.fromkeys(("ts", "execution_date", "logical_date", "data_interval_start"), "context_time | iso"),
    "ts_nodash": "context_time | date('%Y%m%dT%H%M%S')",
    "data_interval_end": "context_time | iso",
    "run_id": "run.id",
    "dag_run.run_id": "run.id",
    "execution.id": "run.id",
    "workflow.name": "run.id",
    "session_time": "context_time | iso",
    "session_date": f"context_time | {_DAY}",
    "session_date_compact": f"context_time | {_PLAIN_DAY}",
    "session_local_time": "context_time | date('%Y-%m-%d %H:%M:%S')",
    "session_unixtime": "context_time | unix",
    "execution.startDate": "context_time | iso",
    "trigger.date": "context_time | iso",
    "try_number": "run.attempt",
}
"""Names of Airflow, Digdag, Kestra and Argo that have an exact counterpart."""
_DIGDAG = frozenset(name for name in _WORDS if name.startswith("session_"))
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("inputs.parameters.", "custom_variables."),
    ("workflow.parameters.", "custom_variables."),
    ("var.value.", "custom_variables."),
    ("dag_run.conf.", "custom_variables."),
    ("github.event.inputs.", "custom_variables."),
    ("params.", "custom_variables."),
    ("inputs.", "custom_variables."),
    ("vars.", "custom_variables."),
    ("var.", "custom_variables."),
    ("envs.", "env."),
)
_CALLS: Mapping[str, str] = {"var": "custom_variables", "env_var": "env", "secret": "secrets", "env": "env"}


class Foreign(NamedTuple):
    """A template of another tool: where it stands, and what it would be here."""

    start: int
    end: int
    meant: str | None
    """The expression; None where it has no exact counterpart."""
    ours: bool
    """It names what has that very name here."""
    hint: Said


def suspect(values: Iterable[str]) -> bool:
    """Whether there may be something to find in texts."""
    text = "\n".join(values)
    ours = text.count("${{")
    return (
        text.count("{{") != ours
        or text.count("${") != ours
        or any(sign in text for sign in _SIGNS)
        or any(value.startswith(_BARE_STARTS) for value in values)
    )


def find(text: str, names: Names, *, digdag: bool) -> Iterator[Foreign]:
    """What of a text was certainly meant as a template. `digdag`: it is for Digdag, whose ${x} it may be."""
    bare = re.fullmatch(_BARE, text)
    if bare and resolve(names, tuple(text.split("."))) is None:
        yield _foreign(0, len(text), text, ours=True)
        return
    for found in re.finditer(_MARKS, text):
        if found["open"] == "${{":
            continue
        inside = next(part for part in found.groups()[1:] if part is not None).replace("\u3000", " ").strip()
        for_digdag = digdag and found["dollar"] is not None
        meant, ours = _meaning(inside, names, curly=found["open"] is not None, digdag=for_digdag)
        if meant is not None:
            yield _foreign(*found.span(), meant or None, ours=ours)


def _foreign(start: int, end: int, meant: str | None, *, ours: bool) -> Foreign:
    hint = say("write ${{ {meant} }}", meant=meant) if meant else say("templates are written ${{ … }}")
    return Foreign(start, end, meant, ours, hint)


def _meaning(inside: str, names: Names, *, curly: bool, digdag: bool) -> tuple[str | None, bool]:
    """The expression that was meant ("" where only the tool is known), and whether it is ours as it is."""
    found = _NAME.match(inside)
    name = found[1] if found else ""
    root = re.split(r"[.\[]", name, maxsplit=1)[0]
    dotted = root != name
    if root in (names.children or {}) and (dotted or root in ("context_time", "item")):
        return inside, True
    if root in (names.children or {}) and curly:
        return inside, True
    if digdag:
        return None, False
    if name in _WORDS and (curly or name in _DIGDAG):
        return _WORDS[name], False
    if not curly:
        return None, False
    for prefix, section in _PREFIXES:
        if name.startswith(prefix):
            return section + name.removeprefix(prefix), False
    call = re.match(r"(var|env_var|secret|env)\(\s*['\"](\w+)['\"]\s*\)", inside)
    if call:
        return f"{_CALLS[call[1]]}.{call[2]}", False
    return ("", False) if re.match(_ELSEWHERE, inside) else (None, False)


_ELSEWHERE = (
    r"(?:ti|task_instance|macros|conn|dag|dag_run|taskrun|execution|workflow|pod|tasks|github|matrix|needs|jobs"
    r"|outputs|target|kv)[.\[]|(?:ref|source|now|config|moment)\("
)
"""How expressions of Airflow, Kestra, Argo, GitHub Actions and dbt begin that have no exact counterpart."""
