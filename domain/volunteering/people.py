"""Whom a number belongs to: a volunteer, or nobody yet. Who records service is answered alike for both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import PHONE_INDEX
from domain.accounts.youths import still_there
from domain.core import columns
from domain.core.blind_index import claim_all, owners
from domain.core.db import Write
from domain.core.refusals import ChangedMeanwhile
from domain.core.sealing import Sealer, place
from domain.volunteering.ledger import Account, locked_accounts
from domain.volunteering.models import UNKNOWN_PHONE_INDEX, UnknownPhoneRow

ROUNDS = 4


@dataclass(frozen=True, slots=True)
class People:
    """By number: the id that records are kept under. The accounts are of those whom we know."""

    ids: dict[str, UUID]
    accounts: dict[UUID, Account]

    def volunteer(self, person_id: UUID) -> UUID | None:
        return person_id if person_id in self.accounts else None


async def _held(tx: Write, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Rows of unknown numbers, held until this transaction ends, by rising id; those that are gone are left out."""
    statement = sa.select(col(UnknownPhoneRow.id)).where(col(UnknownPhoneRow.id).in_(list(ids)))
    return frozenset(await tx.scalars(statement.order_by(col(UnknownPhoneRow.id)).with_for_update()))


def _place(identity: UUID) -> str:
    return place("volunteering_unknown_phone", "phone", identity)


async def _kept_aside(tx: Write, sealer: Sealer, phones: Sequence[str]) -> dict[str, UUID]:
    """Rows for numbers that nobody has signed up with, made where there are none."""
    known = await owners(tx, sealer, UNKNOWN_PHONE_INDEX, phones)
    held = await _held(tx, known.values())
    found = {phone: key for phone, key in known.items() if key in held}
    rows: list[dict[str, Any]] = []
    made: dict[UUID, str] = {}
    for phone in phones:
        if phone not in found:
            key = columns.new_id()
            made[key], found[phone] = phone, key
            rows.append({"id": key, "phone_sealed": sealer.seal(phone, _place(key)), "created_at": tx.now})
    await tx.insert(UnknownPhoneRow, rows)
    await claim_all(tx, sealer, UNKNOWN_PHONE_INDEX, made, ChangedMeanwhile())
    return found


async def _aside(tx: Write, sealer: Sealer, phones: Sequence[str]) -> dict[str, UUID]:
    """As `_kept_aside`; where another organization makes the same row at this moment, its row."""
    for _ in range(ROUNDS if phones else 0):
        try:
            async with tx.savepoint():
                return await _kept_aside(tx, sealer, phones)
        except ChangedMeanwhile:
            continue
    if phones:
        raise ChangedMeanwhile
    return {}


async def people(tx: Write, sealer: Sealer, phones: Iterable[str]) -> People:
    """
    Everybody of these numbers, held until this transaction ends: nobody else records their service meanwhile.

    ChangedMeanwhile when new numbers are fought for again and again.
    """
    wanted = sorted(set(phones))
    youths = await owners(tx, sealer, PHONE_INDEX, wanted)
    there = await still_there(tx, youths.values())
    known = {phone: key for phone, key in youths.items() if key in there}
    accounts = await locked_accounts(tx, known.values())
    aside = await _aside(tx, sealer, [phone for phone in wanted if phone not in known])
    return People({**known, **aside}, accounts)
