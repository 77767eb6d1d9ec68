"""What is said in English can be told by a catalogue, whatever braces stand in it."""

from pipeforge.language.saying import say, tell

JA = {"no step is called '{id}'": "「{id}」というステップはありません", "{what} twice": "{what}が2回"}


def test_a_message_is_plain_text_until_it_is_told():
    message = say("no step is called '{id}'", id="a{b}")
    assert message == "no step is called 'a{b}'"
    assert tell(message, JA) == "「a{b}」というステップはありません"
    assert tell(message, {}) == message


def test_parts_that_were_said_are_told_too():
    inner = say("no step is called '{id}'", id="x")
    assert tell(say("{what} twice", what=inner), JA) == "「x」というステップはありませんが2回"


def test_braces_that_are_no_gap_stay():
    assert say("write ${{ {name} }}", name="x") == "write ${{ x }}"
    assert say("write ${{ … }} or {none}") == "write ${{ … }} or {none}"


def test_what_was_never_said_is_looked_up_whole():
    assert tell("twice", {"twice": "2回"}) == "2回"
