"""explain a rule of lint, a kind, or the templates"""

import argparse

from pipeforge import adapters
from pipeforge.commands.streams import out
from pipeforge.errors import UsageError
from pipeforge.language.nearest import suggest
from pipeforge.language.schema import field_docs
from pipeforge.lint.pages import page as rule_page
from pipeforge.lint.rules import RULES
from pipeforge.reports import kinds as report

EXAMPLE = (
    "examples:\n  pipeforge explain PF203\n  pipeforge explain trocco.run_job\n  pipeforge explain templates"
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topic", nargs="?", help="a rule's code, a kind, or `templates`; left out: a list of all"
    )


def run(args: argparse.Namespace) -> int:
    out(explained(args.topic) if args.topic else topics())
    return 0


def explained(topic: str) -> str:
    """The page of a topic. Raises UsageError with the nearest one."""
    codes = {rule.code: rule for rule in RULES}
    if topic.upper() in codes:
        return rule_page(topic.upper())
    if topic in adapters.KINDS:
        kind = adapters.kinds()[topic]
        return report.page(kind, field_docs(kind.params), field_docs(kind.outputs))
    if topic == "templates":
        return report.templates_page()
    known = [*codes, *(rule.name for rule in RULES), *adapters.KINDS, "templates"]
    named = next((rule.code for rule in RULES if rule.name == topic), None)
    if named:
        return rule_page(named)
    raise UsageError(f"nothing is known of '{topic}'", suggest(topic, known, "topics"))


def topics() -> str:
    """All that can be explained."""
    ordered = sorted(RULES, key=lambda rule: rule.code)
    lines = ["rules"] + [f"  {rule.code}  {rule.name:<24} {rule.summary}" for rule in ordered]
    lines += ["", "kinds"] + [f"  {name}" for name in adapters.KINDS]
    return "\n".join([*lines, "", "more", "  templates"]) + "\n"
