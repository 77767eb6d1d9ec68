"""What is looked for in little first is found wherever it stands: the gist of a file leaves nothing out."""

import random
from pathlib import Path

import pytest

from pipeforge.language.document import parse
from pipeforge.lint.tokens import passwords_in_urls, suspect, tokens

OK = Path(__file__).parent / "ok"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(OK.rglob("*.yaml"))]
CREDENTIALS = [
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "ghp_" + "a1" * 18,
    "xoxb-" + "1234567890-" * 2 + "ab",
    "Bearer " + "a1b2c3d4" * 4,
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "12/" + "0123456789abcdef" * 2 + "01234567",
    "https://me:" + "hunter22@host/",
]


def found(text: str) -> bool:
    return any(tokens(text)) or any(passwords_in_urls(text))


@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_credential_at_any_place_is_not_overlooked(credential):
    chance, seen, read = random.Random(credential), 0, 0
    for _ in range(300):
        text = chance.choice(TEXTS)
        at = chance.randrange(len(text))
        piece = (
            chance.choice(["", " ", "\n", ": ", "'", '"', "# ", " &", " !", " *", "\n%", "\\"]) + credential
        )
        text = text[:at] + piece + text[at:]
        if found(text):
            document = parse(Path("x.yaml"), text)
            seen, read = seen + 1, read + (not document.faults)
            assert suspect(document.gist), text
    assert seen > 80
    assert read > 20


def test_most_pipelines_need_not_be_searched_as_a_whole():
    short = [text for text in TEXTS if len(parse(Path("x.yaml"), text).gist) < len(text)]
    assert len(short) > len(TEXTS) / 4
