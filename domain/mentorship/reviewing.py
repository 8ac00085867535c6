"""A mentee says how it was, once, after the session; the mentor's rating counts it in the same transaction."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.faults import length_fault, range_fault
from domain.core.refusals import ErrorCode, MoveImpossible, Refusal, refuse_all
from domain.core.rights import require_youth
from domain.core.sealing import Sealer
from domain.mentorship.models import MentorRow, RequestRow
from domain.mentorship.moving import in_hand
from domain.mentorship.request import text_place
from domain.mentorship.states import MentorshipStatus

COMMENT_MOST = 1_000


class ReviewedAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "您已评价过。"
    en = "You have reviewed it already."


def _faults(rating: int, comment: str | None) -> Iterable[Refusal]:
    yield from range_fault("rating", rating, 1, 5)
    yield from length_fault("comment", comment, 0, COMMENT_MOST)


async def review(tx: Write, sealer: Sealer, request_id: UUID, rating: int, comment: str | None) -> UUID:
    """Rate a session from 1 to 5; MoveImpossible before it is COMPLETED, ReviewedAlready the second time."""
    youth = require_youth(tx.actor)
    request = await in_hand(tx, request_id, col(RequestRow.youth_id) == youth.id)
    if request.status is not MentorshipStatus.COMPLETED:
        raise MoveImpossible("request_id", status=request.status_at(tx.now).value)
    if request.rating is not None:
        raise ReviewedAlready("request_id")
    refuse_all(_faults(rating, comment))
    sealed = sealer.seal(comment.strip(), text_place("comment", request_id)) if comment else None
    await tx.execute(
        sa.update(RequestRow)
        .where(col(RequestRow.id) == request_id)
        .values(rating=rating, comment_sealed=sealed, updated_at=tx.now)
    )
    table = MentorRow
    await tx.execute(
        sa.update(table)
        .where(col(table.id) == request.mentor_id)
        .values(review_count=col(table.review_count) + 1, rating_sum=col(table.rating_sum) + rating)
    )
    return request_id
