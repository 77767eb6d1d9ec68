"""Codes of rules and names of environments, misspelt by one edit wherever they can stand."""

import re

import pytest
from misspelling import edits

from pipeforge.cli import main
from pipeforge.lint.rules import RULES

CODES = [rule.code for rule in RULES]
PIPELINE = """name: one
connections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}
steps:
  a:
    uses: trocco.run_job  # pipeforge: ignore[CODE] why
    with: {job_definition_id: 1}
    timeout: 1h
"""
SOUND = PIPELINE.replace("  # pipeforge: ignore[CODE] why", "")
WHOLE = re.compile(r"PF\d{3}")


def near(one, other):
    """Whether one edit makes one of the other: a letter lost, added or changed, or two swapped."""
    if len(one) == len(other):
        differ = [n for n in range(len(one)) if one[n] != other[n]]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1
        return len(differ) == 1 or (
            swapped and one[differ[0]] == other[differ[1]] != one[differ[1]] == other[differ[0]]
        )
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))


def misspelt(code):
    """One edit each that makes no other code and no beginning of codes."""
    wrongs = sorted(set(edits(code)))
    return [one for one in wrongs if one.isidentifier() and not any(other.startswith(one) for other in CODES)]


def fair(code, wrong, hint):
    """The right code where only that can have been meant; never one that is further away."""
    close = [other for other in CODES if near(wrong, other)]
    if close == [code] and not WHOLE.fullmatch(wrong):
        return hint == f"did you mean '{code}'?"
    meant = re.search(r"did you mean '(\w+)'", hint)
    return hint != "" and (meant is None or meant[1] in close)


@pytest.mark.parametrize("code", CODES[:: len(CODES) // 12])
class TestCodes:
    def test_in_a_comment(self, lint, code):
        for wrong in misspelt(code):
            (found,) = lint(PIPELINE.replace("CODE", wrong)).diagnostics
            column = PIPELINE.splitlines()[4].index("CODE") + 1
            assert (found.code, found.span[:2]) == ("PF903", (5, column)), wrong
            assert fair(code, wrong, found.hint), (wrong, found.hint)

    @pytest.mark.parametrize("settings", ["ignore: [CODE]", 'per_path: {"*.yaml": [CODE]}'])
    def test_in_a_project_file(self, lint, code, settings):
        for wrong in misspelt(code)[::3]:
            project = f"lint: {{{settings.replace('CODE', wrong)}}}\n"
            (found,) = lint(SOUND, {"pipeforge.yaml": project}).diagnostics
            assert (found.code, found.span.column) == ("PF111", project.index(wrong) + 1)
            assert fair(code, wrong, found.hint), (wrong, found.hint)


@pytest.mark.parametrize("name", ["prod", "staging", "本番環境"])
def test_names_of_environments(lint, name):
    project = {"pipeforge.yaml": "environments: {prod: {}, staging: {}, 本番環境: {}}\n"}
    for wrong in sorted(set(edits(name))):
        (found,) = lint(SOUND, project, wrong).diagnostics
        assert (found.code, found.hint) == ("PF110", f"did you mean '{name}'?"), wrong
    assert lint(SOUND, project, name).diagnostics == ()


@pytest.mark.parametrize("flag", ["--select", "--ignore"])
def test_on_the_command_line(flag, tmp_path, monkeypatch, capsys):

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIPEFORGE_LANG", "en")
    (tmp_path / "one.yaml").write_text(SOUND, encoding="utf-8")
    for wrong in misspelt("PF203")[::3]:
        assert main(["lint", "one.yaml", "--no-cache", flag, wrong]) == 2
        assert fair("PF203", wrong, capsys.readouterr().err.partition("help: ")[2].strip()), wrong
