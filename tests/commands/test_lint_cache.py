"""What lint keeps of earlier runs: the same words as without, never stale ones, and no harm by its files."""

import marshal
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import lint_files
import pytest
from command_line import COMMAND
from lint_files import GOOD

from pipeforge.commands.lint import FORMATS
from pipeforge.lint import shelf

BAD = lint_files.BAD.replace("a:", "夜間:")
HEAVY = ("pydantic", "pydantic_core", "_ruamel_yaml", "ruamel", "jinja2", "pipeforge.lint.rules", "networkx")


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """pipeforge as it is now: whoever works on it meanwhile makes no other edition of this one."""
    package = Path(sys.modules["pipeforge"].__file__).parent
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(package, folder / "pipeforge")  # with what is compiled, which is no older than its source
    return folder


@pytest.fixture
def lint(shell, sources, tmp_path):
    """Lints with a cache of this test alone."""
    kept = tmp_path / "kept"
    shell.environment["PYTHONPATH"] = str(sources)

    def run(*arguments, cache=True):
        place = ("--cache-dir", kept) if cache else ("--no-cache",)
        return shell("lint", *place, *arguments)

    run.kept = kept
    return run


def shelves(lint):
    return sorted(lint.kept.glob(f"*{shelf.SUFFIX}"))


def opened(path):
    """The entries in a file of the cache."""
    return shelf.unsealed(path.read_bytes(), path.stem)


def replace(path, name, entry):
    """Puts another entry, as nobody but the user can."""
    path.write_bytes(shelf.sealed({name: entry}, path.stem))


def checks(shell, lint, *arguments):
    """How many files a run checked itself: none when it did not bring the rules in."""
    script = (
        "import sys; from pipeforge.cli import main; import pipeforge.commands.lint_checking as c; "
        "done = []; real = c._fresh; "
        "c._fresh = lambda args, missed: (done.extend(missed), real(args, missed))[1]; "
        "main(sys.argv[1:]); sys.stderr.write(f'checked:{len(done)} '); "
        "sys.stderr.write(' '.join(['loaded:', *sys.modules]))"
    )
    words = ["lint", "--cache-dir", str(lint.kept), *arguments]
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=shell.folder, env=shell.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told, _, loaded = done.stderr.partition("loaded: ")
    return int(told.rpartition("checked:")[2]), set(loaded.split())


def test_a_file_that_has_not_changed_brings_in_neither_rules_nor_libraries(shell, lint):
    shell.write("p/good.yaml", GOOD.format(name="good"))
    shell.write("p/bad.yaml", BAD.format(name="bad"))
    assert checks(shell, lint, "p")[0] == 2
    count, loaded = checks(shell, lint, "p")
    assert count == 0
    assert not loaded & {*HEAVY, "asyncio", "sqlite3", "multiprocessing", "concurrent.futures"}
    assert "pipeforge.lint.cache" in loaded


@pytest.mark.parametrize("format_", ["full", "concise", *FORMATS])
def test_what_is_told_is_the_same_to_the_letter(shell, lint, format_, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    shell.write("pipeforge.yaml", "connections: {x: {vendor: troco, api_key: s3cr3t}}\nunknown: 1\n")
    shell.write("p/good.yaml", GOOD.format(name="good"))
    shell.write("p/bad.yaml", BAD.format(name="bad"))
    shell.write("p/broken.yaml", "steps: [\n")
    shell.write("p/sjis.yaml", "x")
    shell.folder.joinpath("p/sjis.yaml").write_bytes("steps:\n  夜: {}\n".encode("shift_jis"))
    shell.write("p/rec.yaml", GOOD.format(name="rec") + "records: {r: {file: rec.json}}\n")
    shell.write("p/rec.json", '{"a": {"type": "NUMBR", "value": "😀\\ud83d\\ude00"}}')
    cold = lint(".", "gone.yaml", "--format", format_, cache=False)
    assert cold.code == 2
    first = lint(".", "gone.yaml", "--format", format_)
    again = lint(".", "gone.yaml", "--format", format_)
    assert first == cold
    assert again == cold
    assert "s3cr3t" not in cold.text + "".join(one.read_text("latin-1") for one in shelves(lint))


class TestWhatCounts:
    """Whatever was read for a result is part of its key."""

    @pytest.fixture
    def kept(self, shell, lint):
        shell.write("p/one.yaml", GOOD.format(name="one") + "records: {r: {file: rec.json}}\n")
        shell.write("p/rec.json", '{"a": {"type": "NUMBER", "value": "1"}}')
        shell.write("pipeforge.yaml", "{}\n")
        assert checks(shell, lint, "p")[0] == 1
        assert checks(shell, lint, "p")[0] == 0
        return shell

    @pytest.mark.parametrize(
        ("file", "text"),
        [
            ("p/one.yaml", BAD.format(name="one")),
            ("p/rec.json", '{"a": {"type": "NUMBR", "value": "1"}}'),
            ("pipeforge.yaml", "lint: {ignore: [PF2]}\n"),
            ("p/pipeforge.yaml", "{}\n"),
        ],
    )
    def test_a_file_that_changes(self, kept, lint, file, text):
        path = kept.folder / file
        before = path.stat() if path.exists() else None
        kept.write(file, text)
        if before:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # its time tells nothing
        assert checks(kept, lint, "p")[0] == 1
        assert lint("p") == lint("p", cache=False)

    @pytest.mark.parametrize("file", ["p/rec.json", "pipeforge.yaml"])
    def test_a_file_that_goes_and_comes(self, kept, lint, file):
        path = kept.folder / file
        text = path.read_text()
        path.unlink()
        assert lint("p") == lint("p", cache=False)
        path.write_text(text)
        assert lint("p") == lint("p", cache=False)

    def test_a_record_that_is_missing_may_come_at_any_time(self, kept, lint):
        kept.folder.joinpath("p/rec.json").unlink()
        flags = ("p", "--ignore", "PF433")
        lint(*flags)
        kept.write("p/rec.json", '{"a": {"type": "NUMBR"}}')
        assert lint(*flags) == lint(*flags, cache=False)

    @pytest.mark.parametrize(
        "flags", [("--select", "PF2"), ("--ignore", "PF2"), ("--lang", "ja"), ("--env", "x")]
    )
    def test_the_settings(self, kept, lint, flags):
        assert checks(kept, lint, "p", *flags)[0] == 1
        assert lint("p", *flags) == lint("p", *flags, cache=False)

    @pytest.mark.parametrize("part", ["lint/rules/cycle.py", "adapter.py", "commands/vendors.py"])
    def test_the_edition(self, kept, lint, tmp_path, part):
        source = Path(sys.modules["pipeforge"].__file__).parent
        shutil.copytree(source, tmp_path / "src" / "pipeforge", ignore=shutil.ignore_patterns("__pycache__"))
        kept.environment["PYTHONPATH"] = str(tmp_path / "src")
        assert checks(kept, lint, "p")[0] == 1
        assert checks(kept, lint, "p")[0] == 0
        rule = tmp_path / "src/pipeforge" / part
        rule.write_text(rule.read_text() + "\n# another edition\n")
        assert checks(kept, lint, "p")[0] == 1


def test_the_edition_of_a_process_is_that_of_the_rules_it_began_with(tmp_path):
    source = Path(sys.modules["pipeforge"].__file__).parent
    shutil.copytree(source, tmp_path / "pipeforge", ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "from pathlib import Path; from pipeforge.commands.lint_checking import _edition as now\n"
        "rule = Path('pipeforge/lint/rules/cycle.py')\n"
        "before = now(); rule.write_text(rule.read_text() + '#')\n"
        "print(now() == before, now.__wrapped__() == before)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False"], done.stderr


POISON = [
    b"",
    b"x" * 39,
    marshal.dumps({}),
    b"0" * 40 + marshal.dumps({"one.yaml": 1}),
    b"(" * 100_000,
    b"\x00\xff",
]


@pytest.mark.parametrize("poison", POISON, ids=range(len(POISON)))
def test_a_broken_shelf_is_as_good_as_none(shell, lint, poison, believed):
    shell.write("p/one.yaml", BAD.format(name="one"))
    cold = lint("p")
    for path in shelves(lint):
        path.write_bytes(poison)
    assert lint("p") == cold
    assert lint("p") == cold


def test_one_damaged_bit_anywhere_is_noticed(shell, lint, believed):
    """Of a file that is not what was written nothing is decoded: Python's own format is not made for that."""
    shell.write("p/one.yaml", BAD.format(name="one"))
    cold = lint("p")
    for path in shelves(lint):
        whole = path.read_bytes()
        for place in range(0, len(whole), 7):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << place % 8
            assert shelf.unsealed(bytes(damaged), path.stem) == {}
        assert shelf.unsealed(whole, shelves(lint)[0].stem[::-1]) == {}  # another's file under this name
        path.write_bytes(whole[:-1])
    assert lint("p") == cold


def test_findings_of_another_shape_are_as_good_as_none(shell, lint):
    shell.write("p/one.yaml", BAD.format(name="one"))
    cold = lint("p")
    (path,) = shelves(lint)
    *key, found = opened(path)["one.yaml"]
    for broken in (1, (), ((), ()), ((1,), ()), (((),), ()), ((), (1,)), marshal.loads(found)[:1]):
        if broken != ((), ()):
            replace(path, "one.yaml", (*key, marshal.dumps(broken)))
            assert lint("p") == cold


def test_a_cache_that_others_can_write_is_not_believed(shell, lint):
    shell.write("p/one.yaml", BAD.format(name="one"))
    cold = lint("p")
    (path,) = shelves(lint)
    *key, _ = opened(path)["one.yaml"]
    replace(path, "one.yaml", (*key, None))
    assert lint("p").code == 0  # the owner's own doing
    replace(path, "one.yaml", (*key, None))
    path.chmod(0o666)
    assert lint("p") == cold


def test_a_checkout_cannot_bring_its_own(shell, lint, monkeypatch):
    """A pull request that came with a cache could silence lint."""
    shell.folder.joinpath(".git").mkdir()
    shell.write("p/one.yaml", BAD.format(name="one"))
    inside = shell.folder / ".cache"
    done = shell("lint", "p", "--cache-dir", inside)
    assert done.code == 2
    assert "could bring its own" in done.err
    monkeypatch.setenv("XDG_CACHE_HOME", str(inside))
    assert shell("lint", "p").code == 1
    assert not inside.exists()


@pytest.mark.parametrize("place", ["file", "/dev/null", "/proc/nowhere"])
def test_a_place_that_cannot_hold_it_is_no_hindrance(shell, lint, tmp_path, place):
    tmp_path.joinpath("file").write_text("")
    shell.write("p/one.yaml", BAD.format(name="one"))
    assert shell("lint", "p", "--cache-dir", tmp_path / place) == lint("p", cache=False)


def test_a_home_that_is_not_there_is_no_hindrance(shell, lint, monkeypatch):
    shell.write("p/one.yaml", BAD.format(name="one"))
    for name, value in (("XDG_CACHE_HOME", ""), ("HOME", "/nowhere")):
        monkeypatch.setenv(name, value)
    assert shell("lint", "p") == lint("p", cache=False)


def test_processes_at_once_leave_a_sound_cache(shell, lint):
    for number in range(40):
        shell.write(f"p/{number}.yaml", (BAD if number % 2 else GOOD).format(name=f"p{number}"))
    words = ["lint", "p", "--cache-dir", str(lint.kept), "--format", "json"]
    begun = [
        subprocess.Popen(
            [*COMMAND, *words], cwd=shell.folder, env=shell.environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    said = {process.communicate()[0] for process in begun}
    assert {process.returncode for process in begun} == {1}
    assert said == {lint("p", "--format", "json", cache=False).out}
    assert {path.suffix for path in lint.kept.iterdir()} == {shelf.SUFFIX}
    assert checks(shell, lint, "p")[0] == 0


def test_it_keeps_within_bounds(shell, lint, monkeypatch):
    monkeypatch.setattr(shelf, "MAX_ALL", 2000)
    for number in range(12):
        shell.write(f"p{number:02}/one.yaml", BAD.format(name=f"p{number}"))
        assert lint(f"p{number:02}").code == 1
        for age, path in enumerate(sorted(lint.kept.iterdir(), key=lambda path: path.stat().st_mtime)):
            os.utime(path, (1e9 + age, 1e9 + age))
    assert 0 < sum(path.stat().st_size for path in lint.kept.iterdir()) <= 2000
    monkeypatch.setattr(shelf, "MAX_SHELF", 10)
    assert lint("p00").code == 1


def test_files_that_are_gone_are_forgotten_and_the_rest_is_remembered(shell, lint):
    for name in ("one", "two", "three"):
        shell.write(f"p/{name}.yaml", GOOD.format(name=name))
    lint("p/one.yaml")
    lint("p/two.yaml")
    shell.folder.joinpath("p/two.yaml").unlink()
    lint("p/three.yaml")
    (path,) = shelves(lint)
    assert set(opened(path)) == {"one.yaml", "three.yaml"}


def test_fixing_looks_at_the_files_themselves(shell, lint):
    shell.write("p/one.yaml", BAD.format(name="one"))
    lint("p")
    (path,) = shelves(lint)
    *key, _ = opened(path)["one.yaml"]
    replace(path, "one.yaml", (*key, None))
    assert "mended 1 finding" in lint("p", "--fix").err


def test_a_misspelt_code_is_told_even_when_nothing_is_to_be_checked(shell, lint):
    shell.write("p/one.yaml", GOOD.format(name="one"))
    lint("p")
    assert "PF99" in lint("p", "--select", "PF99").err
    assert "PF99" in lint("gone*", "--select", "PF99").err


LOOKS_ELSEWHERE = re.compile(
    r"\b(os\.environ|getenv|iterdir|glob\(|scandir|listdir|read_text|read_bytes|open\(|now\(|today\(|time\.time)"
)
MAY_LOOK = {
    "language/reading.py",
    "language/secrets.py",
    "lint/children.py",
    "lint/edition.py",
    "lint/pages/__init__.py",
    "lint/recording.py",
    "lint/shelf.py",
    "lint/stamps.py",
    "lint/tongues.py",
}
"""What reads the files of the key, or has no part in a check; two of them tell when they looked further."""


def test_a_check_depends_on_nothing_that_is_not_part_of_the_key():
    package = Path(sys.modules["pipeforge"].__file__).parent
    looking = {
        str(path.relative_to(package))
        for folder in ("language", "lint")
        for path in (package / folder).rglob("*.py")
        if LOOKS_ELSEWHERE.search(path.read_text(encoding="utf-8"))
    }
    assert looking <= MAY_LOOK
