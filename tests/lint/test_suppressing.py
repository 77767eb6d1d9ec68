"""Comments that suppress findings: where they are seen, what they cover, and what is wrong with them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeforge.language.document import parse
from pipeforge.lint.comments import directives
from pipeforge.lint.fixing import fix
from pipeforge.lint.ignoring import ignore
from pipeforge.lint.linter import check

HERE = Path(__file__).parent
BAD = sorted(HERE.glob("bad/*.yaml"))
TOP = """name: nightly
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
steps:
"""
NEED = "  load:\n    uses: trocco.run_job\n    needs: gone{0}\n    with: {{job_definition_id: 1}}\n"


def codes(found):
    return [one.code for one in found.diagnostics]


def found_with(lint, comment, **more):
    return codes(lint(TOP + NEED.format(comment), **more))


def test_a_comment_on_the_line_suppresses(lint):
    assert found_with(lint, "") == ["PF201"]
    assert found_with(lint, "  # pipeforge: ignore[PF201] made elsewhere") == []
    assert found_with(lint, "  # pipeforge:ignore[PF2] made elsewhere") == []
    assert found_with(lint, "  # 注意 # pipeforge: ignore[ PF203 , PF201 ] 別で作る") == ["PF901"]


@pytest.mark.parametrize("place", ["steps:", "  load:"])
def test_a_comment_where_a_block_begins_covers_the_block(lint, place):
    text = (TOP + NEED.format("")).replace(f"{place}\n", f"{place} # pipeforge: ignore[PF201] why\n")
    assert codes(lint(text)) == []
    other = NEED.format("").replace("load", "other").replace("gone", "away")
    assert codes(lint(text + other)) == ([] if place == "steps:" else ["PF201"])


def test_a_comment_on_the_first_line_is_not_for_the_whole_file(lint):
    text = TOP.replace("nightly", "nightly # pipeforge: ignore[PF201] why") + NEED.format("")
    assert codes(lint(text)) == ["PF901", "PF201"]


def test_a_comment_on_a_line_of_its_own_is_for_what_follows(lint):
    comment = "  # pipeforge: ignore[PF201] why\n  # more\n\n"
    assert codes(lint(TOP + comment + NEED.format(""))) == []
    inside = NEED.format("").replace("    needs", "    # pipeforge: ignore[PF201] why\n    needs")
    assert codes(lint(TOP + inside)) == []
    below = NEED.format("") + "    # pipeforge: ignore[PF201] why\n"
    assert codes(lint(TOP + below)) == ["PF201", "PF901"]


def test_a_comment_for_the_whole_file(lint):
    comment = "# 夜間\n# pipeforge: ignore-file[PF2] why\n"
    text = TOP + NEED.format("")
    assert codes(lint(comment + text)) == []
    assert codes(lint(comment + "---\n" + text)) == []
    assert codes(lint(text + comment)) == ["PF201", "PF904"]


@pytest.mark.parametrize(
    "value",
    [
        '"x # pipeforge: ignore[PF201] why"',
        "'x\n      # pipeforge: ignore[PF201] why'",
        "|\n      # pipeforge: ignore[PF201] why",
        ">-\n      x\n      # pipeforge: ignore[PF201] why",
        "x#pipeforge:ignore[PF201]",
    ],
)
def test_what_looks_like_a_comment_inside_a_text_is_none(lint, value):
    text = TOP + NEED.format(f"\n    description: {value}")
    assert "PF201" in codes(lint(text))
    assert directives(parse(Path("p.yaml"), text)) == []


def test_a_comment_on_the_header_of_a_block_scalar(lint):
    text = TOP + NEED.format("").replace("gone", "[]").replace(
        "{job_definition_id: 1}",
        "\n      job_definition_id: >- # pipeforge: ignore[PF302] later\n        ${{\n        nothing }}",
    )
    assert codes(lint(text)) == []


def test_unused_ones_are_found_and_removed(lint, catalog):
    text = TOP + NEED.format(" # pipeforge: ignore[PF201, PF203, PF304] why").replace("gone", "[]")
    done = lint(text)
    assert [one.message for one in done.diagnostics] == ["'PF201', 'PF203', 'PF304' suppress nothing here"]
    assert mended(text, catalog) == TOP + NEED.format("").replace("gone", "[]")
    text = TOP + NEED.format(" # pipeforge: ignore[PF203, PF201, PF304] why")
    assert codes(lint(text)) == ["PF901", "PF901"]
    assert mended(text, catalog) == TOP + NEED.format(" # pipeforge: ignore[PF201] why")
    text = TOP + "  # pipeforge: ignore[PF5] why\n" + NEED.format(" # pipeforge: ignore[PF201] why")
    assert mended(text, catalog) == TOP + NEED.format(" # pipeforge: ignore[PF201] why")


def test_whether_one_is_unused_is_not_judged_when_its_rule_was_left_out(lint):
    assert found_with(lint, " # pipeforge: ignore[PF201] why", ignore=["PF2"]) == []
    assert found_with(lint, " # pipeforge: ignore[PF2] why", ignore=["PF201"]) == []


def test_one_in_the_project_file_is_for_the_project_file(lint):
    bad = "lint: {ignore: [PF999]} # pipeforge: ignore[PF111] next year\n"
    good = TOP + NEED.format("").replace("gone", "[]")
    assert codes(lint(good, {"pipeforge.yaml": bad})) == []
    assert codes(lint(good, {"pipeforge.yaml": bad.replace(" next year", "")})) == ["PF902"]
    # Another pipeline of the project may need it.
    assert codes(lint(good, {"pipeforge.yaml": "env: [] # pipeforge: ignore[PF111] why\n"})) == []


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# pipeforge: ignore[PF201]", "PF902 a suppression without a reason"),
        ("# pipeforge: ignore[pf201] why", "PF903 no rule has the code 'pf201' (did you mean 'PF201'?)"),
        ("# pipeforge: ignore[PF2O1] why", "PF903 no rule has the code 'PF2O1' (did you mean 'PF201'?)"),
        ("# pipeforge: ignore why", "PF904 'ignore' names no code"),
        ("# pipeforge: ignroe[PF201] why", "PF904 unknown word 'ignroe' in a suppression"),
        ("# pipeforge: ignore[] why", "PF904 a suppression names no code"),
        ("# pipeforge: ignore[PF201,] why", "PF904 a suppression names no code"),
        ("# pipeforge: see the handbook", None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_comment_itself(lint, comment, expected):
    done = lint(TOP + NEED.format(f" {comment}"))
    said = [f"{o.code} {o.message}" + (f" ({o.hint})" if o.hint else "") for o in done.diagnostics]
    if expected is None:
        assert len(said) == 1
    else:
        assert any(one.startswith(expected) for one in said)


def test_a_code_in_small_letters_is_mended(lint, catalog):
    text = TOP + NEED.format(" # pipeforge: ignore[pf201] why")
    assert mended(text, catalog) == TOP + NEED.format(" # pipeforge: ignore[PF201] why")


def test_a_file_that_cannot_be_read_cannot_be_made_well_by_a_comment(lint):
    assert codes(lint("# pipeforge: ignore-file[PF0] why\nname: 'x\n")) == ["PF001"]


# Writing them


def mended(text, catalog):
    path = HERE / "p.yaml"
    done = fix(lambda texts: check(path, catalog, texts=texts), {path.resolve(): text})
    return done.texts[path.resolve()]


def ignored(text, catalog, path=HERE / "p.yaml"):
    resolved = path.resolve()
    before = check(path, catalog, texts={resolved: text})
    after = ignore({resolved: text}, before.diagnostics, "理由: later").texts[resolved]
    return after, check(path, catalog, texts={resolved: after})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_all_present_findings_can_be_suppressed_at_once(path, end, catalog):
    text = path.read_bytes().decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\n", end)
    after, report = ignored(text, catalog)
    assert parse(path, after).data == parse(path, text).data
    never = {"syntax", "full-width"}
    assert {one.rule for one in report.diagnostics} <= never
    assert ignored(after, catalog)[0] == after
    assert end == "\n" or "\n" not in after.replace(end, "")


def test_comments_are_written_where_yaml_takes_them(catalog):
    text = (
        TOP
        + NEED.format(" # why")
        + """  b:
    uses: trocco.run_job
    with:
      job_definition_id: >-
        ${{ nothing }}
      context_time: "a
        ${{ never }}
        b"
    retry: {max_attempts: 0, dealy: 5m}  # pipeforge: ignore[PF101] old
"""
    )
    after, report = ignored(text, catalog)
    assert codes(report) == []
    assert (
        after
        == TOP
        + NEED.format(" # why  # pipeforge: ignore[PF201] 理由: later")
        + """  b:
    uses: trocco.run_job
    with:
      job_definition_id: >-  # pipeforge: ignore[PF302] 理由: later
        ${{ nothing }}
      # pipeforge: ignore[PF302] 理由: later
      context_time: "a
        ${{ never }}
        b"
    retry: {max_attempts: 0, dealy: 5m}  # pipeforge: ignore[PF101, PF104] old
"""
    )


@settings(max_examples=100, deadline=None)
@given(noise=st.text("a日# '\"|>-[]{}:,\n\tpipeforge: ignore[PF201]", max_size=30), data=st.data())
def test_any_text_gives_comments_without_a_crash(noise, data, catalog):
    text = TOP + NEED.format("  # pipeforge: ignore[PF201] why")
    at = data.draw(st.integers(0, len(text)))
    mangled = text[:at] + noise + text[at:]
    for one in directives(parse(Path("p.yaml"), mangled)):
        assert mangled[one.raw[0]] == "#"
        assert all(mangled[slice(*code.raw)] == code.text for code in one.codes)
    after, _ = ignored(mangled, catalog)
    assert parse(Path("p.yaml"), after).data == parse(Path("p.yaml"), mangled).data
