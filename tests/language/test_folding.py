"""The quick reading of a faultless text gives what the thorough one gives; it leaves all others to that."""

import random
from pathlib import Path

import pytest

from pipeforge.language.document import Document, parse
from pipeforge.language.folding import fold
from pipeforge.language.parsing import with_places

ROOT = Path(__file__).parents[2]
TEXTS = sorted(
    path.read_text(encoding="utf-8")
    for folder in ("examples", "tests/lint/ok")
    for path in (ROOT / folder).rglob("*.y*ml")
)
PIECES = (
    *(
        "\n",
        "  ",
        "    ",
        "- ",
        ": ",
        "a: ",
        "? ",
        "# c",
        "'",
        '"',
        "|",
        ">-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "~",
        "null",
    ),
    *(
        "<<: ",
        "&a ",
        "*a",
        "!x ",
        "! ",
        "---\n",
        "...\n",
        "0x1f",
        "-1",
        "+.5",
        "1e3",
        "007",
        ".",
        "true",
        "No",
        "é",
    ),
)


def thorough(text: str) -> Document:
    document = Document(Path("x.yaml"), text)
    with_places(document)
    return document


def mangled(chance: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    start = chance.randrange(len(lines))
    text = "".join(lines[start : start + chance.randrange(1, 12)])
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(PIECES) + text[at + chance.randrange(3) :]
    return text


def hold(text: str) -> bool:
    """Whether it was read quickly; then the thorough reading has nothing to say and gives the same."""
    folded, whole = fold(text), thorough(text)
    if folded is None:
        marked = any(mark in text for mark in "&*!<")
        assert whole.faults or marked or "---" in text, text
        return False
    assert whole.faults == [], text
    assert repr(folded.data) == repr(whole.data), text
    assert (folded.keys, folded.texts, folded.respelt) == (whole.keys, whole.texts, whole.respelt), text
    return True


def test_faultless_pipelines_are_read_quickly_and_alike():
    assert len(TEXTS) > 50
    assert all(hold(text) for text in TEXTS if "&" not in text)


def test_mangled_pipelines_are_read_alike():
    chance = random.Random(7)
    quick = sum(hold(mangled(chance, chance.choice(TEXTS))) for _ in range(4000))
    assert 500 < quick < 3500


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a: 1\na: 2",
            "<<: {a: 1}",
            "a: &x 1\nb: *x",
            "? [a]\n: 1",
            "? {a: 1}\n: 1",
            "a: !!str 1",
            "!x a: 1",
        ),
        *("a: 1\n---\nb: 2", "a: [", "a: \x01", "*x : 1", "&x a: 1", "!x y: 1", "a: &x [1]", "- !x {}"),
        *("[" * 101 + "]" * 101, "a: *b", "x\n---\ny", "? &x a\n: b"),
    ],
)
def test_what_is_to_be_told_of_is_left_to_the_thorough_reading(text):
    assert fold(text) is None


@pytest.mark.parametrize(
    "text", ["", "# nothing", "---\n", "a", "[]", "- 1\n- {a: [~, yes]}\n", "[" * 100 + "]" * 100]
)
def test_small_texts_are_read_quickly(text):
    assert hold(text)


def test_a_mark_at_the_beginning_is_no_part_of_the_text():
    assert parse(Path("x.yaml"), "\ufeffa: 1").keys == {"a"}
