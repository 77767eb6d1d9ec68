"""What lint tells of steps that run another pipeline, beside the examples of PF211's and PF212's pages."""

import time
from pathlib import Path

import pytest

TROCCO = 'connections: {trocco: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}\n'
CHILD = (
    f"name: child\n{TROCCO}custom_variables:\n  region: {{type: string}}\n"
    'outputs: {job: "${{ steps.a.outputs.id }}", region: "${{ custom_variables.region }}"}\n'
    "steps:\n  a: {uses: trocco.run_job, with: {job_definition_id: 1}}\n"
)


def messages(report):
    return [f"{one.code} {one.message} ({one.hint})" for one in report.diagnostics]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("{path: chidl.yaml}", "PF211 no such file: 'chidl.yaml' (did you mean 'child.yaml'?)"),
        ("{path: ../../elsewhere.yaml}", "PF211 pipeline '../../elsewhere.yaml' lies outside the project"),
        ("{path: other.yaml}", "PF211 'other.yaml' is not a pipeline"),
        ("{path: torn.yaml}", "PF211 'torn.yaml' cannot be read as YAML"),
        ("{path: pipeline.yaml}", "in a ring: pipeline.yaml -> pipeline.yaml"),
        (
            "{path: child.yaml, custom_variables: {regoin: jp}}",
            "PF212 'child.yaml' has no custom variable 'regoin'",
        ),
        ("{path: child.yaml}", "PF212 'child.yaml' must be given its custom variable 'region'"),
        (
            '{path: child.yaml, custom_variables: {region: "${{ steps.x.outcome == 1 }}"}}',
            "this gives true or false",
        ),
    ],
)
def test_what_keeps_it_from_being_run(lint, step, told):
    text = f"name: p\nsteps:\n  x: {{uses: pipeline, with: {step}}}\n"
    files = {
        "child.yaml": CHILD,
        "other.yaml": "name: other\n",
        "torn.yaml": "a: [\n",
        "pipeforge.yaml": "env: []\n",
    }
    assert any(told in one for one in messages(lint(text, files)))


def test_outputs_are_known_with_their_types(lint):
    text = (
        f"name: p\n{TROCCO}steps:\n"
        "  x: {uses: pipeline, with: {path: child.yaml, custom_variables: {region: jp}}}\n"
        "  y:\n    needs: x\n    uses: trocco.run_job\n"
        '    if: ${{ steps.x.outputs.job == "7" }}\n'
        '    with: {job_definition_id: "${{ steps.x.outputs.jbo }}"}\n'
    )
    found = messages(lint(text, {"child.yaml": CHILD}))
    assert any("unknown output 'jbo' in 'steps.x.outputs' (did you mean 'job'?)" in one for one in found)
    assert any("a whole number is never equal to text" in one for one in found)


def test_a_result_depends_on_every_file_below(lint):
    middle = (
        "name: m\nsteps: {a: {uses: pipeline, with: {path: child.yaml, custom_variables: {region: jp}}}}\n"
    )
    text = "name: p\nsteps: {a: {uses: pipeline, with: {path: middle.yaml}}}\n"
    report = lint(text, {"child.yaml": CHILD, "middle.yaml": middle})
    assert report.diagnostics == ()
    read = {Path(path).name for path, _ in report.inputs.records}
    assert read == {"middle.yaml", "child.yaml", "pipeforge.lock"}
    assert lint(text.replace("middle", "missing")).inputs is None  # its hint tells of the folder


def test_a_lattice_of_pipelines_is_read_once_each(lint):
    """Eight levels of twelve files that each run all of the next: 12^8 ways, 85 files."""
    files = {}
    for level in range(1, 8):
        for one in range(12):
            lines = [f"  s{n}: {{uses: pipeline, with: {{path: l{level + 1}_{n}.yaml}}}}" for n in range(12)]
            outputs = " ~ ".join(f"steps.s{n}.outputs.o" for n in range(12))
            files[f"l{level}_{one}.yaml"] = (
                f'name: l\noutputs: {{o: "${{{{ {outputs} }}}}"}}\nsteps:\n' + "\n".join(lines) + "\n"
            )
    files |= {f"l8_{n}.yaml": CHILD.replace("{type: string}", "jp") for n in range(12)}
    text = "name: p\nsteps:\n" + "\n".join(
        f"  s{n}: {{uses: pipeline, with: {{path: l1_{n}.yaml}}}}" for n in range(12)
    )
    began = time.process_time()
    assert lint(text + "\n", files).diagnostics == ()
    assert time.process_time() - began < 20
