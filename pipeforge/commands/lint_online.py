"""`lint --online`: what steps name is looked up at the vendors first, and may be kept in a lock."""

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeforge.commands.lint_checking import Checked, left_out
from pipeforge.commands.lint_one import check_one
from pipeforge.commands.lint_paths import gather
from pipeforge.commands.looking_up import Seen, look_up
from pipeforge.commands.reporting import deliver
from pipeforge.commands.streams import talk
from pipeforge.commands.vendors import catalog
from pipeforge.language import lock as locks
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.lock import Thing
from pipeforge.lint.telling import told
from pipeforge.lint.tongues import catalogue
from pipeforge.reports.display import amount


def checked(args: argparse.Namespace) -> tuple[Checked, list[Path]]:
    """What all files have wrong, and the files. Nothing comes from the cache: the vendors may have changed.

    Raises UsageError for a connection that cannot be opened, such as one whose secret is not set.
    """
    gathered = gather(args.paths)
    files = list(gathered.digests)
    seen = look_up(files, args)
    tongue, ignore = catalogue(args.lang), left_out(args)
    found: dict[Diagnostic, None] = dict.fromkeys(told(one, tongue) for one in gathered.unchecked)
    texts: dict[Path, str] = {}
    for file in files:
        lock = None if file in seen.left_out else seen.lock(file)
        known = catalog()._replace(lock=lock, by_lock=False)
        result = check_one(file, environment=args.env, ignore=ignore, language=args.lang, known=known)
        found |= dict.fromkeys(result.diagnostics)
        texts |= result.texts
    _tell_of_kept(seen)
    if args.lock:
        keep(seen)
    return Checked(sorted(found, key=lambda one: one.order), texts, frozenset()), files


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
