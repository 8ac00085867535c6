"""Stars by hours served: 100, 300, 600, 1,000 and 1,500. They never lapse (programmes.md, 4)."""

from bisect import bisect_right

STAR_HOURS = (100, 300, 600, 1_000, 1_500)
STAR_MINUTES = tuple(hours * 60 for hours in STAR_HOURS)
STARS_MOST = len(STAR_HOURS)

STARS_SQL = (
    "CASE "
    + " ".join(
        f"WHEN {{minutes}} >= {minutes} THEN {stars}"
        for stars, minutes in reversed(list(enumerate(STAR_MINUTES, 1)))
    )
    + " ELSE 0 END"
)
"""As `stars_of`, in SQL, of a column to be named."""


def stars_of(minutes: int) -> int:
    return bisect_right(STAR_MINUTES, minutes)


def minutes_to_next_star(minutes: int) -> int | None:
    """None for who has them all."""
    stars = stars_of(minutes)
    return None if stars == STARS_MOST else STAR_MINUTES[stars] - minutes
