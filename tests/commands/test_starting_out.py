"""init, and what a newcomer types next; help, versions, words that are not commands."""

import pytest

from pipeforge.cli import COMMANDS

WORLD = """
trocco: {course: {stages: {queued: 0, setting_up: 0, executing: 0}}}
treasure: {course: {seconds: 0}}
"""


def test_init_then_lint_plan_graph_run(shell):
    first = shell("init", "mine")
    assert first.code == 0
    assert first.out.splitlines() == [
        "wrote mine/pipeforge.yaml",
        "wrote mine/first.yaml",
        "wrote mine/.env",
        "wrote mine/.gitignore",
    ]
    assert first.err == "next: pipeforge run mine/first.yaml --emulate\n"
    linted = shell("lint", "mine")
    assert (linted.code, linted.err) == (0, "no findings in 1 file\n")
    assert shell("plan", "mine/first.yaml").code == 0
    assert shell("graph", "mine/first.yaml").code == 0
    shell.write("mine/world.yaml", WORLD)
    ran = shell("run", "mine/first.yaml", "--emulate")
    assert ran.code == 0, ran.text
    assert "succeeded: 2 succeeded" in ran.out


def test_init_overwrites_nothing(shell):
    shell.write("first.yaml", "mine")
    refused = shell("init")
    assert refused.code == 2
    assert "'first.yaml' exists already" in refused.err
    assert "nothing is overwritten" in refused.err
    assert shell.folder.joinpath("first.yaml").read_text() == "mine"
    assert not shell.folder.joinpath("pipeforge.yaml").exists()


def test_what_init_says_to_type_next_can_be_pasted(shell):
    told = shell("init", "my project")
    assert told.err == "next: pipeforge run 'my project/first.yaml' --emulate\n"


def test_a_world_that_is_not_there_is_told_apart_from_a_pipeline(shell):
    shell("init")
    told = shell("run", "first.yaml", "--emulate", "--world", "none.yaml")
    assert told.code == 2
    assert "no such file: 'none.yaml'" in told.err
    assert "`pipeforge explain world`" in told.err


def test_init_keeps_secrets_out_of_git_and_of_others(shell):
    shell("init")
    assert shell.folder.joinpath(".env").stat().st_mode & 0o077 == 0
    assert ".env\n.pipeforge/\n" in shell.folder.joinpath(".gitignore").read_text()


def test_init_where_no_folder_can_be(shell):
    shell.write("file", "")
    refused = shell("init", "file/sub")
    assert refused.code == 2
    assert "cannot write into 'file/sub'" in refused.err


def test_emulated_runs_use_no_real_secret_and_no_real_journal(shell, monkeypatch):
    for name in ("TROCCO_API_KEY", "TD_API_KEY"):
        monkeypatch.delenv(name)
    shell("init")
    shell.write("world.yaml", WORLD)
    assert shell("run", "first.yaml", "--emulate").code == 0
    assert shell.runs() == []
    assert len(shell.runs("--emulate")) == 1
    assert shell("run", "first.yaml").code == 2  # for real, the secrets are missing


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("help",)])
def test_help_lists_every_command_and_exit_code(shell, arguments):
    told = shell(*arguments)
    assert told.code == 0
    assert all(f"  {name} " in told.out for name in COMMANDS)
    assert "  130 " in told.out


def test_no_command_at_all_shows_the_help_and_fails(shell):
    assert shell().code == 2
    assert "usage: pipeforge COMMAND" in shell().out


def test_the_version_is_told(shell):
    assert shell("--version").out.startswith("pipeforge 0.")


def test_a_misspelt_command_is_told_with_the_nearest(shell):
    told = shell("resme", "x")
    assert told.code == 2
    assert told.err == "error: unknown command 'resme'\nhelp: did you mean `pipeforge resume`?\n"


def test_a_flag_that_is_none_is_told_in_our_manner(shell):
    told = shell("run", "x.yaml", "--emulated")
    assert told.code == 2
    assert told.err == "error: unknown option '--emulated'\nhelp: did you mean --emulate?\n"
    other = shell("plan", "x.yaml", "--format", "yaml")
    assert other.code == 2
    assert "'yaml'" in other.err
    assert "help: choose one of json, markdown, text" in other.err


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("run", "file is missing", "see `pipeforge run --help`"),
        ("backfill a.yaml", "--from, --to, --every are missing", "see `pipeforge backfill --help`"),
        ("schema lin", "unknown argument 'lin'", "did you mean lint?"),
        ("run a.yaml b.yaml", "'b.yaml' is one argument too many", "see `pipeforge run --help`"),
        ("run a.yaml -x", "unknown option '-x'", "see `pipeforge run --help`"),
        ("run a.yaml --emulate=yes", "--emulate takes no value", "see `pipeforge run --help`"),
        ("plan a.yaml --env", "--env wants a value", "see `pipeforge plan --help`"),
        ("runs --limit x", "--limit: 'x' is no whole number", "see `pipeforge runs --help`"),
        ("runs --format jsn", "--format cannot be 'jsn'", "did you mean json?"),
        ("runs --format xyz", "--format cannot be 'xyz'", "choose one of json, text"),
        ("--verson", "unknown option '--verson'", "did you mean `pipeforge --version`?"),
    ],
)
def test_wrong_arguments_are_told_in_our_words(shell, words, message, hint):
    told = shell(*words.split())
    assert (told.code, told.err) == (2, f"error: {message}\nhelp: {hint}\n")
