"""What a plain scalar means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.language.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("+3", 3),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("0x1F", 31),
        ("0o17", 15),
    ],
)
def test_what_certainly_is_a_value(text, value):
    assert resolve(text) == value and type(resolve(text)) is type(value)


TEXTS = """
yes no on off y n NULL2 nulL tRue
00123 007 1_000 1,000 0b11 0x 0o8 １２ ٣
2024-01-31 12:30 1:30:00
.inf -.inf .nan 1e999 1. . - + e5 1e --1 +-1 1.2.3
"""


@pytest.mark.parametrize("text", TEXTS.split())
def test_what_stays_text(text):
    assert resolve(text) == text


@given(st.integers(-(10**99), 10**99))
def test_integers_come_back(number):
    assert resolve(str(number)) == number


@given(st.text(max_size=20))
def test_any_text_gives_a_scalar(text):
    assert isinstance(resolve(text), bool | int | float | str | None)
