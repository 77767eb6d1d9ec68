"""Seals krewData's one-shot token for the journal, under the serial number that whoever resumes must have."""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

_SALT = 16
_COST = {"n": 2**14, "r": 8, "p": 1}  # chosen: 16 MB and some 40 ms for each guess at a serial number


class Seal:
    """Seals and opens texts. One salt for what it seals, so that the costly key is derived once."""

    __slots__ = ("_boxes", "_salt", "_serial")

    def __init__(self, serial: str) -> None:
        self._serial = serial.encode()
        self._salt = os.urandom(_SALT)
        self._boxes: dict[bytes, Fernet] = {}

    def __repr__(self) -> str:
        return "Seal()"

    def close(self, text: str) -> str:
        """The sealed text: the salt, a dot, the ciphertext. Two seals of one text differ."""
        ciphertext = self._box(self._salt).encrypt(text.encode())
        return f"{urlsafe_b64encode(self._salt).decode()}.{ciphertext.decode()}"

    def open(self, sealed: str) -> str:
        """The text again. Raises ValueError when it was sealed under another serial number, or is damaged."""
        salt, _, ciphertext = sealed.partition(".")
        try:
            return self._box(urlsafe_b64decode(salt)).decrypt(ciphertext.encode()).decode()
        except (InvalidToken, ValueError):
            pass
        raise ValueError("sealed under another serial number, or damaged")

    def _box(self, salt: bytes) -> Fernet:
        if salt not in self._boxes:
            key = hashlib.scrypt(self._serial, salt=salt, dklen=32, **_COST)
            self._boxes[salt] = Fernet(urlsafe_b64encode(key))
        return self._boxes[salt]
