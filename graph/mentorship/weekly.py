"""Times of every week, as clients give them."""

from datetime import date

import strawberry

from domain.mentorship.opening import Times
from domain.mentorship.weekly import Weekly, times_of


@strawberry.input(
    description="Times on days of every week, in a time zone of the mentor's; public holidays are left out."
)
class WeeklySlotsInput:
    weekdays: list[int] = strawberry.field(description="1 for Monday to 7 for Sunday.")
    starts: str = strawberry.field(description="When it begins on those days, `HH:MM`.")
    ends: str = strawberry.field(description="When it ends, `HH:MM`; earlier than `starts`: on the next day.")
    first_on: date = strawberry.field(description="The first day.")
    last_on: date = strawberry.field(description="The last day; 26 weeks after the first at most.")
    time_zone: str = strawberry.field(
        description="By name, e.g. Asia/Shanghai, Europe/London.", default="Asia/Shanghai"
    )
    except_on: list[date] = strawberry.field(description="Days to leave out.", default_factory=list)
    on_public_holidays: bool = strawberry.field(
        description="True: also on public holidays of the mainland.", default=False
    )

    def to_domain(self) -> list[Times]:
        weekly = Weekly(
            weekdays=frozenset(self.weekdays),
            starts=self.starts,
            ends=self.ends,
            first_on=self.first_on,
            last_on=self.last_on,
            time_zone=self.time_zone,
            except_on=frozenset(self.except_on),
            on_public_holidays=self.on_public_holidays,
        )
        return times_of(weekly)
