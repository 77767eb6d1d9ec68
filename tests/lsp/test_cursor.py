"""Where the cursor is, read from broken and whole text alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.lsp.cursor import locate

MARK = "‸"
CASES = [
    ("‸", (), None, ""),
    ("na‸", (), None, "na"),
    ("name: ‸", (), "name", ""),
    ("steps:\n  ‸", ("steps",), None, ""),
    ("steps:\n  load:\n    us‸", ("steps", "load"), None, "us"),
    ("steps:\n  load:\n    uses: tro‸", ("steps", "load"), "uses", "tro"),
    ("steps:\n  load:\n    with:\n      ‸", ("steps", "load", "with"), None, ""),
    ("steps:\n  load:\n    with: {a: 1, b‸", ("steps", "load", "with"), None, "b"),
    ("steps:\n  load:\n    with: {a: x‸", ("steps", "load", "with"), "a", "x"),
    ("steps:\n  load: {retry: {max‸", ("steps", "load", "retry"), None, "max"),
    ("steps:\n  load:\n    needs: [a, ‸", ("steps", "load", "needs"), None, ""),
    ("steps:\n  load:\n    needs:\n      - ‸", ("steps", "load", "needs", 0), None, ""),
    ("steps:\n  load:\n    needs:\n    - a\n    - b‸", ("steps", "load", "needs", 1), None, "b"),
    ("steps:\n  load:\n    needs:\n      - a\n    ‸", ("steps", "load"), None, ""),
    ("steps:\n  load:\n    with: {a: [1,\n      {b: ‸", ("steps", "load", "with", "a", 1), "b", ""),
    ("steps:\n  load:\n    with: {a: 1\n  next:\n    u‸", ("steps", "next"), None, "u"),
    ('steps:\n  load:\n    if: "unclosed\n  next:\n    u‸', ("steps", "next"), None, "u"),
    ("steps:\n  a:\n    description: |\n      x: y\n    us‸", ("steps", "a"), None, "us"),
    ("steps:\n  a:\n    uses: x  # note: {\n    us‸", ("steps", "a"), None, "us"),
    ("steps:\n  取込:\n    us‸", ("steps", "取込"), None, "us"),
    ('steps:\n  "a b":\n    us‸', ("steps", "a b"), None, "us"),
    ("steps:\r\n  load:\r\n    us‸", ("steps", "load"), None, "us"),
    ("steps:\n  a:\n    with:\n      custom_variables:\n        $x$: ‸", None, "$x$", ""),
    ("steps:\n  a:\n    uses: it's\n    us‸", ("steps", "a"), None, "us"),
    ('a: "x y‸', (), "a", "x y"),
]


@pytest.mark.parametrize(("text", "route", "key", "word"), CASES)
def test_the_place_is_read_from_the_lines_before(text, route, key, word):
    at = text.index(MARK)
    found = locate(text.replace(MARK, ""), at)
    assert (found.key, found.word) == (key, word)
    assert route is None or found.route == route


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("a: ${{ cust‸", " cust"),
        ('a: {b: "${{ x | ‸ }}"}', " x | "),
        ("a: ${{ x }} and ‸", None),
        ("a: ${{ x }} ${{ y‸", " y"),
        ("a: >-\n  one ${{ x.‸\n  two", " x."),
        ("a: ${{ x\nb: ‸", None),
    ],
)
def test_an_expression_is_known_by_what_opens_it(text, expression):
    assert locate(text.replace(MARK, ""), text.index(MARK)).expression == expression


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("a: b  # pipeforge: ig‸", " pipeforge: ig"),
        ("# x‸", " x"),
        ("a: 'x # y‸", None),
        ("a: x#y‸", None),
        ("a: |\n  # x‸", None),
    ],
)
def test_a_comment_is_one_only_where_yaml_has_it(text, comment):
    assert locate(text.replace(MARK, ""), text.index(MARK)).comment == comment


def test_what_is_replaced_goes_to_the_end_of_the_word():
    text = "steps:\n  load:\n    uses: tro‸cco.run_job  # why"
    found = locate(text.replace(MARK, ""), text.index(MARK))
    assert text.replace(MARK, "")[found.start : found.end] == "trocco.run_job"
    text = "steps:\n  load:\n    ti‸meout: 1h"
    found = locate(text.replace(MARK, ""), text.index(MARK))
    assert text.replace(MARK, "")[found.start : found.end] == "timeout"
    assert found.followed


@given(st.text(alphabet=" \n\r\t-:#{}[]'\"|>&*$ab取", max_size=80), st.data())
def test_nothing_makes_it_fail(text, data):
    at = data.draw(st.integers(0, len(text)))
    found = locate(text, at)
    assert 0 <= found.start <= found.end <= len(text)
