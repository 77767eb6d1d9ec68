"""completion: scripts made from the commands' own arguments, tried in a real bash."""

import os
import re
import shutil
import subprocess

import pytest

from pipeforge.cli import COMMANDS
from pipeforge.commands.completion import _command

BASH = shutil.which("bash")
ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_pipeforge
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def completed(shell):
    """What bash offers for the last of some words."""
    script = shell.write("pipeforge.bash", shell("completion", "bash").out)

    def ask(*words):
        assert BASH is not None, "bash is not installed"
        command = [BASH, "--norc", "-c", ASK, "bash", str(script), "pipeforge", *words]
        done = subprocess.run(command, capture_output=True, text=True, env={"PATH": os.defpath}, timeout=30)
        assert done.stderr == ""
        return set(done.stdout.split())

    return ask


def test_commands_are_completed(completed):
    assert completed("") == {*COMMANDS, "--help", "--version"}
    assert completed("re") == {"resume", "rerun"}


def test_options_of_the_command_are_completed(completed):
    assert completed("run", "--") >= {"--emulate", "--world", "--set", "--max-time", "--help"}
    assert "--world" not in completed("show", "abc", "--")
    assert completed("rerun", "abc", "--fa") == {"--failed"}


def test_words_that_an_option_takes_are_completed(completed):
    assert completed("show", "abc", "--format", "") == {"json", "jsonl", "text"}
    assert completed("show", "abc", "--format", "=", "js") == {"json", "jsonl"}
    assert completed("show", "abc", "--format", "=") == {"json", "jsonl", "text"}
    assert completed("completion", "") == {"bash", "zsh", "fish"}
    assert completed("runs", "pr") == {"prune"}


def test_kinds_are_completed_and_behind_each_its_parameters(completed):
    assert completed("call", "trocco.run") == {"trocco.run_job", "trocco.run_workflow", "trocco.run_datamart"}
    behind = {"job_definition_id=", "context_time=", "custom_variables="}
    assert completed("call", "trocco.run_job", "") == behind
    assert completed("call", "trocco.run_job", "job_definition_id", "=", "1", "con") == {"context_time="}
    assert completed("call", "trocco.run_job", "job_definition_id", "=") == set()
    assert completed("call", "trocco.run_job", "job_definition_id", "=", "1") == set()
    assert "--no-wait" in completed("call", "trocco.run_job", "--no")
    assert completed("call", "nonsense", "") == set()


@pytest.mark.parametrize("shell_name", ["zsh", "fish"])
def test_the_parameters_of_each_kind_are_there_for_other_shells(shell, shell_name):
    script = shell("completion", shell_name).out
    [line] = [one for one in script.splitlines() if "trocco.list_jobs" in one and "start_time=" in one]
    assert "job_definition_id= start_time= limit=" in line


def test_where_a_file_may_stand_bash_is_left_to_offer_files(completed):
    assert completed("run", "") == set()
    assert completed("run", "p.yaml", "--world", "") == set()


@pytest.mark.parametrize("shell_name", ["bash", "zsh"])
def test_every_option_of_every_command_is_there(shell, shell_name):
    parts = re.split(r"^ {8}([a-z]+)\)", shell("completion", shell_name).out, flags=re.M)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert told.keys() == COMMANDS.keys()
    for name, about in COMMANDS.items():
        words = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", told[name]))
        assert names(name, about) <= words


def test_every_option_of_every_command_is_there_for_fish(shell):
    lines = shell("completion", "fish").out.splitlines()
    for name, about in COMMANDS.items():
        mine = "\n".join(line for line in lines if f"_is {name}'" in line)
        words = {f"--{word}" for word in re.findall(r" -l (\S+)", mine)}
        assert names(name, about) <= words | {f"-{word}" for word in re.findall(r" -s (\S)", mine)}


def names(name, about):
    return {one for option in _command(name, about).options for one in option.names}


def test_a_shell_that_is_none(shell):
    told = shell("completion", "fishy")
    assert told.code == 2
    assert "did you mean fish?" in told.err
