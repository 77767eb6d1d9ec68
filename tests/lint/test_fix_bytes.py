"""Fixes on disk: what is not mended stays to the byte: comments, blanks, line ends, BOM, full-width text."""

import pytest
from test_fixing import SAFE, UNSAFE, step

from pipeforge.cli import main

CASES = {**{name: (*case, "--fix") for name, case in SAFE.items()}} | {
    f"{name}, unsafe": (*case, "--unsafe-fixes") for name, case in UNSAFE.items()
}
NOTE = "   # 注：全角　😀 [a, b] {c: d} 'e"
ABOVE = "# 全角の：コメント　＝\n\n"
MARK = b"\xef\xbb\xbf"


def dressed(text, end, mark, bare=()):
    """The same pipeline as somebody else writes it: the data is the same. `bare`: lines that get no note."""
    lines = [line if "#" in line or line in bare else line + NOTE for line in text.splitlines()]
    lines[0] += "\n" + 'description: "全角：説明　（１２）"   '
    lines = (ABOVE + "\n".join(lines) + "\n\n   \n# 終わり\n").split("\n")
    return mark + end.join(lines).encode()


@pytest.mark.parametrize("mark", [b"", MARK], ids=["", "marked"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", CASES)
def test_what_is_not_mended_stays_to_the_byte(case, end, mark, tmp_path, monkeypatch):
    bad, good, flag = CASES[case]
    path = tmp_path / "pipeline.yaml"
    lost = len(bad.splitlines()) > len(good.splitlines())
    bare = set(step(bad).splitlines()) - set(step(good).splitlines()) if lost else ()
    before = dressed(step(bad), end, mark, bare)
    path.write_bytes(before)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIPEFORGE_LANG", "en")
    assert main(["lint", flag, "--no-cache", "--exit-zero", "pipeline.yaml"]) == 0
    assert path.read_bytes() == dressed(step(good), end, mark)
    assert before != path.read_bytes()


def test_a_line_with_a_note_is_not_removed(tmp_path, monkeypatch):
    path = tmp_path / "pipeline.yaml"
    bad, _ = UNSAFE["itself"]
    before = dressed(step(bad), "\n", b"")
    path.write_bytes(before)
    monkeypatch.chdir(tmp_path)
    assert main(["lint", "--unsafe-fixes", "--no-cache", "--exit-zero", "pipeline.yaml"]) == 0
    assert path.read_bytes() == before
