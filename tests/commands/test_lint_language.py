"""Which language lint, explain and plan tell their findings in: by flag, by environment, in every format."""

import json
from xml.etree import ElementTree

import pytest

from pipeforge.commands.lint import FORMATS
from pipeforge.lint.tongues import LANGUAGES

ENGLISH, JAPANESE = "no step is called 'laod'", "'laod' というステップはありません"
BAD = """name: orders
connections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}
steps:
  load: {uses: trocco.run_job, with: {job_definition_id: 1}}
  mart: {needs: laod, uses: trocco.run_job, with: {job_definition_id: 2}}
"""


@pytest.fixture
def bad(shell, monkeypatch):
    """A folder with one bad pipeline, and an environment that says nothing of languages."""
    for name in ("PIPEFORGE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    shell.write("orders.yaml", BAD)
    return shell


def test_the_flag_chooses(bad):
    assert ENGLISH in bad("lint", "orders.yaml").out
    done = bad("lint", "orders.yaml", "--lang", "ja")
    assert JAPANESE in done.out and "ヒント: もしかして: 'load'" in done.out
    assert done.err == "1 ファイル: エラー 1 件\n"
    assert done.code == 1


@pytest.mark.parametrize(
    ("environment", "japanese"),
    [
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "ja"}, True),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "jam_JM.UTF-8"}, False),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ja_JP"}, True),
        ({"LC_MESSAGES": "en_US", "LC_ALL": "ja_JP.eucJP"}, True),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, True),
        ({"LANG": "ja_JP.UTF-8", "PIPEFORGE_LANG": "en"}, False),
        ({"LANG": "C", "PIPEFORGE_LANG": "ja"}, True),
        ({"LANG": "C", "PIPEFORGE_LANG": "ja-JP"}, True),
    ],
)
def test_the_environment_chooses_where_no_flag_does(bad, monkeypatch, environment, japanese):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (JAPANESE in bad("lint", "orders.yaml").out) == japanese
    assert ENGLISH in bad("lint", "orders.yaml", "--lang", "en").out


def test_an_unknown_language_is_an_error_that_names_the_known(bad, monkeypatch):
    done = bad("lint", "orders.yaml", "--lang", "fr")
    assert done.code == 2
    assert done.err == "error: --lang cannot be 'fr'\nhelp: choose one of en, ja\n"
    monkeypatch.setenv("PIPEFORGE_LANG", "fr")
    done = bad("lint", "orders.yaml")
    assert (done.code, done.out) == (2, "")
    assert "PIPEFORGE_LANG cannot be 'fr'" in done.err and ", ".join(LANGUAGES) in done.err
    assert bad("lint", "orders.yaml", "--lang", "ja").code == 1


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_in_japanese_and_keeps_its_keys(bad, name):
    def keys(value):
        if isinstance(value, dict):
            return {key: keys(inner) for key, inner in value.items()}
        return [keys(inner) for inner in value] if isinstance(value, list) else None

    english = bad("lint", "orders.yaml", "--format", name).out
    japanese = bad("lint", "orders.yaml", "--format", name, "--lang", "ja").out
    assert JAPANESE in japanese and ENGLISH not in japanese
    if name == "junit":
        tags = [
            [element.tag for element in ElementTree.fromstring(text).iter()] for text in (english, japanese)
        ]
        assert tags[0] == tags[1]
    elif name != "github":
        assert keys(json.loads(english)) == keys(json.loads(japanese))


def test_json_and_sarif_say_which_language_it_is(bad):
    for language in LANGUAGES:
        told = json.loads(bad("lint", "orders.yaml", "--format", "json", "--lang", language).out)
        assert told["language"] == language
        sarif = json.loads(bad("lint", "orders.yaml", "--format", "sarif", "--lang", language).out)
        assert sarif["runs"][0]["language"] == language
    (rule,) = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "存在しないステップに依存しています"
    assert "## 悪い例" in rule["help"]["markdown"]


def test_statistics_settings_and_suppressions_speak_it_too(bad):
    assert "エラー" in bad("lint", "--statistics", "--lang", "ja").out
    assert "プロジェクトファイル" in bad("lint", "--show-settings", "--lang", "ja").out
    done = bad("lint", "--add-ignore", "後で直す", "--lang", "ja")
    assert done.err.startswith("1 ファイル: 指摘 1 件を抑制\n")
    assert "ignore[PF201] 後で直す" in (bad.folder / "orders.yaml").read_text(encoding="utf-8")


def test_what_was_kept_in_one_language_is_not_told_in_another(bad, tmp_path):
    kept = ("--cache-dir", tmp_path / "kept")
    for language, words in (("en", ENGLISH), ("ja", JAPANESE), ("en", ENGLISH), ("ja", JAPANESE)):
        assert words in bad("lint", "orders.yaml", *kept, "--lang", language).out


def test_mends_are_the_same_in_every_language(bad):
    diffs = [bad("lint", "--unsafe-fixes", "--diff", "--lang", language).out for language in LANGUAGES]
    assert diffs[0] == diffs[1] and "+  mart: {needs: load" in diffs[0]


def test_what_is_unchecked_is_told_in_japanese(bad):
    done = bad("lint", "nothing.yaml", "--lang", "ja")
    assert done.code == 2
    assert "ファイルがありません: 'nothing.yaml'" in done.out


def test_plan_shows_findings_in_japanese(bad):
    assert JAPANESE in bad("plan", "orders.yaml", "--lang", "ja").err


def test_pages_and_the_list_of_topics(bad):
    assert "ステップの依存が循環しています" in bad("explain", "PF203", "--lang", "ja").out
    assert "## Bad" in bad("explain", "PF203", "--lang", "en").out
    assert "PF203  cycle" in bad("explain", "--lang", "ja").out
    assert "存在しないステップに依存しています" in bad("explain", "--lang", "ja").out


@pytest.mark.parametrize(
    "words",
    [
        ("lint", "none.yaml", "--select", "PF2o3"),
        ("lint", "-", "none.yaml"),
        ("lint", "--stdin-filename", "x.yaml"),
        ("lint", "--watch", "--fix"),
        ("lint", "--jobs", "0"),
        ("lint", "--cache-dir", "here"),
        ("plan", "none.yaml"),
        ("run", "pipeforge.yaml"),
    ],
)
def test_errors_of_usage_are_told_in_japanese_too(shell, monkeypatch, words):
    shell.write("pipeforge.yaml", "{}\n")
    english = shell(*words)
    assert english.code == 2
    assert english.err.startswith("error: ")
    by_flag = shell(*words, "--lang", "ja")
    monkeypatch.setenv("PIPEFORGE_LANG", "ja")
    by_variable = shell(*words)
    assert by_flag == by_variable
    first, second = by_flag.err.splitlines()
    assert first.startswith("エラー: ")
    assert second.startswith("ヒント: ")
    assert not any(line.partition(": ")[2].isascii() for line in (first, second))


def test_what_nobody_has_translated_is_told_as_it_is(shell):
    assert shell("lint", "--nope", "--lang=ja").err.startswith("エラー: ")
    assert shell("lint", "--lang", "xx").err.startswith("error: ")


@pytest.mark.parametrize(
    ("words", "said", "mend"),
    [
        (["lint", "--jbos", "2"], "不明なオプション '--jbos'", "もしかして: --jobs"),
        (["lint", "--lang", "fr"], "--lang に 'fr' は指定できません", "en, ja のいずれかを選んでください"),
        (["lint", "--jobs", "x"], "--jobs: 'x' は整数ではありません", "`pipeforge lint --help`"),
        (["lint", "--jobs"], "--jobs には値が必要です", "`pipeforge lint --help`"),
        (["lint", "--fix=1"], "--fix は値を取りません", "`pipeforge lint --help`"),
        (["lint", "a", "--fix", "b"], "引数 'b' が余分です", "`pipeforge lint --help`"),
        (["show"], "run がありません", "`pipeforge show --help`"),
        (["lnit"], "不明なコマンド 'lnit'", "もしかして: `pipeforge lint`"),
        (["--verson"], "不明なオプション '--verson'", "もしかして: `pipeforge --version`"),
    ],
)
def test_what_no_command_understands_is_told_in_japanese_too(shell, monkeypatch, words, said, mend):
    monkeypatch.setenv("PIPEFORGE_LANG", "ja")
    done = shell(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"エラー: {said}\nヒント: ")
    assert mend in done.err
