"""Golden pairs: what `ok` holds is clean, what `bad` holds gives exactly the text beside it."""

from pathlib import Path

import pytest

from pipeforge.lint.linter import check
from pipeforge.reports.diagnostics import full

HERE = Path(__file__).parent
OK = sorted([*HERE.glob("ok/*.yaml"), *HERE.glob("ok/*.yml")])
BAD = sorted(HERE.glob("bad/*.yaml"))


@pytest.mark.parametrize("path", OK, ids=lambda path: path.name)
def test_valid_files_are_silent(path, catalog):
    report = check(path, catalog)
    assert full(report.diagnostics, report.texts) == ""
    assert report.pipeline is not None


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_findings_read_exactly_so(path, catalog, monkeypatch):
    monkeypatch.chdir(path.parent)
    report = check(Path(path.name), catalog)
    assert full(report.diagnostics, report.texts) == path.with_suffix(".out").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_the_order_is_that_of_the_file_and_nothing_is_said_twice(path, catalog):
    report = check(path, catalog)
    places = [(one.span.line, one.span.column) for one in report.diagnostics]
    assert places == sorted(places)
    assert len({(one.span, one.message) for one in report.diagnostics}) == len(places)


def test_the_pairs_cover_the_findings_that_matter_most(catalog):
    codes = {one.code for path in BAD for one in check(path, catalog).diagnostics}
    named = "001 013 101 103 104 105 106 108 201 202 203 204 301 302 303 304 305 306 307 308 401 402 404"
    assert codes >= {f"PF{code}" for code in f"{named} 411 412 414 421 424 431 501 005".split()}
