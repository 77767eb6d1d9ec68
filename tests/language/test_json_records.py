"""A record's JSON file is read as JSON writes it: characters beyond U+FFFF are two escapes."""

import json
from pathlib import Path

import pytest

from pipeforge.language.document import read


@pytest.mark.parametrize(
    "value", ["りんご 🍎", "😀😀", "back\\ud83d\\ude00slash", "plain", "\\\\🍎", "tab\t\n"]
)
def test_what_json_escapes_comes_back(tmp_path: Path, value: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"果物": {"type": "SINGLE_LINE_TEXT", "value": value}}), encoding="utf-8")
    document = read(path)
    assert not document.faults
    assert document.data == {"果物": {"type": "SINGLE_LINE_TEXT", "value": value}}
