"""Files that are not what they should be: a clear message with the mend, the exit code, no traceback."""

import io
import os
import sys

import pytest
from vendor_project import number, pipeline, steps

COMMANDS = (("lint",), ("plan",), ("graph",), ("run",))


def told(done, code, *words):
    """Checks how a command ended, and that it said so as it should."""
    assert done.code == code, done.text
    for word in words:
        assert word in done.text
    assert "Traceback" not in done.text
    assert "internal error" not in done.text
    return done


@pytest.fixture
def sound(shell, quick):
    """A pipeline that runs, and the text of its file."""
    text = pipeline({"a": steps(number())["trocco_job"]}, quick)
    shell.write("sound.yaml", text)
    return text


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
class TestEveryCommand:
    def test_missing(self, shell, command):
        told(shell(*command, "none.yaml"), 2, "no such file: 'none.yaml'", "help: ", "pipeforge init")

    def test_empty(self, shell, command):
        shell.write("empty.yaml", "")
        told(shell(*command, "empty.yaml"), 1, "error[PF", "help: ")

    def test_not_utf_8(self, shell, command):
        shell.folder.joinpath("sjis.yaml").write_bytes("name: 夜間\nsteps: {}\n".encode("shift_jis"))
        told(shell(*command, "sjis.yaml"), 1, "not UTF-8: byte 0x96", "sjis.yaml:1:7", "Shift_JIS")

    def test_nested_without_end(self, shell, command):
        shell.write("deep.yaml", "steps: " + "[" * 100_000)
        told(shell(*command, "deep.yaml"), 1, "nested more than 100 levels deep", "deep.yaml:1:")

    def test_alias_bomb(self, shell, command):
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        shell.write("bomb.yaml", "\n".join(lines))
        told(shell(*command, "bomb.yaml"), 1, "grow beyond all bounds", "write the values out")

    def test_binary(self, shell, command):
        shell.folder.joinpath("binary.yaml").write_bytes(bytes(range(32)) * 9)
        told(shell(*command, "binary.yaml"), 1, "error[PF")


@pytest.mark.parametrize("command", COMMANDS[1:], ids=lambda command: command[0])
def test_the_project_file(shell, command):
    shell.write("pipeforge.yaml", "defaults: {timeout: 1h}\n")
    done = told(shell(*command, "pipeforge.yaml"), 2, "'pipeforge.yaml' is the project file, no pipeline")
    assert done.text.count("error") == 1


def test_the_project_file_as_an_editor_hands_it_over(shell, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"defaults: {timeout: 1h}\n")))
    done = shell("lint", "-", "--stdin-filename", "pipeforge.yaml", "--lang", "ja")
    told(done, 2, "プロジェクトファイルです")


@pytest.mark.parametrize("command", COMMANDS[1:], ids=lambda command: command[0])
def test_a_folder(shell, command):
    shell.folder.joinpath("folder").mkdir()
    told(shell(*command, "folder"), 2, "'folder' is a folder", "name a YAML file in it")


def test_a_folder_without_pipelines_is_nothing_to_lint(shell):
    told(shell("lint"), 2, "no pipeline in '.'", "help: ")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_unreadable(shell, command):
    """By its permissions where those count; root, who may read everything, is refused by a link to itself."""
    loop = shell.folder.joinpath("loop.yaml")
    loop.symlink_to(loop)
    told(shell(*command, "loop.yaml"), 2, "cannot read 'loop.yaml': ", "help: ")
    told(shell(*command, f"{'x' * 300}.yaml"), 2, "cannot read 'xxx", "help: ")
    locked = shell.write("locked.yaml", "name: locked\n")
    locked.chmod(0)
    if not os.access(locked, os.R_OK):
        told(shell(*command, "locked.yaml"), 2, "cannot read 'locked.yaml'", "permissions")


def test_ten_megabytes(shell, sound):
    """A large file is read; what is wrong in it is still found."""
    filler = "".join(f"# {'x' * 96}\n" for _ in range(102_400))
    shell.write("large.yaml", filler + sound)
    told(shell("plan", "large.yaml"), 0, "trocco.run_job on trocco")
    shell.write("large.yaml", filler + sound.replace('"steps"', '"stepz"'))
    told(shell("lint", "large.yaml"), 1, "stepz", "large.yaml:1024")


def test_larger_than_any_pipeline(shell):
    with shell.folder.joinpath("huge.yaml").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    told(shell("lint", "huge.yaml"), 2, "larger than 64 MiB", "split")


def test_a_project_file_that_is_broken_is_told_with_its_place(shell, sound):
    shell.write("pipeforge.yaml", "connections: [")
    told(shell("run", "sound.yaml"), 1, "pipeforge.yaml:1:", "not valid YAML")
    told(shell("runs"), 2, "pipeforge.yaml", "pipeforge lint")


def test_a_project_file_of_the_wrong_shape_is_told_by_every_command(shell, sound):
    shell.write("pipeforge.yaml", "journall: x\n")
    told(shell("run", "sound.yaml"), 1, "pipeforge.yaml:1:1", "journall")
    for command in (("runs",), ("show", "x"), ("resume", "x")):
        told(shell(*command), 2, "pipeforge.yaml", "help: ")


def test_a_secret_that_is_not_set_is_named(shell, sound, monkeypatch):
    monkeypatch.delenv("TROCCO_API_KEY")
    told(shell("run", "sound.yaml"), 2, "secret 'TROCCO_API_KEY' is not set", "export TROCCO_API_KEY", ".env")
    assert shell.runs() == []
    shell.write(".env", "TROCCO_API_KEY=from-the-file\n")
    told(shell("run", "sound.yaml"), 0)


def test_a_dotenv_file_that_is_none_is_told_by_its_line_alone(shell, sound):
    shell.write(".env", "A=1\nnot a line hush\n")
    done = told(shell("run", "sound.yaml"), 2, "line 2 is not NAME=value", "help: ")
    assert "hush" not in done.text


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_unknown_environment_is_told_with_the_nearest(shell, sound, command):
    shell.write("pipeforge.yaml", "environments:\n  production: {}\n  staging: {}\n")
    told(shell(*command, "sound.yaml", "--env", "prodution"), 1, "prodution", "production")


def test_a_connection_of_the_wrong_vendor(shell, quick):
    chosen = {"a": {**steps(number())["trocco_job"], "connection": "td"}}
    shell.write("p.yaml", pipeline(chosen, quick))
    told(shell("run", "p.yaml"), 1, "error[PF", "'td'", "treasure", "p.yaml:")


def test_a_journal_that_is_no_journal_is_left_alone(shell, sound):
    path = shell.write("notes.db", "these are my notes, all of them\n" * 99)
    before = path.read_bytes()
    for command in (("run", "sound.yaml"), ("runs",), ("show", "x"), ("resume", "x")):
        told(shell(*command, "--journal", "notes.db"), 3, "notes.db", "help: ")
    assert path.read_bytes() == before


def test_a_journal_where_none_can_be(shell, sound):
    shell.write("file", "")
    told(shell("run", "sound.yaml", "--journal", "file/journal.db"), 3, "file", "help: ")
    told(shell("run", "sound.yaml", "--journal", "."), 3, "help: ")
    told(shell("run", "sound.yaml", "--journal", "mysql://x/y"), 2, "mysql", "help: ")


def test_a_world_that_is_none(shell, sound):
    shell.write("bad.yaml", "trocco: {job_definition: {}}\n")
    said = "bad.yaml:1:10: unknown key 'job_definition'"
    told(shell("run", "sound.yaml", "--emulate", "--world", "bad.yaml"), 2, said)
    told(shell("emulate", "--world", "bad.yaml"), 2, said, "help: ")
    told(shell("emulate", "--world", "none.yaml"), 2, "no such file", "help: ")
    told(shell("run", "sound.yaml", "--world", "bad.yaml"), 2, "--world goes with --emulate")


def test_a_state_file_that_is_none(shell, sound):
    shell.write(".pipeforge/emulators.json", "{")
    told(shell("run", "sound.yaml", "--emulate"), 2, "emulators.json", "remove it to start afresh")
