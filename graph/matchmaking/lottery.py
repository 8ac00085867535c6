"""What is published of a lottery; see docs/lottery.md."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel import col

from domain.accounts.models import Gender as Sex
from domain.matchmaking import lottery as domain
from domain.matchmaking.event import Event, Seats, events
from domain.matchmaking.models import SignupRow
from graph.accounts.enums import Gender
from graph.core.connection import After, Connection, First, NestedList, Paging, connection_of
from graph.core.context import Context, Info
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads


@strawberry.type(description="What stands for one guest in the published list.")
class LotteryEntry(Node):
    entry: str = strawberry.field(description="32 hexadecimal figures, good for this event alone.")
    drawn_position: int | None = strawberry.field(description="Null before the draw.")


@strawberry.type(
    description="Entries are opaque and good for this event alone; each guest finds their own in"
    " `MatchmakingSignup.lotteryEntry`."
)
class LotteryRecord:
    event_id: strawberry.Private[UUID]
    entries_hash: str = strawberry.field(
        description="SHA-256 of the list of entries, in hexadecimal figures."
    )
    event_uuid: str = strawberry.field(description="The event's UUID, for the hash.")
    seed: str | None = strawberry.field(description="In hexadecimal figures; null before the draw.")
    drawn_at: datetime | None = strawberry.field(description="When it was drawn.")
    male_seats: int = strawberry.field(description="Seats for men, at the draw.")
    female_seats: int = strawberry.field(description="Seats for women, at the draw.")

    @strawberry.field(description="The entries of one sex, by entry.")
    async def entries(
        self,
        info: Info,
        gender: Annotated[Gender, strawberry.argument(description="Women or men.")],
        first: First = None,
        after: After = None,
    ) -> Connection[LotteryEntry]:
        return connection_of(
            await _ENTRIES.page(info.context, self.event_id, Paging(first, after), gender), show
        )


_ENTRIES = NestedList(domain.entries_of, col(SignupRow.event_id), domain.Entry, domain.BY_ENTRY)


def show(row: domain.Entry) -> LotteryEntry:
    return LotteryEntry(
        id=encode(Tag.LotteryEntry, row.lottery_entry),
        entry=row.lottery_entry.hex,
        drawn_position=row.drawn_position,
    )


@loads(Tag.LotteryEntry)
async def load_entries(context: Context, ids: list[UUID]) -> dict[UUID, LotteryEntry]:
    async with context.read() as db:
        found = await domain.entries(db, ids)
    return {key: show(row) for key, row in found.items()}


async def closed(context: Context, event: Event) -> Event:
    """The event with its entries closed, if it is time: whoever looks first closes them."""
    if not domain.due_for_closing(event, context.now):
        return event
    async with context.write() as tx:
        await domain.close_entries(tx, event.id)
        return (await events(tx, [event.id]))[event.id]


def record(event: Event, seats: Mapping[Sex, Seats]) -> LotteryRecord | None:
    """Null without a lottery, and while entries are open."""
    if event.entries_hash is None:
        return None
    total = {
        gender.value: one.total if one.drawn_total is None else one.drawn_total
        for gender, one in seats.items()
    }
    return LotteryRecord(
        event_id=event.id,
        event_uuid=str(event.id),
        entries_hash=event.entries_hash.hex(),
        seed=None if event.seed is None else event.seed.hex(),
        drawn_at=event.drawn_at,
        male_seats=total["MALE"],
        female_seats=total["FEMALE"],
    )
