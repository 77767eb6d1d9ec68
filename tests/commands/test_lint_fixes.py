"""`pipeforge lint` as it changes files: fixes, suppressions, diffs, and what it leaves as it was."""

import resource
import stat
import subprocess
import sys

import pytest

HEAD = """name: nightly # 夜間
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
steps:
"""
LOAD = "  load:\n    uses: trocco.run_job\n    with: {job_definition_id: 1}\n"
BAD = HEAD + LOAD + LOAD.replace("load:", "mart:\n    depends_on: load").replace("run_job", "run_jbo")
FIXED = BAD.replace("depends_on", "needs")
GOOD = FIXED.replace("run_jbo", "run_job")


@pytest.fixture
def bad(shell):
    shell.write("p.yaml", BAD)
    return shell


def text(shell):
    return (shell.folder / "p.yaml").read_bytes().decode()


def test_safe_fixes_are_written_and_the_rest_is_told(bad):
    done = bad("lint", "--fix", "--format", "concise")
    assert done.code == 1
    assert "PF401" in done.out and "PF106" not in done.out
    assert "mended 1 finding in 1 file\n" in done.err
    assert text(bad) == FIXED
    assert "nothing to mend\n" in bad("lint", "--fix").err


@pytest.mark.parametrize("flags", [["--unsafe-fixes"], ["--fix", "--unsafe-fixes"]])
def test_unsafe_fixes_on_demand(bad, flags):
    done = bad("lint", *flags)
    assert done.code == 0
    assert text(bad) == GOOD
    assert list(bad.folder.iterdir()) == [bad.folder / "p.yaml"]  # no temporary file is left


def test_a_diff_writes_nothing(bad):
    done = bad("lint", "--diff")
    assert done.code == 1
    assert text(bad) == BAD
    assert done.out == (
        "--- p.yaml\n+++ p.yaml\n@@ -6,6 +6,6 @@\n     uses: trocco.run_job\n"
        "     with: {job_definition_id: 1}\n   mart:\n-    depends_on: load\n+    needs: load\n"
        "     uses: trocco.run_jbo\n     with: {job_definition_id: 1}\n"
    )
    assert bad("lint", "--diff", "--exit-zero").code == 0
    assert "+    uses: trocco.run_job\n" in bad("lint", "--diff", "--unsafe-fixes").out
    bad.write("p.yaml", GOOD)
    assert bad("lint", "--diff").text == ""
    assert bad("lint", "--diff").code == 0


def test_what_was_left_out_is_not_mended(bad):
    assert bad("lint", "--diff", "--ignore", "PF1").out == ""
    assert "needs: load" in bad("lint", "--diff", "--select", "PF106").out


def test_byte_order_mark_line_ends_mode_and_links_are_kept(shell):
    real = shell.folder / "real"
    real.mkdir()
    raw = b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode().removesuffix(b"\r\n")
    (real / "p.yaml").write_bytes(raw)
    (real / "p.yaml").chmod(0o640)
    (shell.folder / "p.yaml").symlink_to(real / "p.yaml")
    shell("lint", "p.yaml", "--fix")
    assert (real / "p.yaml").read_bytes() == raw.replace(b"depends_on", b"needs")
    assert stat.S_IMODE((real / "p.yaml").stat().st_mode) == 0o640
    assert (shell.folder / "p.yaml").is_symlink()


def test_shared_files_are_mended_once(bad):
    bad.write("q.yaml", GOOD)
    bad.write("pipeforge.yaml", "lint: {ignroe: [pf204]}\n")
    done = bad("lint", "--fix")
    assert (bad.folder / "pipeforge.yaml").read_text() == "lint: {ignore: [PF204]}\n"
    assert "mended 3 findings in 2 files\n" in done.err


def test_no_diff_shows_a_credential(shell):
    secret = "abcdef-0123456789"
    shell.write("p.yaml", BAD.replace('"${{ secrets.KEY }}"', secret).replace("name: ", "name："))
    done = shell("lint", "--diff", "--unsafe-fixes")
    assert "+name: nightly" in done.out
    assert "api_key: •••" in done.out
    assert secret not in done.text


def test_a_disk_that_takes_nothing_is_told_and_the_file_kept(bad):
    before = text(bad)
    done = subprocess.run(
        [sys.executable, "-m", "pipeforge", "lint", "--fix"],
        cwd=bad.folder,
        capture_output=True,
        text=True,
        # Root may write anywhere, but no file may grow: what a full disk looks like to a program.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert text(bad) == before


def test_all_findings_are_suppressed_with_a_reason(bad):
    done = bad("lint", "--add-ignore", "moved in May")
    assert done.code == 0
    assert "suppressed 2 findings in 1 file\n" in done.err
    assert "depends_on: load  # pipeforge: ignore[PF106] moved in May\n" in text(bad)
    assert "run_jbo  # pipeforge: ignore[PF401] moved in May\n" in text(bad)


def test_fixing_first_and_suppressing_what_is_left(bad):
    assert "+    needs: load\n" in bad("lint", "--fix", "--add-ignore", "later", "--diff").out
    assert bad("lint", "--fix", "--add-ignore", "later").code == 0
    assert text(bad) == FIXED.replace("run_jbo", "run_jbo  # pipeforge: ignore[PF401] later")


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x # pipeforge: ignore[PF1]"])
def test_a_suppression_wants_a_reason(bad, reason):
    done = bad("lint", "--add-ignore", reason)
    assert done.code == 2
    assert text(bad) == BAD
