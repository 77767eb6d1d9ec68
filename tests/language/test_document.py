"""A YAML text as data and places: every key and value is found again where it stands."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Place, Span
from pipeforge.language.document import parse, read

PATH = Path("p.yaml")

TEXT = """\
plain: one ${{ a.b }} two  # comment
"quoted key": "x \\u3042\\t${{ a.b }}\\"${{ a.c }}"
single: 'it''s ${{ a.b }}'
literal: |  # ${{ a.b }} in a comment
  one
    ${{ a.b }}

  全角 ${{ a.c }}
# between
folded: >-
  one ${{ a.b
  }} two
  😀 ${{ a.c }}

over: two
  lines ${{ a.b }}
anchored: &x "${{ a.b }}"
alias: *x
flow: [ "${{ a.b }}", {deep: '${{ a.c }}' } ]
folded quote: "one \\
  ${{ a.b }}"
full-width 値: 値
"""


def texts(value, route=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, (*route, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, (*route, index))
    elif isinstance(value, str):
        yield route, value


def source(text, span):
    lines = text.splitlines(keepends=True)
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    first, last = lines[span.line - 1][span.column - 1 :], lines[span.end_line - 1][: span.end_column - 1]
    return "".join([first, *lines[span.line : span.end_line - 1], last])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_parts_of_texts_are_found_in_every_style(ending, bom):
    text = TEXT.replace("\n", ending)
    document = parse(PATH, bom + text)
    assert document.faults == []
    found = 0
    for route, value in texts(document.data):
        for part in ("a.b", "a.c"):
            start = value.find(part)
            if start >= 0 and route != ("alias",):
                span = document.locate(Place(route, within=(start, start + 3)))
                assert source(text, span) == part, route
                found += 1
    assert found == 13


def test_a_part_that_an_alias_hides_is_the_alias():
    document = parse(PATH, TEXT)
    assert source(TEXT, document.locate(Place(("alias",), within=(4, 7)))) == "*x"


@pytest.mark.parametrize(
    ("route", "key", "value"),
    [
        (("plain",), "plain", "one ${{ a.b }} two"),
        (("quoted key",), '"quoted key"', '"x \\u3042\\t${{ a.b }}\\"${{ a.c }}"'),
        (("flow", 1), None, "{deep: '${{ a.c }}' }"),
        (("flow", 1, "deep"), "deep", "'${{ a.c }}'"),
        (("full-width 値",), "full-width 値", "値"),
    ],
)
def test_keys_and_values_have_their_places(route, key, value):
    document = parse(PATH, TEXT)
    assert source(TEXT, document.locate(Place(route))) == value
    if key:
        assert source(TEXT, document.locate(Place(route, on_key=True))) == key


def test_columns_count_code_points():
    assert parse(PATH, "a: '😀'\n値: b\n").locate(Place(("値",))) == Span(2, 4, 2, 5)
    assert parse(PATH, "{値😀: b}").locate(Place(("値😀",))) == Span(1, 6, 1, 7)


def test_what_is_missing_stands_at_what_should_hold_it():
    document = parse(PATH, "steps:\n  load:\n    with: {}\n")
    assert document.locate(Place(("steps", "load", "uses"))) == Span(2, 3, 2, 7)
    assert document.locate(Place(("name",))) == Span(1, 1, 1, 7)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text("abc値 ", min_size=1, max_size=4), inner, max_size=3),
    ),
    max_leaves=8,
)


DATA = st.dictionaries(st.text("abc値 ", min_size=1, max_size=4), VALUES, min_size=1)


def written(value, style, indent=0):
    """A value as YAML: in flow style, or in blocks."""
    if style == "flow" or not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False)
    pad = "\n" + "  " * indent
    if isinstance(value, list):
        return "".join(f"{pad}- {written(inner, style, indent + 1).lstrip()}" for inner in value)
    keys = ((json.dumps(key, ensure_ascii=False), inner) for key, inner in value.items())
    return "".join(f"{pad}{key}: {written(inner, style, indent + 1)}" for key, inner in keys)


@given(
    st.dictionaries(st.text("abc値 ", min_size=1, max_size=4), VALUES, min_size=1),
    st.sampled_from(["flow", "block"]),
)
def test_any_data_comes_back_and_every_scalar_is_found(data, style):
    text = written(data, style).lstrip("\n") + "\n"
    document = parse(PATH, text)
    assert document.faults == []
    assert document.data == data
    for route, value in texts(data):
        assert json.loads(source(text, document.locate(Place(route)))) == value


@given(st.text(max_size=60))
def test_no_text_raises(text):
    document = parse(PATH, text)
    for _, problem in document.faults:
        assert problem.span is not None and problem.span.line >= 1 and problem.span.column >= 1
        assert problem.message and problem.hint
    document.locate(Place(("anything", 1, "else"), within=(0, 2)))


@given(st.text("{}[]:-,&*a!|>'\"#%@ \n\t?<", max_size=40))
def test_no_punctuation_raises(text):
    document = parse(PATH, text)
    document.locate(Place(()))


@pytest.mark.parametrize(
    ("text", "rule", "span"),
    [
        ("a: 1\na: 2\n", "repeated-key", Span(2, 1, 2, 2)),
        ("a: {b: 1, 'b': 2}\n", "repeated-key", Span(1, 11, 1, 14)),
        ("a: *x\n", "unknown-alias", Span(1, 4, 1, 6)),
        ("a: {{ b }}\n", "mapping-as-key", Span(1, 5, 1, 10)),
        ("a: !!str b\n", "tag", Span(1, 4, 1, 11)),
        ("a: 1\n--- \nb: 2\n", "many-documents", Span(2, 1, 2, 4)),
        ("<<: {a: 1}\n", "merge-key", Span(1, 1, 1, 3)),
        ("a: [\n", "syntax", Span(2, 1, 2, 2)),
    ],
)
def test_faults_have_their_places(text, rule, span):
    document = parse(PATH, text)
    assert [(name, problem.span) for name, problem in document.faults] == [(rule, span)]


def test_the_first_of_repeated_keys_counts_and_is_pointed_at():
    document = parse(PATH, "a: 1\nb: 2\na: 3\n")
    assert document.data == {"a": 1, "b": 2}
    assert document.faults[0][1].see_also == ((Span(1, 1, 1, 2), "first given here"),)
    nulls = parse(PATH, "a:\na: 3\n")
    assert nulls.data == {"a": None}


def test_keys_are_text_and_merged_values_count():
    assert parse(PATH, "1: a\ntrue: b\non: c\n2024-01-01: d\n").data == {
        "1": "a",
        "true": "b",
        "on": "c",
        "2024-01-01": "d",
    }
    assert parse(PATH, "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n").data["y"] == {"b": 3, "a": 1}


def test_a_bomb_is_given_up():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    document = parse(PATH, "\n".join(lines))
    assert [rule for rule, _ in document.faults] == ["alias-bomb"] and document.broken


@pytest.mark.parametrize(("depth", "broken"), [(99, False), (100, False), (101, True), (100_000, True)])
def test_depth_is_bounded(depth, broken):
    assert parse(PATH, "[" * depth + "]" * depth).broken == broken


def test_reading(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="is a folder"):
        read(tmp_path)
    path = tmp_path / "sjis.yaml"
    path.write_bytes("a: 1\nb: 日本".encode("cp932"))
    document = read(path)
    assert document.broken and document.faults[0][0] == "encoding"
    assert document.faults[0][1].span == Span(2, 4, 2, 5)
