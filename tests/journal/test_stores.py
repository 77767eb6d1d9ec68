"""What every store promises, whatever it keeps its runs in."""

import asyncio
from datetime import timedelta, timezone

import pytest
from journal_events import NOON, finished, intended, keys, over, started

from pipeforge.adapter import Outcome
from pipeforge.engine.events import RunResumed
from pipeforge.errors import Busy, JournalError, RunEnded, UsageError

pytestmark = pytest.mark.anyio


async def test_events_come_back_as_they_were(journal, another):
    writer = journal.start(started())
    events = [intended(1), finished(1), over(Outcome.UNKNOWN)]
    for event in events:
        await writer.append(event)
    await writer.close()

    assert list(another.read("r1")) == [started(), *events]


async def test_an_append_is_seen_by_others_when_it_returns(journal, another):
    writer = journal.start(started())
    for number in range(5):
        await writer.append(intended(number))
        assert keys(another.read("r1")) == list(range(number + 1))


async def test_read_is_a_sequence(journal):
    writer = journal.start(started())
    for number in range(4):
        await writer.append(intended(number))

    events = journal.read("r1")

    assert len(events) == 5
    assert events[1] == intended(0)
    assert events[-1] == intended(3)
    assert list(events[1:3]) == [intended(0), intended(1)]
    assert next(reversed(events)) == intended(3)


async def test_events_keep_the_order_of_the_calls(journal):
    writer = journal.start(started())

    async def some(first):
        for number in range(first, first + 10):
            writer.note(finished(number))
            await writer.append(intended(number))

    await asyncio.gather(*(some(100 * worker) for worker in range(20)))
    await writer.close()

    found = keys(journal.read("r1"))
    assert len(found) == 400
    for worker in range(20):
        mine = [number for number in found if number // 100 == worker]
        assert mine == [number for n in range(10) for number in (100 * worker + n,) * 2]


async def test_a_note_keeps_its_place_before_the_next_append(journal, another):
    writer = journal.start(started())
    writer.note(finished(1))
    writer.note(finished(2))
    assert keys(another.read("r1")) == []

    await writer.append(intended(3))

    assert keys(another.read("r1")) == [1, 2, 3]


async def test_close_writes_what_is_noted(journal, another):
    writer = journal.start(started())
    writer.note(finished(1))
    await writer.close()
    await writer.close()

    assert keys(another.read("r1")) == [1]


async def test_closing_the_journal_writes_what_is_noted_and_frees_its_runs(journal, another):
    journal.start(started()).note(finished(1))
    journal.close()

    writer = another.open("r1")
    await writer.append(intended(2))
    assert keys(another.read("r1")) == [1, 2]


async def test_half_a_surrogate_pair_in_a_vendors_text_does_not_end_the_run(journal):
    writer = journal.start(started())
    await writer.append(finished(1, detail="broken \ud83d text"))
    await writer.append(intended(2))

    assert [event.detail for event in journal.read("r1")[1:2]] == ["broken ? text"]


async def test_what_is_not_json_is_refused_and_the_run_goes_on(journal):
    writer = journal.start(started())
    with pytest.raises(JournalError, match="cannot be kept as JSON"):
        await writer.append(finished(1).model_copy(update={"outputs": {"x": object()}}))
    await writer.append(intended(2))

    assert keys(journal.read("r1")) == [2]


async def test_a_run_is_taken_up_where_it_was_left(journal, another):
    writer = journal.start(started())
    await writer.append(intended(1))
    await writer.close()

    writer = another.open("r1")
    await writer.append(RunResumed(at=NOON, holder="me"))
    await writer.close()

    assert [event.type for event in journal.read("r1")] == ["run_started", "step_intended", "run_resumed"]


async def test_one_writer_at_a_time(journal, another):
    writer = journal.start(started())
    for store in (journal, another):
        with pytest.raises(Busy) as caught:
            store.open("r1")
        assert "'r1' is held by process" in caught.value.message
        assert "since 20" in caught.value.message
        assert caught.value.hint

    await writer.close()
    await another.open("r1").close()


async def test_an_ended_run_takes_nothing_more(journal, another):
    writer = journal.start(started())
    await writer.append(over())
    with pytest.raises(RunEnded):
        await writer.append(intended(1))
    with pytest.raises(RunEnded):
        writer.note(finished(1))
    await writer.close()

    with pytest.raises(RunEnded, match="ended at 2024-05-01"):
        another.open("r1")
    assert keys(journal.read("r1")) == []


async def test_a_closed_writer_takes_nothing_more(journal):
    writer = journal.start(started())
    await writer.close()
    with pytest.raises(JournalError, match="closed"):
        await writer.append(intended(1))


def test_a_second_run_for_the_same_instant_needs_again(journal, another):
    journal.start(started())
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    with pytest.raises(UsageError) as caught:
        another.start(started("r2", context_time=elsewhere))
    assert "'r1'" in caught.value.message
    assert "pipeforge resume r1" in caught.value.hint
    assert "--again" in caught.value.hint

    another.start(started("r2", again=1))
    another.start(started("r3", context_time=NOON + timedelta(days=1)))
    another.start(started("r4", pipeline="hourly"))
    assert [summary.run for summary in journal.find("nightly", elsewhere)] == ["r1", "r2"]


def test_a_start_that_is_refused_leaves_nothing(journal):
    journal.start(started())
    with pytest.raises(UsageError):
        journal.start(started("r2"))
    with pytest.raises(UsageError, match="there is a run 'r1' already"):
        journal.start(started("r1", again=1))

    assert [summary.run for summary in journal.runs()] == ["r1"]
    with pytest.raises(UsageError):
        journal.read("r2")


async def test_runs_lists_the_newest_first_whatever_the_clock_said(journal):
    for number in range(5):
        at = NOON - timedelta(hours=number)
        writer = journal.start(started(f"r{number}", again=number, at=at))
        if number == 3:
            await writer.append(over(Outcome.FAILED))
            await writer.close()
    journal.start(started("other", pipeline="hourly"))

    assert [summary.run for summary in journal.runs()] == ["other", "r4", "r3", "r2", "r1", "r0"]
    assert [summary.run for summary in journal.runs(pipeline="nightly", limit=2)] == ["r4", "r3"]
    assert journal.runs(pipeline="none") == []

    ended, going = journal.runs()[2], journal.runs()[1]
    assert (ended.outcome, ended.ended_at, ended.held_by) == ("failed", NOON, None)
    assert (going.outcome, going.ended_at, going.again) == (None, None, 4)
    assert going.held_by.startswith("process ")
    assert going.context_time == NOON
    assert going.started_at == NOON - timedelta(hours=4)


def test_an_empty_journal(journal):
    assert journal.runs() == []
    assert journal.find("nightly", NOON) == []
    for ask in (journal.read, journal.open, journal.resolve):
        with pytest.raises(UsageError, match="there is no run 'r1'") as caught:
            ask("r1")
        assert caught.value.hint == "the journal has no runs yet"


def test_a_run_is_named_by_the_beginning_of_its_id(journal):
    for number, run in enumerate(("20240501-aa", "20240501-ab", "20240502-é%_")):
        journal.start(started(run, again=number))

    assert journal.resolve("20240501-aa") == "20240501-aa"
    assert journal.resolve("20240502") == "20240502-é%_"
    assert journal.resolve("20240502-é%") == "20240502-é%_"
    assert len(journal.read("20240502")) == 1
    with pytest.raises(UsageError, match="20240501-ab, 20240501-aa"):
        journal.resolve("20240501")
    with pytest.raises(UsageError) as caught:
        journal.open("20240501-b")
    assert caught.value.hint.startswith("the nearest are: 20240501-ab, 20240501-aa")
    with pytest.raises(UsageError) as caught:
        journal.resolve("30240501-aa")
    assert caught.value.hint.startswith("the nearest are: 20240501-aa")
    for nothing in ("", "%", "20240502-_", "2024\udcff", "\udcff"):
        with pytest.raises(UsageError):
            journal.resolve(nothing)


def test_an_id_that_begins_another_is_itself(journal):
    for number, run in enumerate(("a", "ab")):
        journal.start(started(run, again=number))
    assert journal.resolve("a") == "a"


async def test_runs_written_side_by_side_do_not_mix(journal):
    writers = [journal.start(started(f"r{n}", again=n)) for n in range(8)]

    async def fill(place, writer):
        for number in range(20):
            await writer.append(intended(100 * place + number))

    await asyncio.gather(*(fill(place, writer) for place, writer in enumerate(writers)))

    for place, writer in enumerate(writers):
        assert keys(journal.read(writer.run)) == [100 * place + number for number in range(20)]


async def test_a_canceled_append_leaves_the_order_whole(journal):
    writer = journal.start(started())
    tasks = [asyncio.create_task(writer.append(intended(number))) for number in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await writer.append(intended(10))

    assert keys(journal.read("r1")) == list(range(11))


async def test_a_run_is_told_in_its_own_zone(journal):
    writer = journal.start(started().model_copy(update={"timezone": "Asia/Tokyo"}))
    assert [row.timezone for row in journal.runs()] == ["Asia/Tokyo"] == [journal.summary("r1").timezone]
    await writer.close()
