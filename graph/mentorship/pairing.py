"""One-to-one pairs, from a spreadsheet."""

import base64
import binascii

import strawberry

from domain.core.db import Write
from domain.core.refusals import Invalid
from domain.mentorship import pairing
from graph.accounts.youths import Youth
from graph.core.context import Info
from graph.core.errors import UserError, user_errors
from graph.core.extending import extends
from graph.core.mutating import errors_of, mutate
from graph.mentorship.mentors import Mentor, show


@strawberry.input(description="Youths and the cadres who mentor them.")
class PairMenteesInput:
    workbook: str = strawberry.field(
        description="An xlsx file in Base64: the first sheet with the columns 青年手机号 and 导师手机号, 500 rows at most."
    )


@strawberry.type(description="What is wrong with a row of a sheet.")
class PairingRowErrors:
    row: int = strawberry.field(description="As the sheet numbers it.")
    user_errors: list[UserError] = strawberry.field(description="Every reason; fields are columns.")


@strawberry.type(description="What became of the rows.")
class PairMenteesPayload:
    paired: int = strawberry.field(description="How many rows are paired now, also those that were before.")
    row_errors: list[PairingRowErrors] = strawberry.field(description="Of the other rows.")
    user_errors: list[UserError]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("workbook", zh="不是 Base64。", en="It is not Base64.") from None


@strawberry.type
class PairingMutations:
    @strawberry.mutation(
        description="Give each of many youths a cadre as mentor, from a spreadsheet (programme managers in reach)."
    )
    async def pair_mentees(self, info: Info, input: PairMenteesInput) -> PairMenteesPayload:
        found: list[pairing.RowResult] = []

        async def act(tx: Write) -> None:
            found.extend(await pairing.pair(tx, info.context.ports.sealer, _bytes(input.workbook)))

        outcome = await mutate(info, input, act)
        return PairMenteesPayload(
            paired=sum(not row.reasons for row in found),
            row_errors=[
                PairingRowErrors(row=row.number, user_errors=user_errors(row.reasons, info.context.language))
                for row in found
                if row.reasons
            ],
            user_errors=errors_of(info, outcome),
        )


@extends(Youth)
class YouthPairing:
    @strawberry.field(description="The cadre whom a unit gave the youth as mentor.")
    async def paired_mentor(self: Youth, info: Info) -> Mentor | None:
        async with info.context.read() as db:
            found = await pairing.paired_mentor(db, self.key)
        return None if found is None else show(found)
