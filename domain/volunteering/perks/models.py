"""Tables of perks and their redemptions."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.sealed_columns import hashing_key, keyed_hash, sealed
from domain.core.search import Declared, terms_column
from domain.volunteering.states import RedemptionStatus


class PerkCategory(StrEnum):
    TRAVEL = "TRAVEL"
    CULTURE = "CULTURE"
    DINING = "DINING"
    SHOPPING = "SHOPPING"
    HEALTH = "HEALTH"
    EDUCATION = "EDUCATION"
    FINANCE = "FINANCE"
    TRANSPORT = "TRANSPORT"
    INSURANCE = "INSURANCE"
    OTHER = "OTHER"


SEARCH = Declared("volunteering_perk")


class PerkRow(SQLModel, table=True):
    """A perk. `taken` is how many of the stock are redeemed and not given back; without a stock there is no end."""

    __tablename__ = "volunteering_perk"
    __table_args__ = (
        columns.one_of("category", PerkCategory),
        columns.check("title_length", "char_length(title) BETWEEN 1 AND 80"),
        columns.check("description_length", "char_length(description) BETWEEN 1 AND 4000"),
        columns.check("min_stars_in_range", "min_stars BETWEEN 0 AND 5"),
        columns.check("points_cost_in_range", "points_cost BETWEEN 0 AND 100000"),
        columns.check("per_person_in_range", "per_person_limit BETWEEN 1 AND 1000"),
        columns.check("redeem_within_in_range", "redeem_within_days BETWEEN 1 AND 366"),
        columns.check("ends_after_it_starts", "ends_on >= starts_on"),
        columns.check("stock_in_range", "stock BETWEEN 0 AND 10000000"),
        columns.check("never_oversold", "taken >= 0 AND taken <= COALESCE(stock, taken)"),
        sa.Index("volunteering_perk_newest", "created_at", "id"),
        sa.Index("volunteering_perk_merchant", "merchant_id", "id"),
        sa.Index("volunteering_perk_divisions", "division_codes", postgresql_using="gin"),
        SEARCH.index(),
    )

    id: UUID = columns.identifier()
    version: int = columns.version()
    merchant_id: UUID = columns.refers_to("partners_organization.id")
    title: str = columns.text()
    description: str = columns.text()
    category: PerkCategory = columns.enum(PerkCategory)
    division_codes: list[str] = columns.text_array()
    min_stars: int = Field(sa_type=sa.SmallInteger)
    points_cost: int
    stock: int | None = None
    taken: int = columns.count_of()
    per_person_limit: int
    starts_on: date
    ends_on: date | None = None
    redeem_within_days: int = Field(sa_type=sa.SmallInteger)
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
    search_terms: str = terms_column()


class RedemptionRow(SQLModel, table=True):
    """
    One perk redeemed by one volunteer. `turn` is which of the volunteer's it is, from 1 to the limit that held: of those
    that are not given back each has another.

    The code is sealed for its volunteer; the merchant's till finds it by its blind index. It is used at most once.
    """

    __tablename__ = "volunteering_redemption"
    __table_args__ = (
        columns.one_of("status", RedemptionStatus),
        columns.check("within_the_limit", "turn BETWEEN 1 AND most"),
        columns.check("points_not_negative", "points >= 0"),
        columns.check("used_when_and_where", "(status = 'USED') = (used_at IS NOT NULL)"),
        sa.Index(
            "volunteering_redemption_turns",
            "perk_id",
            "volunteer_id",
            "turn",
            unique=True,
            postgresql_where=sa.text("status IN ('ISSUED', 'USED')"),
        ),
        sa.Index("volunteering_redemption_of_volunteer", "volunteer_id", "created_at", "id"),
        sa.Index(
            "volunteering_redemption_runs_out",
            "expires_at",
            postgresql_where=sa.text("status = 'ISSUED'"),
        ),
        sa.Index("volunteering_redemption_code", "code_index", unique=True),
    )

    id: UUID = columns.identifier()
    perk_id: UUID = columns.refers_to("volunteering_perk.id")
    volunteer_id: UUID = columns.refers_to("accounts_youth.id")
    turn: int
    most: int
    points: int
    status: RedemptionStatus = columns.enum(RedemptionStatus)
    code_sealed: bytes | None = sealed()
    code_index: bytes | None = keyed_hash(
        "perk code", live="status = 'ISSUED' AND expires_at > :now AND code_index IS NOT NULL"
    )
    key_id: str | None = hashing_key()
    expires_at: datetime = columns.instant()
    used_at: datetime | None = columns.instant(None)
    created_at: datetime = columns.instant()
