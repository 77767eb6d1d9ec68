"""World files with mistakes: each is told with its place, its cause and its mend, by every command."""

import pytest
from vendor_project import number

WRONG = """\
trocco:
  job_definitons:
    1201: {}
  pipeline_definitions:
    7:
      course: {stages: {queud: 1}, outcom: error}
krewdata:
  units:
    u: {course: [{outcome: Sucess}], enabled: "yes"}
faults:
  - {vendor: trocco, route: POST, do: drop}
"""
TOLD = [
    "w.yaml:2:3: unknown key 'job_definitons'; did you mean 'job_definitions'?",
    "w.yaml:6:24: 'stages': unknown stage \"queud\"; there is queued",
    "w.yaml:6:36: unknown key 'outcom'; did you mean 'outcome'?",
    "w.yaml:9:28: 'outcome' cannot be 'Sucess'; did you mean 'Success'?",
    "w.yaml:9:47: 'enabled' wants true or false, got text 'yes'; write true",
    "w.yaml:11:29: 'route': \"POST\" is no route",
]
PIPELINE = """\
name: p
connections: {trocco: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}
steps: {a: {uses: trocco.run_job, timeout: 1h, with: {job_definition_id: 7}}}
"""
COMMANDS = [
    ("run", "p.yaml", "--emulate", "--world", "w.yaml"),
    ("emulate", "--world", "w.yaml"),
    ("call", "trocco.get_job", "job_id=1", "--file", "p.yaml", "--emulate", "--world", "w.yaml"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_each_mistake_is_told_where_it_stands(shell, command):
    shell.write("p.yaml", PIPELINE)
    shell.write("w.yaml", WRONG)
    done = shell(*command)
    assert done.code == 2
    assert "error: 'w.yaml' is not a world\n" in done.err
    places = [line.strip() for line in done.err.splitlines() if line.startswith("  w.yaml")]
    assert [any(line.startswith(one) for line in places) for one in TOLD] == [True] * len(TOLD), done.err
    assert len(places) == len(TOLD) and "[" not in "".join(place.partition(": ")[0] for place in places)
    assert "Course" not in done.err and "valid dictionary" not in done.err


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{vendor: troco, do: drop}", '2:14: unknown vendor "troco"; did you mean "trocco"?'),
        ("{vendor: trocco, do: dropp}", '2:26: unknown fault "dropp"; did you mean "drop"?'),
        ("{vendor: trocco, do: explode}", 'unknown fault "explode"; there is lose_answer, drop'),
        ("{vendor: trocco, route: POST /api/job, do: drop}", 'did you mean "POST /api/jobs"?'),
    ],
)
def test_a_fault_that_cannot_strike_is_told_where_it_stands(shell, fault, said):
    shell.write("p.yaml", PIPELINE)
    shell.write("w.yaml", f"faults:\n  - {fault}\n")
    done = shell("run", "p.yaml", "--emulate", "--world", "w.yaml")
    assert (done.code, said in done.err) == (2, True), done.err


def test_what_a_test_gives_is_told_by_its_keys(shell):
    shell.write("p.yaml", PIPELINE)
    given = "{world: {trocco: {job_definitons: {}}}}"
    shell.write("p.test.yaml", f"tests:\n  t: {{given: {given}, expect: {{exit_code: 0}}}}\n")
    done = shell("test")
    assert done.code == 1
    assert "world.trocco.job_definitions: unknown key 'job_definitons'" in done.out.replace(
        "definitons: unk", "definitions: unk"
    )


def test_a_trials_outputs_name_no_address_that_leads_nowhere(shell):
    shell.write("p.yaml", PIPELINE)
    done = shell(
        "call", "trocco.run_job", f"job_definition_id={number()}", "--file", "p.yaml", "--emulate", "--yes"
    )
    assert done.code == 0, done.text
    assert "link: the emulated trocco\n" in done.out and "emulator.invalid" not in done.text
