"""Code actions: fixes, all safe fixes at once, a comment that suppresses."""

import pytest

from pipeforge.lint.linter import check
from pipeforge.lsp.acting import about, difference, fix_all

TEXT = """name: one
connections:
  t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
steps:
  load:
    uses: trocco.run_jbo
    with: {job_definition_id: 1}
    timeout: 5 minutes
  mart:
    depends_on: load
    uses: trocco.run_job
    with: {job_definition_id: "2"}
"""


@pytest.fixture
def checked(tmp_path, reference):
    path = tmp_path / "pipeline.yaml"

    def run(texts):
        return check(path, reference.catalog, texts=texts)

    return path, run


def applied(text, action):
    for change in sorted(action.changes, reverse=True):
        text = text[: change.raw[0]] + change.text + text[change.raw[1] :]
    return text


def actions(checked, text, on):
    path, run = checked
    at = text.index(on)
    return list(about(text, path, run({path: text}).diagnostics, (at, at)))


@pytest.mark.parametrize(
    ("on", "title", "before", "after"),
    [
        ("depends_on", "rename to 'needs'", "depends_on: load", "needs: load"),
        ("5 minutes", "write '5m'", "timeout: 5 minutes", "timeout: 5m"),
    ],
)
def test_a_safe_fix_is_preferred(checked, on, title, before, after):
    fix = actions(checked, TEXT, on)[0]
    assert (fix.title, fix.preferred, fix.sort) == (title, True, "quickfix")
    assert applied(TEXT, fix) == TEXT.replace(before, after)


def test_an_unsafe_fix_says_so(checked):
    fix = actions(checked, TEXT, "trocco.run_jbo")[0]
    assert fix.title.endswith("(look at it after)")
    assert not fix.preferred
    assert applied(TEXT, fix) == TEXT.replace("run_jbo", "run_job")


def test_a_finding_can_be_suppressed_with_a_comment_whose_reason_is_asked_for(checked):
    path, run = checked
    ignore = next(one for one in actions(checked, TEXT, "depends_on") if one.title.startswith("ignore"))
    text = applied(TEXT, ignore)
    assert "depends_on: load  # pipeforge: ignore[PF106] \n" in text
    found = run({path: text}).diagnostics
    assert not any(one.code == "PF106" for one in found)
    assert any(one.rule == "suppression-without-reason" for one in found)


def test_nothing_is_offered_elsewhere(checked):
    assert actions(checked, TEXT, "name: one") == []


def test_all_safe_fixes_at_once(checked):
    path, run = checked
    done = fix_all(run, path, TEXT)
    fixed = applied(TEXT, done)
    assert "needs: load" in fixed and "timeout: 5m" in fixed
    assert "run_jbo" in fixed  # what is not certain is left to the author
    assert fix_all(run, path, fixed) is None


@pytest.mark.parametrize(
    ("before", "after", "text"), [("abc", "axc", "x"), ("aa", "aaa", "a"), ("abc", "ac", ""), ("", "x", "x")]
)
def test_a_difference_is_the_least(before, after, text):
    change = difference(before, after)
    assert change.text == text
    assert before[: change.raw[0]] + change.text + before[change.raw[1] :] == after
