"""Slips of the keyboard: each told where it is, with a mend that makes the file readable."""

import pytest
from marking import HEAD, LOAD, told, unmarked

from pipeforge.language.document import parse
from pipeforge.lint.fixing import apply

NBSP = "\u00a0"
JOB = "    with: {job_definition_id: 1}\n"
B = f"    uses: trocco.run_job\n{JOB}"
A = "steps:\n  a:\n    uses: trocco.run_job\n"
SLIPS = {
    "a key before its value": ("PF015", f"steps:\n  a:\n    «uses» trocco.run_job\n{JOB}"),
    "a key alone": ("PF015", f"steps:\n  «a»\n    uses: trocco.run_job\n{JOB}"),
    "the first key": ("PF015", f"«steps»\n  a:\n    uses: trocco.run_job\n{JOB}"),
    "the last key": ("PF015", f"steps:\n  a:\n{JOB}    «uses» trocco.run_job\n"),
    "a key above its keys": ("PF015", A + "    «with»\n      job_definition_id: 1\n"),
    "no blank": ("PF015", f"{LOAD}  b:\n    «needs:»a\n    uses: trocco.run_job\n{JOB}"),
    "no blank in braces": ("PF015", A + "    with: {«job_definition_id:»1}\n"),
    "an equals sign": ("PF015", f"steps:\n  a:\n    uses« = »trocco.run_job\n{JOB}"),
    "a no-break space": ("PF014", f"steps:\n  a:\n    uses:«{NBSP}»trocco.run_job\n{JOB}"),
    "no-break spaces before": ("PF014", f"steps:\n  a:\n«{NBSP * 4}»uses: trocco.run_job\n{JOB}"),
    "an ideographic space": ("PF013", f"steps:\n  a:\n    uses:«\u3000»trocco.run_job\n{JOB}"),
    "a full-width colon": ("PF013", f"steps:\n  a:\n    uses«：»trocco.run_job\n{JOB}"),
    "a full-width number sign": ("PF013", A + "    with: {job_definition_id: 1} «＃» 店\n"),
    "full-width brackets": ("PF013", A + "    with: «｛job_definition_id: 1｝»\n"),
    "typographic quotes": (
        "PF013",
        "steps:\n  a:\n    uses: trocco.run_job\n"
        "    with: {job_definition_id: 1, context_time: «“2026-01-01 00:00:00”»}\n",
    ),
    "a full-width hyphen": ("PF013", f"{LOAD}  b:\n    needs:\n    - a\n    «－ »a\n{B}"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "text"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_where_it_is_and_mended(lint, code, text):
    plain, spans = unmarked(HEAD + text)
    found = lint(plain)
    assert told(found) == [(code, spans[0])]
    mended = parse(found.diagnostics[0].path, apply(plain, found.diagnostics[0].path, found.diagnostics))
    assert mended.faults == []
    assert mended.data["steps"]["a"]["uses"] == "trocco.run_job"


def test_all_slips_of_a_file_are_told_at_once(lint):
    plain, spans = unmarked(
        "name: orders\n«timezone» Asia/Tokyo\nsteps:\n  «a»\n    «uses» trocco.run_job\n"
        f"    with: {{«job_definition_id:»1}}\n  b:\n    «needs:»a\n    uses:«{NBSP}»trocco.run_job\n"
        "    with«：»\n"
        "      job_definition_id: 1\n"
    )
    assert [span for _, span in told(lint(plain))] == spans


@pytest.mark.parametrize(
    "line",
    ["description: this is\nsome text here", "description: note: this", "steps: {a: [1, 2"],
)
def test_what_no_mend_would_help_stays_a_syntax_error(lint, line):
    found = lint(f"name: orders\n{line}\nsteps:\n  a: {{uses: trocco.run_job}}\n")
    assert [one.code for one in found.diagnostics] == ["PF001"]
    assert found.diagnostics[0].fix is None


@pytest.mark.parametrize(
    ("value", "span", "code"),
    [
        (f"{NBSP}trocco.run_job", 15, "PF014"),
        ("“trocco.run_job”", 16, "PF013"),
        ("trocco.run_job ＃ why", 20, "PF013"),
    ],
)
def test_a_slip_inside_a_value_is_the_only_thing_said_of_it(lint, value, span, code):
    found = lint(f"{HEAD}steps:\n  a:\n    uses: {value}\n{JOB}")
    assert told(found) == [(code, (7, 11, 7, 11 + span))]


def test_quoted_values_and_descriptions_may_hold_what_they_like(lint):
    text = LOAD.replace("  a:\n", "  a:\n    description: “店”\u3000＃1\n")
    quoted = f'custom_variables: {{x: "{NBSP}x", y: "“y”"}}\n'
    uses = text.replace("_id: 1", '_id: 1, custom_variables: {$x$: "${{ custom_variables }}"}')
    assert (
        lint(HEAD + quoted + uses.replace("custom_variables }}", "custom_variables | json }}")).diagnostics
        == ()
    )


HINTS = {
    "job_definition_id: 01201": "write 1201, without the leading zero",
    'job_definition_id: "1201"': "remove the quotes",
    "job_definition_id: 1_201": "write 1201",
    "job_definition_id: １２０１": "write 1201",
    'job_definition_id: "1,201"': "write 1201",
    "job_definition_id: many": "give a whole number",
}


@pytest.mark.parametrize(("value", "hint"), HINTS.items(), ids=HINTS)
def test_a_number_is_mended_by_what_it_is(lint, value, hint):
    found = lint(HEAD + LOAD.replace("job_definition_id: 1", value)).diagnostics
    assert [one.hint for one in found] == [hint]


STEPS = {
    'allow_failure: "true"': "remove the quotes",
    "allow_failure: yes": "write true",
    "retry: 3": "write retry: {max_attempts: 3}",
    "poll: 5s": "write poll: {interval: 5s}",
    "foreach: [1, 2]": "write foreach: {items: [ … ]}",
    "timeout: ５m": "write 5m",
    "if: always()": "write run_when: always, in place of the if",
    'if: "false"': "write false, without quotes",
    "foreach: {items: tokyo}": "write [tokyo]",
    'foreach: {items: "tokyo, osaka"}': "write [tokyo, osaka]",
    "accept: skipped": "write [ … ], also for a single one",
}


@pytest.mark.parametrize(("line", "hint"), STEPS.items(), ids=STEPS)
def test_a_value_of_the_wrong_form_is_mended_by_what_was_meant(lint, line, hint):
    found = [one for one in lint(f"{HEAD}{LOAD}    {line}\n").diagnostics if one.code < "PF5"]
    assert [one.hint for one in found] == [hint]


@pytest.mark.parametrize("needs", ["a, b", "a b", "a，b", "a、b", "［a, b］"])
def test_needs_in_one_text_are_read_as_the_list_that_was_meant(lint, needs):
    b = LOAD.replace("steps:\n  a", "  b")
    c = f"  c:\n    needs: {needs}\n    if: ${{{{ steps.b.outcome == 'failed' }}}}\n{B}"
    found = lint(HEAD + LOAD + b + c).diagnostics
    assert [(one.code, one.hint) for one in found if one.code < "PF5"] == [("PF112", "write [a, b]")]


def test_a_second_document_is_one_mistake(lint):
    assert [code for code, _ in told(lint("name: a\n---\n" + LOAD))] == ["PF010"]
