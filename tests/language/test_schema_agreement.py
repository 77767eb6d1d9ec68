"""The schema for editors beside lint: it rejects nothing that lint accepts, and misses what is listed."""

import json
import random
import re
from pathlib import Path

import jsonschema
import pytest

from pipeforge.commands.vendors import catalog
from pipeforge.language.document import parse
from pipeforge.lint.linter import check
from pipeforge.lint.rules import RULES

ROOT = Path(__file__).parents[2]
SCHEMA = jsonschema.Draft7Validator(json.loads((ROOT / "schemas/pipeline.schema.json").read_text("utf-8")))
CORPUS = sorted(
    path
    for folder in ("examples", "tests/lint/ok")
    for path in (ROOT / folder).rglob("*.y*ml")
    if "steps:" in path.read_text("utf-8-sig") and path.name != "pipeforge.yaml"
)
BAD = sorted(ROOT.glob("tests/lint/bad/*.yaml"))
PAGES = sorted((ROOT / "pipeforge/lint/pages").glob("PF*.md"))
_BLOCK = re.compile(r"^```yaml\n(?P<body>.*?)^```$", re.M | re.S)

FAMILIES = {
    "PF0": "the text before it is data: syntax, repeated keys, blanks, spellings of numbers",
    "PF2": "the graph: what one step says of another",
    "PF3": "expressions: what stands between ${{ and }}",
    "PF5": "judgement: races, retries, waits, what looks like a secret",
    "PF6": "what only the vendors know",
    "PF9": "comments",
}
CANNOT = {
    **dict.fromkeys(("PF108", "PF109"), "one value of the file beside another"),
    **dict.fromkeys(("PF110", "PF111"), "the command line and the project file"),
    **dict.fromkeys(("PF406", "PF407"), "instants: what a zone makes of them"),
    **dict.fromkeys(
        ("PF405", "PF408", "PF413", "PF414", "PF415", "PF416"), "what only code can judge of a text"
    ),
    **dict.fromkeys(("PF421", "PF422", "PF423", "PF424", "PF425"), "a step beside the connections there are"),
    **dict.fromkeys(("PF431", "PF432", "PF433", "PF434"), "other files"),
}
"""What JSON Schema has no words for, by rules and families of them, and why."""


def rejects(data):
    return next((error.message for error in SCHEMA.iter_errors(data)), None)


def findings(text, path=ROOT / "examples" / "agreement.yaml"):
    return check(path, catalog(), texts={path.resolve(): text}).diagnostics


def examples():
    for page in PAGES:
        bad = re.split(r"^## (?:Bad|Good)$", page.read_text("utf-8"), flags=re.M)[1]
        block = _BLOCK.search(bad)
        if block and isinstance(data := parse(Path("p.yaml"), block["body"]).data, dict):
            yield page.stem, data


def test_what_the_schema_misses_is_what_it_has_no_words_for():
    missed = {code for code, data in examples() if rejects(data) is None and code[:3] not in FAMILIES}
    assert missed - CANNOT.keys() == set()
    assert CANNOT.keys() & {code for code, data in examples() if rejects(data) is not None} == set()
    assert CANNOT.keys() <= {rule.code for rule in RULES}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_a_bad_file_that_the_schema_takes_has_faults_of_other_kinds(path):
    text = path.read_bytes().decode("utf-8-sig", "replace")
    data = parse(path, text).data
    if isinstance(data, dict) and rejects(data) is None:
        codes = {one.code for one in findings(text, path)}
        assert {code for code in codes if code[:3] not in FAMILIES} <= CANNOT.keys()


ODD = (
    None,
    True,
    0,
    -1,
    1.5,
    10**9,
    "",
    "x",
    "5m",
    "1 day",
    "${{ x }}",
    "${{ run.id }}",
    [],
    ["a"],
    [1],
    {},
    {"a": 1},
)


def changed(data, chance):
    """A copy with one value or key exchanged, lost or added, wherever it may be."""
    data = json.loads(json.dumps(data))
    holder = data
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = chance.choice(keys)
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.1:
            break
        holder = inner
    how = chance.randrange(5)
    if how == 0:
        del holder[key]
    elif how == 1 and isinstance(holder, dict):
        holder["added"] = chance.choice(ODD)
    else:
        holder[key] = chance.choice(ODD)
    return data


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_the_schema_rejects_lint_does_too_whatever_is_changed(path):
    chance = random.Random(path.name)
    data = parse(path, path.read_bytes().decode("utf-8-sig")).data
    for _ in range(25):
        other = changed(data, chance)
        said = rejects(other)
        if said is not None:
            found = findings(json.dumps(other, ensure_ascii=False), path)
            assert [one for one in found if one.severity == "error"], said
