"""Characters of a value found again in its source."""

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeforge.language.aligning import align
from pipeforge.language.document import parse

PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=8)


def quoted(text, style):
    if style == "single":
        return "'" + text.replace("'", "''") + "'"
    if style == "double":
        return json.dumps(text, ensure_ascii=False)
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


@given(PLAIN, PLAIN, st.sampled_from(["single", "double", "escaped"]))
def test_a_word_in_a_quoted_text_is_found(before, after, style):
    value = f"{before} needle {after}"
    source = quoted(value, style)
    start = len(before) + 1
    found = align(source, value, start, start + 6)
    assert found is not None and source[found[0] : found[1]] == (quoted("needle", style)[1:-1])


@given(
    st.lists(st.text("ab値: #\"'", max_size=6), max_size=4),
    st.sampled_from("|>"),
    st.sampled_from(["", "-", "+"]),
)
def test_a_word_in_a_block_is_found(lines, style, chomp):
    body = "".join(f"  x{line}\n" for line in [*lines, " needle tail"])
    document = parse(None, f"a: {style}{chomp}\n{body}b: 1\n")
    assert document.faults == []
    value = document.data["a"]
    start = value.index("needle")
    source = f"{style}{chomp}\n{body}"
    found = align(source, value, start, start + 6)
    assert found is not None and source[found[0] : found[1]] == "needle"


def test_what_cannot_be_told_is_none():
    assert align("*alias", "value", 0, 5) is None
    assert align('"a  b"', "a  b", 1, 3) is None
    assert align('"a"', "a", 0, 0) is None


def test_blanks_at_the_ends_are_left_out():
    assert align('"a b c"', "a b c", 1, 4) == (3, 4)
