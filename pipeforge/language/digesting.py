"""What stands for a file's bytes: two that differ have never the same."""

from __future__ import annotations

try:
    from _blake2 import blake2b  # which is hashlib's own; hashlib itself would bring in all of OpenSSL
except ImportError:
    from hashlib import blake2b


LENGTH = 40


def digest(raw: bytes, key: str = "") -> str:
    """In so many hexadecimal digits; by another `key`, of at most 64 letters, it is another."""
    return blake2b(raw, digest_size=LENGTH // 2, key=key.encode()).hexdigest()


UNREADABLE = "unreadable"
"""What stands for a file that is not there, or cannot be read: no digest is that."""
