"""The server on stdin and stdout: hears the editor, asks the session, and outlives whatever goes wrong."""

import asyncio
import functools
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from pipeforge.errors import PipeforgeError
from pipeforge.lint.tongues import LANGUAGES
from pipeforge.lsp import acting, answering, protocol
from pipeforge.lsp.session import Session
from pipeforge.lsp.view import Reference

_LOG = logging.getLogger("pipeforge.lsp")

_PAUSE = 0.15
"""chosen: seconds without a change before files are checked again."""

_REFUSED = -32803
"""The protocol's RequestFailed: a request that was right, with a result that cannot be."""

_TRIGGERS = [".", ":", " ", "|", "[", "{", "-"]


class _Checks:
    """Checks what waits, a pause after the last change, and tells the editor what was found."""

    def __init__(self, server: LanguageServer, session: Session) -> None:
        self._server = server
        self._session = session
        self._timer: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[None] | None = None

    def soon(self) -> None:
        """A change more begins the pause anew."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._work is None or self._work.done():
            self._work = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        session = self._session
        while session.waiting:
            pipeline = min(session.waiting)
            session.waiting.discard(pipeline)
            texts = session.workspace.texts_for(pipeline)
            try:
                report = await asyncio.to_thread(session.examine, pipeline, texts)
            except Exception as error:
                _log(error)
                continue
            if pipeline in session.waiting:
                continue  # it has changed meanwhile: what was found is old
            if not session.workspace.wanted(pipeline):
                self.publish(session.workspace.forget(pipeline))
                continue
            self.publish(session.workspace.take(pipeline, report) | {pipeline})

    def publish(self, paths: set[Path]) -> None:
        for path in sorted(paths):
            found = self._session.diagnostics(path)
            if path in self._session.uris or found or path.exists():
                params = types.PublishDiagnosticsParams(self._session.uri(path), found)
                self._server.text_document_publish_diagnostics(params)


def make(reference: Reference, version: str) -> LanguageServer:
    """A server that has not begun to listen."""
    server = LanguageServer(
        "pipeforge", version, text_document_sync_kind=types.TextDocumentSyncKind.Full, max_workers=2
    )
    session = Session(reference)
    _hear(server, session, _Checks(server, session))
    _answer(server, session)
    return server


def serve(reference: Reference, version: str) -> None:
    """Serves one editor on stdin and stdout until it says goodbye or is gone."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("pygls").setLevel(logging.CRITICAL)  # it would log what documents hold
    server = make(reference, version)
    wire = _own_stdout()
    server.start_io(sys.stdin.buffer, wire)


def _own_stdout() -> BinaryIO:
    """The protocol's stdout; from now on whatever is printed by mistake goes to stderr."""
    wire = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return wire


def _hear(server: LanguageServer, session: Session, checks: _Checks) -> None:
    """What the editor tells."""

    def initialize(params: types.InitializeParams) -> None:
        encoding = server.workspace.position_encoding
        session.encoding = str(getattr(encoding, "value", encoding) or "utf-16")
        session.has_snippets = protocol.has_snippets(params.capabilities)
        options = params.initialization_options
        options = options if isinstance(options, dict) else {}
        environment, language = options.get("environment"), options.get("language")
        session.environment = environment if isinstance(environment, str) else None
        if language in LANGUAGES:
            session.reference = session.reference._replace(language=language)

    def opened(params: types.DidOpenTextDocumentParams) -> None:
        session.opened(params.text_document.uri, params.text_document.text)
        checks.soon()

    def changed(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        session.opened(uri, server.workspace.get_text_document(uri).source)
        checks.soon()

    def closed(params: types.DidCloseTextDocumentParams) -> None:
        checks.publish(session.closed(params.text_document.uri))
        checks.soon()

    def saved(_: types.DidSaveTextDocumentParams | types.DidChangeWatchedFilesParams) -> None:
        session.saved()
        checks.soon()

    server.feature(types.INITIALIZE)(_survive(session, initialize))
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(_survive(session, opened))
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_survive(session, changed))
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_survive(session, closed))
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(_survive(session, saved))
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_survive(session, saved))


def _answer(server: LanguageServer, session: Session) -> None:
    """What the editor asks."""
    kinds = [types.CodeActionKind.QuickFix, acting.FIX_ALL]
    listed: list[tuple[str, Any, Callable[[Session, Any], Any]]] = [
        (
            types.TEXT_DOCUMENT_COMPLETION,
            types.CompletionOptions(trigger_characters=_TRIGGERS),
            answering.complete,
        ),
        (types.TEXT_DOCUMENT_HOVER, None, answering.hover),
        (types.TEXT_DOCUMENT_DEFINITION, None, answering.define),
        (types.TEXT_DOCUMENT_REFERENCES, None, answering.refer),
        (types.TEXT_DOCUMENT_PREPARE_RENAME, None, answering.prepare),
        (types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True), answering.rename),
        (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, None, answering.outline),
        (types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds), answering.act),
    ]
    for name, options, answer in listed:
        server.feature(name, options)(_survive(session, functools.partial(answer, session)))


def _survive(session: Session, answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An answer that is none when something of ours goes wrong; the editor is told only what it may mend."""

    def answered(params: Any) -> Any:
        try:
            return answer(params)
        except PipeforgeError as error:
            said, hint = session.told(error.message), session.told(error.hint)
            raise JsonRpcException(f"{said} ({hint})" if hint else said, _REFUSED) from None
        except Exception as error:
            _log(error)
            return None

    return answered


def _log(error: Exception) -> None:
    """A bug of ours: where it is, but not what the values were, for they may hold secrets."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    _LOG.error("internal error: %s at %s", type(error).__name__, place)
