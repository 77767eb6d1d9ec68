"""Positions as editors count them: UTF-16 by default, through emoji, full-width text and every line end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.lsp.positions import positions

TEXT = "a: 😀取込x\nb: y"


@pytest.mark.parametrize(
    ("encoding", "column"), [("utf-8", 3 + 4 + 6), ("utf-16", 3 + 2 + 2), ("utf-32", 3 + 1 + 2)]
)
def test_columns_count_units(encoding, column):
    counted = positions(TEXT, encoding)
    at = TEXT.index("x")
    assert counted.point(at) == (0, column)
    assert counted.offset((0, column)) == at


def test_an_unknown_encoding_is_the_default_one():
    assert positions(TEXT, "latin-1").point(TEXT.index("x")) == (0, 7)


def test_a_position_inside_a_character_is_its_beginning():
    assert positions("😀x").offset((0, 1)) == 0
    assert positions("取x", "utf-8").offset((0, 2)) == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line(end):
    text = f"a{end}b{end}c"
    counted = positions(text)
    assert counted.point(text.index("c")) == (2, 0)
    assert counted.offset((1, 99)) == text.index("b") + 1
    assert counted.offset((9, 0)) == len(text)


def test_what_yaml_takes_for_a_line_end_alone_is_none():
    assert positions("a\u2028b\x0bc\x85d").point(6) == (0, 6)


def test_a_byte_order_mark_is_counted_by_the_editor_alone():
    counted = positions("\ufeffname: x\nb")
    assert counted.text == "name: x\nb"
    assert counted.point(0) == (0, 1)
    assert counted.offset((0, 1)) == 0
    assert counted.point(8) == (1, 0)


@given(st.text(max_size=60), st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.data())
def test_there_and_back(text, encoding, data):
    counted = positions(text, encoding)
    at = data.draw(st.integers(0, len(counted.text)))
    inside = counted.text[at - 1 : at + 1] == "\r\n"
    assert inside or counted.offset(counted.point(at)) == at
