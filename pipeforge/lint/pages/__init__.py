"""The page of each rule: what it finds, why, an example and its mend."""

import re
from pathlib import Path

from pipeforge.lint.tongues import Language

_FOLDER = Path(__file__).parent
_OUTPUT = r"(?ms)^```(?:text|console)\n.*?^```$"
_BAD, _GOOD = "## Bad", "## Good"
_HEADINGS = {"ja": ("## 悪い例", "## 良い例")}


def page(code: str, language: Language = "en") -> str:
    """The page of a rule in Markdown. Raises KeyError when there is none.

    A page in another language has its own prose and output; the examples are those of the English page.
    """
    english = _read(f"{code}.md", code)
    return english if language == "en" else _merged(english, _read(f"{language}/{code}.md", code), language)


def _read(name: str, code: str) -> str:
    path = _FOLDER / name
    if not path.is_file():
        raise KeyError(code)
    return path.read_text(encoding="utf-8")


def _merged(english: str, own: str, language: str) -> str:
    output = re.search(_OUTPUT, own)
    prose = re.sub(_OUTPUT, "", own).strip()
    examples = english[english.index(_BAD) :]
    if output is not None:
        examples = re.sub(_OUTPUT, lambda _: output[0], examples, count=1)
    bad, good = _HEADINGS[language]
    return f"{prose}\n\n{examples.replace(_BAD, bad).replace(_GOOD, good)}"
