"""Steps through time: calendars, clock changes, cron; the texts of a period, and what is said of wrong."""

from datetime import UTC, datetime
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeforge.errors import UsageError
from pipeforge.language.periods import period
from pipeforge.language.recurring import every, moments

NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu")

STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2029, 1, 1)).filter(  # noqa: DTZ001  on the wall
    lambda moment: (moment.month, moment.day) != (2, 29)
)


def listed(first, last, step, zone=NEW_YORK):
    """Instants as text, each with its note behind it."""
    found = moments(every(step), *period(first, last, zone))
    return [f"{one.at.isoformat()} {one.note}".strip() for one in islice(found, 10_000)]


@pytest.mark.parametrize(
    ("first", "last", "step", "expected"),
    [
        (
            "2026-03-07T02:30",
            "2026-03-09",
            "1d",
            [
                "2026-03-07T02:30:00-05:00",
                "2026-03-08T03:30:00-04:00 02:30 does not exist that day",
                "2026-03-09T02:30:00-04:00",
            ],
        ),
        (
            "2026-10-31T01:30",
            "2026-11-02",
            "day",
            [
                "2026-10-31T01:30:00-04:00",
                "2026-11-01T01:30:00-04:00 the first of two 01:30 that day",
                "2026-11-02T01:30:00-05:00",
            ],
        ),
        (
            "2026-03-08T02:30",
            "2026-03-09",
            "1d",
            ["2026-03-08T03:30:00-04:00 02:30 does not exist that day", "2026-03-09T02:30:00-04:00"],
        ),
        (
            "2026-11-01T01:30:00-05:00",
            "2026-11-02T23:00:00-05:00",
            "1d",
            ["2026-11-01T01:30:00-05:00", "2026-11-02T01:30:00-05:00"],
        ),
        (
            "2026-03-08T01:00",
            "2026-03-08T04:00",
            "1h",
            ["2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T04:00:00-04:00"],
        ),
        (
            "2026-11-01T00:30",
            "2026-11-01T02:00",
            "1h",
            ["2026-11-01T00:30:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"],
        ),
        (
            "2026-01-31",
            "2026-04-30",
            "month",
            [
                "2026-01-31T00:00:00-05:00",
                "2026-02-28T00:00:00-05:00",
                "2026-03-31T00:00:00-04:00",
                "2026-04-30T00:00:00-04:00",
            ],
        ),
        (
            "2024-02-29",
            "2025-03-01",
            "1 year",
            ["2024-02-29T00:00:00-05:00", "2025-02-28T00:00:00-05:00"],
        ),
        ("2026-03-01", "2026-03-08", "1w", ["2026-03-01T00:00:00-05:00", "2026-03-08T00:00:00-05:00"]),
        (
            "2026-03-07",
            "2026-03-09",
            "0 2 * * *",
            ["2026-03-07T02:00:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"],
        ),
        ("2026-11-01", "2026-11-01", "30 1 * * *", ["2026-11-01T01:30:00-04:00"]),
        (
            "2026-11-01T01:00",
            "2026-11-01T02:00",
            "0 * * * *",
            ["2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"],
        ),
        ("2026-01-02", "2026-01-05", "0 2 * * 1-5", [f"2026-01-0{d}T02:00:00-05:00" for d in (2, 5)]),
        (
            "2026-01-31",
            "2026-03-01",
            "0 0 L * *",
            ["2026-01-31T00:00:00-05:00", "2026-02-28T00:00:00-05:00"],
        ),
        ("2026-01-01", "2026-01-01", "1d", ["2026-01-01T00:00:00-05:00"]),
    ],
)  # fmt: skip
def test_the_clock_on_the_wall_is_kept_across_clock_changes(first, last, step, expected):
    assert listed(first, last, step) == expected


def test_a_date_alone_is_its_whole_day_at_the_end_and_inclusive():
    assert len(listed("2026-01-30", "2026-01-31", "1h", TOKYO)) == 48
    assert listed("2026-01-30T02:00", "2026-01-31", "1d", TOKYO)[-1] == "2026-01-31T02:00:00+09:00"
    assert listed("2026-01-30T02:00", "2026-01-31T02:00", "1d", TOKYO)[-1] == "2026-01-31T02:00:00+09:00"
    assert len(listed("2026-01-30T02:00", "2026-01-31T01:59:59", "1d", TOKYO)) == 1
    assert len(listed("2026-03-08", "2026-03-08", "1h")) == 23
    assert len(listed("2026-11-01", "2026-11-01", "1h")) == 25


@settings(max_examples=80, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=STARTS,
    step=st.sampled_from(("1d", "3d", "1w", "1month", "5months", "37m", "7h", "30 1 * * *", "*/20 * 31 * *")),
)
def test_instants_ascend_and_stay_within(zone, start, step):
    begin = start.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    end = begin.replace(year=begin.year + 1)
    found = [one.at.astimezone(UTC) for one in islice(moments(every(step), begin, end), 500)]
    assert all(one < other for one, other in pairwise(found))
    assert all(begin.astimezone(UTC) <= one <= end.astimezone(UTC) for one in found)
    assert "*" in step or found[0] == begin.astimezone(UTC)


@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(ZONES), start=STARTS)
def test_there_is_one_instant_for_each_day_of_the_calendar(zone, start):
    begin = start.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    found = list(moments(every("1d"), begin, begin.replace(year=begin.year + 1)))
    days = [one.at.date() for one in found if "exist" not in one.note]
    assert len(set(days)) == len(days) >= 364
    clock = begin.time()
    assert all(one.at.time() == clock or "does not exist" in one.note for one in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "has no unit"),
        ("5", "write 5d for days or 5h for hours"),
        ("0d", "never comes to an end"),
        ("1mnth", "did you mean '1month'?"),
        ("1d12h", "cron expression such as"),
        ("", "cron expression such as"),
        ("@daily", "write 1d"),
        ("0 25 * * *", "'25' is no hour"),
        ("61 * * * *", "'61' is no minute"),
        ("0 2 * JUNE *", "did you mean 'JUN'?"),
        ("0 2 * * MONDAY", "did you mean 'MON'?"),
        ("0 2 * *", "has 4 fields, cron has five"),
        ("0 0 2 * * *", "has 6 fields, cron has five"),
        ("0 0 30 2 *", "never comes"),
    ],
)
def test_a_step_that_is_none_is_told_with_its_mend(text, said):
    with pytest.raises(UsageError) as caught:
        every(text)
    assert said in f"{caught.value.message} | {caught.value.hint}"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-02-30", "2026-03-01", "did you mean 2026-02-28?"),
        ("2026-01-01", "2026/1/5", "--to '2026/1/5' is not a time | did you mean 2026-01-05?"),
        ("2026-13-01", "2026-03-01", "did you mean 2026-01-13?"),
        ("２０２６年１月５日", "2026-03-01", "did you mean 2026-01-05?"),
        ("yesterday", "2026-03-01", "write 2026-01-31, 2026-01-31T02:00"),
        ("2026-01-02", "2026-01-01", "--from '2026-01-02' is after --to '2026-01-01' | swap them"),
        ("2026-01-01T00:00Z", "2026-01-31", "--from has an offset and --to has none"),
        ("2026-01-01", "2026-01-31T00:00Z", "in the pipeline's zone, America/New_York"),
        ("9999-12-31", "9999-12-31", "out of the calendar"),
    ],
)
def test_a_period_that_is_none_is_told_with_its_mend(first, last, said):
    with pytest.raises(UsageError) as caught:
        period(first, last, NEW_YORK)
    assert said in f"{caught.value.message} | {caught.value.hint}"
