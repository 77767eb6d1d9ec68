"""What is read line by line gives what the parser gives; what is written otherwise is left to that."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.language.document import Document
from pipeforge.language.lines import lined
from pipeforge.language.parsing import with_places

ROOT = Path(__file__).parents[2]
TEXTS = sorted(
    path.read_text(encoding="utf-8")
    for folder in ("examples", "tests/lint/ok")
    for path in (ROOT / folder).rglob("*.y*ml")
)

PAIRS = (
    "a: ",
    "b:",
    "  a: ",
    "  b:",
    "    c: 1",
    "- ",
    "  - ",
    "  -",
    "- a: ",
    "  - a: ",
    "-  b: ",
    "日本: ",
)
VALUES = (
    *("x", "a b", "1", "007", "0x1f", "-1", "-x", "~", "null", "true # c", "x#y", "x #y", "a: b", "a:b", ":"),
    *("'a'", '"b: c" # d', '"a\\n"', "'it''s'", "${{ a | b('c: d') }}", '"${{ a }}"', "[]", "{}", "[a, 'b']"),
    *(
        "{a: 1, b: [x, {c: y}]}",
        "{a: 1, a: 2}",
        "[a: 1]",
        "[a,]",
        "{a}",
        "[a",
        "[a] b",
        "{a: 1} # c",
        "|",
        ">-",
    ),
    *(
        "&x 1",
        "*x",
        "!t x",
        "!",
        "- x",
        "-",
        "---",
        "...",
        "? x",
        "@a",
        "`a",
        "%a",
        "=",
        "<<",
        "a\tb",
        "\xa0",
        "é",
    ),
)
ENDS = (
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    " \n",
    "\n\n",
    "\n# c\n",
    "\n  # c\n",
    " # c\n",
    "\n---\n",
    "\n...\n",
    "",
)

SCRIBBLES = st.lists(
    st.tuples(st.sampled_from(PAIRS), st.sampled_from((*VALUES, "", "")), st.sampled_from(ENDS)), max_size=6
).map(lambda rows: "".join("".join(row) for row in rows))


def hold(text: str) -> bool:
    """Whether it was read line by line; then the parser has nothing to say and gives the same."""
    read = lined(text)
    if read is not None:
        whole = Document(Path("x.yaml"), text)
        with_places(whole)
        assert whole.faults == [], text
        assert repr(read.data) == repr(whole.data), text
        assert (read.keys, read.texts, read.respelt) == (whole.keys, whole.texts, whole.respelt), text
    return read is not None


def test_most_pipelines_are_read_line_by_line() -> None:
    read = sum(hold(text) for text in TEXTS)
    assert read > 0.7 * len(TEXTS)


def test_torn_pipelines_are_read_alike() -> None:
    chance = random.Random(5)
    read = 0
    for _ in range(6000):
        lines = chance.choice(TEXTS).splitlines(keepends=True)
        start = chance.randrange(len(lines))
        torn = lines[:2] + lines[start : start + 8]
        del torn[chance.randrange(len(torn))]
        text = "".join(torn)
        at = chance.randrange(len(text))
        read += hold(text[:at] + chance.choice(("", " ", *VALUES)) + text[at + chance.randrange(2) :])
    assert 300 < read < 5000


@given(SCRIBBLES)
def test_whatever_is_scribbled_is_read_alike(text: str) -> None:
    hold(text)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1\nb:\n  c: x\n", {"a": 1, "b": {"c": "x"}}),
        ("a:\n- x\n- y: 1\n  z: 2\nb: 2", {"a": ["x", {"y": 1, "z": 2}], "b": 2}),
        ("a:\n  -\n    b: 1\n  - 2", {"a": [{"b": 1}, 2]}),
        ("a: # why\n  b: 'c' # so\n\n# end", {"a": {"b": "c"}}),
        ("a: {b: [1, x y], c: {}, d: 'e, f'} # g", {"a": {"b": [1, "x y"], "c": {}, "d": "e, f"}}),
        ("a:\r\n  b: 日本 語\r\n", {"a": {"b": "日本 語"}}),
        ("a:\nb: ${{ x | date('%H: %M') }}", None),
        ("a: ${{ x | date(\"%Y-%m\") }}", {"a": '${{ x | date("%Y-%m") }}'}),
    ],
)  # fmt: skip
def test_what_is_read_and_what_is_left(text: str, data: object) -> None:
    read = lined(text)
    assert (read and read.data) == data
    assert hold(text) == (data is not None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "# only this", "x", "- a", "  a: 1", "a: 1\n  b: 2", "a: x\n  y", "a: 1\na: 2", "a: 1\n - b"),
        *("a:\n    b: 1\n  c: 2", "a:\n  - x\n  b: 1", "a:\n  b: 1\n  - x", "a: - b"),
        *("a: [1,\n  2]", "a: 'b\n  c'"),
        *("a:\tb", "a: b\u2028c", "\ufeffa: 1", "a: \x07", "a: |\n  b", "<<: {a: 1}", "a: &b 1", "a: [b,]"),
        "a:" + "\n".join(" " * depth + "b:" for depth in range(1, 60)),
        "a: " + "[" * 60 + "]" * 60,
    ],
)  # fmt: skip
def test_what_only_the_parser_can_tell(text: str) -> None:
    assert lined(text) is None
