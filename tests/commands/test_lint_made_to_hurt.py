"""Files of a stranger's pull request, made to hurt: little memory, a clear finding, an end."""

import json
import resource
import subprocess

import pytest
from command_line import COMMAND

HEAD = 'name: big\nconnections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}\n'
STEPS = "steps:\n  a: {uses: trocco.run_jbo}\n"
MEMORY, SECONDS = 1024**3, 120
"""What a process may take at most: with the address space of Python and its libraries; of a processor."""


def bounded():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


MEANT = "did you mean 'trocco.run_job'?"
MANY = "PF104 100001 steps are more than 100000 (split the pipeline"
FILES = {
    "a scalar of 16 MB": (lambda: f'{HEAD}description: "{"y" * 2**24}"\n{STEPS}', MEANT),
    "a block of lines": (lambda: HEAD + "description: |\n" + "  yyyy\n" * 2**18 + STEPS, MEANT),
    "many steps": (
        lambda: HEAD + "steps:\n" + "".join(f"  s{n}: {{uses: x}}\n" for n in range(100_001)),
        MANY,
    ),
    "many steps in JSON": (
        lambda: json.dumps({"name": "big", "steps": {f"s{n}": {} for n in range(100_001)}}),
        "PF104 100001 steps are more than 100000",
    ),
    "deep lines": (lambda: "\n".join(" " * n + "a:" for n in range(3000)), "PF008 nested more than 100"),
    "deep brackets": (lambda: "steps: " + "[" * 2**20, "PF008 nested more than 100 levels deep"),
    "a long list": (lambda: "name: big\nsteps: [" + "1," * 2**16 + "1]\n", "PF103"),
}


@pytest.mark.parametrize("name", FILES)
def test_it_ends_within_bounds_and_says_what_is_wrong(shell, name):
    text, said = FILES[name]
    shell.write("one.yaml", text())
    done = lint(shell)
    assert (done.returncode, done.stderr) == (1, "1 error in 1 file\n"), done.stdout[-300:]
    assert said in done.stdout
    assert len(done.stdout) < 1000


def test_a_file_of_100_megabytes_is_not_read(shell):
    path = shell.folder / "one.yaml"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(100 * 1024**2)
    done = lint(shell)
    assert done.returncode == 2
    assert "PF000 'one.yaml' is larger than 64 MiB" in done.stdout


def lint(shell):
    return subprocess.run(
        [*COMMAND, "lint", "one.yaml", "--no-cache", "--format", "concise"],
        cwd=shell.folder,
        env=shell.environment,
        capture_output=True,
        text=True,
        preexec_fn=bounded,
    )
