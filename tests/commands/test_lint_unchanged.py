"""What lint answers by the stamps of files alone: the same words as a check, and nothing that has changed."""

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lint_files import BAD, GOOD

from pipeforge.commands.languages import KNOWN
from pipeforge.commands.lint_unchanged import answered
from pipeforge.lint import stamps
from pipeforge.lint.tongues import LANGUAGES
from pipeforge.reports.summary import summary

RUNS = "name: {name}\nsteps:\n  go: {{uses: pipeline, with: {{path: {path}}}, timeout: 1h}}\n"
READS = """name: reads
records: {r: {file: rec.json}}
connections:
  k:
    vendor: krewdata
    unit_id: ${{ secrets.KEY }}
    krewdata_app_url: https://example.cybozu.com/k/123
    serial_number: ${{ secrets.KEY }}
steps:
  a: {uses: krewdata.run_unit, with: {app_id: 55, user: batch, record: "${{ records.r }}"}, timeout: 1h}
"""
LIGHT = {"argparse", "typing", "re", "enum", "collections", "pathlib", "hashlib", "json", "functools", "glob"}


@pytest.fixture
def lint(shell, tmp_path):
    """Lints with a cache of this test alone, or with none."""

    def run(*words, cache=True):
        place = ("--cache-dir", tmp_path / "kept") if cache else ("--no-cache",)
        return shell("lint", *place, *words)

    def at_once(*words):
        """What is answered without the whole command; None for nothing."""
        return answered(["--cache-dir", str(tmp_path / "kept"), *words])

    run.kept, run.at_once = tmp_path / "kept", at_once
    return run


@pytest.fixture
def known(shell, lint, believed):
    """A folder of which all is known: pipelines, what they read, a project file, and other YAML."""
    shell.write("pipeforge.yaml", "{}\n")
    shell.write("p/one.yaml", READS)
    shell.write("p/rec.json", '{"a": {"type": "NUMBER", "value": "1"}}')
    shell.write("p/inner/two.yaml", RUNS.format(name="two", path="../../q/child.yaml"))
    shell.write("q/child.yaml", GOOD.format(name="child"))
    shell.write("p/compose.yaml", "services: {}\n")
    assert lint("p").err == "no findings in 3 files\n"
    assert lint("p").code == 0  # which has looked at what was read beside them, too
    assert lint.at_once("p") == 0
    return shell


def rewrite(path, text):
    """Writes a file of the same size until the system's clock has ticked, and sets its time back."""
    before = path.stat()
    assert len(text.encode()) == before.st_size
    while path.stat().st_ctime_ns == before.st_ctime_ns:
        path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_next_to_nothing_is_brought_in(known, lint):
    script = (
        "import sys; from pipeforge.lint import stamps; stamps.SETTLED = -10**18; "
        "from pipeforge.cli import main; "
        "code = main(sys.argv[1:]); sys.stdout.write(' '.join([str(code), *sys.modules]))"
    )
    done = [
        subprocess.run(
            [sys.executable, "-c", script, "lint", "p", "--cache-dir", lint.kept],
            cwd=known.folder, env=known.environment, capture_output=True, text=True, check=True,
        )
        for _ in range(2)
    ][1]  # fmt: skip
    code, *loaded = done.stdout.split()
    assert (code, done.stderr) == ("0", "no findings in 3 files\n")
    assert not LIGHT & set(loaded)
    assert "pipeforge.commands.lint_unchanged" in loaded


class TestWhatCounts:
    """Whatever became another since it was read is noticed."""

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("p/one.yaml", READS.replace("timeout", "timeuot")),
            ("p/rec.json", '{"a": {"type": "NUMBXR", "value": "1"}}'),
            ("p/compose.yaml", "steps: {}#  \n"),
            ("q/child.yaml", GOOD.format(name="child").replace("1h", "1x")),
            ("pipeforge.yaml", "{x\n"),
        ],
    )  # fmt: skip
    def test_another_content_of_the_same_size_and_time(self, known, lint, file, text):
        path = known.folder / file
        rewrite(path, text.ljust(path.stat().st_size))
        assert lint.at_once("p") is None
        assert lint("p") == lint("p", cache=False)

    def test_a_file_in_its_place_of_the_same_size_and_time(self, known, lint):
        path = known.folder / "p/one.yaml"
        before = path.stat()
        other = known.write("p/.other", path.read_text().replace("timeout", "timeuot"))
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(path)
        assert lint("p").code == 1
        assert lint("p") == lint("p", cache=False)

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("p/new.yaml", BAD.format(name="new")),
            ("p/inner/deeper/new.yml", BAD.format(name="new")),
            ("p/pipeforge.yaml", "lint: {x: 1}\n"),
            ("p/inner/pipeforge.yaml", "{}\n"),
            ("pipeforge.lock", "x"),
        ],
    )
    def test_a_file_that_comes(self, known, lint, file, text):
        known.write(file, text)
        assert lint("p") == lint("p", cache=False)

    @pytest.mark.parametrize("file", ["p/one.yaml", "p/rec.json", "q/child.yaml", "pipeforge.yaml"])
    def test_a_file_that_goes(self, known, lint, file):
        known.folder.joinpath(file).unlink()
        assert lint("p") == lint("p", cache=False)

    def test_a_link_that_comes_in_place_of_a_file(self, known, lint, tmp_path):
        """What leads out of the project is refused, whatever is known of where it leads."""
        path = known.folder / "p/one.yaml"
        path.rename(tmp_path / "one.yaml")
        path.symlink_to(tmp_path / "one.yaml")
        assert lint("p").code == 2
        assert lint("p") == lint("p", cache=False)
        inner = known.folder / "p/inner"
        inner.rename(tmp_path / "inner")
        inner.symlink_to(tmp_path / "inner")
        assert lint("p/inner") == lint("p/inner", cache=False)

    def test_other_settings(self, known, lint):
        for words in (["--lang", "ja"], ["--select", "PF2"], ["--ignore", "PF2"], ["--env", "x"]):
            assert lint.at_once("p", *words) is None
            assert lint("p", *words) == lint("p", *words, cache=False)
        assert lint.at_once("p", "--lang", "ja") == 0
        assert lint("p", "--lang", "ja") == lint("p", "--lang", "ja", cache=False)

    def test_a_cache_in_the_checkout_is_not_believed(self, known, lint, monkeypatch, tmp_path):
        assert answered(["p", "--cache-dir", str(lint.kept)]) == 0
        tmp_path.joinpath(".git").mkdir()
        assert answered(["p", "--cache-dir", str(lint.kept)]) is None
        monkeypatch.setenv("XDG_CACHE_HOME", str(lint.kept))
        assert answered(["p"]) is None


class TestWhatIsNotYetBelieved:
    """A file that had only just changed when it was read may have changed again within one tick."""

    def test_it_is_read_again(self, shell, lint):
        path = shell.write("p/one.yaml", GOOD.format(name="one"))
        os.utime(path, ns=(0, 0))  # an old time of modification is no age
        assert lint("p").code == lint("p").code == 0
        assert lint.at_once("p") is None
        before = path.stat()
        path.write_text(GOOD.format(name="one").replace("timeout", "timeuot"))
        os.utime(path, ns=(0, 0))
        assert path.stat().st_size == before.st_size
        assert lint("p").code == 1

    def test_nor_one_from_the_future(self, shell, lint, monkeypatch):
        monkeypatch.setattr(stamps, "SETTLED", -3_600_000_000_000)  # an hour after now
        path = shell.write("p/one.yaml", GOOD.format(name="one"))
        os.utime(path, (2**33, 2**33))
        assert lint("p").code == 0
        assert lint.at_once("p") is None
        os.utime(path, (0, 0))
        assert lint("p").code == 0
        assert lint.at_once("p") == 0


def test_a_file_that_is_touched_or_checked_out_anew_is_found_by_its_content(known, lint, monkeypatch):
    path = known.folder / "p/one.yaml"
    os.utime(path)
    assert lint.at_once("p") is None
    with monkeypatch.context() as patch:
        patch.setattr("pipeforge.commands.lint_checking._check", None)  # nothing is to be checked
        assert lint("p").code == 0
        assert lint.at_once("p") == 0
        text = path.read_text()
        path.unlink()
        path.write_text(text)
        assert lint("p").code == 0
        assert lint.at_once("p") == 0


WORDS = [
    (), (".",), ("p",), ("p/",), ("./p",), ("p//inner",), ("p", "q"), ("p", "p/one.yaml"),
    ("p/one.yaml", "p/one.yaml"), ("p/../p",), ("..",), ("p/one.yaml", "p/../p/one.yaml"),
    ("p/compose.yaml",), ("p/rec.json",), ("pipeforge.yaml",), ("p/*.yaml",), ("gone",), ("gone.yaml",),
    ("empty",), ("p", "empty"), (".hidden",), ("-",), ("--",), ("",), ("p", ""), ("--exit-zero", "p"),
    ("p", "--exit-zero"), ("p", "--exit-zero", "q"), ("--format", "concise", "p"), ("--format=full", "p"),
    ("--format", "json", "p"), ("--format", "yaml", "p"), ("p", "--lang=ja"), ("p", "--lang", "fr"),
    ("p", "--env", "x", "--env", "y"), ("p", "--env"), ("p", "--env="),
    ("p", "--select", "PF2", "--select=PF3"), ("p", "--select", "PF99"), ("p", "--ignore", "-x"),
    ("p", "--unknown"), ("p", "--jobs", "0"), ("p", "--statistics"), ("p", "--exit-zero=1"),
    ("p", "--show-settings"), ("p", "--diff"), ("p", "--output-file", "x"), ("p", "--world", "x"),
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_words_mean_what_they_mean_to_the_whole_command(known, lint, words):
    known.write(".hidden/one.yaml", GOOD.format(name="hidden"))
    known.folder.joinpath("empty").mkdir()
    checked = lint(*words, cache=False)
    assert lint(*words) == checked
    assert lint(*words) == checked


def test_the_languages_are_those_there_are():
    assert KNOWN == LANGUAGES


@pytest.mark.parametrize("files", [1, 2, 1000])
def test_nothing_is_told_as_the_report_tells_it(shell, lint, believed, files):
    for number in range(files):
        shell.write(f"p/{number}.yaml", "steps: {}" if files > 2 else GOOD.format(name=f"p{number}"))
    words = ("p", "--select", "PF9")
    assert lint(*words).err == summary([], files)
    assert lint.at_once(*words) == 0
    assert lint(*words).err == summary([], files)


NAMES = ["a.yaml", "b.yml", "in/a.yaml", "in/deep/c.yaml", "rec.json", "pipeforge.yaml", "in/pipeforge.yaml"]
TEXTS = [  # of different sizes: what is written within one tick of the clock differs by its size
    GOOD.format(name="good"),
    BAD.format(name="bad") + "# longer\n",
    "services: {}\n",
    READS,
    RUNS.format(name="runs", path="b.yml"),
    RUNS.format(name="runs", path="in/deep/c.yaml"),
    "lint: {ignore: [PF1]}\n",
    "{}\n",
    '{"a": {"type": "NUMBER", "value": "1"}}',
]
CHANGES = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(TEXTS)),
    st.tuples(st.just("touch"), st.sampled_from(NAMES), st.just("")),
    st.tuples(st.just("remove"), st.sampled_from(NAMES), st.just("")),
    st.tuples(st.just("link"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
)
LOOKS = st.tuples(st.just("look"), st.sampled_from([".", "in", "a.yaml", "in/deep"]), st.just(""))


@given(st.lists(st.one_of(CHANGES, LOOKS, LOOKS), max_size=20))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_changes_it_says_what_a_check_says(shell, lint, believed, steps):
    sizes = {len(text.encode()) for text in TEXTS}
    assert len(sizes) == len(TEXTS)
    for name in NAMES:
        shell.folder.joinpath(name).unlink(missing_ok=True)
    shell.write("in/deep/c.yaml", TEXTS[0])
    for what, name, other in steps:
        path = shell.folder / name
        if what == "look":
            checked = lint(name, cache=False)
            assert lint(name) == checked
            assert lint(name) == checked
        elif what == "write":
            if path.is_symlink():
                path.unlink()
            shell.write(name, other)
        elif what == "touch" and path.exists():
            os.utime(path)
        elif what == "remove":
            path.unlink(missing_ok=True)
        elif what == "link" and name != other:
            path.unlink(missing_ok=True)
            path.symlink_to(shell.folder / other)
