"""Our values in the protocol's words: positions, findings, items, outlines, actions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.document import Document
from pipeforge.lsp.acting import Action, Change, span
from pipeforge.lsp.hovering import Shown
from pipeforge.lsp.items import Item, Look, plain
from pipeforge.lsp.outlining import Entry
from pipeforge.lsp.positions import Positions
from pipeforge.lsp.view import Raw

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}

_LOOKS: Mapping[Look, types.CompletionItemKind] = {
    "key": types.CompletionItemKind.Property,
    "kind": types.CompletionItemKind.Class,
    "word": types.CompletionItemKind.EnumMember,
    "step": types.CompletionItemKind.Module,
    "connection": types.CompletionItemKind.Interface,
    "variable": types.CompletionItemKind.Variable,
    "filter": types.CompletionItemKind.Function,
    "rule": types.CompletionItemKind.Constant,
    "snippet": types.CompletionItemKind.Snippet,
    "name": types.CompletionItemKind.Field,
}

_OUTLINED = {
    "steps": types.SymbolKind.Function,
    "custom_variables": types.SymbolKind.Variable,
    "records": types.SymbolKind.Struct,
    "connections": types.SymbolKind.Interface,
    "environments": types.SymbolKind.Namespace,
}


def range_(positions: Positions, raw: Raw) -> types.Range:
    return types.Range(types.Position(*positions.point(raw[0])), types.Position(*positions.point(raw[1])))


def offset(positions: Positions, position: types.Position) -> int:
    return positions.offset((position.line, position.character))


def diagnostic(
    one: Diagnostic, positions: Positions, uri: str, link: Callable[[str], str]
) -> types.Diagnostic:
    """A finding with its mend in the message, its page, its other places."""
    document = Document(one.path, positions.text)
    also = [
        types.DiagnosticRelatedInformation(
            types.Location(uri, range_(positions, span(document, one._replace(span=place)))), label
        )
        for place, label in one.see_also
    ]
    return types.Diagnostic(
        range=range_(positions, span(document, one)),
        message=f"{one.message}\n{one.hint}" if one.hint else one.message,
        severity=_SEVERITIES[one.severity],
        code=one.code,
        code_description=types.CodeDescription(link(one.code)),
        source="pipeforge",
        related_information=also or None,
        tags=[types.DiagnosticTag.Unnecessary] if one.rule.startswith("unused-") else None,
    )


def hover(shown: Shown, positions: Positions) -> types.Hover:
    return types.Hover(_markdown(shown.text), range_(positions, shown.raw))


def _markdown(text: str) -> types.MarkupContent:
    return types.MarkupContent(types.MarkupKind.Markdown, text)


def items(
    found: Iterable[Item], positions: Positions, raw: Raw, *, has_snippets: bool
) -> types.CompletionList:
    """The items in our order; `raw` is the word that each replaces."""
    listed = [_item(one, number, positions, raw, has_snippets) for number, one in enumerate(found)]
    return types.CompletionList(is_incomplete=False, items=listed)


def _item(one: Item, number: int, positions: Positions, raw: Raw, has_snippets: bool) -> types.CompletionItem:
    start = max(0, raw[0] - one.back)
    snippet = one.is_snippet and has_snippets
    text = one.text if snippet or not one.is_snippet else plain(one.text)
    return types.CompletionItem(
        label=one.label,
        kind=_LOOKS[one.look],
        detail=one.detail or None,
        documentation=_markdown(one.documentation) if one.documentation else None,
        sort_text=f"{one.order:03}{number:05}",
        filter_text=positions.text[start : raw[0]] + one.label if one.text.startswith("[") else one.label,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AdjustIndentation,
        text_edit=types.TextEdit(range_(positions, (start, raw[1])), text),
    )


def symbols(found: Sequence[Entry], positions: Positions) -> list[types.DocumentSymbol]:
    return [
        types.DocumentSymbol(
            name=one.name,
            kind=_OUTLINED.get(one.sort, types.SymbolKind.Key)
            if not one.children
            else types.SymbolKind.Namespace,
            range=range_(positions, one.whole),
            selection_range=range_(positions, one.key),
            detail=one.detail or None,
            children=symbols(one.children, positions),
        )
        for one in found
    ]


def edit(uri: str, changes: Iterable[Change], positions: Positions) -> types.WorkspaceEdit:
    edits = [types.TextEdit(range_(positions, change.raw), change.text) for change in changes]
    return types.WorkspaceEdit(changes={uri: edits})


def action(one: Action, positions: Positions, uri: str, link: Callable[[str], str]) -> types.CodeAction:
    return types.CodeAction(
        title=one.title,
        kind=one.sort,
        diagnostics=[diagnostic(one.about, positions, uri, link)] if one.about else None,
        is_preferred=one.preferred or None,
        edit=edit(uri, one.changes, positions),
    )


def location(uri: str, raw: Raw | None, positions: Positions | None) -> types.Location:
    """A place in a file; its beginning where nothing nearer is known."""
    start = types.Position(0, 0)
    if raw is None or positions is None:
        return types.Location(uri, types.Range(start, start))
    return types.Location(uri, range_(positions, raw))


def has_snippets(capabilities: types.ClientCapabilities) -> bool:
    completion = capabilities.text_document.completion if capabilities.text_document else None
    item = completion.completion_item if completion else None
    return bool(item and item.snippet_support)


def uri_of(path: Path) -> str:
    return path.as_uri()
