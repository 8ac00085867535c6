"""
The access log: who looked at a youth's phone, name or application, why and when (threats.md, 24).

Rows are only ever added: the database refuses to change or remove one, also to its owner. A look is written before what was
looked at is given away. The same look again within the hour, as a list is paged through, is one row; a search for a person
by number is a row each time, also one that finds nobody.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import Field, SQLModel, col

from domain.accounts.models import StaffRow, UnitRow
from domain.accounts.reach import in_reach
from domain.core import columns
from domain.core.actors import Actor, PartnerActor, StaffActor, YouthActor
from domain.core.db import Read, Write
from domain.core.keyset import newest_first
from domain.core.projection import projection
from domain.core.refusals import Invalid, Language
from domain.core.rights import Action, may

REASON_LEAST, REASON_MOST = 2, 200


class Looker(StrEnum):
    """Who looks at others' data."""

    STAFF = "STAFF"
    ORGANIZATION = "ORGANIZATION"


class AccessLogRow(SQLModel, table=True):
    """One look. `youth_id` is None for a search that found nobody; `look` is what makes it one with another of the same hour."""

    __tablename__ = "accounts_access_log"
    __table_args__ = (
        columns.one_of("actor_kind", Looker),
        sa.Index("accounts_access_log_youth", "youth_id", "at", "id"),
        sa.Index("accounts_access_log_actor", "actor_id", "at", "id"),
        sa.Index("accounts_access_log_unit", "unit_id", "at", "id"),
    )

    id: UUID = columns.identifier()
    youth_id: UUID | None = columns.maybe_refers_to("accounts_youth.id")
    actor_kind: Looker = columns.enum(Looker)
    actor_id: UUID = Field()
    unit_id: UUID | None = columns.maybe_refers_to("accounts_unit.id")
    fields: list[str] = columns.text_array()
    purpose: str = columns.text()
    reason: str | None = columns.text(None)
    look: bytes = Field(sa_type=sa.LargeBinary, unique=True)
    at: datetime = columns.instant()


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a look is for, in each language; programmes make theirs."""

    code: str
    zh: str
    en: str

    def words(self, language: Language) -> str:
        return self.en if language is Language.EN else self.zh


PURPOSES: dict[str, Purpose] = {}


def purpose(code: str, *, zh: str, en: str) -> Purpose:
    """Make a purpose known, so that a youth can read it."""
    return PURPOSES.setdefault(code, Purpose(code, zh, en))


FOUND_BY_NUMBER = purpose("found-by-number", zh="工作人员按手机号查找", en="found by number by staff")


@dataclass(frozen=True, slots=True)
class Look:
    """Fields of a youth that somebody is about to see, and what for. `reason` is in the looker's own words."""

    youth_id: UUID | None
    fields: tuple[str, ...]
    purpose: Purpose
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AccessLogEntry:
    id: UUID
    youth_id: UUID | None
    actor_kind: Looker
    actor_id: UUID
    fields: tuple[str, ...]
    purpose: str
    reason: str | None
    at: datetime

    def why(self, language: Language) -> str:
        """What the looker wrote, or else what the look was for."""
        known = PURPOSES.get(self.purpose)
        return self.reason or (self.purpose if known is None else known.words(language))


ENTRIES = projection(AccessLogEntry, AccessLogRow)
NEWEST = newest_first(col(AccessLogRow.at), col(AccessLogRow.id), "access-log")


def checked_reason(reason: str, *field: str) -> str:
    """The reason without spaces around it; Invalid when it says nothing or too much."""
    written = reason.strip()
    if not (REASON_LEAST <= len(written) <= REASON_MOST and written.isprintable()):
        raise Invalid(
            *field,
            zh=f"请说明原因（{REASON_LEAST} 至 {REASON_MOST} 个字符）。",
            en=f"Give a reason of {REASON_LEAST} to {REASON_MOST} characters.",
        )
    return written


def _looker(actor: Actor) -> tuple[Looker, UUID, UUID | None] | None:
    match actor:
        case StaffActor(id=own, unit_id=unit):
            return Looker.STAFF, own, unit
        case PartnerActor(organization_id=own):
            return Looker.ORGANIZATION, own, None
        case _:
            return None


def _fingerprint(actor: UUID, look: Look, moment: datetime | UUID) -> bytes:
    parts = (actor, look.youth_id, *look.fields, look.purpose.code, look.reason, moment)
    return sha256("\0".join(map(str, parts)).encode()).digest()


async def record_looks(tx: Write, looks: Iterable[Look], *, each: bool = False) -> None:
    """Write what this transaction's actor looks at; `each` time anew, or once an hour. A youth's own looks are no business of it."""
    looker = _looker(tx.actor)
    if looker is None:
        return
    kind, actor_id, unit_id = looker
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    rows = []
    for look in looks:
        identity = columns.new_id()
        rows.append(
            {
                "id": identity,
                "youth_id": look.youth_id,
                "actor_kind": kind,
                "actor_id": actor_id,
                "unit_id": unit_id,
                "fields": list(look.fields),
                "purpose": look.purpose.code,
                "reason": look.reason,
                "look": _fingerprint(actor_id, look, identity if each else hour),
                "at": tx.now,
            }
        )
    if rows:
        await tx.execute(pg_insert(AccessLogRow).values(rows).on_conflict_do_nothing())


def _readable(actor: Actor) -> sa.ColumnElement[bool]:
    """The youth's own entries; for auditors those of staff of their unit and below."""
    if not may(actor, Action.SEE_ACCESS_LOG):
        return sa.false()
    match actor:
        case YouthActor(id=own):
            return col(AccessLogRow.youth_id) == own
        case StaffActor():
            return in_reach(actor, col(AccessLogRow.unit_id))
        case _:
            return sa.false()


async def entries(db: Read, actor: Actor, ids: Iterable[UUID]) -> list[AccessLogEntry]:
    """Those of the entries that the actor may read."""
    return await ENTRIES.all(
        db, ENTRIES.select().where(col(AccessLogRow.id).in_(list(ids)), _readable(actor))
    )


def of_youth(youth_id: UUID) -> sa.Select[Any]:
    return ENTRIES.select().where(col(AccessLogRow.youth_id) == youth_id)


def for_auditor(auditor: StaffActor, since: datetime | None) -> sa.Select[Any]:
    """Looks by staff of the auditor's unit and those below it, from an instant on."""
    statement = ENTRIES.select().where(_readable(auditor))
    return statement if since is None else statement.where(col(AccessLogRow.at) >= since)


Names = Callable[[Read, list[UUID]], Awaitable[dict[UUID, str]]]


async def _staff_names(db: Read, ids: list[UUID]) -> dict[UUID, str]:
    """The unit's name before the member's, as they sign."""
    rows = await db.rows(
        sa.select(col(StaffRow.id), col(UnitRow.name).label("unit"), col(StaffRow.name))
        .join(UnitRow, col(UnitRow.id) == col(StaffRow.unit_id))
        .where(col(StaffRow.id).in_(ids))
    )
    return {row.id: f"{row.unit} {row.name}" for row in rows}


NAMES: dict[Looker, Names] = {Looker.STAFF: _staff_names}
"""How lookers are called; partners add theirs."""


async def names_of(db: Read, lookers: Iterable[tuple[Looker, UUID]]) -> dict[UUID, str]:
    """The names of those who looked, by id."""
    wanted: dict[Looker, list[UUID]] = {}
    for kind, identity in lookers:
        wanted.setdefault(kind, []).append(identity)
    return {key: name for kind, ids in wanted.items() for key, name in (await NAMES[kind](db, ids)).items()}
