"""`lint --online`: what steps name is looked up at the vendors first, and may be kept in a lock."""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeforge.commands.lint_checking import Checked, left_out
from pipeforge.commands.lint_one import needed
from pipeforge.commands.lint_paths import gather
from pipeforge.commands.looking_up import Seen, look_up
from pipeforge.commands.reporting import deliver
from pipeforge.commands.streams import talk
from pipeforge.language import lock as locks
from pipeforge.language.lock import Thing
from pipeforge.lint.linter import examined
from pipeforge.lint.telling import told
from pipeforge.lint.tongues import catalogue
from pipeforge.lint.unchecked import unchecked
from pipeforge.reports.display import amount


def checked(args: argparse.Namespace) -> tuple[Checked, list[Path]]:
    """What all files have wrong under each environment that was chosen, and the files. All is read anew.

    Raises UsageError for a connection that cannot be opened, such as one whose secret is not set.
    """
    gathered = gather(args.paths)
    tongue = catalogue(args.lang)
    found = dict.fromkeys(told(one, tongue) for one in gathered.unchecked)
    texts: dict[Path, str] = {}
    for environment in args.environments or [None]:
        seen = look_up(gathered.digests, argparse.Namespace(**{**vars(args), "env": environment}))
        found |= dict.fromkeys(told(unchecked(*one), tongue) for one in seen.unread.items())
        for file, subject in seen.subjects.items():
            subject.lock = None if file in seen.left_out else seen.lock(file)
            report = examined(subject, ignore=left_out(args), language=args.lang)
            found |= dict.fromkeys(report.diagnostics)
            texts |= needed(report)
        _tell_of_kept(seen)
        if args.lock:
            keep(seen)
    return Checked(sorted(found, key=lambda one: one.order), texts, frozenset()), list(gathered.digests)


def _tell_of_kept(seen: Seen) -> None:
    """That not all was asked just now."""
    ages = [thing.age for thing in _every(seen)]
    kept = Counter(age for age in ages if age)
    if kept:
        told = ", ".join(f"{count} as of {age} ago" for age, count in kept.items())
        talk(f"{amount(len(ages), 'thing')} looked up, of which {told}; --refresh asks again\n")


def _every(seen: Seen) -> Iterator[Thing]:
    for things in seen.things.values():
        for there in things.values():
            for named in there.values():
                yield from named.values()


def keep(seen: Seen) -> None:
    """Writes what was looked up into the locks, and says so. One that is broken is begun anew.

    Raises UsageError.
    """
    for path, things in seen.things.items():
        deliver(locks.written(locks.merged(_before(path), things)), path)
        known = [thing for there in things.values() for named in there.values() for thing in named.values()]
        count = sum(thing.state != "unasked" for thing in known)
        talk(f"wrote {amount(count, 'thing')} to '{path}'\n")


def _before(path: Path) -> locks.Lock | None:
    try:
        return locks.read(path)
    except locks.Broken as error:
        talk(f"warning: {error.message}; it is begun anew\n")
        return None
