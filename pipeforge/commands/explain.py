"""explain a rule of lint, a kind, a vendor's connections, a file that you write, or the templates"""

import argparse
from collections.abc import Callable

from pydantic import BaseModel

from pipeforge import adapters
from pipeforge.commands import speaking
from pipeforge.commands.streams import out
from pipeforge.emulators.faults import Fault
from pipeforge.errors import UsageError
from pipeforge.language import model, project_model
from pipeforge.language.docstrings import field_docs
from pipeforge.language.nearest import nearest
from pipeforge.language.saying import Said, say, tell
from pipeforge.lint.pages import page as rule_page
from pipeforge.lint.rules import RULES
from pipeforge.lint.tongues import Language, catalogue
from pipeforge.loading import load
from pipeforge.reports import files
from pipeforge.reports import kinds as report
from pipeforge.reports.reference import Page

FAMILIES = {
    "PF0": say("rules: the file"),
    "PF1": say("rules: its structure"),
    "PF2": say("rules: the graph of steps"),
    "PF3": say("rules: templates"),
    "PF4": say("rules: vendors"),
    "PF5": say("rules: safety"),
    "PF6": say("rules: what the vendors have"),
    "PF9": say("rules: suppressions"),
}
"""What the codes of lint begin with, and what each family is about."""

_REFERENCE = "pipeforge.reports.reference"

EXAMPLE = """examples:
  pipeforge explain PF203
  pipeforge explain trocco.run_job
  pipeforge explain pipeline
  pipeforge explain templates
  pipeforge explain --all > reference.md"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topic",
        nargs="?",
        help="a rule's code or name, a kind, a vendor, or `pipeline`, `project`, `world`, `templates`; "
        "left out: a list of all",
    )
    parser.add_argument("--all", action="store_true", help="every page there is, as one document")
    parser.add_argument(
        "--format", choices=["markdown", "json"], default="markdown", help="default: markdown"
    )
    speaking.language_argument(parser)


def run(args: argparse.Namespace) -> int:
    language = speaking.language(args)
    if args.all and args.topic:
        raise UsageError(f"'{args.topic}' and --all do not go together", "leave one of the two out")
    if args.all or args.format == "json":
        text = explained(args.topic, language) if args.topic else None
        chosen = [page for page in pages(language) if text in (None, page.text)]
        out(load(f"{_REFERENCE}:{'as_json' if args.format == 'json' else 'markdown'}")(chosen))
    else:
        out(explained(args.topic, language) if args.topic else topics(language))
    return 0


def pages(language: Language = "en") -> list[Page]:
    """All that can be explained: rules by family, what people write, the vendors with their kinds."""
    tongue = catalogue(language)
    found = [
        Page(
            tell(FAMILIES[rule.code[:3]], tongue),
            rule.code,
            tell(rule.summary, tongue),
            explained(rule.code, language),
        )
        for rule in sorted(RULES, key=lambda rule: rule.code)
    ]
    written = tell(say("files and templates"), tongue)
    found += [Page(written, name, tell(summary, tongue), make()) for name, (summary, make) in PAGES.items()]
    for vendor in adapters.vendors():
        kinds = [name for name in adapters.kinds() if name.startswith(f"{vendor}.")]
        chapter = tell(say("vendor: {name}", name=vendor), tongue)
        found += [Page(chapter, topic, "", explained(topic, language)) for topic in (vendor, *kinds)]
    return found


def explained(topic: str, language: Language = "en") -> str:
    """The page of a topic. Raises UsageError with the nearest one."""
    codes = {rule.code: rule.code for rule in RULES} | {rule.name: rule.code for rule in RULES}
    if topic in codes or topic.upper() in codes:
        return rule_page(codes.get(topic) or codes[topic.upper()], language)
    if topic in PAGES:
        return PAGES[topic][1]()
    if topic in adapters.kinds():
        return report.page(adapters.kinds()[topic], field_docs)
    if topic in adapters.vendors():
        return _vendor(topic)
    near = nearest(topic, [*codes, *adapters.kinds(), *adapters.vendors(), *PAGES])
    hint = f"did you mean '{near}'?" if near else "`pipeforge explain` lists all that is known"
    raise UsageError(f"nothing is known of '{topic}'", hint)


def _vendor(vendor: str) -> str:
    settings = adapters.connection_model(vendor)
    kinds = [name for name in adapters.kinds() if name.startswith(f"{vendor}.")]
    return report.connection_page(vendor, settings, field_docs, settings.PRESET, kinds)


def _pipeline() -> str:
    parts: list[tuple[str, type[BaseModel]]] = [
        ("## Keys", model.Pipeline),
        ("## A custom variable that is declared", model.Variable),
    ]
    return files.pipeline_page(parts, field_docs)


def _project() -> str:
    return files.project_page(project_model.Project, field_docs)


def _world() -> str:
    sections = {
        name: package.section
        for name, package in load("pipeforge.commands.linking:emulated_vendors")().items()
    }
    return files.world_page(sections, Fault, field_docs)


PAGES: dict[str, tuple[Said, Callable[[], str]]] = {
    "pipeline": (say("the pipeline file: every key of it and of its steps"), _pipeline),
    "project": (say("pipeforge.yaml: what the pipelines of a folder share"), _project),
    "templates": (say("what may stand between ${{ and }}"), report.templates_page),
    "world": (say("the world file: what the emulators find, and which calls go wrong"), _world),
}
"""The topics that stand for themselves, each with its summary and its page."""


def topics(language: Language = "en") -> str:
    """All that can be explained; the summaries of rules in a language."""
    tongue = catalogue(language)
    ordered = sorted(RULES, key=lambda rule: rule.code)
    width = max(len(rule.name) for rule in ordered)
    lines = [tell(say("rules"), tongue)] + [
        f"  {rule.code}  {rule.name:<{width}}  {tell(rule.summary, tongue)}" for rule in ordered
    ]
    lines += ["", tell(say("kinds"), tongue)] + [f"  {name}" for name in adapters.kinds()]
    lines += ["", tell(say("vendors: what a connection is given"), tongue)] + [
        f"  {name}" for name in adapters.vendors()
    ]
    lines += ["", tell(say("more"), tongue)]
    lines += [f"  {name:<10} {tell(summary, tongue)}" for name, (summary, _) in PAGES.items()]
    return "\n".join(lines) + "\n"
