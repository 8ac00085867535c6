"""A clock that tests move."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from domain.core.clock import SHANGHAI


class MovableClock:
    """Runs with the real time, plus what it was moved by."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self._stands: datetime | None = None

    def __call__(self) -> datetime:
        return self._stands or datetime.now(UTC) + self.ahead

    def move(self, **by: float) -> None:
        self.ahead += timedelta(**by)

    def move_to_morning(self) -> None:
        """To the next nine o'clock in Shanghai, unless it is morning: what is hours later is the same day still."""
        now = self().astimezone(SHANGHAI)
        if now.hour in range(9, 12):
            return
        nine = now.replace(hour=9, minute=0, second=0, microsecond=0)
        self.ahead += (nine if nine >= now else nine + timedelta(days=1)) - now

    @contextmanager
    def moved(self, **by: float) -> Iterator[None]:
        """Moved for a while: whoever signs in later has a token of now, since the real time judges those."""
        before = self.ahead
        self.move(**by)
        try:
            yield
        finally:
            self.ahead = before

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stands still for a while."""
        self._stands = self()
        try:
            yield
        finally:
            self._stands = None
