"""Graph, vendor and safety rules beyond their pages: what else they find, and where they are silent."""

import pytest
from marking import CONNECTIONS

JOB = "uses: trocco.run_job, with: {job_definition_id: 1}"
WORKFLOW = "uses: reckoner.run_workflow, with: {workflow_id: 42}"
UNIT = "uses: krewdata.run_unit, with: {app_id: 55, user: batch}"
POLL = "uses: workato.poll_recipe, with: {recipe_id: 1}"
TRUTH = "uses: workato.poll_recipe, with: {recipe_id: 1, on_no_job: fail}"
ATTEMPT = "uses: treasure.run_workflow, with: {project: p, workflow: w, session_time: '${{ context_time }}'"


@pytest.fixture
def found(lint):
    """The codes and places found in some steps, unused connections apart."""

    def find(steps, head="", ignore=("PF209",), **more):
        lines = "".join(f"  {line}\n" for line in steps.strip().splitlines())
        report = lint(CONNECTIONS + head + "steps:\n" + lines, ignore=ignore, **more)
        first = len((CONNECTIONS + head).splitlines()) + 1
        return [(one.code, one.span.line - first, one.message) for one in report.diagnostics]

    return find


RACES = {
    "two of one workflow": (f"a: {{{WORKFLOW}}}\nb: {{{WORKFLOW}}}", [2]),
    "three": (f"a: {{{WORKFLOW}}}\nb: {{{WORKFLOW}}}\nc: {{{WORKFLOW}}}", [2, 3]),
    "two of one unit": (f"a: {{{UNIT}}}\nb: {{{UNIT}}}", [2]),
    "two kinds of one recipe": (
        f"a: {{{POLL}}}\nb: {{uses: workato.stop_recipe, with: {{recipe_id: 1}}}}",
        [2],
    ),
    "siblings": (
        f"top: {{{JOB}}}\na: {{needs: top, {WORKFLOW}}}\nb: {{needs: top, {WORKFLOW}}}",
        [3],
    ),
    "a template for both": (
        f"top: {{{JOB}}}\n"
        "a: {needs: top, uses: reckoner.run_workflow, with: {workflow_id: '${{ steps.top.outputs.id }}'}}\n"
        "b: {needs: top, uses: reckoner.run_workflow, with: {workflow_id: '${{ steps.top.outputs.id }}'}}",
        [3],
    ),
    "one condition": (f"a: {{{WORKFLOW}}}\nb: {{if: '${{{{ context_time.day == 1 }}}}', {WORKFLOW}}}", [2]),
    "items": (f"a: {{foreach: {{items: [1, 2]}}, {WORKFLOW}}}", [1]),
    "items, two at a time": (f"a: {{foreach: {{items: [1, 2], max_parallel: 2}}, {WORKFLOW}}}", [1]),
    "items of a template": (
        f"top: {{{JOB}}}\na: {{needs: top, foreach: {{items: '${{{{ steps.top.outputs.id }}}}'}}, {UNIT}}}",
        [2],
    ),
    "in a chain": (f"a: {{{WORKFLOW}}}\nb: {{needs: a, {JOB}}}\nc: {{needs: b, {WORKFLOW}}}", []),
    "other workflows": (
        f"a: {{{WORKFLOW}}}\nb: {{uses: reckoner.run_workflow, with: {{workflow_id: 43}}}}",
        [],
    ),
    "two starts of a recipe": (
        "a: {uses: workato.start_recipe, with: {recipe_id: 1}}\n"
        "b: {uses: workato.start_recipe, with: {recipe_id: 1}}",
        [],
    ),
    "success or failure": (
        f"top: {{{JOB}}}\na: {{needs: top, {WORKFLOW}}}\nb: {{needs: top, run_when: failure, {WORKFLOW}}}",
        [],
    ),
    "never at all": (f"a: {{{WORKFLOW}}}\nb: {{if: false, {WORKFLOW}}}", []),
    "one item": (f"a: {{foreach: {{items: [1]}}, {WORKFLOW}}}", []),
    "items in turn": (f"a: {{foreach: {{items: [1, 2], max_parallel: 1}}, {WORKFLOW}}}", []),
    "two jobs of one definition": (f"a: {{{JOB}}}\nb: {{{JOB}}}", []),
}


@pytest.mark.parametrize(("steps", "lines"), RACES.values(), ids=RACES)
def test_races(found, steps, lines):
    assert [line for code, line, _ in found(steps) if code == "PF502"] == lines


def test_a_misspelt_need_is_no_race(found):
    assert [code for code, *_ in found(f"first: {{{WORKFLOW}}}\nb: {{needs: firts, {WORKFLOW}}}")] == [
        "PF201"
    ]


NEVER = {
    "off": (f"a: {{if: false, {JOB}}}", [1]),
    "off, as a template": (f"a: {{if: '${{{{ false }}}}', {JOB}}}", [1]),
    "no items": (f"a: {{foreach: {{items: []}}, {JOB}}}", [1]),
    "failure of nothing": (f"a: {{run_when: failure, {JOB}}}", [1]),
    "failure of what is off": (f"a: {{if: false, {JOB}}}\nb: {{needs: a, run_when: failure, {JOB}}}", [1]),
    "failure of the forgiven": (
        f"a: {{allow_failure: true, {JOB}}}\nb: {{needs: a, run_when: failure, {JOB}}}",
        [2],
    ),
    "failure of what may be blocked": (
        f"t: {{{JOB}}}\na: {{needs: t, allow_failure: true, {JOB}}}\n"
        f"b: {{needs: a, run_when: failure, {JOB}}}",
        [],
    ),
    "failure of one that may fail": (
        f"a: {{allow_failure: true, {JOB}}}\nb: {{{JOB}}}\nc: {{needs: [a, b], run_when: failure, {JOB}}}",
        [],
    ),
    "after what is off": (f"a: {{if: false, {JOB}}}\nb: {{needs: a, {JOB}}}", [1]),
}


@pytest.mark.parametrize(("steps", "lines"), NEVER.values(), ids=NEVER)
def test_steps_that_never_run(found, steps, lines):
    assert [line for code, line, _ in found(steps, ignore=("PF209", "PF314")) if code == "PF205"] == lines


REDUNDANT = {
    "one link": (f"a: {{{JOB}}}\nb: {{needs: a, {JOB}}}\nc: {{needs: [a, b], {JOB}}}", ["a"]),
    "far": (
        f"a: {{{JOB}}}\nb: {{needs: a, {JOB}}}\nc: {{needs: b, {JOB}}}\nd: {{needs: [c, a, b], {JOB}}}",
        ["a", "b"],
    ),
    "through a failure handler": (
        f"a: {{{JOB}}}\nb: {{needs: a, run_when: failure, {JOB}}}\nc: {{needs: [a, b], {JOB}}}",
        [],
    ),
    "for a failure handler": (
        f"a: {{{JOB}}}\nb: {{needs: a, {JOB}}}\nc: {{needs: [a, b], run_when: failure, {JOB}}}",
        [],
    ),
    "in a ring": (f"a: {{needs: [b, c], {JOB}}}\nb: {{needs: a, {JOB}}}\nc: {{{JOB}}}", []),
}


@pytest.mark.parametrize(("steps", "needs"), REDUNDANT.values(), ids=REDUNDANT)
def test_redundant_needs(found, steps, needs):
    told = [message for code, _, message in found(steps) if code == "PF206"]
    assert [message.split("'")[3] for message in told] == needs


@pytest.mark.parametrize("max_parallel", [1, 2])
def test_attempts_that_are_one_job(found, max_parallel):
    named = ATTEMPT + ", retry_attempt_name: x}"
    each = f"foreach: {{items: [1, 2], max_parallel: {max_parallel}}}"
    assert [code for code, *_ in found(f"a: {{{each}, {named}}}")] == ["PF511"]
    assert [line for _, line, _ in found(f"a: {{{named}}}\nb: {{needs: a, {named}}}")] == [2]
    shared = ATTEMPT + ", session: shared}"
    assert [code for code, *_ in found(f"a: {{timeout: 1h, retry: {{max_attempts: 2}}, {shared}}}")] == [
        "PF511"
    ]
    other = named.replace("workflow: w", "workflow: other")
    assert found(f"a: {{{named}}}\nb: {{needs: a, {other}}}") == []


RETRIES = {
    "hidden": (f"a: {{timeout: 1h, retry: {{max_attempts: 2}}, {POLL}}}", "", ["PF503"]),
    "hidden by default": (f"a: {{timeout: 1h, {POLL}}}", "defaults: {retry: {max_attempts: 2}}\n", ["PF503"]),
    "once in spite of the default": (
        f"a: {{timeout: 1h, retry: {{max_attempts: 1}}, {POLL}}}",
        "defaults: {retry: {max_attempts: 2}}\n",
        [],
    ),
    "told": (f"a: {{timeout: 1h, retry: {{max_attempts: 2}}, {TRUTH}}}", "", []),
    "written again": (f"a: {{timeout: 1h, retry: {{max_attempts: 2}}, {UNIT}}}", "", ["PF504"]),
    "doubled": (f"a: {{on_ambiguous: retry, {WORKFLOW}}}", "", ["PF505"]),
    "doubled by default": (f"a: {{{JOB}}}\nb: {{{UNIT}}}", "defaults: {on_ambiguous: retry}\n", ["PF505"]),
    "useless": (f"a: {{on_ambiguous: retry, {ATTEMPT}}}}}", "", ["PF505"]),
    "harmless": ("a: {on_ambiguous: retry, uses: workato.stop_recipe, with: {recipe_id: 1}}", "", []),
    "harmless by default": (f"a: {{{ATTEMPT}}}}}", "defaults: {on_ambiguous: retry}\n", []),
}


@pytest.mark.parametrize(("steps", "head", "codes"), RETRIES.values(), ids=RETRIES)
def test_retries(found, steps, head, codes):
    assert [code for code, *_ in found(steps, head)] == codes


TIMES = {
    "a unit in half a minute": (f"a: {{timeout: 30s, {UNIT}}}", "", ["PF506"]),
    "a unit by default": (f"a: {{{UNIT}}}", "defaults: {timeout: 30s}\n", ["PF506"]),
    "no time for no job": (f"a: {{timeout: 1m, {POLL}}}", "", ["PF506"]),
    "less grace": (f"a: {{timeout: 1m, {POLL[:-1]}, no_job_grace: 10s}}}}", "", []),
    "beyond what Treasure allows": (f"a: {{timeout: 8d, {ATTEMPT}}}}}", "", ["PF506"]),
    "a month": (f"a: {{timeout: 30d, {JOB}}}", "", ["PF506"]),
    "forgotten": (f"a: {{timeout: 1h, {JOB}}}\nb: {{{JOB}}}\nc: {{{JOB}}}", "", ["PF507"]),
    "a switch needs none": (
        f"a: {{timeout: 1h, {JOB}}}\nb: {{uses: workato.stop_recipe, with: {{recipe_id: 1}}}}",
        "",
        [],
    ),
    "cut delay": (
        f"a: {{timeout: 1h, retry: {{max_attempts: 2, delay: 2m, max_delay: 1m}}, {JOB}}}",
        "",
        ["PF508"],
    ),
    "nothing to grow": (
        f"a: {{timeout: 1h, retry: {{max_attempts: 2, backoff: exponential}}, {JOB}}}",
        "",
        ["PF508"],
    ),
    "idle interval": (f"a: {{poll: {{interval: 2m, max_interval: 1m}}, {JOB}}}", "", ["PF508"]),
    "one look": (f"a: {{timeout: 1m, poll: {{interval: 2m}}, {JOB}}}", "", ["PF508"]),
    "not readable": (f"a: {{timeout: 1 hour, {JOB}}}", "", ["PF105"]),
}


@pytest.mark.parametrize(("steps", "head", "codes"), TIMES.values(), ids=TIMES)
def test_times(found, steps, head, codes):
    assert [code for code, *_ in found(steps, head)] == codes
