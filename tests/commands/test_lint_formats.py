"""lint's ways to tell: formats, files, selections, counts and settings, as people and CI ask for them."""

import json
import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import COMMAND
from jsonschema import Draft7Validator

from pipeforge.commands.lint import FORMATS
from pipeforge.lint.rules import RULES
from pipeforge.reports.addresses import rule_page

ROOT = Path(__file__).parents[2]
SCHEMA = Draft7Validator(json.loads((ROOT / "schemas/lint.schema.json").read_text(encoding="utf-8")))
PLACE = "夜間 処理/受注.yaml"
BAD = """name: orders
connections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}
steps:
  a: {uses: trocco.run_jb, with: {job_definition_id: 1}}
  b: {needs: c, uses: trocco.run_job, with: {job_definition_id: 1}, timeout: 1h}
  c: {needs: b, uses: trocco.run_job, with: {job_definition_id: 1}, timeout: 1h}
  d: {needs: d, uses: trocco.run_job, with: {job_definition_id: 1}, timeout: 1h}
"""
CODES = ["PF401", "PF203", "PF202"]


@pytest.fixture
def bad(shell):
    """A folder with one bad pipeline."""
    shell.write(PLACE, BAD)
    return shell


def codes(done):
    return [one["code"] for one in json.loads(done.out)["diagnostics"]]


def only(shell, *arguments):
    """The codes found, of those that BAD is made for."""
    return [code for code in codes(shell("lint", *arguments, "--format", "json")) if code in CODES]


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_names_the_file_and_fails(bad, name):
    done = bad("lint", "--format", name)
    assert done.code == 1
    told = done.out.replace("%E5%A4%9C%E9%96%93%20%E5%87%A6%E7%90%86/%E5%8F%97%E6%B3%A8.yaml", PLACE)
    assert PLACE in told
    assert bool(done.err) == (name == "github")  # whose log a person reads


def test_what_lint_prints_as_json_is_what_its_schema_says(bad):
    for flags in ((), ("--statistics",), ("--show-settings",)):
        SCHEMA.validate(json.loads(bad("lint", "--format", "json", *flags).out))


def test_a_format_that_is_none_is_refused(bad):
    refused = bad("lint", "--format", "xml")
    assert refused.code == 2
    assert "sarif" in refused.err


def test_paths_are_counted_from_where_their_reader_counts(bad, monkeypatch):
    whole = bad.folder / PLACE
    github = bad("lint", whole, "--format", "github").out
    assert f"file={PLACE}," in github
    monkeypatch.setenv("GITHUB_WORKSPACE", str(bad.folder.parent))
    assert f"file=project/{PLACE}," in bad("lint", PLACE, "--format", "github").out
    monkeypatch.setenv("CI_PROJECT_DIR", str(bad.folder.parent))
    paths = {one["location"]["path"] for one in json.loads(bad("lint", "--format", "gitlab").out)}
    assert paths == {f"project/{PLACE}"}
    assert json.loads(bad("lint", "--format", "json").out)["diagnostics"][0]["path"] == PLACE


def test_a_workspace_that_is_a_link_is_the_same_folder(bad, monkeypatch, tmp_path):
    link = tmp_path / "workspace"
    link.symlink_to(bad.folder, target_is_directory=True)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(link))
    monkeypatch.chdir(Path(PLACE).parent)
    assert f"file={PLACE}," in bad("lint", "受注.yaml", "--format", "github").out


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_utf_8_whatever_the_locale(bad, name):
    bad.write("😀.yaml", BAD)
    wanted = bad.process("lint", "--format", name)
    told = subprocess.run(
        [*COMMAND, "lint", "--format", name],
        cwd=bad.folder,
        env={**bad.environment, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert told.stdout.decode("utf-8") == wanted.out
    assert ("😀" if name != "sarif" else "%F0%9F%98%80") in wanted.out


def test_a_project_files_findings_are_in_junit_too(bad):
    bad.write("pipeforge.yaml", "lint: {ignore: [PF999]}\n")
    root = ElementTree.fromstring(bad("lint", "--format", "junit").out)
    assert {suite.attrib["name"] for suite in root} == {"pipeforge.yaml", PLACE}


# --output-file


@pytest.mark.parametrize("name", ["full", "concise", *FORMATS])
def test_a_file_gets_what_stdout_would_have_got(bad, name):
    said = bad("lint", "--format", name)
    done = bad("lint", "--format", name, "--output-file", "made/for it.txt")
    assert (done.code, done.out) == (1, "")
    assert "in 1 file\n" in done.err
    assert Path("made/for it.txt").read_text(encoding="utf-8") == said.out
    assert os.listdir("made") == ["for it.txt"]


def test_a_file_is_replaced_as_a_whole_keeping_its_mode_and_links(bad):
    kept = bad.write("kept.json", "old " * 100_000)
    kept.chmod(0o640)
    Path("link.json").symlink_to("kept.json")
    with kept.open(encoding="utf-8") as before:
        assert bad("lint", "--format", "json", "--output-file", "link.json").code == 1
        assert before.read() == "old " * 100_000  # whoever had it open still reads the old one
    assert Path("link.json").is_symlink()
    assert json.loads(kept.read_text(encoding="utf-8"))["version"] == 1
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


def test_findings_that_cannot_be_written_are_not_lost(bad):
    bad.write("file", "kept")
    said = bad("lint", "--format", "gitlab").out
    for place in ("file/below.json", "夜間 処理"):
        done = bad("lint", "--format", "gitlab", "--output-file", place)
        assert done.code == 2
        assert done.out == said
        assert f"error: cannot write '{place}': " in done.err
        assert "help: choose another --output-file" in done.err
    assert Path("file").read_text(encoding="utf-8") == "kept"


def test_a_lint_that_cannot_begin_leaves_the_file_as_it_was(bad):
    kept = bad.write("kept.json", "old")
    assert bad("lint", "--select", "PF999", "--output-file", "kept.json").code == 2
    assert kept.read_text(encoding="utf-8") == "old"


def test_a_device_is_written_to_and_stays_one(bad):
    done = bad("lint", "--format", "json", "--output-file", "/dev/null")
    assert (done.code, done.out) == (1, "")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("secret", ["0987612345", "2024-01-01", "'yes: s3cr3t'", "t0ken　s3cr3t"])
def test_no_format_shows_a_written_out_credential(bad, secret):
    bad.write("leaky.yaml", BAD.replace('"${{ secrets.KEY }}"', secret))
    for name in ("full", "concise", *FORMATS):
        told = bad("lint", "leaky.yaml", "--format", name)
        assert told.code == 1
        for word in re.findall("[0-9a-z]{5,}", secret):
            assert word not in told.text


# --exit-zero, --select, --ignore


def test_exit_zero_forgives_findings_but_no_wrong_usage(bad):
    assert (
        bad("lint", "--exit-zero", "--format", "concise").out == bad("lint", "--format", "concise").out != ""
    )
    assert bad("lint", "--exit-zero").code == 0
    assert bad("lint", "--exit-zero", "nowhere.yaml").code == 2


def test_rules_are_selected_and_left_out(bad):
    assert only(bad) == CODES
    assert codes(bad("lint", "--format", "json", "--select", "PF203")) == ["PF203"]
    assert only(bad, "--select", "PF2") == ["PF203", "PF202"]
    assert only(bad, "--select", "PF203", "--select", "PF4") == ["PF401", "PF203"]
    assert only(bad, "--select", "PF203, PF401") == ["PF401", "PF203"]
    assert only(bad, "--ignore", "PF2") == ["PF401"]
    assert only(bad, "--select", "PF2", "--ignore", "PF203") == ["PF202"]
    assert only(bad, "--select", "PF203", "--ignore", "PF2") == []


def test_a_file_that_cannot_be_read_is_never_selected_away(bad):
    bad.write("broken.yaml", "steps: {a\n")
    Path("sjis.yaml").write_bytes("steps: 日\n".encode("shift_jis"))
    found = codes(bad("lint", "broken.yaml", "sjis.yaml", "--select", "PF203", "--format", "json"))
    assert found == ["PF001", "PF002"]


@pytest.mark.parametrize("flag", ["--select", "--ignore"])
@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("pf203", "did you mean 'PF203'?"),
        ("F203", "did you mean 'PF203'?"),
        ("PF2O3", "did you mean 'PF203'?"),
        ("cycle", "did you mean 'PF203'?"),
        ("cyle", "did you mean 'PF203'?"),
        ("unknown-need", "did you mean 'PF201'?"),
        ("PF299", "known codes that begin so: PF201, PF202, PF203, "),
        ("PF7777777", "write a code such as PF203"),
        ("ruff", "write a code such as PF203"),
        ("", "write a code such as PF203"),
        ("PF203,,PF401", "write a code such as PF203"),
    ],
)
def test_a_code_that_is_none_is_told_with_the_mend(bad, flag, code, mend):
    refused = bad("lint", flag, code)
    assert (refused.code, refused.out) == (2, "")
    assert "error: no rule has the code '" in refused.err
    assert f"help: {mend}" in refused.err


# --statistics, --show-settings


def test_statistics_count_each_rule_the_most_frequent_first(bad):
    bad.write("again.yaml", BAD.replace("run_jb", "run_job"))
    done = bad("lint", "--statistics", "--select", "PF2,PF401")
    assert done.code == 1
    assert re.sub(r"  \([0-9] with a fix\)", "", done.out) == (
        "2  error    PF202  needs-itself\n2  error    PF203  cycle\n1  error    PF401  unknown-kind\n"
    )
    told = json.loads(bad("lint", "--statistics", "--format", "json", "--select", "PF203").out)
    cycle = {"code": "PF203", "rule": "cycle", "severity": "error", "found": 2, "fixable": 0}
    assert told == {"version": 1, "statistics": [cycle]}
    assert bad("lint", "--statistics", "--select", "PF501").out == ""


def test_settings_are_shown_by_project_file(bad):
    bad.write("pipeforge.yaml", 'lint: {ignore: [PF301], per_path: {"夜間*": [PF4, PF202]}}\n')
    bad.write("other/pipeforge.yaml", "env: [HOME]\n")
    bad.write("other/good.yaml", BAD)
    left_out = [rule.code for rule in RULES if rule.code.startswith("PF20")]
    done = bad("lint", "--show-settings", "--env", "prod", "--ignore", "PF20")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "environment: prod\n"
        f"rules left out by the command line: {', '.join(left_out)}\n"
        "\n"
        "project file: other/pipeforge.yaml\n"
        "  ignore: none\n"
        "  pipelines:\n"
        "    other/good.yaml\n"
        "\n"
        "project file: pipeforge.yaml\n"
        "  ignore: PF301\n"
        "  ignore in 夜間*: PF4, PF202\n"
        "  pipelines:\n"
        f"    {PLACE}\n"
    )
    told = json.loads(bad("lint", "--show-settings", "--format", "json").out)["settings"]
    assert told["projects"][1]["per_path"] == {"夜間*": ["PF4", "PF202"]}
    assert (told["environment"], told["left_out"]) == (None, [])


@pytest.mark.parametrize("flag", ["--statistics", "--show-settings"])
def test_counts_and_settings_have_no_place_in_other_formats(bad, flag):
    refused = bad("lint", flag, "--format", "sarif")
    assert (refused.code, refused.out) == (2, "")
    assert (
        refused.err == f"error: {flag} cannot be told as 'sarif'\nhelp: leave --format out, or choose json\n"
    )


# GitHub's summary


def many(shell, count):
    steps = "".join(f"  s{n}: {{needs: s{n}, uses: trocco.run_job}}\n" for n in range(count))
    shell.write("many.yaml", BAD.partition("  a:")[0] + steps)
    return ("lint", "many.yaml", "--select", "PF202", "--format", "github")


def test_past_ten_findings_a_summary_is_appended(shell, monkeypatch):
    summary = shell.write("summary.md", "# before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert len(shell(*many(shell, 10)).out.splitlines()) == 10
    assert summary.read_text(encoding="utf-8") == "# before\n"
    assert len(shell(*many(shell, 11)).out.splitlines()) == 11
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# before\n### pipeforge lint: 11 findings\n")
    assert text.count(f"[PF202]({rule_page('PF202')})") == 11


def test_other_formats_write_no_summary(shell, monkeypatch):
    summary = shell.write("summary.md", "")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    shell(*many(shell, 11)[:-1], "concise")
    assert summary.read_text(encoding="utf-8") == ""


def test_a_summary_that_cannot_be_written_is_a_warning(shell, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(shell.folder))
    done = shell(*many(shell, 11))
    assert (done.code, len(done.out.splitlines())) == (1, 11)
    assert "warning: cannot write the step's summary" in done.err


# On a terminal, and how soon


def on_a_terminal(shell, **more):
    """What `pipeforge lint` writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = {**shell.environment, "TERM": "xterm", **more}
    process = subprocess.Popen(
        [*COMMAND, "lint", "--select", "PF203"],
        cwd=shell.folder,
        env=environment,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    out = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux tells so that the other side is closed
            break
        if not piece:
            break
        out += piece
    os.close(ours)
    assert process.wait(30) == 1
    return out.decode()


def test_the_code_is_a_hyperlink_on_terminals_only(bad):
    link = f"\x1b]8;;{rule_page('PF203')}\x1b\\PF203\x1b]8;;\x1b\\"
    assert f"error[{link}] cycle" in on_a_terminal(bad)
    assert "\x1b]8" not in on_a_terminal(bad, TERM="dumb")
    assert "\x1b]8" not in on_a_terminal(bad, CI="true")
    assert "\x1b" not in bad.process("lint").out
    painted = bad.process("lint", FORCE_COLOR="1").out
    assert "\x1b[" in painted and "\x1b]8" not in painted


def test_a_file_gets_no_escapes_even_when_colour_is_forced(bad):
    bad.process("lint", "--output-file", "out.txt", FORCE_COLOR="1")
    assert "\x1b" not in Path("out.txt").read_text(encoding="utf-8")


def test_a_plain_lint_loads_no_format_that_it_does_not_use(bad):
    script = (
        "import sys; from pipeforge.cli import main; main(['lint', '--exit-zero']); "
        "print([name for name in sys.modules if name.startswith('pipeforge.')], file=sys.stderr)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script],
        cwd=bad.folder,
        env=bad.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert "'pipeforge.reports.diagnostics'" in loaded
    for module in (*FORMATS.values(), "findings", "addresses", "statistics", "settings", "json_schema"):
        assert f"'pipeforge.reports.{module}'" not in loaded
    for module in ("commands.reporting", "commands.lint_settings", "lint.selecting"):
        assert f"'pipeforge.{module}'" not in loaded
