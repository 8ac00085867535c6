"""Slots of scheduled work, and the calendar of Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rings import OLD, sealer_of

from domain.core.clock import SHANGHAI, day_of, start_of
from domain.core.outbox import BACKOFF_MOST, backoff
from domain.core.schedule import Job
from domain.internships import jobs
from infra.worker import all_jobs

instants = st.datetimes(datetime(2021, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001  # its zone is set right after


async def _nothing(_tx: object) -> None:
    """Work of a job that is only looked at."""


DAILY = Job("daily", timedelta(days=1), _nothing)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2026-05-03T15:59:59.999999", "2026-05-02T16:00:00"),
        ("2026-05-03T16:00:00", "2026-05-03T16:00:00"),
        ("2026-05-04T15:59:59", "2026-05-03T16:00:00"),
        ("2024-02-29T16:00:00", "2024-02-29T16:00:00"),
        ("2026-12-31T15:59:59", "2026-12-30T16:00:00"),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(now: str, slot: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert DAILY.slot(at) == datetime.fromisoformat(slot).replace(tzinfo=UTC)


@given(instants, st.sampled_from([1, 5, 60, 1_440, 10_080]), st.integers(0, 1_439))
def test_a_slot_holds_its_instant(now: datetime, minutes: int, offset: int) -> None:
    job = Job("job", timedelta(minutes=minutes), _nothing, offset=timedelta(minutes=offset))
    slot = job.slot(now)
    assert slot <= now < slot + job.every
    assert job.slot(slot) == slot
    assert job.slot(slot - timedelta(microseconds=1)) == slot - job.every
    assert job.slot(slot + job.every) == slot + job.every


@given(instants)
def test_a_daily_job_runs_at_its_hour_in_shanghai(now: datetime) -> None:
    job = Job("job", timedelta(days=1), _nothing, offset=timedelta(hours=9))
    assert job.slot(now).astimezone(SHANGHAI).time().isoformat() == "09:00:00"
    assert DAILY.slot(now) == start_of(day_of(now))


@given(st.dates(date(1992, 1, 1), date(2100, 1, 1)))
def test_a_day_and_its_start(day: date) -> None:
    assert day_of(start_of(day)) == day
    assert day_of(start_of(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_every_job_has_a_name_of_its_own() -> None:
    names = [job.name for job in all_jobs(sealer_of(OLD))]
    assert len(set(names)) == len(names) >= len(jobs.JOBS) + 2


def test_waiting_doubles_to_an_hour() -> None:
    waits = [backoff(attempts) for attempts in range(30)]
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (1, 2, 4, 8)]
    assert waits == sorted(waits)
    assert waits[-1] == BACKOFF_MOST == timedelta(hours=1)
