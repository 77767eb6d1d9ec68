"""Everything that is wrong is told at once, each mistake once and with the word that was meant."""

import pytest
from marking import HEAD, LOAD, told, unmarked

TWELVE = """\
name: orders
timezone: «Asia/Tokio»
defaults: {timeout: 1h, «retires»: 3}
connections:
  trocco: {vendor: trocco, «api_kye»: "${{ secrets.K }}"}
custom_variables:
  region: {type: string, enum: [jp, us], default: «ju»}
steps:
  load:
    uses: trocco.run_job
    with: {job_definition_id: «01201»}
  mart:
    «depends_on»: load
    if: ${{ steps.load.outcome == "«success»" }}
    uses: trocco.run_job
    with:
      job_definition_id: 1202
      custom_variables:
        $day$: "«{{ ds }}»"
        $where$: ${{ custom_variables.«regoin» }}
  stock:
    needs: [load, «maart»]
    uses: trocco.run_job
    timeout: «90»
    with: {job_definition_id: 1203, «contxt_time»: "${{ context_time }}"}
"""


def test_twelve_mistakes_are_twelve_findings(lint):
    plain, spans = unmarked(TWELVE)
    assert len(spans) == 12
    assert [span for _, span in told(lint(plain))] == spans, told(lint(plain))


WORDS = {
    "a top key": ("descripton: x\n" + LOAD, "description"),
    "a step's key": (LOAD + "    timout: 1h\n", "timeout"),
    "a policy's key": (LOAD + "    retry: {max_atempts: 2}\n", "max_attempts"),
    "a kind": (LOAD.replace("run_job", "run_jbo"), "trocco.run_job"),
    "a kind's vendor": (LOAD.replace("uses: trocco", "uses: troco"), "trocco.run_job"),
    "a parameter": (LOAD.replace("job_def", "jbo_def"), "job_definition_id"),
    "a need": (
        LOAD + "  bb:\n    needs: aa\n    uses: trocco.run_job\n    with: {job_definition_id: 1}\n",
        "a",
    ),
    "a choice": (LOAD + "    run_when: allways\n", "always"),
    "a full-width name": (LOAD + "    run_when: ａlways\n", "always"),
    "an outcome": (LOAD + "    accept: [skiped]\n", "skipped"),
    "a type": ("custom_variables: {x: {type: strng}}\n" + LOAD, "string"),
    "a time zone": ("timezone: Asia/Tokio\n" + LOAD, "Asia/Tokyo"),
    "a connection": (LOAD + "    connection: troco\n", "trocco"),
}


@pytest.mark.parametrize(("text", "word"), WORDS.values(), ids=WORDS)
def test_one_edit_away_is_always_found(lint, text, word):
    found = [one for one in lint(HEAD + text).diagnostics if one.code not in ("PF207", "PF205")]
    assert [one.hint for one in found] == [f"did you mean '{word}'?"]


TEMPLATES = {
    "custom_variables.regoin": "region",
    "records.arival.Day": "arrival",
    "records.arrival.Dya": "Day",
    "steps.aa.outcome": "a",
    "steps.a.outcom": "outcome",
    "steps.a.outputs.lnik": "link",
    "context_tme": "context_time",
    "context_time | dat('%Y')": "date",
    "context_time | shift(day=1)": "days",
    "context_time | start_of('weak')": "week",
    "context_time | tz('Asia/Tokio')": "Asia/Tokyo",
    "run.di": "id",
}


@pytest.mark.parametrize(("name", "word"), TEMPLATES.items(), ids=TEMPLATES)
def test_one_edit_away_is_found_in_templates(lint, name, word):
    head = (
        "custom_variables: {region: jp}\nrecords: {arrival: {Day: {type: DATE, value: '2024-01-01'}}}\n"
        + LOAD.replace(
            "_id: 1",
            "_id: 1, custom_variables: {$x$: '${{ custom_variables | json }}${{ records | json }}'}",
        )
    )
    step = "  b:\n    needs: a\n    uses: trocco.run_job\n"
    step += "    with: {job_definition_id: 1, custom_variables: {$y$: "
    found = lint(HEAD + head + step + f'"${{{{ {name} }}}}"' + "}}\n").diagnostics
    assert [one.hint for one in found] == [f"did you mean '{word}'?"]


@pytest.mark.parametrize("word", ["x", "on", "qqqqqq", "ab", "zzz_zzz"])
def test_what_is_near_to_nothing_gets_no_word(lint, word):
    found = lint(f"{HEAD}{LOAD}    {word}zq: 1\n").diagnostics
    assert all("did you mean" not in (one.hint or "") for one in found)


ELSEWHERE = {
    "run: echo": "a step is one operation of a vendor: write uses: with a kind, such as trocco.run_job",
    "runs-on: ubuntu": "steps run at the vendors: there is no machine to choose",
    "timeout-minutes: 10": "write timeout:, but '10' has no unit",
    "continue-on-error: true": "write allow_failure:",
    "trigger_rule: all_done": "write run_when: always",
    "retries: 3": "write retry: {max_attempts: 3}",
    "retry_delay: 300": "write delay: below retry:",
    "dependsOn: [a]": "write needs:",
    "withItems: [1]": "write foreach: {items: [ … ]}",
    "when: ${{ run.attempt == 1 }}": "write if:",
    "unless: x": "write if: with the opposite condition",
    "sh>: echo": "a step is one operation of a vendor: write uses: with a kind, such as trocco.run_job",
    "_retry: 3": "write retry: {max_attempts: 3}",
    "_error: {}": "write a step that needs it, with run_when: failure, success or always",
    "onFailure: x": "write a step that needs it, with run_when: failure, success or always",
    "depends_on_past: true": "a run does not wait for earlier ones; see concurrency:",
    "pool: x": "write limits: {running: …} in the connection",
    "catchup: false": "a pipeline does not say when it runs: start `pipeforge run` from cron or CI",
}


@pytest.mark.parametrize(("line", "hint"), ELSEWHERE.items(), ids=ELSEWHERE)
def test_a_word_of_another_tool_is_one_finding_with_ours(lint, line, hint):
    step = "  b:\n    uses: trocco.run_job\n    with: {job_definition_id: 2}\n"
    found = lint(f"{HEAD}{LOAD}{step}    {line}\n").diagnostics
    assert [(one.code, one.hint) for one in found] == [("PF106", hint)]
    instead = lint(f"{HEAD}{LOAD}  b:\n    {line}\n").diagnostics
    if "uses:" in hint:
        assert [one.hint for one in instead] == [hint]


FOREIGN = {
    "{{ ds }}": "write ${{ context_time | date('%Y-%m-%d') }}",
    "{{ context_time }}": "write ${{ context_time }}",
    "$(context_time)": "write ${{ context_time }}",
    "${context_time}": "write ${{ context_time }}",
    "<% context_time %>": "write ${{ context_time }}",
    "＄｛｛ context_time ｝｝": "write ${{ context_time }}",
    "$ {{ context_time }}": "write ${{ context_time }}",
    "${session_date}": "write ${{ context_time | date('%Y-%m-%d') }}",
    "{{ ti.xcom_pull('a') }}": "templates are written ${{ … }}",
    "context_time": "write ${{ context_time }}",
}


@pytest.mark.parametrize(("text", "hint"), FOREIGN.items(), ids=FOREIGN)
def test_a_template_of_another_tool_is_told(lint, text, hint):
    found = lint(HEAD + LOAD.replace("_id: 1", f'_id: 1, custom_variables: {{$x$: "{text}"}}')).diagnostics
    assert [(one.code, one.hint) for one in found] == [("PF312", hint)]


@pytest.mark.parametrize(
    "text", ["$target_date$", "${HOME}", "{{ name }}", "{ds}", "100%", "$(date)", "a {{b}} c", "#{x}"]
)
def test_what_is_no_template_of_ours_is_left_alone(lint, text):
    text = LOAD.replace("_id: 1", f'_id: 1, custom_variables: {{$x$: "{text}"}}')
    assert lint(HEAD + text).diagnostics == ()
