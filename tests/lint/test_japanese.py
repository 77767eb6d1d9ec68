"""Findings in Japanese: one catalogue that lacks nothing and holds nothing else, pages, no English left."""

import ast
import json
import re
from pathlib import Path

import pytest
from misspelling import cases
from test_rule_pages import blocks

import pipeforge
from pipeforge.language.declaring import TYPES
from pipeforge.language.saying import Said, either, overheard, say, tell
from pipeforge.lint.linter import check
from pipeforge.lint.pages import page
from pipeforge.lint.rules import RULES
from pipeforge.lint.telling import told
from pipeforge.lint.tongues import catalogue
from pipeforge.reports.diagnostics import concise, full

HERE = Path(__file__).parent
PACKAGE = Path(pipeforge.__file__).parent
SCHEMAS = PACKAGE.parent / "schemas"
BAD = sorted(HERE.glob("bad/*.yaml"))
JAPANESE = catalogue("ja")
GAP = re.compile(r"\{(\w+)\}")
LETTER = re.compile(r"[ぁ-んァ-ヶ一-龠]")
SAYING = "pipeforge.language.saying"


def says(path):
    """Every call of `say` in a module that has it from the one place where it is made."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    has = any(
        isinstance(node, ast.ImportFrom)
        and node.module == SAYING
        and any(a.name == "say" for a in node.names)
        for node in ast.walk(tree)
    )
    for node in ast.walk(tree) if has or path.stem == "saying" else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield node


def templates():
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for call in says(path):
            given = call.args[0]
            where = f"{path.relative_to(PACKAGE)}:{call.lineno}"
            assert isinstance(given, ast.Constant) and isinstance(given.value, str), f"{where}: no literal"
            names = {keyword.arg for keyword in call.keywords if keyword.arg}
            assert names <= set(GAP.findall(given.value)), f"{where}: nothing stands for one of {names}"
            found.setdefault(given.value, where)
    return found


TEMPLATES = templates()


def bare(template):
    """What stands around the gaps."""
    return GAP.sub("", template)


def test_no_message_lacks_its_japanese():
    lacking = {
        template: where
        for template, where in TEMPLATES.items()
        if re.search(r"[A-Za-z;,]", bare(template)) and template not in JAPANESE
    }
    assert lacking == {}


def test_the_catalogue_holds_nothing_that_is_not_said():
    sections = json.loads((PACKAGE / "lint" / "ja.json").read_text(encoding="utf-8"))
    assert set(sections) == {"messages", "libraries"}
    assert set(sections["messages"]) - set(TEMPLATES) == set()
    assert all(list(section) == sorted(section) for section in sections.values())


NEITHER = {"a URL", "a foreach", "byte order mark (U+FEFF)", "{what} in {files}", "{first} and {then}"}
"""What is the same in both languages, or only joins parts."""


@pytest.mark.parametrize("template", sorted(JAPANESE))
def test_a_translation_has_the_same_gaps_and_is_japanese(template):
    japanese = JAPANESE[template]
    assert set(GAP.findall(template)) == set(GAP.findall(japanese))
    assert LETTER.search(japanese) or not re.search(r"[a-z]{2}", bare(template)) or template in NEITHER
    assert japanese.rstrip() == japanese and japanese[:1].isspace() == template[:1].isspace()


# What is left in Latin letters: values that the author wrote, in quotes, and names of the language.


def identifiers():
    """Keys and words that the schemas know: names, not English."""
    found = {*TYPES, "code", "fileKey"}

    def walk(value):
        if isinstance(value, dict):
            found.update(value.get("properties", {}))
            found.update(map(str, value.get("enum", ())))
            found.add(str(value.get("const", "")))
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for name in ("pipeline", "project"):
        walk(json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")))
    return found


WORD = re.compile(r"[A-Za-z][A-Za-z_]+")
KNOWN = {
    word
    for text in (*identifiers(), *(bare(text) for text in JAPANESE.values()))
    for word in WORD.findall(text)
}


def english(text, source):
    """Words of a told message that are neither the author's nor names."""
    outside = re.sub(r"'[^']*'|`[^`]*`|\"[^\"]*\"|\$\{\{.*?\}\}", " ", text)
    return {word for word in WORD.findall(outside) if word not in KNOWN and word not in source}


def said_of(one):
    yield one.message
    yield from [one.hint] if one.hint else []
    yield from (label for _, label in one.see_also)
    yield from [one.fix.title] if one.fix else []


def assert_japanese(diagnostics, source):
    for one in diagnostics:
        for text in said_of(one):
            assert not english(text, source), f"{one.code}: {text}"
        assert LETTER.search(one.message), one.message


def test_english_would_be_noticed():
    assert english("値は mapping です", "name: x") == {"mapping"}
    assert english("値は 'mapping' と name です", "name: x") == set()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_nothing_of_the_golden_findings_stays_english(path, catalog):
    found = check(path, catalog, language="ja")
    assert_japanese(found.diagnostics, "".join(found.texts.values()))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_places_codes_and_edits_are_the_same_in_both_languages(path, catalog):
    def bones(language):
        return sorted(
            (one.span, one.code, one.severity, [span for span, _ in one.see_also], one.fix and one.fix.edits)
            for one in check(path, catalog, language=language).diagnostics
        )

    assert bones("ja") == bones("en")


@pytest.mark.parametrize("number", range(8))
def test_nothing_of_misspelt_words_stays_english(lint_in, number):
    text = (HERE / "ok" / "everything.yaml").read_text(encoding="utf-8")
    for case in list(cases(text))[number::160]:
        wrong = case.applied(text)
        found = lint_in("ja")(wrong)
        assert_japanese(found.diagnostics, wrong)


@pytest.fixture
def lint_in(tmp_path, monkeypatch, catalog):
    """Checks a text as `pipeline.yaml`, with other files beside it, in a language."""
    monkeypatch.chdir(tmp_path)

    def of(language):
        def run(text, files=None, environment=None):
            for name, content in {"pipeline.yaml": text, **(files or {})}.items():
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return check(Path("pipeline.yaml"), catalog, environment=environment, language=language)

        return run

    return of


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_japanese_page_tells_what_lint_prints(lint_in, rule):
    english_page, japanese_page = page(rule.code), page(rule.code, "ja")
    assert japanese_page.startswith(f"# {rule.code} {rule.name}\n")
    prose, bad, good = re.split(r"^## (?:悪い例|良い例)$", japanese_page, flags=re.MULTILINE)
    assert LETTER.search(prose)
    _, english_bad, english_good = re.split(r"^## (?:Bad|Good)$", english_page, flags=re.MULTILINE)
    assert good == english_good
    files, environment, output = blocks(bad)
    if output is not None:
        assert files == blocks(english_bad)[0]
        written = dict(files)
        found = lint_in("ja")(files.pop("pipeline.yaml"), files, environment)
        assert concise(found.diagnostics) == output
        assert_japanese(found.diagnostics, b"".join(written.values()).decode("utf-8", "replace"))


def test_no_japanese_page_is_without_its_rule():
    codes = {path.stem for path in (PACKAGE / "lint" / "pages" / "ja").glob("*.md")}
    assert codes == {rule.code for rule in RULES}
    with pytest.raises(KeyError):
        page("PF999", "ja")


def test_every_summary_is_told():
    assert all(LETTER.search(tell(rule.summary, JAPANESE)) for rule in RULES)


def test_carets_stand_where_they_stand_in_english(catalog, monkeypatch):
    path = HERE / "bad" / "rings.yaml"
    monkeypatch.chdir(path.parent)

    def drawn(language):
        found = check(Path(path.name), catalog, language=language)
        rows = full(found.diagnostics, found.texts, language=language).splitlines()
        return [re.match(r" *\|( *[\^-]+) ?(.*)", row) for row in rows if re.match(r" *\| *[\^-]+", row)]

    english_rows, japanese_rows = drawn("en"), drawn("ja")
    assert [row[1] for row in japanese_rows] == [row[1] for row in english_rows]
    assert [bool(row[2]) for row in japanese_rows] == [bool(row[2]) for row in english_rows]
    assert any(LETTER.search(row[2]) for row in japanese_rows)


# The way a message is told.


def test_a_message_is_told_with_all_its_parts():
    tongue = {
        "{one} or {other}": "{one}か{other}",
        "a list": "リスト",
        "wants {what}, got {got}": "{got}でなく{what}",
    }
    message = say(
        "wants {what}, got {got}", what=either([say("a list"), say("text")]), got=say("'{x}'", x="ab")
    )
    assert message == "wants a list or text, got 'ab'"
    assert tell(message, tongue) == "'ab' でなくリストか text"
    assert tell(message, {}) == message
    assert type(tell(message, {})) is str


def test_braces_of_authors_are_left_alone():
    message = say("'{name}' is {{no}}", name="{name} {other}")
    assert message == "'{name} {other}' is {{no}}"
    assert tell(message, {"'{name}' is {{no}}": "'{name}' は {{no}}"}) == "'{name} {other}' は {{no}}"


def test_words_of_libraries_are_told_where_they_are_known():
    said = overheard("found unexpected ':'")
    assert tell(said, JAPANESE) == "余計な ':' があります"
    assert tell(overheard("never heard"), JAPANESE) == "never heard"
    assert isinstance(said, Said)


def test_blanks_part_letters_from_japanese_but_not_what_stands_in_quotes():
    tongue = {"'{a}' got {b}": "'{a}' は{b}です"}
    assert tell(say("'{a}' got {b}", a="売上", b=3), tongue) == "'売上' は 3 です"
    assert tell(say("'{a}' got {b}", a="x", b="値"), tongue) == "'x' は値です"


def test_long_messages_are_cut_after_they_are_told(lint_in):
    text = f"name: p\nsteps:\n  a: {{uses: trocco.run_job, needs: {'x' * 5000}}}\n"
    for language in ("en", "ja"):
        found = [one for one in lint_in(language)(text).diagnostics if one.code == "PF201"]
        assert [len(one.message) <= 310 and " … " in one.message for one in found] == [True]
        assert [told(one, catalogue(language)).message for one in found] == [one.message for one in found]
