"""Finding perks: the filter as a WHERE; what is within a volunteer's reach, and what is the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import col

from domain.accounts.youths import youths
from domain.core.db import Read
from domain.core.divisions import chain_of, within
from domain.core.faults import length_fault
from domain.core.refusals import Refusal, refuse_all
from domain.core.search import parse
from domain.volunteering.lapsing import spendable
from domain.volunteering.ledger import MINUTES_A_POINT, Account
from domain.volunteering.perks.models import SEARCH, PerkCategory, PerkRow, RedemptionRow
from domain.volunteering.perks.perk import PERKS, Perk
from domain.volunteering.stars import STAR_MINUTES
from domain.volunteering.states import TAKING

TEXT_MOST = 1_000
_PERK = sa.inspect(PerkRow).columns


@dataclass(frozen=True, slots=True)
class PerkFilter:
    text: str | None = None
    categories: tuple[PerkCategory, ...] | None = None
    division_codes: tuple[str, ...] | None = None
    eligible_only: bool = False


def _faults(asked: PerkFilter) -> Iterator[Refusal]:
    yield from length_fault("text", asked.text, 0, TEXT_MOST)


def _open_to(code: str | None) -> ColumnElement[bool]:
    """Perks for everywhere, or for one of the divisions that a youth is in."""
    return sa.or_(
        sa.func.cardinality(_PERK["division_codes"]) == 0,
        col(PerkRow.division_codes).overlap(list(chain_of(code))),  # type: ignore[attr-defined]  # an array's
    )


def _current(db: Read) -> ColumnElement[bool]:
    return sa.and_(
        col(PerkRow.starts_on) <= db.today,
        sa.or_(col(PerkRow.ends_on).is_(None), col(PerkRow.ends_on) >= db.today),
    )


def _left() -> ColumnElement[bool]:
    return sa.or_(col(PerkRow.stock).is_(None), col(PerkRow.taken) < col(PerkRow.stock))


def _overlapping(codes: tuple[str, ...]) -> ColumnElement[bool]:
    """For one of the places or what is below or above it; a perk for everywhere is for these too."""
    rows = (
        sa.func.unnest(_PERK["division_codes"])
        .table_valued(sa.column("code", sa.Text))
        .render_derived(name="named")
    )
    code = rows.c.code
    above = [one for given in codes for one in chain_of(given)]
    named = sa.select(sa.literal(1)).select_from(rows).where(sa.or_(within(code, codes), code.in_(above)))
    return sa.or_(sa.func.cardinality(_PERK["division_codes"]) == 0, named.exists())


async def _within_reach(db: Read, youth_id: UUID) -> ColumnElement[bool]:
    """As `eligibility.faults`, but for the rules of the person."""
    account = (await spendable(db, [youth_id]))[youth_id]
    youth = (await youths(db, [youth_id])).get(youth_id)
    mine = (
        sa.select(sa.func.count())
        .select_from(RedemptionRow)
        .where(
            col(RedemptionRow.perk_id) == col(PerkRow.id),
            col(RedemptionRow.volunteer_id) == youth_id,
            col(RedemptionRow.status).in_(TAKING),
        )
        .scalar_subquery()
    )
    return sa.and_(
        _current(db),
        _left(),
        _open_to(None if youth is None else youth.division_code),
        col(PerkRow.min_stars) <= account.stars,
        col(PerkRow.points_cost) <= account.points,
        mine < col(PerkRow.per_person_limit),
    )


async def find(db: Read, asked: PerkFilter, viewer: UUID | None) -> sa.Select[Any]:
    """Perks that have not ended and fit every part given; Refused (below `filter`) for a filter that is none."""
    refuse_all(fault.at("filter") for fault in _faults(asked))
    statement = PERKS.select().where(sa.or_(col(PerkRow.ends_on).is_(None), col(PerkRow.ends_on) >= db.today))
    if asked.text is not None and asked.text.strip():
        statement = statement.where(SEARCH.holds_all(parse(asked.text)))
    if asked.categories is not None:
        statement = statement.where(col(PerkRow.category).in_(asked.categories))
    if asked.division_codes is not None:
        statement = statement.where(_overlapping(asked.division_codes))
    if asked.eligible_only:
        statement = statement.where(sa.false() if viewer is None else await _within_reach(db, viewer))
    return statement


async def next_perk(db: Read, youth_id: UUID, account: Account) -> tuple[Perk, int] | None:
    """The nearest perk not yet within reach, and the minutes still to serve for its stars and points."""
    youth = (await youths(db, [youth_id])).get(youth_id)
    stars = sa.case(
        *((col(PerkRow.min_stars) == star, minutes) for star, minutes in enumerate(STAR_MINUTES, 1)), else_=0
    )
    points = sa.case(
        (
            col(PerkRow.points_cost) > account.points,
            (col(PerkRow.points_cost) + account.consumed) * MINUTES_A_POINT,
        ),
        else_=0,
    )
    missing = sa.func.greatest(stars, points) - account.service_minutes
    statement = (
        PERKS.select()
        .add_columns(missing.label("missing"))
        .where(_current(db), _left(), _open_to(None if youth is None else youth.division_code), missing > 0)
        .order_by(sa.text("missing"), col(PerkRow.id))
        .limit(1)
    )
    row = await db.first(statement)
    return None if row is None else (PERKS.make(*row[:-1]), row[-1])
