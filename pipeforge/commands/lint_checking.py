"""Checks files for `pipeforge lint`: what is known from earlier is not checked again, many are shared out."""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipeforge import __version__
from pipeforge.commands import lint_kept
from pipeforge.commands.lint_paths import Gathered, is_pipeline
from pipeforge.errors import UsageError
from pipeforge.language.diagnostics import Diagnostic
from pipeforge.language.saying import say
from pipeforge.lint.cache import Cache
from pipeforge.lint.edition import edition
from pipeforge.lint.results import Result
from pipeforge.lint.shelf import Room
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


def room(args: argparse.Namespace) -> Room:
    """Where results are kept. Raises UsageError for a folder that a checkout could bring along."""
    if args.no_cache:
        return Room(None)
    folder = args.cache_dir
    if folder and lint_kept.lies_here(folder):
        raise UsageError(
            say("cache folder '{folder}' lies in the checkout, which could bring its own", folder=folder),
            say("choose one outside of it, such as ~/.cache/pipeforge"),
        )
    return lint_kept.room(folder or "")


def checked(args: argparse.Namespace, gathered: Gathered, kept: Room) -> Checked:
    """Checks all that was gathered, and the pipelines that those run, which are added to what was gathered.

    Under each environment that was chosen. Raises UsageError for settings that make no sense.
    """
    chosen = [argparse.Namespace(**{**vars(args), "env": one}) for one in args.environments] or [args]
    every = [_checked(one, gathered, _cache(one, gathered, kept)) for one in chosen]
    gathered.stamps.close()
    found = dict.fromkeys(one for part in every for one in part.found)
    texts = {path: text for part in every for path, text in part.texts.items()}
    read = frozenset[str]().union(*(part.read for part in every))
    return Checked(sorted(found, key=lambda one: one.order), texts, read)


def _checked(args: argparse.Namespace, gathered: Gathered, cache: Cache | None) -> Checked:
    if not gathered.digests:
        left_out(args)  # a misspelt code is told all the same
    tongue = catalogue(args.lang)
    found = dict.fromkeys(told(one, tongue) for one in gathered.unchecked)
    texts, read = dict[Path, str](), set[str]()
    waiting = dict(gathered.digests)
    while waiting:
        others = set[str]()
        for result in _results(args, cache, waiting):
            found |= dict.fromkeys(result.diagnostics)
            texts |= result.texts
            if result.inputs:
                others.update(path for path, _ in result.inputs.records)
                read.add(result.inputs.project[0])
        read |= others
        waiting = _run_by_them(others, gathered)
        gathered.digests.update(waiting)
    if cache:
        cache.close()
    return Checked(list(found), texts, frozenset(read - {""}))


def _run_by_them(others: set[str], gathered: Gathered) -> dict[Path, str]:
    """Of the files that were read beside the pipelines, the pipelines that are not checked yet."""
    pipelines = {os.path.realpath(one): one for one in sorted(others) if is_pipeline(one, gathered.stamps)}
    known = {os.path.realpath(file) for file in gathered.digests} if pipelines else set()
    return {Path(path): "" for real, path in pipelines.items() if real not in known}


def _results(args: argparse.Namespace, cache: Cache | None, digests: Mapping[Path, str]) -> Iterator[Result]:
    """Those of the files in order, known or new; what is new is kept."""
    known = _remembered(cache, digests)
    fresh = _fresh(args, [file for file in digests if file not in known])
    for file in digests:
        result = known.pop(file, None)
        if result is None:
            result = next(fresh)
            if cache:
                cache.keep(file, result)
        yield result


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


def _cache(args: argparse.Namespace, gathered: Gathered, kept: Room) -> Cache | None:
    if kept.folder is None:
        return None
    settings = lint_kept.settings(_edition(), args.lang, args.env, args.select, args.ignore)
    return Cache(kept, settings, gathered.stamps)


@cache
def _edition() -> str:
    """As it was first asked for: whoever goes on checking does so with the rules that it began with."""
    return edition(__version__)
