"""Did you mean."""

from hypothesis import assume, given
from hypothesis import strategies as st

from pipeforge.language.nearest import equals, nearest, suggest

KINDS = st.sampled_from(["lost", "added", "changed", "swapped"])
WORDS = st.text("abcdefgh_", min_size=3, max_size=14)


def edited(word, position, letter, kind):
    position %= len(word)
    if kind == "lost":
        return word[:position] + word[position + 1 :]
    if kind == "added":
        return word[:position] + letter + word[position:]
    if kind == "changed":
        return word[:position] + letter + word[position + 1 :]
    return (
        word[: position - 1] + word[position] + word[position - 1] + word[position + 1 :]
        if position
        else word
    )


@given(
    WORDS,
    st.integers(0, 20),
    st.sampled_from("xyz"),
    st.sampled_from(["lost", "added", "changed", "swapped"]),
)
def test_one_edit_is_always_found(word, position, letter, kind):
    assert nearest(edited(word, position, letter, kind), [word, "completely different"]) == word


@given(WORDS, st.lists(WORDS, max_size=6))
def test_the_name_itself_is_nearest(word, others):
    assert nearest(word, [*others, word]) == word


@given(WORDS, st.lists(WORDS, max_size=6))
def test_the_order_of_the_names_does_not_matter(word, names):
    assert nearest(word, names) == nearest(word, sorted(names, reverse=True))


@given(WORDS)
def test_what_shares_nothing_is_not_suggested(word):
    assume(len(word) >= 4)
    assert nearest(word, ["xyzw", "zzzzzzzz", "wwwwwwwwwwwwww"]) is None


def test_letter_case_and_hyphens_do_not_count():
    assert nearest("Run-Job", ["run_job"]) == "run_job"
    assert nearest("USES", ["uses"]) == "uses"


def test_short_words_are_not_guessed():
    assert nearest("id", ["is_it", "key"]) is None
    assert nearest("of", ["if", "as"]) == "if"


def test_among_equals_the_one_that_begins_alike():
    assert nearest("jso", ["iso", "json"]) == "json"
    assert nearest("bat", ["bar", "cat"]) == "bar"


def test_among_equals_that_begin_alike_the_one_with_the_same_letters():
    assert nearest("josn", ["join", "json"]) == "json"
    assert nearest("laod", ["load", "land"]) == "load"


def test_several_that_are_as_likely_are_all_named_up_to_three():
    assert nearest("bat", ["bar", "baz", "cat"]) is None
    assert equals("bat", ["baz", "bar", "cat", "cart"]) == ["bar", "baz"]
    assert suggest("bat", ["bar", "baz", "cat"], "steps") == "did you mean 'bar' or 'baz'?"
    assert suggest("sq", ["s1", "s2", "s3"], "steps") == "did you mean 's1' or 's2' or 's3'?"
    assert suggest("sq", ["s1", "s2", "s3", "s4"], "steps") == "known steps: s1, s2, s3, s4"


def test_hints():
    assert suggest("laod", ["load", "mart"], "steps") == "did you mean 'load'?"
    assert suggest("x", ["load", "mart"], "steps") == "known steps: load, mart"
    assert suggest("x", [], "steps") == "there are no steps"
    many = [f"step_{number}" for number in range(20)]
    assert suggest("x", many, "steps").endswith("… (20 in all)")
