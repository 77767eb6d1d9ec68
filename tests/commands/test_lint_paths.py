"""What `pipeforge lint` is pointed at: files, folders, patterns, standard input, and what is none of them."""

import ctypes
import io
import json
import os
import subprocess
import sys
import time

import pytest
from command_line import COMMAND
from lint_files import BAD, GOOD, found

LIBC = ctypes.CDLL(None)
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


@pytest.fixture
def files(shell):
    """Good pipelines in a folder with one of the other ending."""
    for name in ("one.yaml", "two.yml", "deep/three.yaml"):
        shell.write(f"pipelines/{name}", GOOD.format(name=name.replace("/", "_")))
    return shell


def test_both_endings_are_found_in_a_folder(files):
    assert files("lint", "pipelines").err == "no findings in 3 files\n"
    assert files("lint", "pipelines/*.y*ml").err == "no findings in 2 files\n"
    assert files("lint", "pipelines/**/*.yaml", "pipelines").err == "no findings in 3 files\n"


def test_each_path_that_stands_for_nothing_is_a_finding_and_the_others_are_checked(files):
    files.write("bad.yaml", BAD.format(name="bad"))
    files.folder.joinpath("empty").mkdir()
    given = ("nope.yaml", "no*.yaml", "empty", "bad.yaml", "pipelines")
    done = files("lint", *given, "--format", "json")
    assert done.code == 2
    here = found(done)
    assert [path for path, code in here if code == "PF000"] == ["empty", "no*.yaml", "nope.yaml"]
    assert "PF101" in [code for path, code in here if path == "bad.yaml"]
    full = files("lint", *given)
    assert full.code == 2
    assert "no such file: 'nope.yaml'" in full.out
    assert "no file matches 'no*.yaml'" in full.out
    assert "no pipeline in 'empty'" in full.out
    assert "in 5 files\n" in full.err


@pytest.mark.parametrize("flags", [("--exit-zero",), ("--ignore", "PF0"), ("--select", "PF2")])
def test_what_was_not_checked_never_looks_clean(files, flags):
    assert files("lint", "nope.yaml", *flags).code == 2


def test_one_unreadable_file_among_ten_hides_none(shell):
    for number in range(9):
        shell.write(f"p/{number}.yaml", BAD.format(name=f"p{number}"))
    loop = shell.folder / "p" / "loop.yaml"
    loop.symlink_to(loop)
    os.mkfifo(shell.folder / "p" / "pipe.yaml")
    done = shell("lint", "p", "--format", "json", "--select", "PF101")
    assert done.code == 2
    assert sorted(path for path, code in found(done) if code == "PF101") == [f"p/{n}.yaml" for n in range(9)]
    assert [path for path, code in found(done) if code == "PF000"] == ["p/loop.yaml", "p/pipe.yaml"]


def test_a_folder_that_may_not_be_read_is_a_finding(files):
    locked = files.folder / "pipelines" / "locked"
    locked.mkdir(mode=0)
    asked = subprocess.run(
        [*COMMAND, "lint", "pipelines"],
        cwd=files.folder,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_bound_by_modes,
    )
    assert asked.returncode == 2, asked.stderr
    assert "pipelines/locked" in asked.stdout
    locked.rmdir()


def _bound_by_modes():
    """Takes from root, which may read everything, the rights that let it."""
    if os.getuid() == 0:
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert LIBC.prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0


def test_fixing_passes_over_what_cannot_be_read(files):
    files.write("worse.yaml", BAD.format(name="worse"))
    done = files("lint", "nope.yaml", "worse.yaml", "--fix")
    assert done.code == 2
    assert "mended 1 finding" in done.err
    assert "nope.yaml" in done.out
    assert files("lint", "nope.yaml", "worse.yaml", "--diff").code == 2
    assert files("lint", "nope.yaml", "--show-settings").code == 2


class TestLinks:
    """A stranger's pull request may link anywhere; only what lies in the checkout is read."""

    @pytest.fixture
    def checkout(self, files):
        files.folder.joinpath(".git").mkdir()
        outside = files.folder.parent / "outside.yaml"
        outside.write_text("steps:\n  hush: {usess: s3cr3t}\n", encoding="utf-8")
        return files, outside

    @pytest.mark.parametrize("given", ["link.yaml", ".", "l*.yaml"])
    def test_a_file_outside_is_neither_read_nor_quoted(self, checkout, given):
        shell, outside = checkout
        shell.folder.joinpath("link.yaml").symlink_to(outside)
        done = shell("lint", given)
        assert done.code == 2
        assert "'link.yaml' is a link that leads out of its project" in done.out
        assert "s3cr3t" not in done.text

    @pytest.mark.parametrize("given", ["linked", "linked/outside.yaml", "linked/*.yaml"])
    def test_nor_one_by_a_folder(self, checkout, given):
        shell, outside = checkout
        shell.folder.joinpath("linked").symlink_to(outside.parent)
        done = shell("lint", given)
        assert done.code == 2
        assert "s3cr3t" not in done.text

    def test_nor_a_project_file(self, checkout):
        shell, outside = checkout
        shell.folder.joinpath("pipeforge.yaml").symlink_to(outside)
        done = shell("lint", ".")
        assert done.code == 2
        assert done.out.count("PF000") == 1  # for the project file, not for each pipeline
        assert "s3cr3t" not in done.text
        planned = shell("plan", "pipelines/one.yaml")
        assert planned.code == 2
        assert "s3cr3t" not in planned.text

    @pytest.mark.parametrize(
        "file", ["../outside.yaml", "{whole}", "in.json", "a\\0b", "/dev/zero", "pipe.json"]
    )
    def test_nor_a_record(self, checkout, file):
        shell, outside = checkout
        shell.folder.joinpath("in.json").symlink_to(outside)
        os.mkfifo(shell.folder / "pipe.json")
        record = file.replace("{whole}", str(outside))
        text = GOOD.format(name="r") + f'records: {{r: {{file: "{record}"}}}}\n'
        shell.write("r.yaml", text)
        done = shell("lint", "r.yaml", "--select", "PF433")
        assert done.code == 1
        assert "PF433" in done.out
        assert "s3cr3t" not in done.text

    def test_a_link_inside_is_followed(self, checkout):
        shell, _ = checkout
        shell.folder.joinpath("alias.yaml").symlink_to("pipelines/one.yaml")
        assert shell("lint", "alias.yaml").code == 0
        assert shell("lint", ".").err == "no findings in 4 files\n"


def test_a_file_without_end_is_refused_in_good_time(shell):
    started = time.process_time()
    done = shell("lint", "/dev/zero")
    assert done.code == 2
    assert "no regular file" in done.out
    with shell.folder.joinpath("huge.yaml").open("wb") as huge:
        huge.truncate(100 * 1024 * 1024)
    assert "larger than 64 MiB" in shell("lint", ".").out
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "format_", ["full", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"]
)
def test_no_name_of_a_file_commands_the_terminal(shell, format_):
    shell.write("a\x1b]0;owned\x07\u202e.yaml", BAD.format(name="x"))
    shell.write("sub\x1b[2J/b\nc.yaml", "steps: [")
    told = shell("lint", ".", "gone\x1b[31m.yaml", "--format", format_)
    assert told.code == 2
    for char in ("\x1b", "\x07", "\u202e"):
        assert char not in told.text


class TestInput:
    """`pipeforge lint -`, as editors and hooks call it."""

    def lint(self, shell, text, *arguments):
        raw = text if isinstance(text, bytes) else text.encode()
        return subprocess.run(
            [*COMMAND, "lint", "-", *arguments],
            input=raw, capture_output=True, cwd=shell.folder, env=shell.environment, check=False,
        )  # fmt: skip

    def test_it_is_checked_as_the_file_it_will_be(self, files):
        files.write("pipelines/pipeforge.yaml", "lint: {ignore: [PF101]}\n")
        files.write("pipelines/rec.json", '{"a": {"type": "NUMBER", "value": "1"}}')
        text = BAD.format(name="new") + "records: {r: {file: rec.json}}\n"
        alone = self.lint(files, text, "--select", "PF101,PF433", "--format", "concise")
        assert alone.returncode == 1
        assert [line.split(b":")[0] for line in alone.stdout.splitlines()] == [b"<stdin>"] * 2
        placed = self.lint(
            files,
            text,
            "--select",
            "PF101,PF433",
            "--stdin-filename",
            "pipelines/new.yaml",
            "--format",
            "concise",
        )
        assert (placed.returncode, placed.stdout) == (0, b"")

    def test_what_is_on_disk_under_that_name_does_not_count(self, files):
        done = self.lint(
            files, BAD.format(name="x"), "--stdin-filename", "pipelines/one.yaml", "--format", "json"
        )
        found = json.loads(done.stdout)["diagnostics"]
        assert {one["path"] for one in found} == {"pipelines/one.yaml"}
        assert "PF101" in [one["code"] for one in found]

    def test_bytes_that_are_no_text(self, shell):
        done = self.lint(shell, "name: 夜間\nsteps: {}\n".encode("shift_jis"))
        assert done.returncode == 1
        assert b"PF002" in done.stdout

    @pytest.mark.parametrize(
        "arguments",
        [
            ("-", "a.yaml"),
            ("-", "--fix"),
            ("-", "--watch"),
            ("a.yaml", "--stdin-filename", "b.yaml"),
            ("--jobs", "0"),
        ],
    )
    def test_flags_that_make_no_sense_are_refused(self, shell, arguments):
        done = shell("lint", *arguments)
        assert done.code == 2
        assert "help: " in done.err


def test_standard_input_that_never_ends_is_refused(shell, monkeypatch):
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            buffer[:] = b"#" * len(buffer)
            return len(buffer)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
    done = shell("lint", "-")
    assert done.code == 2
    assert "larger than 64 MiB" in done.err
