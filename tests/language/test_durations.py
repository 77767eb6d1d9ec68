"""Durations with their units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from pipeforge.language.durations import seconds, text


@pytest.mark.parametrize(
    ("written", "expected"),
    [("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86400), ("1h30m", 5400), ("0.5s", 0.5), ("1.5h", 5400)],
)
def test_durations(written, expected):
    assert seconds(written) == expected


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        (90, "write 90s for seconds or 90m for minutes"),
        ("90", "write 90s for seconds or 90m for minutes"),
        (1.5, "write 1.5s for seconds or 1.5m for minutes"),
        ("5 minutes", "write 5m"),
        ("5 min", "write 5m"),
        ("2 Hours", "write 2h"),
        ("10 s", "write 10s"),
        ("PT5M", "write 5m"),
        ("P1D", "write 1d"),
        ("5M", "write 5m"),
        ("abc", "write 90s, 5m, 2h or 1d"),
        ("", "write 90s, 5m, 2h or 1d"),
        ("1:30", "write 90s, 5m, 2h or 1d"),
        ("５m", "write 5m"),
        (True, "write 90s, 5m, 2h or 1d"),
        ([1], "write 90s, 5m, 2h or 1d"),
        ("0s", "give more than 0s and at most 366d"),
        ("400d", "give more than 0s and at most 366d"),
        ("9" * 500 + "d", "give more than 0s and at most 366d"),
    ],
)
def test_mends(written, hint):
    with pytest.raises(PydanticCustomError) as raised:
        seconds(written)
    assert raised.value.context["hint"] == hint
    assert raised.value.type == "pipeforge.duration"


@given(st.integers(1, 366 * 86_400))
def test_whole_seconds_come_back(number):
    assert seconds(text(number)) == number


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_says_why(written):
    try:
        assert 0 < seconds(written) <= 366 * 86_400
    except PydanticCustomError as error:
        assert error.context["hint"]
