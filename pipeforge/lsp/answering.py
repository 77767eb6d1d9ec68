"""Answers to what an editor asks about a place in an open file, in the protocol's words."""

import re
from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from pipeforge.language import project as projects
from pipeforge.language.saying import overheard
from pipeforge.lint.linter import Report
from pipeforge.lsp import acting, completing, expressing, hovering, outlining, protocol, renaming
from pipeforge.lsp.cursor import Cursor, locate
from pipeforge.lsp.positions import Positions, positions
from pipeforge.lsp.session import Session
from pipeforge.lsp.view import Raw, View, view
from pipeforge.lsp.workspace import ours

_WORD = re.compile(r"[\w-]*$")


def look(session: Session, uri: str, position: types.Position) -> tuple[View, Positions, int] | None:
    """The file and the offset that a question is about; None for a file that is none of ours."""
    path = session.path(uri)
    counted = session.positions(path)
    if counted is None or path not in session.workspace.texts or not ours(path, counted.text):
        return None
    at = protocol.offset(counted, position)
    texts = session.workspace.texts
    return view(path, counted.text, texts, session.reference.catalog, position.line), counted, at


def complete(session: Session, params: types.CompletionParams) -> types.CompletionList | None:
    seen = look(session, params.text_document.uri, params.position)
    if seen is None:
        return None
    file, counted, at = seen
    cursor = locate(file.text, at)
    found = completing.complete(file, cursor, session.reference)
    return protocol.items(found, counted, _replaced(file.text, cursor, at), has_snippets=session.has_snippets)


def hover(session: Session, params: types.HoverParams) -> types.Hover | None:
    seen = look(session, params.text_document.uri, params.position)
    shown = hovering.hover(seen[0], seen[2], session.reference) if seen else None
    return protocol.hover(shown, seen[1]) if seen and shown else None


def define(session: Session, params: types.DefinitionParams) -> types.Location | None:
    seen = look(session, params.text_document.uri, params.position)
    target = renaming.definition(seen[0], seen[2]) if seen else None
    if seen is None or target is None:
        return None
    path = target.path.resolve()
    counted = session.positions(path)
    if counted is None and target.path in seen[0].subject.documents:
        counted = positions(seen[0].subject.documents[target.path].text, session.encoding)
    return protocol.location(session.uri(path), target.raw, counted)


def refer(session: Session, params: types.ReferenceParams) -> list[types.Location] | None:
    seen = look(session, params.text_document.uri, params.position)
    if seen is None:
        return None
    found = renaming.references(seen[0], seen[2], definitions=params.context.include_declaration)
    return [protocol.location(params.text_document.uri, raw, seen[1]) for raw in found]


def prepare(session: Session, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    seen = look(session, params.text_document.uri, params.position)
    found = renaming.prepare(seen[0], seen[2]) if seen else None
    if seen is None or found is None:
        return None
    return types.PrepareRenamePlaceholder(protocol.range_(seen[1], found[0]), found[1])


def rename(session: Session, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Raises UsageError for what cannot be."""
    seen = look(session, params.text_document.uri, params.position)
    if seen is None:
        return None
    found = renaming.rename(seen[0], seen[2], params.new_name)
    changes = [acting.Change(raw, params.new_name) for raw in found]
    return protocol.edit(params.text_document.uri, changes, seen[1])


def outline(session: Session, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
    seen = look(session, params.text_document.uri, types.Position(0, 0))
    return protocol.symbols(outlining.outline(seen[0]), seen[1]) if seen else None


def act(session: Session, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done about the findings of a range, or of the whole file."""
    uri = params.text_document.uri
    path = session.path(uri)
    counted = session.positions(path)
    if counted is None or path not in session.workspace.texts:
        return []
    session.settle(path)
    only = params.context.only
    found: list[acting.Action] = []
    if _wanted("quickfix", only):
        raw = protocol.offset(counted, params.range.start), protocol.offset(counted, params.range.end)
        found += acting.about(counted.text, path, session.workspace.findings(path), raw)
    if only and _wanted(acting.FIX_ALL, only):
        found += _fix_all(session, path, counted.text)
    told = (one._replace(title=overheard(session.told(one.title))) for one in found)
    return [protocol.action(one, counted, uri, session.reference.rule_url) for one in told]


def _fix_all(session: Session, path: Path, text: str) -> list[acting.Action]:
    pipelines = [one for one in session.workspace.concerned(path) if path in (one, projects.find(one))]
    if not pipelines:
        return []
    pipeline = path if path in pipelines else pipelines[0]
    opened = session.workspace.texts_for(pipeline)

    def again(texts: Mapping[Path, str]) -> Report:
        return session.check(pipeline, {**opened, **texts})

    done = acting.fix_all(again, path, text)
    return [done] if done else []


def _wanted(sort: str, only: object) -> bool:
    kinds = [str(getattr(one, "value", one)) for one in only] if isinstance(only, list | tuple) else []
    return not kinds or any(sort == kind or sort.startswith(f"{kind}.") for kind in kinds)


def _replaced(text: str, cursor: Cursor, at: int) -> Raw:
    """What a chosen item takes the place of."""
    if cursor.comment is not None:
        found = _WORD.search(cursor.comment)
        return at - len(found[0] if found else ""), at
    if cursor.expression is not None:
        after = re.compile(r"\w*").match(text, at)
        return at - len(expressing.word(cursor)), after.end() if after else at
    return cursor.start, cursor.end
