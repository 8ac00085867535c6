"""Tables of cases. What was said is sealed (`domain.core.sealing`)."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from domain.cases.states import UNDER_WAY, CaseCategory, CaseStatus, CaseUrgency
from domain.core import columns
from domain.core.sealed_columns import sealed

_UNDER_WAY = sa.text(f"status IN ({', '.join(repr(status.value) for status in UNDER_WAY)})")


class CaseRow(SQLModel, table=True):
    """
    A case of one unit, opened by a youth or, about them, by a programme (`origin`, with its record `origin_id`).

    `one_of_kind` names what there may be one case under way of: a second of the same name is more of the first.
    """

    __tablename__ = "cases_case"
    __table_args__ = (
        columns.one_of("category", CaseCategory),
        columns.one_of("urgency", CaseUrgency),
        columns.one_of("status", CaseStatus),
        columns.check("taken_by_somebody", "status NOT IN ('TAKEN', 'WAITING') OR assignee_id IS NOT NULL"),
        columns.check("satisfaction_in_range", "satisfaction BETWEEN 1 AND 5"),
        sa.Index("cases_case_of_unit", "unit_id", "due_at", "id", postgresql_where=_UNDER_WAY),
        sa.Index("cases_case_of_youth", "youth_id", "created_at", "id"),
        sa.Index("cases_case_one_of_kind", "one_of_kind", unique=True, postgresql_where=_UNDER_WAY),
    )

    id: UUID = columns.identifier()
    number: str = Field(sa_type=sa.Text, unique=True)
    category: CaseCategory = columns.enum(CaseCategory)
    urgency: CaseUrgency = columns.enum(CaseUrgency)
    status: CaseStatus = columns.enum(CaseStatus)
    anonymous: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    youth_id: UUID = columns.refers_to("accounts_youth.id")
    unit_id: UUID = columns.refers_to("accounts_unit.id")
    assignee_id: UUID | None = columns.maybe_refers_to("accounts_staff.id", index=True)
    origin: str = columns.text()
    origin_id: UUID | None = None
    one_of_kind: str | None = columns.text(None)
    outcome_sealed: bytes | None = sealed(None)
    satisfaction: int | None = Field(default=None, sa_type=sa.SmallInteger)
    due_at: datetime = columns.instant()
    created_at: datetime = columns.instant()
    updated_at: datetime = columns.instant()


class CaseMessageRow(SQLModel, table=True):
    """What the youth or staff said in a case."""

    __tablename__ = "cases_message"
    __table_args__ = (sa.Index("cases_message_of_case", "case_id", "id"),)

    id: UUID = columns.identifier()
    case_id: UUID = columns.refers_to("cases_case.id")
    from_staff: bool = Field(default=False)
    body_sealed: bytes | None = sealed(None)
    at: datetime = columns.instant()
