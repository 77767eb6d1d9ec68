"""All that is made of a file that anybody may have written, each in bounded time, without a traceback."""

import json
import time
import zlib
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

from pipeforge.commands import vendors
from pipeforge.errors import UsageError
from pipeforge.language.document import parse, read_over
from pipeforge.language.templating import TemplateError, template
from pipeforge.lint.fixing import fix
from pipeforge.lint.ignoring import ignore
from pipeforge.lint.linter import check
from pipeforge.lsp import completing, hovering, outlining, renaming
from pipeforge.lsp.cursor import locate
from pipeforge.lsp.view import Reference, view
from pipeforge.reports import as_json, diagnostics, github, gitlab, junit, rdjson, sarif

SECONDS = 2.0
"""Of processor time for a file of a few KiB, however it is written, all that follows taken together."""

CATALOG = vendors.catalog()
REFERENCE = Reference(CATALOG, lambda kind: kind.name, str, {"context_time": ""}, str)
CONTROL = {chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(0x7F, 0xA0))}


def endure(path: Path, content: bytes, seconds: float = SECONDS) -> None:
    """Checks, tells, fixes and answers; what is done beside the check differs by content, for speed."""
    started = time.process_time()
    turn = zlib.crc32(content) % 4
    texts = {path.resolve(): content}
    try:
        report = check(path, CATALOG, texts=texts, language="ja" if turn == 0 else "en")
    except UsageError:
        return
    found = report.diagnostics
    assert len(set(found)) == len(found)
    assert list(found) == sorted(found, key=lambda one: one.order)
    if turn in (0, 1):
        _told(found, report.texts)
    elif turn == 2:
        _fixed(path, content)
    else:
        _answered(path, content)
    spent = time.process_time() - started
    assert spent < seconds, f"{spent:.1f} s"


def _told(found, texts):
    for text in (diagnostics.full(found, texts, colour=False), diagnostics.concise(found)):
        assert not CONTROL & set(text), "a control character reaches the terminal"
        text.encode()
    paths = list(texts)
    for module in (as_json, sarif, gitlab, rdjson):
        json.loads(module.render(found, texts, paths, "en").encode())
    ElementTree.fromstring(junit.render(found, texts, paths, "en").encode())
    lines = github.render(found, texts, paths, "en").encode().decode().splitlines()
    assert all(line.startswith("::") for line in lines if line)
    github.summary(found).encode()


def _fixed(path, content):
    resolved = path.resolve()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    before = {resolved: text.removeprefix("\ufeff")}

    def again(texts):
        return check(path, CATALOG, texts=texts)

    done = fix(again, before, unsafe=True)
    once = done.texts[resolved]
    assert fix(again, {resolved: once}, unsafe=True).texts[resolved] == once
    reveals = any(one.fix and one.fix.reveals for one in done.applied)
    assert reveals or len(parse(path, once).faults) <= len(parse(path, text).faults)
    ignore(before, [one for one in check(path, CATALOG, texts=before).diagnostics], "because")


def _answered(path, content):
    resolved = path.resolve()
    text = read_over(path, {resolved: content}).text
    at = zlib.adler32(content) % (len(text) + 1)
    seen = view(resolved, text, {resolved: text}, CATALOG, text.count("\n", 0, at))
    at = min(at, len(seen.text))
    completing.complete(seen, locate(seen.text, at), REFERENCE)
    hovering.hover(seen, at, REFERENCE)
    renaming.definition(seen, at)
    renaming.references(seen, at, definitions=True)
    outlining.outline(seen)
    if renaming.prepare(seen, at):
        with suppress(UsageError):
            renaming.rename(seen, at, "another_name")


def endure_template(text: str, seconds: float = 1.0) -> None:
    """Reads one text as a template."""
    started = time.process_time()
    with suppress(TemplateError):
        found = template(text)
        assert found is None or found.roots is not None
    assert time.process_time() - started < seconds
