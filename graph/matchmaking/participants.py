"""Guests as other guests of the same event see them."""

from uuid import UUID

import strawberry

from domain.matchmaking import participants as domain
from graph.accounts.enums import EducationLevel, Gender
from graph.core.context import Context
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads


@strawberry.type(
    description="One guest as other guests of the same event see them; the id is good within this event alone."
)
class Participant(Node):
    nickname: str = strawberry.field(description="What the guest calls themselves here.")
    gender: Gender = strawberry.field(description="Sex.")
    age: int = strawberry.field(description="On the day of the event.")
    introduction: str | None = strawberry.field(description="What the guest says of themselves.")
    education: EducationLevel | None = strawberry.field(description="Highest education.")


def show(context: Context, row: domain.Participant) -> Participant:
    sealer = context.ports.sealer
    return Participant(
        id=encode(Tag.Participant, row.participant_id),
        nickname=row.nickname(sealer),
        gender=row.gender,
        age=row.age,
        introduction=row.introduction(sealer),
        education=row.education,
    )


@loads(Tag.Participant)
async def load_participants(context: Context, ids: list[UUID]) -> dict[UUID, Participant]:
    async with context.read() as db:
        found = await domain.participants(db, context.actor, ids)
    return {key: show(context, row) for key, row in found.items()}
