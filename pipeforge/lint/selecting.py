"""Which rules apply when a command line names some: codes, or how they begin."""

import re
from collections.abc import Sequence

from pipeforge.errors import UsageError
from pipeforge.language.nearest import nearest
from pipeforge.language.saying import Said, say
from pipeforge.lint.rule import Rule

_CODE = re.compile("PF[0-9]{3}")

UNREADABLE = frozenset(["syntax", "encoding", "alias-bomb", "too-deep"])
"""What keeps a file from being checked at all. --select never leaves it out: that would look like `clean`."""


def left_out(select: Sequence[str], ignore: Sequence[str], rules: Sequence[Rule]) -> tuple[str, ...]:
    """The codes not to apply. Each of the two may hold lists with commas between.

    Raises UsageError when one names no rule.
    """
    wanted, unwanted = _codes(select, rules), _codes(ignore, rules)
    if not select:
        return unwanted
    unselected = (
        rule.code for rule in rules if not rule.code.startswith(wanted) and rule.name not in UNREADABLE
    )
    return (*unwanted, *unselected)


def _codes(given: Sequence[str], rules: Sequence[Rule]) -> tuple[str, ...]:
    codes = tuple(code.strip() for one in given for code in one.split(","))
    for code in codes:
        if not code or not any(rule.code.startswith(code) for rule in rules):
            raise UsageError(say("no rule has the code '{code}'", code=code), _mend(code, rules))
    return codes


def _mend(code: str, rules: Sequence[Rule]) -> Said:
    by_name = {rule.name: rule.code for rule in rules}
    meant = by_name.get(code)
    if meant is None and not code.startswith("PF"):
        meant = nearest(code, by_name.values()) or by_name.get(nearest(code, by_name) or "")
    elif meant is None and not _CODE.fullmatch(code):
        meant = nearest(code, by_name.values())
    if meant is not None:
        return say("did you mean '{near}'?", near=meant)
    # A wrong number is one edit from many right ones: the family is told rather than one of them.
    family = sorted(rule.code for rule in rules if len(code) > 3 and rule.code.startswith(code[:3]))
    if family:
        return say("known codes that begin so: {names}", names=", ".join(family))
    return say(
        "write a code such as PF203, or the beginning of several such as PF4; `pipeforge explain` lists all"
    )
