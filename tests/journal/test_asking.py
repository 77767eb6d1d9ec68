"""What can be asked of runs from outside: wishes, one summary, what is new, and to forget them."""

from datetime import timedelta

import pytest
from journal_events import NOON, finished, intended, over, started

from pipeforge.adapter import Outcome
from pipeforge.errors import RunEnded, UsageError
from pipeforge.journal import Wish
from pipeforge.journal.sqlite import SqliteJournal

pytestmark = pytest.mark.anyio

CANCEL = Wish("cancel", leave=False, by="mika@plant", at=NOON)
LEAVE = Wish("cancel", leave=True, by="jun@plant", at=NOON + timedelta(seconds=1))


async def ended(journal, run="r1", **more):
    writer = journal.start(started(run, **more))
    await writer.append(finished(1))
    await writer.append(over())
    await writer.close()


async def test_a_wish_reaches_whoever_holds_the_run(journal, another):
    writer = journal.start(started())
    assert journal.wish("r1") is None
    another.ask("r1", CANCEL)
    assert journal.wish("r1") == CANCEL
    another.ask("r1", LEAVE)
    assert journal.wish("r1") == LEAVE
    await writer.append(intended(1))  # asking took nothing away from its holder
    await writer.close()
    assert another.wish("r1") == LEAVE  # who takes the run over hears of it too


async def test_a_wish_for_a_run_that_is_over_or_is_not_there_is_refused(journal, another):
    await ended(journal)
    with pytest.raises(RunEnded, match="r1"):
        another.ask("r1", CANCEL)
    with pytest.raises(UsageError, match="r2"):
        another.ask("r2", CANCEL)
    assert another.wish("r1") is None


async def test_what_is_new_is_read_from_where_one_was(journal, another):
    writer = journal.start(started())
    seen = list(another.read("r1"))
    assert list(another.read("r1", len(seen))) == []
    writer.note(intended(1))
    await writer.append(finished(1))
    new = another.read("r1", len(seen))
    assert list(new) == [intended(1), finished(1)]
    assert list(another.read("r1")) == [*seen, *new]
    await writer.close()


async def test_a_summary_is_that_of_the_list(journal, another):
    writer = journal.start(started())
    journal.start(started("r2", again=1))
    assert [another.summary("r2"), another.summary("r1")] == list(another.runs())
    assert another.summary("r1").held_by
    await writer.append(over(Outcome.CANCELED))
    await writer.close()
    assert another.summary("r1").outcome == "canceled"
    assert not another.summary("r1").held_by
    with pytest.raises(UsageError, match="r3"):
        another.summary("r3")


async def test_runs_of_a_span_of_time(journal, another):
    for day in range(4):
        at = NOON + timedelta(days=day)
        await journal.start(started(f"r{day}", again=day, at=at)).close()
    first, last = NOON + timedelta(days=1), NOON + timedelta(days=3)
    assert [run.run for run in another.runs(since=first, until=last)] == ["r2", "r1"]
    assert [run.run for run in another.runs(since=last)] == ["r3"]
    assert [run.run for run in another.runs(until=first, limit=None)] == ["r0"]


async def test_a_forgotten_run_is_still_known_to_have_been(journal, another):
    await ended(journal)
    assert not another.summary("r1").pruned
    another.forget(["r1", "nobody"])
    assert another.summary("r1").pruned
    with pytest.raises(UsageError, match="dropped"):
        another.read("r1")
    with pytest.raises(UsageError, match="already"):
        journal.start(started("r2"))
    assert [run.run for run in another.find("nightly", NOON)] == ["r1"]


async def test_a_run_that_is_not_over_is_never_forgotten(journal, another):
    writer = journal.start(started())
    another.ask("r1", CANCEL)
    another.forget(["r1"])
    await writer.close()
    another.forget(["r1"])
    assert list(another.read("r1")) == [started()]
    assert another.wish("r1") == CANCEL


async def test_the_children_of_a_run_do_not_make_its_beginning_ambiguous(journal):
    for number, run in enumerate(["20240501-a1", "20240501-a1.0001", "20240501-a1.0002"]):
        await journal.start(started(run, again=number)).close()
    assert journal.resolve("20240501") == "20240501-a1"
    assert journal.resolve("20240501-a1.0002") == "20240501-a1.0002"
    with pytest.raises(UsageError, match="several"):
        journal.resolve("20240501-a1.")


async def test_room_is_given_back_once_no_run_goes_on(sqlite_journal, path):
    """A file's; a server gives room back by itself."""
    journal, another = sqlite_journal, SqliteJournal(path)
    await ended(journal)
    writer = journal.start(started("r2", again=1))
    for _ in range(50):
        writer.note(finished(2, detail="x" * 9_000))
    await writer.append(over())
    going = journal.start(started("r3", again=2))
    await writer.close()
    another.forget(["r2"])
    assert another.compact() == 0
    await going.close()
    assert another.compact() > 300_000
    assert another.compact() == 0
    assert len(another.read("r1")) == 3
    another.close()


async def test_health_tells_of_a_sound_journal(journal):
    await ended(journal)
    found = journal.health()
    assert found
    assert {one.state for one in found} == {"ok"}
