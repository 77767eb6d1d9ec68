"""Each rule's page is its documentation and its test: its bad example gives exactly that output."""

import re

import pytest

from pipeforge.lint.pages import page
from pipeforge.lint.rules import RULES
from pipeforge.reports.diagnostics import concise

_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(part):
    """The files of one part of a page, the environment it asks for, and the output it promises."""
    files, environment, output = {}, None, None
    for block in _BLOCK.finditer(part):
        words = block["info"].split()
        if words == ["text"]:
            output = block["body"]
            continue
        if "--env" in words:
            environment = words[words.index("--env") + 1]
        name = words[1] if len(words) > 1 and "." in words[1] else "pipeline.yaml"
        body = block["body"].encode()
        files[name] = re.sub(rb"\\x([0-9a-f]{2})", unescape, body) if "bytes" in words else body
    return files, environment, output


def unescape(found):
    return bytes([int(found[1], 16)])


IN_FILES = [rule for rule in RULES if rule.code not in ("PF000", "PF600")]
"""All but those that tell of more than files, which test_lint_paths.py and test_online.py have."""


@pytest.mark.parametrize("rule", IN_FILES, ids=lambda rule: rule.code)
def test_the_page_tells_what_the_rule_finds(lint, rule):
    text = page(rule.code)
    assert text.startswith(f"# {rule.code} {rule.name}\n")
    _, bad, good = re.split(r"^## (?:Bad|Good)$", text, flags=re.MULTILINE)
    files, environment, output = blocks(bad)
    found = lint(files.pop("pipeline.yaml"), files, environment)
    assert concise(found.diagnostics) == output
    assert {one.code for one in found.diagnostics} == {rule.code}
    files, environment, _ = blocks(good)
    assert lint(files.pop("pipeline.yaml"), files, environment).diagnostics == ()


def test_codes_and_names_are_unique_and_in_families():
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert len({rule.name for rule in RULES}) == len(codes)
    assert all(re.fullmatch(r"PF[0-69]\d\d", code) for code in codes)


def test_no_page_is_without_its_rule():
    with pytest.raises(KeyError):
        page("PF999")
