"""Finds every word of a file that lint knows, and misspells it by one edit.

python tests/lint/misspelling.py [N]    all edits of each word, or N of them: the score, and what is missed
"""

import keyword
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeforge.commands import vendors
from pipeforge.language.declaring import declared
from pipeforge.language.diagnostics import Place, Span
from pipeforge.language.document import Document, parse
from pipeforge.language.filters import FILTERS
from pipeforge.language.templating import template
from pipeforge.lint.linter import check

ROOT = Path(__file__).parents[2]
OK = Path(__file__).parent / "ok"
EXAMPLES = sorted(path for path in ROOT.glob("examples/*/*.yaml") if path.stem == path.parent.name)
VALID = sorted(
    path
    for path in (*OK.rglob("*.yaml"), *OK.rglob("*.yml"))
    if path.name != "pipeforge.yaml" and path.parent.name != "records"
)
# Those that run others are not alone in their folder (tests of sub-pipelines misspell them), nor is the one
# whose project file lies further up.
PIPELINES = [
    path
    for path in (*EXAMPLES, *VALID)
    if "uses: pipeline" not in path.read_text("utf-8-sig") and path.parent.name != "deeper"
]
ANY, REST = "*", "**"
FREE = [
    # Names that the author chooses, where they are given; where they are used they are checked.
    ("custom_variables", ANY),
    ("custom_variables", "nested", REST),
    ("custom_variables", ANY, "default", REST),
    ("records", ANY),
    ("records", ANY, ANY),
    ("records", ANY, ANY, "value", ANY, "value", ANY),
    ("connections", ANY),
    ("environments", ANY),
    ("environments", ANY, "connections", ANY),
    ("steps", ANY),
    ("steps", ANY, "foreach", "items", REST),
    ("steps", ANY, "with", "record", ANY),
    ("steps", ANY, "with", "record", ANY, "value", ANY, "value", ANY),
    ("steps", ANY, "with", "custom_variables", ANY),
    ("steps", ANY, "with", "params", REST),
    ("steps", ANY, "with", "code", REST),
    ("steps", ANY, "with", "config", REST),
    ("steps", ANY, "with", "parameters", REST),
    ("lint", "per_path", ANY),
    ("outputs", ANY),
]
CHECKED = {"uses", "needs", "connection", "run_when", "backoff", "on_ambiguous", "on_interrupt", "accept"}
CHECKED |= {"vendor", "data_center", "on_no_job", "on_conflict", "type", "timezone"}
CHECKED_AT = [("connections", ANY, "region")]
JINJA = {"in", "is", "or", "and", "not", "if", "else", "true", "false", "none", "loop", "self"}
DEPTHS = {"secrets": 0, "steps": 3}
"""Up to which part a name is known before anything runs."""
LETTERS = "qxzjkvaeiotn_"


@dataclass(frozen=True)
class Case:
    """One edit: from an offset, what stood there, what stands there now, and where that is."""

    start: int
    word: str
    wrong: str
    span: Span
    name: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.wrong + text[self.start + len(self.word) :]


@dataclass(frozen=True)
class Site:
    """One word that lint knows, where it stands, and whether an expression holds it."""

    place: Place
    word: str
    in_template: bool = False


def matches(route, patterns) -> bool:
    return any(_matches(route, pattern) for pattern in patterns)


def _matches(route, pattern) -> bool:
    if pattern[-1] == REST:
        pattern = pattern[:-1]
        return len(route) > len(pattern) and _matches(route[: len(pattern)], pattern)
    return len(route) == len(pattern) and all(p in (ANY, r) for p, r in zip(pattern, route, strict=True))


def cases(text: str, each=None, base=()) -> Iterator[Case]:
    """`each`: how many edits of a word are taken, by a seeded choice; all of them without it.

    `base`: where in a pipeline the data of the file stands.
    """
    document = parse(Path("p.yaml"), text)
    found = list(sites(document.data, base, _late(document.data)))
    names = {site.word for site in found}
    for site in found:
        span, start, end = _spot(document, site.place._replace(route=site.place.route[len(base) :]))
        at = text.find(site.word, start, end)
        if at < 0:
            continue  # an alias: the word stands at its anchor
        name = f"{'.'.join(map(str, site.place.route))}:{site.word}"
        wrongs = [wrong for wrong in sorted(set(edits(site.word))) if _fair(site, wrong, names)]
        if each is not None:
            wrongs = random.Random(name).sample(wrongs, min(each, len(wrongs)))
        for wrong in wrongs:
            yield Case(at, site.word, wrong, span, f"{name}->{wrong}")


def _late(data) -> dict[str, int]:
    """The depths of names, with those of foreach items that are made later."""
    steps = data.get("steps", {}) if isinstance(data, dict) else {}
    loops = [step["foreach"] for step in steps.values() if "foreach" in step]
    return {**DEPTHS, **{loop.get("as", "item"): 0 for loop in loops if isinstance(loop["items"], str)}}


def _spot(document: Document, place: Place) -> tuple[Span, int, int]:
    span = document.locate(place)
    return (
        span,
        document.offset(span.line, span.column),
        document.offset(span.end_line, span.end_column),
    )


def _fair(site: Site, wrong: str, names: set[str]) -> bool:
    """Whether only the word can have been meant: not another word, and still one of the same sort."""
    if wrong in names or wrong == site.word or wrong.isdigit():
        return False
    if site.in_template and (not wrong.isidentifier() or wrong in JINJA or keyword.iskeyword(wrong)):
        return False
    return len(wrong) > 1 and (len(site.word) > 2 or site.word in ("if", "as"))


def sites(value, route, depths) -> Iterator[Site]:
    """Every place with a word that lint knows."""
    if route and isinstance(route[-1], str) and not matches(route, FREE):
        yield Site(Place(route, on_key=True), route[-1])
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from sites(inner, (*route, key), depths)
            if key == "default" and declared(value) and inner in value.get("enum", ()):
                yield Site(Place((*route, key)), str(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from sites(inner, (*route, index), depths)
    elif isinstance(value, str):
        yield from in_text(route, value, depths)


def in_text(route, value, depths) -> Iterator[Site]:
    key = next(part for part in reversed(route) if isinstance(part, str))
    found = template(value)
    if found is None:
        free = "params" in route or "parameters" in route
        if (key in CHECKED and not free) or matches(route, CHECKED_AT):
            yield Site(Place(route), value)
        return
    for expression in found.expressions:
        for path in expression.paths:
            for position, part in enumerate(path):
                if position <= depths.get(path[0], 9):
                    within = expression.place(path[: position + 1])
                    yield Site(Place(route, within=within), part, in_template=True)
        for name in expression.filters:
            assert name in FILTERS
            at = re.compile(rf"\|\s*{name}\b").search(value, expression.start).end() - len(name)
            yield Site(Place(route, within=(at, at + len(name))), name, in_template=True)


def edits(word: str) -> Iterator[str]:
    """One letter lost, added, changed, and two swapped, at every position."""
    for at in range(len(word) + 1):
        letter = LETTERS[(sum(map(ord, word)) + at) % len(LETTERS)]
        yield word[:at] + letter + word[at:]
        if at < len(word):
            yield word[:at] + word[at + 1 :]
            yield word[:at] + letter + word[at + 1 :]
        if at + 1 < len(word):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def missed(case: Case, name: str, found) -> str:
    """Why a check does not tell of one misspelling as it should; empty when it does."""
    told = [f"{one.path}:{one.span.line}:{one.span.column} {one.message} ({one.hint})" for one in found]
    if len(found) != 1:
        return f"{case.name}: {len(found)} findings: {told}"
    only = found[0]
    if str(only.path) != name or only.span[:2] != case.span[:2]:
        return f"{case.name}: not at {name}:{case.span.line}:{case.span.column}: {told}"
    hint = only.hint or ""
    return "" if "did you mean" in hint and f"'{case.word}'" in hint else f"{case.name}: {told}"


def files(pipeline: Path) -> dict[str, Path]:
    """A pipeline, its project file and what it takes from files, by their path from its folder."""
    text = pipeline.read_bytes().decode("utf-8-sig")
    beside = [path for path in sorted(pipeline.parent.glob("rec*/*")) if path.name in text]
    project = pipeline.with_name("pipeforge.yaml")
    # The connection that stands in front of the shared one keeps lint from looking at that.
    others = [project] if project.is_file() and pipeline.stem != "own_connection" else []
    return {str(path.relative_to(pipeline.parent)): path for path in (pipeline, *others, *beside)}


def base_of(name: str) -> tuple[str, ...]:
    """Where in a pipeline the data of a file stands."""
    if name.startswith("recipes"):
        return ("steps", "keep", "with", "code", "of it")
    return ("records", Path(name).stem) if name.startswith("records") else ()


def main() -> None:
    catalog = vendors.catalog()
    each = int(sys.argv[1]) if len(sys.argv) > 1 else None
    count, misses = 0, []
    for pipeline in PIPELINES:
        for name, path in files(pipeline).items():
            text = path.read_bytes().decode("utf-8-sig")
            for case in cases(text, each, base_of(name)):
                count += 1
                report = check(pipeline, catalog, texts={path.resolve(): case.applied(text)})
                found = [one._replace(path=Path(name)) if one.path.resolve() == path.resolve() else one
                         for one in report.diagnostics]  # fmt: skip
                why = missed(case, name, found)
                misses += [f"{path}: {why}"] if why else []
    print("\n".join(misses))
    print(f"{count} misspellings, {len(misses)} missed")
    sys.exit(bool(misses))


if __name__ == "__main__":
    main()
