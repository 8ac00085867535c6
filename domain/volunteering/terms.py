"""What the division of an organization has decided about hours that it records."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.core.db import Read
from domain.core.policy import policies_by_division
from domain.volunteering.lapsing import years_after
from domain.volunteering.policies import DAY_POSTS_MINUTES, DAY_UNIT_DECIDES_MINUTES, POINTS_LAST_YEARS
from domain.volunteering.rules import DayRule


@dataclass(frozen=True, slots=True)
class Terms:
    """Who decides about how full a day, and how long points last."""

    day: DayRule
    points_last_years: int

    def points_lapse(self, entered_at: datetime) -> datetime:
        """When the points of hours that are entered at an instant lapse."""
        return years_after(entered_at, self.points_last_years)


async def terms_of_divisions(db: Read, codes: Iterable[str]) -> dict[str | None, Terms]:
    """By division; one statement."""
    found = await policies_by_division(
        db, codes, DAY_POSTS_MINUTES, DAY_UNIT_DECIDES_MINUTES, POINTS_LAST_YEARS
    )
    return {code: Terms(DayRule(posts, unit), years) for code, (posts, unit, years) in found.items()}
