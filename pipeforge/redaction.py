"""Masks secret values, and the forms they travel in, wherever text or JSON leaves us."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
_SHORTEST = 3  # chosen: masking one or two characters would only garble the text
_SHORTEST_BASE64 = 8  # chosen: a shorter piece of base64 occurs by chance


class Redactor:
    """Knows secret values and masks them: as they are, JSON-escaped, percent-encoded and in base64."""

    __slots__ = ("_pattern", "_secrets")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self.learn(*secrets)

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def __or__(self, other: "Redactor") -> "Redactor":
        return Redactor(self._secrets | other._secrets)

    def learn(self, *secrets: str) -> None:
        """Masks these too from now on. Values shorter than three characters are not masked."""
        known = self._secrets | {secret for secret in secrets if len(secret.strip()) >= _SHORTEST}
        if known == self._secrets:
            return
        self._secrets = known
        forms = {form for secret in known for form in _forms(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The same text with every known secret replaced by `***`."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def json(self, value: Any) -> Any:
        """The same JSON value with every secret masked, in keys too. A number that is one becomes `***`."""
        return value if self._surely_clean(value) else self._masked(value)

    def _surely_clean(self, value: Any) -> bool:
        """One look at the whole, which is nearly always enough; where anything is written in an escape it is
        not, for then a secret could be."""
        if not isinstance(value, dict) or self._pattern is None:
            return self._pattern is None
        try:
            written = json.dumps(value)
        except (TypeError, ValueError):
            return False
        return "\\" not in written and self._pattern.search(written) is None

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self._masked(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._masked(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool) and str(value) in self._secrets:
            return MASK
        return value


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda match: match.group().lower(), encoded)
    raw = secret.encode("utf-8", "surrogatepass")
    for encode in (b64encode, urlsafe_b64encode):
        for lead in range(3):
            piece = _base64_within(encode(b"\0" * lead + raw).decode(), lead, len(raw))
            if len(piece) >= _SHORTEST_BASE64:
                yield piece
    yield b64encode(raw).decode()
    yield urlsafe_b64encode(raw).decode()


def _base64_within(encoded: str, lead: int, length: int) -> str:
    """The characters of `encoded` that depend on the secret alone, whatever stands around it."""
    first = (lead * 8 + 5) // 6
    last = (lead + length) * 8 // 6
    return encoded[first:last]
