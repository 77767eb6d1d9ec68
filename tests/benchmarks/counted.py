"""Runs a pipeforge command as it is, then tells its journal's commits, and how many went through the thread.

Run as `python counted.py COMMAND…`; the last line on stdout is the two numbers.
"""

import sys

from pipeforge.cli import main
from pipeforge.journal.committing import Committer

_COUNTS = {"commits": 0, "handed over": 0}
_COMMIT, _HAND_OVER, _STOP = Committer.commit, Committer.hand_over, Committer.stop


def _hand_over(self: Committer, *args: object) -> None:
    _COUNTS["handed over"] += 1
    _HAND_OVER(self, *args)  # type: ignore[arg-type]


def _stop(self: Committer) -> None:
    _STOP(self)
    _COUNTS["commits"] = max(_COUNTS["commits"], self.commits)


if __name__ == "__main__":
    Committer.hand_over, Committer.stop = _hand_over, _stop  # type: ignore[method-assign]
    code = main(sys.argv[1:])
    print(_COUNTS["commits"], _COUNTS["handed over"])
    sys.exit(code)
