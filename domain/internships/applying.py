"""
A youth applies.

How many may be open is limited by numbered slots under a unique index: the lowest free number is taken, and of two
applications that reach for the same number at once the second takes the next one, or none is left. One application
for each listing is the other unique index. The listing's row is held shared: a thousand applicants do not queue, and
its last place does not go between the look at the listing and the application, which would be left waiting for nothing.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.core import columns
from domain.core.db import Write
from domain.core.faults import https_fault
from domain.core.outbox import emit
from domain.core.refusals import Invalid, NotFound, Refusal, SignInNeeded, refuse_all
from domain.core.rights import require_youth
from domain.core.sealing import Sealer, place
from domain.core.states import record
from domain.internships.application import APPLICATIONS, COVER_LETTER, RESUME_URL, latest_of_youth
from domain.internships.eligibility import AppliedAlready, TooManyOpen, faults, standing
from domain.internships.listing import LISTINGS, readable_by_id
from domain.internships.models import ApplicationRow, ListingRow
from domain.internships.moving import news
from domain.internships.states import ApplicationStatus

COVER_LETTER_MOST = 4_000
RESUME_URL_MOST = 500


def _input_faults(cover_letter: str | None, resume_url: str | None) -> list[Refusal]:
    found: list[Refusal] = []
    if cover_letter is not None and len(cover_letter) > COVER_LETTER_MOST:
        found.append(
            Invalid(
                "cover_letter",
                zh=f"最多 {COVER_LETTER_MOST} 个字符。",
                en=f"{COVER_LETTER_MOST} characters at most.",
            )
        )
    found += https_fault("resume_url", resume_url, RESUME_URL_MOST)
    return found


async def apply(
    tx: Write, sealer: Sealer, *, listing_id: UUID, cover_letter: str | None, resume_url: str | None
) -> UUID:
    """Apply to a listing; Refused with every reason why not."""
    youth = require_youth(tx.actor)
    seen = LISTINGS.select().where(col(ListingRow.id) == listing_id, readable_by_id(tx.actor))
    listing = await LISTINGS.first(tx, seen.with_for_update(read=True, of=ListingRow))
    if listing is None:
        raise NotFound("internship_id")
    who = await standing(tx, youth.id)
    if who is None:
        raise SignInNeeded
    before = (await latest_of_youth(tx, youth.id, [listing_id])).get(listing_id)
    refuse_all([*_input_faults(cover_letter, resume_url), *faults(listing, who, before, tx.today)])
    identity = columns.new_id()
    values = {
        "id": identity,
        "internship_id": listing_id,
        "organization_id": listing.organization_id,
        "youth_id": youth.id,
        "status": ApplicationStatus.SUBMITTED,
        "cover_letter_sealed": sealer.seal(cover_letter, place(*COVER_LETTER, identity))
        if cover_letter
        else None,
        "resume_url_sealed": sealer.seal(resume_url, place(*RESUME_URL, identity)) if resume_url else None,
        "submitted_at": tx.now,
        "updated_at": tx.now,
    }
    for _ in range(who.open_most):
        if await _taken(tx, values, who.open_most):
            break
        if await _applied(tx, youth.id, listing_id):
            raise AppliedAlready("internship_id")
    else:
        raise TooManyOpen(most=who.open_most)
    await record(tx, identity, ApplicationStatus.SUBMITTED)
    (application,) = await APPLICATIONS.by_ids(tx, [identity])
    await emit(tx, news(application, ApplicationStatus.SUBMITTED, by_youth=True, note=None))
    return identity


async def _taken(tx: Write, values: dict[str, object], most: int) -> bool:
    """Insert with the youth's lowest free slot; False when another took it, or the place of this pair, meanwhile."""
    number = sa.func.generate_series(1, most).column_valued("number")
    held = (
        sa.select(sa.literal(1))
        .select_from(ApplicationRow)
        .where(col(ApplicationRow.youth_id) == values["youth_id"], col(ApplicationRow.open_slot) == number)
    )
    slot = await tx.scalar(sa.select(sa.func.min(number)).where(~held.exists()))
    if slot is None:
        raise TooManyOpen(most=most)
    statement = pg_insert(ApplicationRow).values(**values, open_slot=slot).on_conflict_do_nothing()
    return bool(await tx.execute(statement))


async def _applied(tx: Write, youth_id: UUID, listing_id: UUID) -> bool:
    return await tx.exists(
        sa.select(sa.literal(1))
        .select_from(ApplicationRow)
        .where(
            col(ApplicationRow.youth_id) == youth_id,
            col(ApplicationRow.internship_id) == listing_id,
            ~col(ApplicationRow.may_apply_again),
        )
    )
