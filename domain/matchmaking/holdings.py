"""
What matchmaking holds about youths: sign-ups with their history, choices, reports and blocks that they made.

A copy tells a youth whom they chose, by ids that mean nothing elsewhere. It never tells who chose, reported or blocked them:
that is held with whoever did.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.actors import YouthActor
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Said, blank, opened, owned_by
from domain.core.sealing import Sealer
from domain.core.states import StateEvent
from domain.matchmaking.choices import decrypted, opened_key
from domain.matchmaking.erasing import erase_youth
from domain.matchmaking.models import BlockRow, ChoicesRow, EventRow, ReportRow, SignupRow


def _signups(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(SignupRow.id)).where(col(SignupRow.youth_id) == youth_id)


def _named(table: Any, event_id: Any, youth: Any, youth_id: UUID) -> sa.Select[Any]:
    """Rows of a table together with the title of their event."""
    return (
        sa.select(*sa.inspect(table).columns, col(EventRow.title).label("event"))
        .join(EventRow, col(EventRow.id) == col(event_id))
        .where(col(youth) == youth_id)
    )


def _with_keys(youth_id: UUID) -> sa.Select[Any]:
    """Choices together with the key of their event; without one they are erased and there is no row."""
    return (
        sa.select(
            *sa.inspect(ChoicesRow).columns,
            col(EventRow.title).label("event"),
            col(EventRow.choices_key_sealed).label("key_sealed"),
        )
        .join(EventRow, col(EventRow.id) == col(ChoicesRow.event_id))
        .where(
            col(ChoicesRow.signup_id).in_(_signups(youth_id)), col(EventRow.choices_key_sealed).is_not(None)
        )
    )


def _chosen(row: Any, sealer: Sealer) -> list[str]:
    key = opened_key(sealer, row.event_id, row.key_sealed)
    return [one.hex for one in decrypted(key, row.signup_id, bytes(row.chosen))]


async def end_signups(tx: Write, youth_id: UUID) -> None:
    """Cancel what is to come, in the youth's name: seats go to the first in line."""
    await erase_youth(Write(tx.connection, tx.now, YouthActor(youth_id)), youth_id)


ENDINGS = (end_signups,)

HOLDINGS = (
    Holding(
        "matchmakingHistory",
        StateEvent,
        Said("交友活动报名的每一步", "Each step of your sign-ups for matchmaking events"),
        owned_by(StateEvent.subject_id, _signups),
        {"signup": "subject_id", "status": "status", "at": "at"},
        Fate.ANONYMISED,
        Said("只留状态与时间，用于活动统计", "State and time alone stay, for the figures of events"),
        {"note": None},
    ),
    Holding(
        "matchmakingChoices",
        ChoicesRow,
        Said(
            "您在交友活动中的选择（30 天后删除）",
            "Whom you chose at matchmaking events, for 30 days, by ids good within the event alone",
        ),
        owned_by(ChoicesRow.signup_id, _signups),
        {"event": "event", "signup": "signup_id", "chosen": _chosen},
        rows=_with_keys,
    ),
    Holding(
        "matchmakingReports",
        ReportRow,
        Said("您对其他嘉宾的举报", "Reports that you made of other guests"),
        lambda youth: col(ReportRow.reporter_id) == youth,
        {"id": "id", "event": "event", "reason": opened(ReportRow, "reason"), "createdAt": "created_at"},
        Fate.ANONYMISED,
        Said(
            "仅留一条无文字的记录，用于活动安全",
            "A record without words stays, for the safety of others at events",
        ),
        blank(ReportRow, "id", "event_id", "reporter_id", "reported_id", "case_id", "created_at"),
        lambda youth: _named(ReportRow, ReportRow.event_id, ReportRow.reporter_id, youth),
    ),
    Holding(
        "matchmakingBlocks",
        BlockRow,
        Said("您屏蔽了其他嘉宾", "That you blocked other guests"),
        lambda youth: col(BlockRow.youth_id) == youth,
        {"createdAt": "created_at"},
    ),
    Holding(
        "matchmakingSignups",
        SignupRow,
        Said("交友活动报名", "Your sign-ups for matchmaking events"),
        lambda youth: col(SignupRow.youth_id) == youth,
        {
            "id": "id",
            "event": "event",
            "status": "status",
            "nickname": opened(SignupRow, "nickname"),
            "introduction": opened(SignupRow, "introduction"),
            "contactForMatches": opened(SignupRow, "contact"),
            "lotteryEntry": "lottery_entry",
            "checkedInAt": "checked_in_at",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said(
            "只留一条无名记录，用于活动统计和抽签复核",
            "A record of nobody stays, for the figures of events and so that a draw can be redone",
        ),
        blank(
            SignupRow,
            *("id", "event_id", "youth_id", "gender", "status", "queue_number", "lottery_entry"),
            *("drawn_position", "checked_in_at", "created_at", "updated_at"),
        ),
        lambda youth: _named(SignupRow, SignupRow.event_id, SignupRow.youth_id, youth),
    ),
)
