"""The server as an editor meets it: a real client, a real process, the protocol over stdin and stdout."""

import asyncio
import json
import os
import re
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

pytestmark = pytest.mark.anyio

PIPELINE = """name: one  # 😀 取込
connections:
  t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
steps:
  load:
    uses: trocco.run_job
    with: {job_definition_id: 1, custom_variables: {$x$: "😀😀 ${{ run.id }} ${{ run.idd }}"}}
  mart:
    depends_on: load
    uses: trocco.run_job
    with: {job_definition_id: 2}
"""
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
WAIT = 30  # seconds at most; what is awaited comes in well under one


class Editor:
    """One file in an editor that speaks to the server."""

    def __init__(self, client, path, found):
        self.client = client
        self.uri = path.as_uri()
        self.document = types.TextDocumentIdentifier(self.uri)
        self.version = 0
        self.found = found

    def open(self, text, uri=None):
        item = types.TextDocumentItem(uri or self.uri, "yaml", 0, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, text):
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    async def diagnostics(self, wanted, uri=None):
        """What was published, once it is what is wanted."""
        async with asyncio.timeout(WAIT):
            while True:
                listed = self.found.get(uri or self.uri)
                if listed is not None and wanted(listed):
                    return listed
                self.found["more"].clear()
                await self.found["more"].wait()

    async def complete(self, line, character):
        params = types.CompletionParams(self.document, types.Position(line, character))
        return await self.client.text_document_completion_async(params)


@asynccontextmanager
async def editor(folder, *, encodings=None, options=None):
    client, found = LanguageClient("editor", "1"), {"more": asyncio.Event()}

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params):
        found[params.uri] = params.diagnostics
        found["more"].set()

    command = [sys.executable, "-m", "pipeforge", "lsp", "--stdio"]
    await client.start_io(*command, cwd=folder, env={**os.environ, "PIPEFORGE_LANG": "en"})
    general = types.GeneralClientCapabilities(position_encodings=encodings)
    capabilities = types.ClientCapabilities(general=general if encodings else None)
    result = await client.initialize_async(
        types.InitializeParams(
            capabilities=capabilities, root_uri=folder.as_uri(), initialization_options=options
        )
    )
    client.initialized(types.InitializedParams())
    one = Editor(client, folder / "pipeline.yaml", found)
    one.capabilities = result.capabilities
    yield one
    await client.shutdown_async(None)
    client.exit(None)
    async with asyncio.timeout(WAIT):
        assert await client._server.wait() == 0
    await client.stop()


@pytest.fixture
def folder(tmp_path):
    path = tmp_path.resolve()
    (path / "pipeline.yaml").write_text(PIPELINE, encoding="utf-8")
    return path


def columns(diagnostic):
    return diagnostic.range.start.character, diagnostic.range.end.character


async def test_findings_as_one_types(folder):
    async with editor(folder) as one:
        one.open(PIPELINE)
        misspelt, foreign = await one.diagnostics(lambda listed: len(listed) == 2)
        line = PIPELINE.splitlines()[6]
        at = len(line[: line.index("idd")].encode("utf-16-le")) // 2
        assert columns(misspelt) == (at, at + 3)
        assert misspelt.code_description.href.endswith(f"/rules/{misspelt.code}")
        assert "did you mean 'id'?" in misspelt.message
        assert (foreign.source, foreign.code, foreign.severity) == (
            "pipeforge", "PF106", types.DiagnosticSeverity.Error,
        )  # fmt: skip
        one.change(PIPELINE.replace("depends_on", "needs").replace("idd", "id"))
        await one.diagnostics(lambda listed: not listed)
        one.change(PIPELINE + "  bad: [\n")
        (syntax,) = await one.diagnostics(lambda listed: bool(listed))
        assert "not valid YAML" in syntax.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_columns_are_counted_as_agreed(folder, encoding):
    async with editor(folder, encodings=[types.PositionEncodingKind(encoding)]) as one:
        assert one.capabilities.position_encoding == encoding
        one.open(PIPELINE)
        found = (await one.diagnostics(bool))[0]
        line = PIPELINE.splitlines()[6]
        unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
        assert columns(found)[0] == len(line[: line.index("idd")].encode(name)) // unit


async def test_questions_about_a_place(folder):
    async with editor(folder) as one:
        one.open(PIPELINE)
        kinds = await one.complete(5, 10)
        assert "workato.poll_recipe" in [item.label for item in kinds.items]
        text_edit = next(item for item in kinds.items if item.label == "trocco.run_workflow").text_edit
        assert (text_edit.new_text, text_edit.range.start.character) == ("trocco.run_workflow", 10)
        at = types.Position(5, 14)
        shown = await one.client.text_document_hover_async(types.HoverParams(one.document, at))
        assert shown.contents.value.startswith("# trocco.run_job")
        outline = await one.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(one.document)
        )
        assert [child.name for child in outline[-1].children] == ["load", "mart"]
        one.change(PIPELINE.replace("depends_on: load", "needs: load"))
        need = types.Position(8, 12)
        defined = await one.client.text_document_definition_async(types.DefinitionParams(one.document, need))
        assert defined.range.start == types.Position(4, 2)
        every = await one.client.text_document_references_async(
            types.ReferenceParams(types.ReferenceContext(True), one.document, need)
        )
        assert len(every) == 2
        ready = await one.client.text_document_prepare_rename_async(
            types.PrepareRenameParams(one.document, need)
        )
        assert ready.placeholder == "load"
        edit = await one.client.text_document_rename_async(types.RenameParams(one.document, need, "取込"))
        assert [change.range.start.line for change in edit.changes[one.uri]] == [4, 8]
        with pytest.raises(JsonRpcException, match="there is a step 'mart' already"):
            await one.client.text_document_rename_async(types.RenameParams(one.document, need, "mart"))


async def test_fixes(folder):
    async with editor(folder) as one:
        one.open(PIPELINE)
        context = types.CodeActionContext([], only=None)
        line = types.Range(types.Position(8, 0), types.Position(8, 20))
        ask = types.CodeActionParams(one.document, line, context)
        fix, ignore = await one.client.text_document_code_action_async(ask)
        assert (fix.title, fix.kind, fix.is_preferred) == ("rename to 'needs'", "quickfix", True)
        (change,) = fix.edit.changes[one.uri]
        assert change == types.TextEdit(types.Range(types.Position(8, 4), types.Position(8, 14)), "needs")
        assert ignore.title == "ignore PF106 with a comment"
        context = types.CodeActionContext([], only=["source.fixAll"])
        (everything,) = await one.client.text_document_code_action_async(
            types.CodeActionParams(one.document, line, context)
        )
        assert everything.kind == "source.fixAll.pipeforge"


async def test_the_project_file_and_what_depends_on_it(folder):
    (folder / "pipeforge.yaml").write_text("", encoding="utf-8")
    project = (folder / "pipeforge.yaml").as_uri()
    other = folder / "other.yaml"
    other.write_text(PIPELINE.replace("depends_on", "needs").replace("idd", "id"), encoding="utf-8")
    async with editor(folder) as one:
        one.open("environments:\n  prod: {connections: {nobody: {}}}\n", project)
        (found,) = await one.diagnostics(bool, project)
        assert "no connection 'nobody' to change" in found.message
        await one.diagnostics(bool)  # a pipeline that is not open, but governed
        item = types.TextDocumentIdentifier(project)
        one.client.text_document_did_close(types.DidCloseTextDocumentParams(item))
        await one.diagnostics(lambda listed: not listed, project)
        await one.diagnostics(lambda listed: not listed)


async def test_an_environment_can_be_chosen(folder):
    (folder / "pipeforge.yaml").write_text(
        "environments:\n  prod: {connections: {t: {limits: {running: 0}}}}\n  dev: {}\n", encoding="utf-8"
    )
    text = PIPELINE.replace("depends_on", "needs").replace("idd", "id")
    async with editor(folder, options={"environment": "prdo"}) as one:
        one.open(text)
        (found,) = await one.diagnostics(bool, (folder / "pipeforge.yaml").as_uri())
        assert "'prdo'" in found.message


async def test_findings_in_japanese(folder):
    async with editor(folder, options={"language": "ja"}) as one:
        one.open(PIPELINE)
        found = await one.diagnostics(bool)
        assert not any(diagnostic.message.isascii() for diagnostic in found)
        one.change("name: one  # pipeforge: ignore[PF106] x\n" + PIPELINE.partition("\n")[2])
        at = types.Position(0, 33)
        shown = await one.client.text_document_hover_async(types.HoverParams(one.document, at))
        assert not shown.contents.value.isascii()


async def test_actions_and_refusals_in_japanese(folder):
    async with editor(folder, options={"language": "ja"}) as one:
        one.open(PIPELINE.replace("mart:", "mart: # x\n    timeout: 5 minutes", 1))
        whole = types.Range(types.Position(0, 0), types.Position(20, 0))
        for only in (None, ["source.fixAll"]):
            ask = types.CodeActionParams(one.document, whole, types.CodeActionContext([], only=only))
            found = await one.client.text_document_code_action_async(ask)
            assert found
            assert [action.title for action in found if not JAPANESE.search(action.title)] == []
        for name, line in (("load", 8), ("no name", 8), ("x", 0)):
            asked = types.RenameParams(one.document, types.Position(line, 3), name)
            with pytest.raises(JsonRpcException) as refused:
                await one.client.text_document_rename_async(asked)
            assert JAPANESE.search(refused.value.message), refused.value.message


async def test_files_that_are_none_of_ours_are_left_alone(folder):
    async with editor(folder) as one:
        compose = (folder / "compose.yaml").as_uri()
        one.open("services: {a: {image: x}}\n", compose)
        one.open(PIPELINE)
        await one.diagnostics(bool)
        assert compose not in one.found
        params = types.CompletionParams(types.TextDocumentIdentifier(compose), types.Position(0, 0))
        assert await one.client.text_document_completion_async(params) is None


async def test_it_outlives_whatever_it_is_given(folder):
    async with editor(folder) as one:
        for text in (
            "\ud800: x",
            "&a [*a",
            "{" * 500,
            "a: !!python/object:os.system x",
            "\x00",
            "steps: 1",
            PIPELINE,
        ):
            one.open(text, "untitled:Untitled-1")
            one.open(text)
            nowhere = types.Position(999, 999)
            await one.complete(999, 999)
            await one.client.text_document_hover_async(types.HoverParams(one.document, nowhere))
            await one.client.text_document_definition_async(types.DefinitionParams(one.document, nowhere))
        unknown = types.TextDocumentIdentifier("file:///nowhere/at%20all.yaml")
        assert await one.client.text_document_hover_async(types.HoverParams(unknown, nowhere)) is None
        assert len(await one.diagnostics(lambda listed: len(listed) == 2)) == 2


def test_without_its_library_it_says_what_to_install(tmp_path):
    code = "import sys; sys.modules['pygls'] = None; from pipeforge.cli import main; sys.exit(main(['lsp']))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert said.returncode == 2
    assert said.stderr == (
        "error: the language server is not installed\nhelp: pip install 'pipeforge[lsp]'\n"
    )


def framed(message):
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def test_it_ends_when_the_editor_is_gone_and_prints_nothing_but_the_protocol(tmp_path):
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
    nonsense = framed({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"nothing": 1}})
    said = subprocess.run(
        [sys.executable, "-m", "pipeforge", "lsp"],
        input=framed(hello) + nonsense + b"Content-Length: 5\r\n\r\n{nope",
        capture_output=True,
        cwd=tmp_path,
        timeout=WAIT,
    )
    assert said.stdout.startswith(b"Content-Length: ")
    assert b"Traceback" not in said.stdout + said.stderr
    assert json.loads(said.stdout.partition(b"\r\n\r\n")[2].partition(b"Content-Length")[0])["id"] == 1
