"""A clock that tests move."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """Runs with the real time, plus what it was moved by."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, **by: float) -> None:
        self.ahead += timedelta(**by)
