"""Templates: found in any text, placed exactly, evaluated in a sandbox, bounded."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.language.templating import TemplateError, find, render, template

NOON = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
SCOPE = {
    "context_time": NOON,
    "custom_variables": {"region": "jp", "limit": 3, "list": ["a", "b"], "depth": {"a b": {"c": 1}}},
    "steps": {"load-it": {"outputs": {"id": 7}, "outcome": "succeeded"}},
}


def value(text):
    return render(text, SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${{ custom_variables.limit }}", 3),
        ("  ${{ custom_variables.limit }}\n", 3),
        ("${{ custom_variables.limit }}!", "3!"),
        ("${{ custom_variables.list }}", ["a", "b"]),
        ("x ${{ custom_variables.list }}", 'x ["a","b"]'.replace(",", ", ")),
        ("${{ custom_variables.region }}-${{ custom_variables.limit }}", "jp-3"),
        ("${{ context_time }}", NOON),
        ("at ${{ context_time }}", "at 2024-02-29T12:30:00+00:00"),
        ("${{ context_time.year + 1 }}", 2025),
        ("${{ steps['load-it'].outputs.id }}", 7),
        ("${{ custom_variables.depth['a b'].c }}", 1),
        ("${{ custom_variables.limit > 2 and custom_variables.region == 'jp' }}", True),
        ("${{ 'a' if custom_variables.limit > 5 else '}}' }}", "}}"),
        ("${{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("${{ custom_variables.list[1] }}", "b"),
        ("${{ none }}x", "x"),
        ("${{ true }}", True),
        ("a }} b ${{ 1 }} }}", "a }} b 1 }}"),
        ("{{ bare }}", "{{ bare }}"),
        ("$ {{ spaced }}", "$ {{ spaced }}"),
        ('${{ context_time | date("%Y-%m-%d %H:%M", tz="Asia/Tokyo") }}', "2024-02-29 21:30"),
        ("${{ context_time | shift(days=-1) | start_of('month') | iso }}", "2024-02-01T00:00:00+00:00"),
        ("${{ context_time | shift(months=12) | date('%F') }}", "2025-02-28"),
        ("${{ custom_variables.nothing | default('x') }}", "x"),
        ("${{ custom_variables.list | join('+') | upper }}", "A+B"),
        ("${{ custom_variables.region | b64 }}", "anA="),
    ],
)
def test_values(text, expected):
    assert value(text) == expected and type(value(text)) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${{ custom_variables.region", "is not closed"),
        ("${{ }}", "empty expression"),
        ("${{ a b }}", "it should end before 'b'"),
        ("${{ custom_variables.limit | nofilter }}", "unknown filter 'nofilter'"),
        ("${{ nothing }}", "'nothing' is not defined"),
        ("${{ custom_variables.nothing }}", "'custom_variables' has no 'nothing'"),
        ("${{ custom_variables.limit.real }}", "has no 'real'"),
        ("${{ custom_variables.nothing + 1 }}", "nothing"),
        ("${{ context_time.tzinfo }}", "has no 'tzinfo'"),
        ("${{ context_time() }}", "is a call"),
        ("${{ 'x'.upper() }}", "is a call"),
        ("${{ ''.__class__.__mro__ }}", "is not defined"),
        ("${{ custom_variables.__class__ }}", "has no '__class__'"),
        ("${{ range(10) }}", "is a call"),
        ("${{ 'x' * 100000 }}", "two numbers"),
        ("${{ [1] * 100000 }}", "two numbers"),
        ("${{ 9 ** 99 }}", "exponent of at most 64"),
        ("${{ 9 ** 50 ** 50 }}", "reasonable size"),
        ("${{ 1 / 0 }}", "division by zero"),
        ("${{ 'a' + 1 }}", "concatenate"),
        ("${{ custom_variables.limit -}}", "cannot read"),
        ("${{ {% if x %} }}", "cannot read"),
        ("${{ 1 }} {# x #} ${{ }}", "empty expression"),
        ("${{ 'a' | date('%Y') }}", "is not a time"),
        ("${{ context_time | tz('Asia/Tokio') }}", "unknown time zone"),
        ("${{ context_time | start_of('fortnight') }}", "unknown unit"),
        ("${{ " + "(" * 900 + "1" + ")" * 900 + " }}", "nested too deeply"),
        ("${{ " + "1+" * 2000 + "1 }}", "characters"),
    ],
)
def test_errors(text, message):
    with pytest.raises(TemplateError, match=message) as raised:
        value(text)
    assert raised.value.message


@given(st.text("ab.${}|'\"[]()_ \n日+-*~,:%#", max_size=40))
def test_any_expression_has_a_value_or_a_template_error(source):
    text = "${{" + source + "}}"
    try:
        found = template(text)
        for expression in found.expressions if found else ():
            for path in expression.paths:
                start, end = expression.place(path)
                assert expression.start <= start < end <= expression.end
        render(text, SCOPE)
    except TemplateError as error:
        assert error.within is None or 0 <= error.within[0] < error.within[1] <= len(text)


NAME = st.from_regex(r"[a-z]{1,4}", fullmatch=True).filter(
    lambda name: name not in ("and", "or", "not", "in", "is", "if")
)


@given(st.lists(NAME, min_size=1, max_size=4), st.text("ab日 ", max_size=5))
def test_every_part_of_a_name_is_placed(path, before):
    text = f"{before}${{{{ 'x.y' ~ {'.'.join(path)} | json }}}}"
    (expression,) = template(text).expressions
    assert expression.paths == (tuple(path),)
    for position, name in enumerate(path):
        start, end = expression.place(tuple(path[: position + 1]))
        assert text[start:end] == name
        assert text[:start].endswith("~ " + "".join(f"{part}." for part in path[:position]))


def test_expressions_know_their_places():
    text = "日本 ${{ a.b }} and ${{ c['d e'].f | join('}}') }}"
    first, second = template(text).expressions
    assert (text[first.start : first.end], text[second.start : second.end]) == (
        "${{ a.b }}",
        "${{ c['d e'].f | join('}}') }}",
    )
    assert first.paths == (("a", "b"),) and second.paths == (("c", "d e", "f"),)
    assert second.filters == ("join",)
    assert text[slice(*second.place(("c", "d e")))] == "d e"
    assert text[slice(*second.place(("c", "d e", "f")))] == "f"


def test_an_unknown_filter_is_placed():
    text = "x ${{ a | b64 | isoo }}"
    with pytest.raises(TemplateError) as raised:
        _ = template(text).expressions[0].paths
    assert text[slice(*raised.value.within)] == "isoo" and raised.value.filter == "isoo"
    assert raised.value.hint == "did you mean 'iso'?"


def test_late_names_stay():
    rendered = render(
        {"a": "${{ later.x }}", "b": ["${{ custom_variables.limit }}"]}, SCOPE, frozenset(["later"])
    )
    assert rendered["b"] == [3]
    assert rendered["a"].text == "${{ later.x }}"
    assert render(rendered, {"later": {"x": 5}}) == {"a": 5, "b": [3]}


def test_find_gives_every_text_with_an_expression():
    data = {"a": "x", "b": ["${{ a }}", {"c": "y ${{ b }}"}], "${{ key }}": 1}
    assert list(find(data, ("top",))) == [(("top", "b", 0), "${{ a }}"), (("top", "b", 1, "c"), "y ${{ b }}")]
