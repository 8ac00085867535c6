"""Tables of the care fund. What a claim tells of somebody's health is sealed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.core import columns
from domain.core.sealed_columns import sealed
from domain.volunteering.states import ClaimStatus


class CareFundReason(StrEnum):
    SERIOUS_ILLNESS = "SERIOUS_ILLNESS"
    ACCIDENT = "ACCIDENT"


class FundRow(SQLModel, table=True):
    """The fund, one for the deployment. `given_fen` is what was approved, paid or not: never more than it holds."""

    __tablename__ = "volunteering_fund"
    __table_args__ = (
        columns.check("only_one", "number = 1"),
        columns.check("never_more_than_it_holds", "given_fen BETWEEN 0 AND holds_fen"),
    )

    number: int = Field(
        default=1, sa_type=sa.SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    holds_fen: int = Field(sa_type=sa.BigInteger)
    given_fen: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})


class ClaimRow(SQLModel, table=True):
    """
    A claim. `unit_id` looks after its volunteer. `approvers` are the members of staff who approved `approved_fen`, each once;
    it is APPROVED when they are as many as the amount `needs`.
    """

    __tablename__ = "volunteering_claim"
    __table_args__ = (
        columns.one_of("reason", CareFundReason),
        columns.one_of("status", ClaimStatus),
        columns.check("amount_positive", "amount_fen > 0"),
        columns.check("approved_within", "approved_fen > 0 AND approved_fen <= amount_fen"),
        columns.check(
            "approved_by_enough",
            "status NOT IN ('APPROVED', 'PAID') OR (approved_fen IS NOT NULL AND cardinality(approvers) >= needs)",
        ),
        columns.check("approvers_differ", "cardinality(approvers) < 2 OR approvers[1] <> approvers[2]"),
        sa.Index(
            "volunteering_claim_one_open",
            "claimant_id",
            "reason",
            unique=True,
            postgresql_where=sa.text("status = 'SUBMITTED'"),
        ),
        sa.Index("volunteering_claim_of_volunteer", "claimant_id", "created_at", "id"),
        sa.Index(
            "volunteering_claim_waits", "created_at", "id", postgresql_where=sa.text("status = 'SUBMITTED'")
        ),
    )

    id: UUID = columns.identifier()
    claimant_id: UUID = columns.refers_to("accounts_youth.id")
    unit_id: UUID = columns.refers_to("accounts_unit.id", index=True)
    reason: CareFundReason = columns.enum(CareFundReason)
    description_sealed: bytes | None = sealed()
    amount_fen: int
    approved_fen: int | None = None
    approvers: list[UUID] = columns.uuid_array()
    needs: int = Field(default=1, sa_type=sa.SmallInteger, sa_column_kwargs={"server_default": "1"})
    note_sealed: bytes | None = sealed(None)
    status: ClaimStatus = columns.enum(ClaimStatus)
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()
