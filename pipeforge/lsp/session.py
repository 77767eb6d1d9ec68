"""What one editor's session holds, the files that it has open and what is known to be wrong in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from lsprotocol import types

from pipeforge.errors import UsageError
from pipeforge.language.saying import tell
from pipeforge.lint.linter import Report, check
from pipeforge.lint.tongues import catalogue
from pipeforge.lsp import protocol
from pipeforge.lsp.positions import Positions, positions
from pipeforge.lsp.view import Reference
from pipeforge.lsp.workspace import Workspace

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Session:
    """One editor and its open files."""

    reference: Reference
    workspace: Workspace = field(default_factory=Workspace)
    environment: str | None = None
    encoding: str = "utf-16"
    has_snippets: bool = False
    uris: dict[Path, str] = field(default_factory=dict)
    """The editor's own names of files."""
    full: dict[Path, str] = field(default_factory=dict)
    """Texts as the editor has them, with byte order marks."""
    waiting: set[Path] = field(default_factory=set)
    """Pipelines whose findings are older than the texts."""

    def told(self, message: str) -> str:
        """A message in the editor's language."""
        return tell(message, catalogue(self.reference.language))

    # -- files

    def path(self, uri: str) -> Path:
        """The file of a URI; a document that is in no file yet stands in the current folder."""
        parts = urlsplit(uri)
        if parts.scheme == "file":
            path = Path(url2pathname(parts.path)).resolve()
        else:
            name = re.sub(r"[^\w.-]+", "-", unquote(parts.path)) or "untitled"
            path = (Path.cwd() / name).with_suffix(".yaml")
        self.uris[path] = uri
        return path

    def uri(self, path: Path) -> str:
        return self.uris.get(path) or protocol.uri_of(path)

    def opened(self, uri: str, text: str) -> None:
        """A file was opened or changed."""
        path = self.path(uri)
        text = _SURROGATE.sub("\ufffd", text)
        self.full[path] = text
        self.workspace.open(path, text)
        self.waiting.update(self.workspace.concerned(path))

    def closed(self, uri: str) -> set[Path]:
        """A file was closed: the files whose findings may be others now."""
        path = self.path(uri)
        concerned = self.workspace.concerned(path)
        self.workspace.close(path)
        self.full.pop(path, None)
        changed: set[Path] = {path}
        for pipeline in concerned:
            if self.workspace.wanted(pipeline):
                self.waiting.add(pipeline)
            else:
                self.waiting.discard(pipeline)
                changed |= self.workspace.forget(pipeline)
        return changed

    def saved(self) -> None:
        """Something on disk has changed: everything that is shown is worth another look."""
        self.workspace.look_again()
        self.waiting.update(one for one in self.workspace.found if self.workspace.wanted(one))
        self.waiting.update(self.workspace.pipelines)

    def positions(self, path: Path) -> Positions | None:
        """How a file is counted: as it is open, else as it was read last."""
        text = self.full.get(path, self.workspace.shown.get(path))
        return None if text is None else positions(text, self.encoding)

    # -- findings

    def check(self, pipeline: Path, texts: Mapping[Path, str]) -> Report:
        """Raises UsageError when there is nothing to read. Changes nothing: it may run in a thread."""
        known = self.reference
        return check(
            pipeline, known.catalog, environment=self.environment, texts=texts, language=known.language
        )

    def examine(self, pipeline: Path, texts: Mapping[Path, str]) -> Report | None:
        """The same; None where there is nothing to read."""
        try:
            return self.check(pipeline, texts)
        except UsageError:
            return None

    def settle(self, path: Path) -> None:
        """Checks at once what is waiting for a file."""
        for pipeline in self.workspace.concerned(path):
            if pipeline in self.waiting:
                self.waiting.discard(pipeline)
                self.workspace.take(pipeline, self.examine(pipeline, self.workspace.texts_for(pipeline)))

    def diagnostics(self, path: Path) -> list[types.Diagnostic]:
        counted = self.positions(path)
        if counted is None:
            return []
        uri, link = self.uri(path), self.reference.rule_url
        return [protocol.diagnostic(one, counted, uri, link) for one in self.workspace.findings(path)]
