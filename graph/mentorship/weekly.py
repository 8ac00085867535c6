"""Times of every week, as clients give and see them."""

from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from domain.core.db import Write
from domain.mentorship import repeating
from domain.mentorship import rule as domain
from domain.mentorship.weekly import Weekly
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.extending import extends
from graph.core.given import given_fields
from graph.core.ids import Tag, decode, encode
from graph.core.node import Node, loads
from graph.mentorship.mentors import Mentor
from graph.mentorship.payloads import MentorPayload, kept


@strawberry.input(
    description="Times on days of every week, in a time zone of the mentor's; public holidays are left out. They are opened up to"
    " 13 weeks ahead."
)
class WeeklySlotsInput:
    weekdays: list[int] = strawberry.field(description="1 for Monday to 7 for Sunday.")
    starts: str = strawberry.field(description="When it begins on those days, `HH:MM`.")
    ends: str = strawberry.field(description="When it ends, `HH:MM`; earlier than `starts`: on the next day.")
    first_on: date = strawberry.field(description="The first day.")
    last_on: date | None = strawberry.field(
        description="The last day; without one they go on until they are ended.", default=None
    )
    time_zone: str = strawberry.field(
        description="By name, e.g. Asia/Shanghai, Europe/London.", default="Asia/Shanghai"
    )
    except_on: list[date] = strawberry.field(description="Days to leave out.", default_factory=list)
    on_public_holidays: bool = strawberry.field(
        description="True: also on public holidays of the mainland.", default=False
    )

    def to_domain(self) -> Weekly:
        return Weekly(
            weekdays=self.weekdays,
            starts=self.starts,
            ends=self.ends,
            time_zone=self.time_zone,
            first_on=self.first_on,
            last_on=self.last_on,
            except_on=self.except_on,
            on_public_holidays=self.on_public_holidays,
        )


@strawberry.input(description="What of a weekly rule becomes otherwise; what is absent stays.")
class ChangeWeeklySlotsInput:
    weekly_id: strawberry.ID = strawberry.field(description="Which rule.")
    weekdays: list[int] | None = strawberry.field(description="1 for Monday to 7 for Sunday.", default=None)
    starts: str | None = strawberry.field(description="`HH:MM`.", default=None)
    ends: str | None = strawberry.field(description="`HH:MM`.", default=None)
    first_on: date | None = strawberry.field(description="The first day.", default=None)
    last_on: date | None = strawberry.field(description="The last day; null: none.", default=None)
    time_zone: str | None = strawberry.field(description="By name.", default=None)
    except_on: list[date] | None = strawberry.field(description="All days to leave out.", default=None)
    on_public_holidays: bool | None = strawberry.field(
        description="True: also on public holidays of the mainland.", default=None
    )

    def to_domain(self, given: frozenset[str]) -> dict[str, Any]:
        """What was given; null means something for the last day alone."""
        changes = {name: getattr(self, name) for name in given - {"weekly_id"}}
        return {name: value for name, value in changes.items() if value is not None or name == "last_on"}


@strawberry.input(description="Which weekly rule ends.")
class EndWeeklySlotsInput:
    weekly_id: strawberry.ID = strawberry.field(description="Which rule.")


@strawberry.type(
    description="A mentor's rule for times of every week, which is turned into times up to 13 weeks ahead."
)
class WeeklySlots(Node):
    weekdays: list[int] = strawberry.field(description="1 for Monday to 7 for Sunday.")
    starts: str = strawberry.field(description="When it begins by the clocks of the time zone, `HH:MM`.")
    ends: str = strawberry.field(description="When it ends, `HH:MM`.")
    time_zone: str = strawberry.field(description="By name, e.g. Europe/London.")
    first_on: date = strawberry.field(description="The first day.")
    last_on: date | None = strawberry.field(description="The last day; null: until it is ended.")
    except_on: list[date] = strawberry.field(
        description="Days left out, also those whose times were taken back one by one."
    )
    on_public_holidays: bool = strawberry.field(description="Also on public holidays of the mainland?")
    skipped_on: list[date] = strawberry.field(
        description="Days to come on which another time of the mentor's is in the way."
    )


def show(row: domain.Rule) -> WeeklySlots:
    return WeeklySlots(
        id=encode(Tag.WeeklySlots, row.id),
        weekdays=row.weekdays,
        starts=row.starts,
        ends=row.ends,
        time_zone=row.time_zone,
        first_on=row.first_on,
        last_on=row.last_on,
        except_on=row.except_on,
        on_public_holidays=row.on_public_holidays,
        skipped_on=row.skipped_on,
    )


@loads(Tag.WeeklySlots)
async def load_rules(context: Context, ids: list[UUID]) -> dict[UUID, WeeklySlots]:
    async with context.read() as db:
        found = await domain.rules(db, context.actor, ids)
    return {key: show(row) for key, row in found.items()}


def _rules_of(context: Context) -> Loader[UUID, list[domain.Rule] | None]:
    async def fetch(ids: list[UUID]) -> dict[UUID, list[domain.Rule]]:
        async with context.read() as db:
            return await domain.rules_of(db, context.actor, ids)

    return keyed_loader(fetch)


@extends(Mentor)
class MentorWeeklySlots:
    @strawberry.field(
        description="Rules for times of every week that have not been ended, the oldest first; null for who offers no times in the"
        " mentor's name."
    )
    async def weekly_slots(self: Mentor, info: Info) -> list[WeeklySlots] | None:
        found = await info.context.loader(_rules_of).load(self.row.id)
        return None if found is None else [show(row) for row in found]


@strawberry.type
class WeeklyMutations:
    @strawberry.mutation(
        description="Change times of every week (the mentor, or programme managers in reach). Free times to come that the rule has"
        " no more are taken back; those that a mentee has stay."
    )
    async def change_weekly_slots(self, info: Info, input: ChangeWeeklySlotsInput) -> MentorPayload:
        given = given_fields(info)

        async def act(tx: Write) -> UUID:
            rule_id = decode(Tag.WeeklySlots, input.weekly_id, "weekly_id")
            return await repeating.change(tx, rule_id, input.to_domain(given))

        return await kept(info, input, act)

    @strawberry.mutation(
        description="End times of every week (the mentor, or programme managers in reach). Free times to come are taken back;"
        " those that a mentee has stay."
    )
    async def end_weekly_slots(self, info: Info, input: EndWeeklySlotsInput) -> MentorPayload:
        async def act(tx: Write) -> UUID:
            return await repeating.end(tx, decode(Tag.WeeklySlots, input.weekly_id, "weekly_id"))

        return await kept(info, input, act)
