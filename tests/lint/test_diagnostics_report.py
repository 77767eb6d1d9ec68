"""Findings as text: gutters, carets by display width, escapes, colours only when asked for."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeforge.language.diagnostics import Diagnostic, Edit, Fix, Place, Span
from pipeforge.reports.diagnostics import concise, full
from pipeforge.reports.display import shown, width
from pipeforge.reports.summary import summary

PATH = Path("p.yaml")


def finding(span, message="m", hint=None, severity="error", see_also=(), fix=None):
    return Diagnostic(PATH, span, "PF999", "rule", severity, message, hint, see_also, fix)


def test_the_full_form_has_gutter_carets_labels_and_help():
    text = "a: 1\nb: 2\nc: 3\nd: 4\n"
    also = ((Span(4, 1, 4, 2), "here too"),)
    fix = Fix("mend it", (Edit(Place(("b",)), "3"),), safe=False)
    one = finding(Span(2, 4, 2, 5), "b is wrong", "write 3", see_also=also, fix=fix)
    assert full([one], {PATH: text}) == (
        "error[PF999] rule: b is wrong\n"
        " --> p.yaml:2:4\n"
        "  |\n"
        "2 | b: 2\n"
        "  |    ^\n"
        "  | …\n"
        "4 | d: 4\n"
        "  | - here too\n"
        "  = help: write 3\n"
        "  = fix available: mend it (look at it first)\n"
    )


def carets(text, span):
    lines = full([finding(span)], {PATH: text}).splitlines()
    return lines[-2].partition("| ")[2], lines[-1].partition("| ")[2]


def test_carets_align_by_display_width():
    assert carets("名前: x\n", Span(1, 1, 1, 3)) == ("名前: x", "^^^^")
    assert carets("名前: 値です\n", Span(1, 5, 1, 6)) == ("名前: 値です", "      ^^")
    assert carets("e\u0301: 😀x\n", Span(1, 6, 1, 7)) == ("e\u0301: 😀x", "     ^")
    assert carets("\ta: b\n", Span(1, 5, 1, 6)) == ("    a: b", "       ^")
    assert carets("a: b\n", Span(1, 5, 1, 5)) == ("a: b", "    ^")
    assert carets("a: |\n  b\n  c\n", Span(1, 4, 3, 4)) == ("a: |", "   ^")


def test_a_place_behind_the_last_line_is_drawn():
    assert carets("", Span(1, 1, 1, 2)) == ("", "^")
    assert carets("a\n", Span(2, 1, 2, 1))[1] == "^"


def test_a_very_long_line_is_cut_around_the_place():
    line = "x" * 500 + "HERE" + "y" * 500
    source, marks = carets(line, Span(1, 501, 1, 505))
    assert len(source) < 170 and source.startswith("…") and source.endswith("…")
    assert source[marks.index("^") :].startswith("HERE")
    assert marks.count("^") == 4


@given(st.text(max_size=30), st.text(max_size=30))
def test_nothing_of_a_file_commands_the_terminal(before, message):
    text = before.replace("\n", "").replace("\r", "")
    one = finding(Span(1, 1, 1, 2), message, hint=message, see_also=((Span(1, 1, 1, 2), message),))
    for form in (full([one], {PATH: text}), concise([one])):
        assert not any((ord(char) < 32 and char != "\n") or 0x7F <= ord(char) < 0xA0 for char in form)
        assert "\u202e" not in form


def test_escapes_are_counted_as_shown():
    assert shown("a\x1b[31m\u202eb") == "a\\x1b[31m\\u202eb"
    assert width(shown("\x1b")) == 4
    assert carets("\x07ab", Span(1, 2, 1, 3)) == ("\\x07ab", "    ^")


def test_colour_only_when_asked_for():
    one = finding(Span(1, 1, 1, 2), hint="h")
    plain, painted = full([one], {PATH: "a"}), full([one], {PATH: "a"}, colour=True)
    assert "\x1b" not in plain and "\x1b[1;31m" in painted
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


def test_a_code_is_a_hyperlink_only_when_asked_for():
    one = finding(Span(1, 1, 1, 2), hint="h")
    linked = full([one], {PATH: "a"}, link=lambda code: f"https://pages.example/{code}")
    assert linked.startswith("error[\x1b]8;;https://pages.example/PF999\x1b\\PF999\x1b]8;;\x1b\\] rule: m\n")
    assert linked.partition("\n")[2] == full([one], {PATH: "a"}).partition("\n")[2]


def test_concise_is_one_line_each():
    found = [finding(Span(1, 2, 1, 3), "two\nlines", "mend"), finding(Span(2, 1, 2, 2))]
    assert concise(found) == "p.yaml:1:2: PF999 two\\x0alines (mend)\np.yaml:2:1: PF999 m\n"


def test_the_summary_counts():
    span = Span(1, 1, 1, 2)
    found = [finding(span), finding(span, severity="warning"), finding(span, severity="warning")]
    assert summary(found, 2) == "1 error, 2 warnings in 2 files\n"
    assert summary([], 1) == "no findings in 1 file\n"


def narrow(text, span, columns, also=()):
    """The source line and the line of carets, in so many columns."""
    lines = full([finding(span, see_also=also)], {PATH: text}, columns=columns).splitlines()
    return lines[3:]


@given(
    st.text(st.sampled_from("ab 日本語😀\t"), max_size=120),
    st.integers(0, 120),
    st.integers(1, 20),
    st.integers(30, 100),
)
def test_a_line_is_cut_to_the_terminal_and_shows_its_place(text, place, length, columns):
    place = min(place, len(text))
    length = min(length, len(text) - place)
    source, marks = narrow(text, Span(1, place + 1, 1, place + length + 1), columns)[:2]
    assert width(source) <= columns
    assert len(marks) <= columns
    if length and text[place : place + length].strip():
        at, meant = marks.index("^"), shown(text[place])
        before = [n for n in range(len(source) + 1) if width(source[:n]) == at]
        assert any(source[n:].startswith(meant.rstrip()) for n in before)


def test_a_line_that_fits_is_not_cut():
    line = "a: " + "日" * 30
    assert narrow(line, Span(1, 4, 1, 34), 67) == ["1 | " + line, "  |    " + "^" * 60]
    source, marks = narrow(line, Span(1, 33, 1, 34), 66)
    assert source.startswith("1 | …")
    assert source.endswith("日日")
    assert width(marks) == width(source)


def test_a_second_place_beyond_the_cut_is_pointed_to_at_its_end():
    line = "a: " + "x" * 200
    source, first, second = narrow(line, Span(1, 1, 1, 2), 50, ((Span(1, 150, 1, 152), "and here"),))
    assert (width(source), source[-1]) == (50, "…")
    assert first == "  | ^"
    assert second.index("-") == 49
