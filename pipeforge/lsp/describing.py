"""What is known of a thing, in Markdown: keys, steps, connections, names of templates, filters, rules."""

import re
from collections.abc import Mapping
from typing import Any

from pipeforge.language.declaring import declared
from pipeforge.language.docstrings import key_docs
from pipeforge.language.filters import SIGNATURES
from pipeforge.lint.pages import page as rule_page
from pipeforge.lint.rules import RULES
from pipeforge.lsp.grammar import Key
from pipeforge.lsp.view import Reference, View

_LONGEST = 200  # chosen: characters of a value that are shown


def key(found: Key) -> str:
    """A key: its own words, its default, and each word it can be."""
    terms = ["required"] if found.field.is_required() else []
    terms += [f"default `{found.default}`"] if found.default else []
    terms += ["a duration: `90s`, `5m`, `2h`, `1d`"] if found.is_duration else []
    head = f"**{found.name}**" + (f" ({'; '.join(terms)})" if terms else "")
    listed = [f"- `{word}`" + (f": {text}" if text else "") for word, text in found.words.items()]
    examples = [f"`{one}`" for one in found.field.examples or ()]
    parts = [head, found.text, "\n".join(listed), f"Example: {', '.join(examples)}" if examples else ""]
    return "\n\n".join(part for part in parts if part)


def step(view: View, id_: str) -> str:
    """A step: what it uses and needs."""
    found = view.subject.steps.get(id_)
    if found is None:
        return ""
    lines = [f"step **{id_}**" + (f": `{found.uses}`" if found.uses else "")]
    needs = [f"`{need.text}`" for need in found.needs]
    lines += [f"Needs {', '.join(needs)}."] if needs else ["Needs nothing: it starts at once."]
    about = found.data.get("description")
    lines += [about] if isinstance(about, str) and about else []
    return "\n\n".join(lines)


def connection(view: View, name: str) -> str:
    """A connection: its vendor and which settings it has; never their values."""
    found = view.subject.connections.get(name)
    if found is None:
        return ""
    place = f"\n\nShared: it stands in `{found.path.name}`." if found.path else ""
    settings = ", ".join(f"`{one}`" for one in found.data if one != "vendor")
    return f"connection **{name}** to {found.vendor or 'an unknown vendor'}\n\nSettings: {settings}.{place}"


def filter_(name: str) -> str:
    """A filter: what it takes and gives."""
    return f"```\n{SIGNATURES[name]}\n```" if name in SIGNATURES else ""


def rule(code: str, reference: Reference) -> str:
    """A rule's page up to its examples, with a link to the rest."""
    if not any(one.code == code for one in RULES):
        return ""
    text = re.split(r"^## ", rule_page(code, reference.language), maxsplit=1, flags=re.MULTILINE)[0].strip()
    return f"{text}\n\n[{code}]({reference.rule_url(code)})"


def name(view: View, reference: Reference, path: tuple[str, ...]) -> str:
    """A name of the templates: what it is, and its value where the file tells it."""
    match path:
        case ("custom_variables", str(variable), *_):
            return variable_(view, variable)
        case ("records", str(record)):
            return f"record **{record}**\n\n{_shown(view.at(('records', record)))}"
        case ("steps", str(id_)):
            return step(view, id_)
        case ("steps", str(id_), "outputs", str(output), *_):
            return _output(view, id_, output)
        case ("secrets", str(secret)):
            return f"secret **{secret}**\n\nRead from the environment or `.env` when a run begins."
    return _known(path, reference.names)


def variable_(view: View, variable: str) -> str:
    variables = view.at(("custom_variables",))
    if not isinstance(variables, Mapping) or variable not in variables:
        return ""
    value = variables[variable]
    if not declared(value):
        return f"custom variable **{variable}**\n\n{_shown(value)}"
    terms = [f"{value['type']}"] + [
        f"{one} {_short(value[one])}" for one in ("enum", "default") if one in value
    ]
    about = value.get("description") or ""
    return f"custom variable **{variable}** ({', '.join(terms)}), given with `--set`\n\n{about}".strip()


def _output(view: View, id_: str, output: str) -> str:
    found = view.subject.steps.get(id_)
    if found is None or found.kind is None:
        return ""
    texts = key_docs(found.kind.outputs.model)
    return f"`{found.kind.name}` output **{output}**\n\n{texts[output]}" if output in texts else ""


def _known(path: tuple[str, ...], names: Mapping[str, str]) -> str:
    """From the table of all names, whose parts in capitals stand for any."""
    for pattern, text in names.items():
        parts = pattern.split(".")
        if len(parts) == len(path) and all(a == b or a.isupper() for a, b in zip(parts, path, strict=True)):
            return f"**{'.'.join(path)}**: {text}"
    below = [f"- `{pattern}`: {text}" for pattern, text in names.items() if pattern.startswith(f"{path[0]}.")]
    return "\n".join([f"**{path[0]}**", "", *below]) if below and len(path) == 1 else ""


def _shown(value: Any) -> str:
    return f"```yaml\n{_short(value)}\n```"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
