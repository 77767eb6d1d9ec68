"""Checks files for `pipeforge lint`: what is known from earlier is not checked again, many are shared out."""

# ruff: noqa: PTH109, PTH111, PTH117, PTH118  on the way of every start

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeforge import __version__
from pipeforge.commands.lint_paths import Gathered
from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.locating import boundary, within
from pipeforge.lint.cache import Cache
from pipeforge.lint.edition import edition
from pipeforge.lint.results import Result
from pipeforge.lint.telling import told
from pipeforge.lint.tongues import catalogue
from pipeforge.loading import load, load_large

Check = Callable[[Path], Result]
"""Checks one file. Never raises."""

SHARED = 64
"""chosen: from so many files on, other processes pay for themselves."""

AHEAD = 4
"""chosen: files checked before others begin, which then have in memory what a check needs."""


class Checked(NamedTuple):
    """What all files have wrong, each thing once and in order, and the texts of those files."""

    found: list[Diagnostic]
    texts: dict[Path, str]
    read: frozenset[str]
    """Every file that was read beside the pipelines."""


def checked(args: argparse.Namespace, gathered: Gathered) -> Checked:
    """Checks all that was gathered. Raises UsageError for settings that make no sense."""
    cache = _cache(args)
    known = _remembered(cache, gathered.digests)
    missed = [file for file in gathered.digests if file not in known]
    if not gathered.digests:
        left_out(args)  # a misspelt code is told all the same
    fresh = _fresh(args, missed)
    tongue = catalogue(args.lang)
    found = dict.fromkeys(told(one, tongue) for one in gathered.unchecked)
    texts, read = dict[Path, str](), set[str]()
    for file in gathered.digests:
        result = known.pop(file, None)
        if result is None:
            result = next(fresh)
            if cache:
                cache.keep(file, result)
        found |= dict.fromkeys(result.diagnostics)
        texts |= result.texts
        if result.inputs:
            read.update(path for path, _ in (result.inputs.project, *result.inputs.records) if path)
    if cache:
        cache.close()
    return Checked(sorted(found, key=lambda one: one.order), texts, frozenset(read))


def _remembered(cache: Cache | None, digests: Mapping[Path, str]) -> dict[Path, Result]:
    found = ((file, cache.find(file, digest)) for file, digest in digests.items()) if cache else ()
    return {file: result for file, result in found if result}


def _fresh(args: argparse.Namespace, missed: Sequence[Path]) -> Iterator[Result]:
    """What checking each file gives, in order."""
    if not missed:
        return
    check = _check(args)
    jobs = args.jobs or _cores()
    alone = missed if jobs == 1 or len(missed) < SHARED else missed[:AHEAD]
    yield from map(check, alone)
    if len(alone) < len(missed):
        yield from load("pipeforge.commands.lint_workers:shared")(check, missed[len(alone) :], jobs)


def _check(args: argparse.Namespace) -> Check:
    """Brings in all that a check needs: for files that have not changed, nothing of it is imported."""
    check: Check = load_large("pipeforge.commands.lint_one:checker")(args.env, left_out(args), args.lang)
    return check


def left_out(args: argparse.Namespace) -> tuple[str, ...]:
    """The rules that the command line leaves out."""
    if not args.select and not args.ignore:
        return ()
    codes: tuple[str, ...] = load_large("pipeforge.commands.lint_one:left_out")(args.select, args.ignore)
    return codes


def _cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cache(args: argparse.Namespace) -> Cache | None:
    """Where it lies when nobody says: with the user's own caches, for no checkout can bring one there."""
    if args.no_cache:
        return None
    folder = args.cache_dir or _usual()
    if not os.path.isabs(folder) and not args.cache_dir:
        return None
    here = os.path.realpath(os.getcwd())
    if args.cache_dir and within(os.path.realpath(folder), boundary(here) or here):
        raise UsageError(
            f"cache folder '{folder}' lies in the checkout, which could bring its own",
            "choose one outside of it, such as ~/.cache/pipeforge",
        )
    return Cache(
        Path(folder), (edition(__version__), args.lang, args.env or "", *args.select, "", *args.ignore)
    )


def _usual() -> str:
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(caches, "pipeforge", "lint")
