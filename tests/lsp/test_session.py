"""A session under whatever is typed: it never fails, and it shows what lint finds in the same text."""

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from pipeforge.errors import UsageError
from pipeforge.lint.linter import check
from pipeforge.lsp import answering
from pipeforge.lsp.session import Session

ROOT = Path(__file__).parents[2]
TEXTS = sorted(
    path.read_text(encoding="utf-8")
    for folder in ("examples", "tests/lint/ok", "tests/lint/bad")
    for path in (ROOT / folder).rglob("*.yaml")
    if path.name != "pipeforge.yaml" and b"\xff" not in path.read_bytes()
)
TYPED = (
    *("", " ", "\n", "\r\n", "\r", "\t", ":", ": ", "- ", "#", "'", '"', "[", "]", "{", "}", "${{", "}}"),
    *("&a ", "*a", "<<: ", "---\n", "\ufeff", "\u3000", "：", "日本語", "😀", "\x00", "\x85", "\ud800"),
    *("steps:", "  uses: ", "needs: ", "a.b", "\n# pipeforge: ignore[PF101] x\n", "0x1F", "1.10", "!x "),
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(TYPED)), min_size=1, max_size=6
)


@pytest.fixture
def session(reference):
    return Session(reference)


def ask(session, uri, chance):
    """Every question an editor has, at some place of the file or beyond it."""
    document = types.TextDocumentIdentifier(uri)
    at = types.Position(chance.randrange(40), chance.randrange(60))
    answering.complete(session, types.CompletionParams(document, at))
    answering.hover(session, types.HoverParams(document, at))
    answering.define(session, types.DefinitionParams(document, at))
    answering.refer(session, types.ReferenceParams(types.ReferenceContext(True), document, at))
    answering.prepare(session, types.PrepareRenameParams(document, at))
    with contextlib.suppress(UsageError):  # told to the editor as it is
        answering.rename(session, types.RenameParams(document, at, "other"))
    answering.outline(session, types.DocumentSymbolParams(document))
    everywhere = types.Range(types.Position(0, 0), types.Position(99, 0))
    answering.act(session, types.CodeActionParams(document, everywhere, types.CodeActionContext([])))


@given(st.integers(0, 10_000), EDITS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_it_shows_what_lint_finds(tmp_path, session, seed, edits):
    chance = random.Random(seed)
    path = tmp_path.resolve() / "pipeline.yaml"
    text = chance.choice(TEXTS)
    session.opened(path.as_uri(), text)
    for place, length, typed in edits:
        at = int(place * len(text))
        text = text[:at] + typed + text[at + length :]
        session.opened(path.as_uri(), text)
        session.workspace.pipelines.add(path)
        session.waiting.add(path)
        ask(session, path.as_uri(), chance)
        session.settle(path)
        shown = session.diagnostics(path)
        whole = session.workspace.texts[path]
        found = check(path, session.reference.catalog, texts={path: whole}).diagnostics
        here = [one for one in found if one.path.resolve() == path]
        assert [(one.code, one.message.partition("\n")[0]) for one in shown] == [
            (one.code, one.message.partition("\n")[0]) for one in here
        ]
        lines = session.full[path].count("\n") + session.full[path].count("\r") + 1
        assert all(one.range.start <= one.range.end and one.range.end.line < lines + 1 for one in shown)


def shown(session, tmp_path, text):
    path = tmp_path.resolve() / "pipeline.yaml"
    session.opened(path.as_uri(), text)
    session.settle(path)
    return path.as_uri(), {one.code: one for one in session.diagnostics(path)}


HEAD = 'name: one\nconnections:\n  t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}\n'
STEP = "    uses: trocco.run_job\n    with: {job_definition_id: 1}\n    timeout: 1h\n"


def test_other_places_are_related_information(session, tmp_path):
    text = f"{HEAD}steps:\n  a:\n    needs: b\n{STEP}  b:\n    needs: a\n{STEP}"
    uri, found = shown(session, tmp_path, text)
    cycle = found["PF203"]
    assert cycle.related_information
    for one in cycle.related_information:
        assert one.location.uri == uri
        assert one.message
        line = text.splitlines()[one.location.range.start.line]
        assert "needs" in line or line.strip() in ("a:", "b:")
    assert found["PF203"].tags is None


def test_a_finding_with_one_place_has_no_other(session, tmp_path):
    found = shown(session, tmp_path, f"{HEAD}steps:\n  a:\n    need: b\n{STEP}")[1]
    assert {one.related_information for one in found.values()} == {None}


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("custom_variables: {v: x}\n", "PF207"),
        ('records: {r: {Day: {type: DATE, value: "2024-01-01"}}}\n', "PF208"),
    ],
)
def test_what_is_unused_is_shown_as_unnecessary(session, tmp_path, part, code):
    found = shown(session, tmp_path, f"{HEAD}{part}steps:\n  a:\n{STEP}")[1]
    assert {one: item.tags for one, item in found.items()} == {code: [types.DiagnosticTag.Unnecessary]}
