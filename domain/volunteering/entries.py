"""Entries as they are read: those of the chain, and service records beside it that wait or were rejected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.core.actors import Actor, YouthActor
from domain.core.db import Read
from domain.core.keyset import Order, newest_first
from domain.core.rights import Action
from domain.volunteering import records
from domain.volunteering.ledger import MINUTES_A_POINT
from domain.volunteering.models import EntryRow, ServiceRecordRow
from domain.volunteering.states import LedgerKind, LedgerStatus


@dataclass(frozen=True, slots=True)
class Entry:
    """Beside the chain `balance_after` and the hashes are None; the points are those that a record would earn by itself."""

    id: UUID
    volunteer_id: UUID | None
    kind: LedgerKind
    status: LedgerStatus
    minutes: int
    points: int
    balance_after: int | None
    at: datetime
    expires_at: datetime | None
    hash: bytes | None
    previous_hash: bytes | None
    organization_id: UUID | None
    record_id: UUID | None


_ENTRY = sa.inspect(EntryRow).columns
_RECORD = sa.inspect(ServiceRecordRow).columns
_BESIDE = _RECORD["status"] != LedgerStatus.POSTED


def _chain() -> sa.Select[Any]:
    return sa.select(
        _ENTRY["id"],
        _ENTRY["volunteer_id"],
        _ENTRY["kind"],
        sa.literal(LedgerStatus.POSTED, _RECORD["status"].type).label("status"),
        _ENTRY["minutes"],
        _ENTRY["points"],
        _ENTRY["balance_after"],
        _ENTRY["at"],
        _ENTRY["expires_at"],
        _ENTRY["hash"],
        _ENTRY["previous_hash"],
        _ENTRY["organization_id"],
        _ENTRY["record_id"],
    )


def _beside() -> sa.Select[Any]:
    """Records outside the chain; also posted ones of numbers that nobody has signed up with."""
    return sa.select(
        _RECORD["id"],
        _RECORD["volunteer_id"],
        sa.literal(LedgerKind.SERVICE, _ENTRY["kind"].type).label("kind"),
        _RECORD["status"],
        sa.cast(_RECORD["minutes"], sa.Integer).label("minutes"),
        sa.cast(_RECORD["minutes"] // MINUTES_A_POINT, sa.Integer).label("points"),
        sa.cast(sa.null(), sa.Integer).label("balance_after"),
        _RECORD["recorded_at"].label("at"),
        sa.cast(sa.null(), sa.DateTime(timezone=True)).label("expires_at"),
        sa.cast(sa.null(), sa.LargeBinary).label("hash"),
        sa.cast(sa.null(), sa.LargeBinary).label("previous_hash"),
        _RECORD["organization_id"],
        _RECORD["id"].label("record_id"),
    )


def of_volunteer(volunteer_id: UUID) -> tuple[sa.Select[Any], Order]:
    """Everything of a volunteer, the latest first."""
    whole = sa.union_all(
        _chain().where(_ENTRY["volunteer_id"] == volunteer_id),
        _beside().where(_RECORD["volunteer_id"] == volunteer_id, _BESIDE),
    ).subquery("entries")
    return sa.select(*whole.columns), newest_first(whole.c.at, whole.c.id, "ledger")


async def entries(db: Read, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, Entry]:
    """Those that the actor may read: a volunteer's own; staff's, of organizations in their reach."""
    wanted = list(ids)
    if isinstance(actor, YouthActor):
        readable = _ENTRY["volunteer_id"] == actor.id
    else:
        readable = records.of_reach(actor, Action.SEE_LEDGER, _ENTRY["organization_id"])
    found = {row.id: Entry(*row) for row in await db.rows(_chain().where(_ENTRY["id"].in_(wanted), readable))}
    missing = [key for key in wanted if key not in found]
    if missing:
        beside = _beside().where(_RECORD["id"].in_(missing), records.readable(actor))
        found |= {row.id: Entry(*row) for row in await db.rows(beside)}
    return found
