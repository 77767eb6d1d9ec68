"""Lets atheris look, guided by coverage, for files that lint cannot bear. Not collected by pytest.

    python -m venv /tmp/fuzzing && /tmp/fuzzing/bin/pip install atheris -e '.[lsp]'
    /tmp/fuzzing/bin/python tests/fuzz/fuzz_lint.py -max_total_time=600

Stops at the first failure and writes the input to `crash-…` (`timeout-…`, `oom-…`) in the current folder;
give that file as the only argument to see it again. Other arguments are libFuzzer's.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pipeforge"]):
    from enduring import endure, endure_template

ROOT = Path(__file__).parents[2]
SEEDS = ["examples/*/*.yaml", "tests/lint/ok/*", "tests/lint/bad/*.yaml"]
PROJECT = Path(tempfile.mkdtemp(prefix="pipeforge-fuzz-"))
LIMITS = ["-timeout=20", "-rss_limit_mb=2048", "-max_len=6000"]


def one(content: bytes) -> None:
    """As a pipeline; as a project file when it begins with `connections`; a short one as a template too."""
    if content.startswith(b"connections"):
        project = PROJECT / "beside"
        (project / "pipeforge.yaml").write_bytes(content)
        endure(project / "pipeline.yaml", b"name: x\nsteps: {a: {uses: trocco.run_job}}\n", 6)
    else:
        endure(PROJECT / "pipeline.yaml", content, 6)
    if len(content) < 500:
        endure_template("${{ " + content.decode("utf-8", "replace") + " }}", 3)


def main() -> None:
    (PROJECT / "beside").mkdir()
    seeds = PROJECT / "seeds"
    seeds.mkdir()
    for number, path in enumerate(path for glob in SEEDS for path in sorted(ROOT.glob(glob))):
        if path.is_file():
            shutil.copy(path, seeds / f"{number}.yaml")
    words = {word for path in seeds.iterdir() for word in re.findall(rb"[\w.$-]{3,24}", path.read_bytes())}
    tokens = [b"${{ ", b" }}", b"{{", b": ", b"\n  ", b"&a ", b"*a", b"!!x ", b"# pipeforge: ignore[", *words]
    dictionary = PROJECT / "words.dict"
    escaped = ["".join(f"\\x{byte:02x}" for byte in token) for token in tokens]
    dictionary.write_text("\n".join(f'"{token}"' for token in escaped))
    given = [f"-dict={dictionary}", *sys.argv[1:]]
    replay = any(not argument.startswith("-") for argument in sys.argv[1:])
    corpus = [] if replay else [str(seeds)]
    atheris.Setup([sys.argv[0], *LIMITS, *given, *corpus], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
