"""Which rule's code was meant by one that no rule has."""

import re
from collections.abc import Sequence

from pipeforge.language.nearest import nearest
from pipeforge.language.saying import Said, say

_WHOLE = re.compile(r"PF[0-9]{3}")

_DIGITS = str.maketrans("OIL", "011")
"""Letters that look like digits."""


def meant_code(given: str, codes: Sequence[str]) -> str | None:
    """The code that was meant; None for a wrong number, which is one edit from many right ones."""
    upper = given.strip().upper()
    if upper and any(code.startswith(upper) for code in codes):
        return upper
    if _WHOLE.fullmatch(upper):
        return None
    digits = upper[:2] + upper[2:].translate(_DIGITS)
    return digits if digits in codes else nearest(upper, codes)


def code_hint(given: str, codes: Sequence[str]) -> Said:
    """The mend of an unknown code: the one that was meant, or those of its family."""
    meant = meant_code(given, codes)
    if meant:
        return say("did you mean '{near}'?", near=meant)
    family = sorted(code for code in codes if len(given) > 3 and code.startswith(given[:3].upper()))
    if family:
        return say("known codes that begin so: {names}", names=", ".join(family))
    return say("write a code such as PF203, or the beginning of several such as PF4")
