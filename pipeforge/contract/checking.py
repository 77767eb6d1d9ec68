"""Tells the author of a suite what is wrong with how it is set up: nothing that an adapter does."""

from typing import NoReturn

import pytest


def refuse(message: str, hint: str) -> NoReturn:
    """Fails the test with a message and no traceback."""
    pytest.fail(f"the suite is not set up rightly: {message}\nhelp: {hint}", pytrace=False)
