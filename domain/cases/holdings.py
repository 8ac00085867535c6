"""What cases hold about youths: what they said, what was done, and its history."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.cases.models import CaseMessageRow, CaseRow
from domain.core.holding import Fate, Holding, Said, blank, opened, owned_by
from domain.core.states import StateEvent


def _cases(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(CaseRow.id)).where(col(CaseRow.youth_id) == youth_id)


HOLDINGS = (
    Holding(
        "caseHistory",
        StateEvent,
        Said("求助个案的每一步", "Each step of your cases"),
        owned_by(StateEvent.subject_id, _cases),
        {"case": "subject_id", "status": "status", "at": "at"},
        Fate.ANONYMISED,
        Said(
            "只留状态与时间，用于时限统计", "State and time alone stay, for the figures of how fast help came"
        ),
        {"note": None},
    ),
    Holding(
        "caseMessages",
        CaseMessageRow,
        Said("求助个案中的往来内容", "What was said in your cases"),
        owned_by(CaseMessageRow.case_id, _cases),
        {"case": "case_id", "fromStaff": "from_staff", "body": opened(CaseMessageRow, "body"), "at": "at"},
    ),
    Holding(
        "cases",
        CaseRow,
        Said("您的求助个案", "Your cases"),
        lambda youth: col(CaseRow.youth_id) == youth,
        {
            "id": "id",
            "number": "number",
            "category": "category",
            "urgency": "urgency",
            "status": "status",
            "outcome": opened(CaseRow, "outcome"),
            "satisfaction": "satisfaction",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said(
            "只留一条无名记录，用于统计办结情况",
            "A record of nobody stays, for the figures of cases done",
        ),
        blank(
            CaseRow,
            *(
                "id",
                "number",
                "category",
                "urgency",
                "status",
                "youth_id",
                "unit_id",
                "assignee_id",
                "origin",
            ),
            *("due_at", "created_at", "updated_at"),
        ),
    ),
)

NO_YOUTHS = {"cases_case.origin_id": "a record of another programme"}
