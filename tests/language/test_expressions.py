from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.language import expressions, sandbox
from pipeforge.language.expressions import ExpressionError, analyse, evaluate
from pipeforge.language.filters import FILTERS, FilterError, zone

SCOPE: dict[str, Any] = {
    "context_time": datetime(2026, 1, 31, 2, tzinfo=UTC),
    "numbers": [3, 1, 2],
    "custom_variables": {"region": "jp", "empty": "", "count": 7, "deep": {"er": " x,y "}},
}

COMMON = [
    "context_time",
    " custom_variables.deep.er ",
    "context_time.year",
    'context_time | date("%Y-%m-%d")',
    "context_time|date('%H', tz='Asia/Tokyo')",
    "context_time | shift( days = -1 , hours=3 ) | start_of('day') | iso",
    "custom_variables.count | string | upper",
    "custom_variables.deep.er | trim() | split(',') | last",
    "numbers | sort | join(', ')",
    "custom_variables.region | replace('j', \"=a, b=2\")",
    "custom_variables.count | round(-1)",
    "custom_variables.deep.er | split(',') | first | date('%Y')",
    "numbers | date('%Y')",
    "numbers | shift(days=1)",
]

JINJA = [
    "context_time | date",
    "context_time | date('%Y', wrong=1)",
    "context_time | date('YYYY')",
    "",
    "true",
    "not numbers",
    "not",
    "1",
    "'text'",
    "numbers[0]",
    "custom_variables.count + 1",
    "custom_variables.region | default('us')",
    "missing | default('us')",
    "custom_variables.region | replace('a' 'b', 'c')",
    "custom_variables.region | replace(new='c', old='a', old='b')",
    "custom_variables.region | replace(new='c', 'a')",
    "custom_variables.region | nothing",
    "custom_variables.region | replace('\\n', 'a')",
    "numbers | join(custom_variables.region)",
    "custom_variables.count | round(007)",
    "custom_variables.count | round(1.0)",
    "context_time | date('%Y') == '2026'",
    "context_time | date('%Y') if true else 1",
    "numbers | first | abs,",
    "numbers |",
    "numbers | first | ",
    "numbers.",
]


def outcome(read: Any, source: str) -> Any:
    try:
        return "value", read(source)
    except (ExpressionError, TypeError, ValueError):
        return "error", None


@pytest.mark.parametrize("source", COMMON)
def test_the_common_form_means_what_it_means_to_jinja(source: str) -> None:
    assert expressions.chain_of(source) is not None
    assert outcome(lambda text: evaluate(text, SCOPE), source) == outcome(
        lambda text: sandbox.evaluate(text, SCOPE), source
    )
    paths, filters = sandbox.read(source)
    found = analyse(source)
    assert found.paths == paths
    assert sorted(found.filters) == sorted(filters)


@pytest.mark.parametrize("source", JINJA)
def test_all_else_is_left_to_jinja(source: str) -> None:
    assert expressions.chain_of(source) is None
    assert outcome(lambda text: evaluate(text, SCOPE), source) == outcome(
        lambda text: sandbox.evaluate(text, SCOPE), source
    )


def test_a_missing_name_is_told_by_its_last_known_part() -> None:
    with pytest.raises(ExpressionError, match="'custom_variables' has no 'regoin'"):
        evaluate("custom_variables.regoin | upper", SCOPE)
    with pytest.raises(ExpressionError, match="'contex_time' is not defined"):
        evaluate("contex_time | date('%Y')", SCOPE)


def test_a_filter_that_cannot_take_its_value_is_told_with_the_expression() -> None:
    with pytest.raises(ExpressionError, match=r"in `numbers \| date\('%Y'\)`: .* is not a time"):
        evaluate("numbers | date('%Y')", SCOPE)


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("a | date", "filter 'date' has too few or too many arguments", "it is written: time | date("),
        ("a | iso(1)", "filter 'iso' has too few or too many arguments", "it is written: time | iso ->"),
        ("a | shift(day=1)", "filter 'shift' has no argument 'day'", "did you mean 'days'?"),
        ("a | shift(fortnights=b.c)", "filter 'shift' has no argument 'fortnights'", "it is written: time"),
        ("a | date('YYYY-MM-DD')", "'YYYY-MM-DD' shows nothing of the time", 'as in "%Y-%m-%d"'),
        ("a | sort(reverse=true)", "filter 'sort' has no argument 'reverse'", "it is written: list | sort"),
        ("now()", "'now(…)' is a call", "write context_time"),
        ("always()", "'always(…)' is a call", "write run_when"),
        ("a = 'b'", "cannot read the expression", "compare with =="),
    ],
)
def test_what_cannot_work_is_told_when_it_is_read(source: str, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        analyse(source)
    assert message in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    "source",
    ["a | date(b)", "a | date(format=b.c, tz=d)", "a | shift(days=b)", "a | default(b)", "a | round"],
)
def test_arguments_that_are_not_known_yet_are_not_judged(source: str) -> None:
    assert analyse(source).filters


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("JST", "did you mean 'Asia/Tokyo'?"),
        ("Asia/Tokio", "did you mean 'Asia/Tokyo'?"),
        ("", "use an IANA"),
    ],
)
def test_a_zone_by_another_name(name: str, hint: str) -> None:
    with pytest.raises(FilterError) as raised:
        zone(name)
    assert raised.value.hint.startswith(hint)


_PIECES = st.sampled_from(
    [
        *"|().,= '\"-", "a", "b.c", "numbers", "custom_variables.region", "context_time", " | ", "upper",
        "date", "replace", "('%Y')", "('a', 'b')", "(old='j', new='k')", "(days=1)", "first", "sort", "not ",
        "1", "0", "007", "true", "\\", "'x'", '"y"', "\n", "é", "x_1", "[0]", "~", "default", "{{", "}}",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=9).map("".join))
def test_whatever_is_taken_for_the_common_form_reads_so_to_jinja(source: str) -> None:
    chain = expressions.chain_of(source)
    if chain is None:
        return
    paths, filters = sandbox.read(source)
    assert paths == (chain.path,)
    assert sorted(filters) == sorted(applied.name for applied in chain.filters)
    assert set(filters) <= set(FILTERS)
    theirs, ours = (
        outcome(lambda text, read=read: read(text, SCOPE), source) for read in (sandbox.evaluate, evaluate)
    )
    if chain.path[0] in SCOPE:
        assert theirs == ours
