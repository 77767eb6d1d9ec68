"""Findings as JUnit XML: a suite a file, a failed test a finding, a passed one where there is none."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from pipeforge.language.diagnostics import Diagnostic
from pipeforge.lint.tongues import Language
from pipeforge.reports.display import shown
from pipeforge.reports.findings import title, words

_NO_XML = re.compile("[\ufffe\uffff]")
"""What XML 1.0 has no way to write, beside the control characters that are escaped already."""


def render(
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[Path, str],
    files: Sequence[Path] = (),
    language: Language = "en",
) -> str:
    """Every file that was checked, in order; what is only told (`info`) does not fail."""
    root = ElementTree.Element("testsuites", name="pipeforge lint")
    suites: dict[Path, list[Diagnostic]] = {path: [] for path in files}
    for one in diagnostics:
        suites.setdefault(one.path, []).append(one)  # a project file is none of the files, but may have some
    for path in sorted(suites):
        root.append(_suite(path, suites[path], language))
    _counted(root, diagnostics, sum(max(1, len(found)) for found in suites.values()))
    return written(root)


def written(root: ElementTree.Element) -> str:
    """A whole document."""
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(path: Path, found: Sequence[Diagnostic], language: Language) -> ElementTree.Element:
    name = legal(path.as_posix())
    suite = ElementTree.Element("testsuite", name=name)
    _counted(suite, found, max(1, len(found)))
    if not found:
        ElementTree.SubElement(suite, "testcase", classname=name, name="lint", file=name)
    for one in found:
        suite.append(_case(one, name, language))
    return suite


def _case(one: Diagnostic, name: str, language: Language) -> ElementTree.Element:
    place = f"{one.span.line}:{one.span.column}"
    case = ElementTree.Element(
        "testcase", classname=name, name=f"{title(one)} at {place}", file=name, line=str(one.span.line)
    )
    text = f"{name}:{place}: {legal(words(one, language))}"
    if one.severity == "info":
        ElementTree.SubElement(case, "system-out").text = text
    else:
        message = legal(one.message)
        ElementTree.SubElement(case, "failure", type=one.severity, message=message).text = text
    return case


def _counted(element: ElementTree.Element, found: Sequence[Diagnostic], tests: int) -> None:
    failures = sum(one.severity != "info" for one in found)
    for name, number in (("tests", tests), ("failures", failures), ("errors", 0)):
        element.set(name, str(number))


def legal(text: str) -> str:
    """What XML can hold, with control characters escaped."""
    return _NO_XML.sub(
        lambda char: f"\\u{ord(char[0]):04x}", "\n".join(shown(line) for line in text.split("\n"))
    )
