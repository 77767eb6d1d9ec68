"""Secret values are masked in every form in which they travel."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.redaction import Redactor

SECRET = '1234/ab+cd é"\\z=='


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_form_is_masked(form):
    assert Redactor([SECRET]).text(f"before {form} after").replace('"', "").rstrip("=") in (
        "before *** after",
        "before ***= after",
        "before ***== after",
    )


@given(st.binary(max_size=5), st.text(min_size=9, max_size=30), st.binary(max_size=5))
def test_a_secret_inside_something_in_base64_is_masked(before, secret, after):
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    masked = Redactor([secret]).text(encoded)
    assert "***" in masked or len(secret.strip()) < 3


@given(
    st.dictionaries(
        st.text(max_size=5), st.recursive(st.text() | st.none(), st.lists, max_leaves=4), max_size=4
    )
)
def test_json_without_a_secret_is_left_alone(value):
    redactor = Redactor(["no such text \0 anywhere"])
    assert redactor.json(value) == json.loads(json.dumps(value))


def test_json_is_masked_in_keys_values_and_numbers():
    redactor = Redactor(["12345", "s3cret"])
    assert redactor.json({"s3cret": ["a s3cret", 12345, 123456, True, None], "t": (1.5, {"x": "12345"})}) == {
        "***": ["a ***", "***", 123456, True, None],
        "t": [1.5, {"x": "***"}],
    }


def test_the_longest_secret_is_masked_whole():
    assert Redactor(["abc", "abcdef"]).text("abcdef abc") == "*** ***"


def test_it_learns_joins_and_does_not_show():
    redactor = Redactor()
    assert redactor.text("t0ken") == "t0ken"
    redactor.learn("t0ken", "", "a")
    assert redactor.text("t0ken a") == "*** a"
    assert (redactor | Redactor(["other"])).text("other t0ken") == "*** ***"
    assert "t0ken" not in repr(redactor)


_PIECES = st.sampled_from(['k"ey/1\\2', "sécret", "12345", "k%22ey", "plain", "\\u", "", " ", "7", "a/b"])
_VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(0, 20_000), st.lists(_PIECES).map("".join), st.text(max_size=5)
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.lists(_PIECES).map("".join), inner, max_size=3)
    ),
)


@given(_VALUES)
def test_one_look_at_the_whole_never_misses_what_a_look_at_each_part_finds(value):
    redactor = Redactor(['k"ey/1\\2', "sécret", "12345", "a/b"])
    assert redactor.json({"outputs": value}) == redactor._masked({"outputs": value})
