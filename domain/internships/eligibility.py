"""
May this youth apply? Every reason why not; the same function answers `viewerEligibility` and guards the mutation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import Track, YouthRow
from domain.accounts.youths import AGES, YOUTHS, AgeOutOfRange, Youth, age_on
from domain.core.actors import Actor, Anonymous, YouthActor
from domain.core.db import Read
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, NotAllowed, Refusal, SignInNeeded
from domain.internships.application import Application, latest_of_youth
from domain.internships.listing import Listing
from domain.internships.models import ApplicationRow
from domain.internships.policies import OPEN_APPLICATIONS_MOST
from domain.internships.states import OPEN, ClosedBecause, ListingStatus


class ListingNotOpen(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "该岗位已停止报名。"
    en = "This listing takes no applications now."


class PlacesGone(Refusal):
    code = ErrorCode.SOLD_OUT
    zh = "该岗位已招满。"
    en = "Every place of this listing is taken."


class ApplyByOver(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "报名已于 {apply_by} 截止。"
    en = "Applications closed on {apply_by}."


class TrackReserved(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "该岗位仅面向专项（{track}）青年。"
    en = "This listing is reserved for the track {track}."


class AppliedAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "您已申请过该岗位。"
    en = "You have applied to this listing already."


class TooManyOpen(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "最多同时有 {most} 份进行中的申请。"
    en = "You may have {most} open applications at most."


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the youth, whatever the listing."""

    youth: Youth
    open_applications: int
    open_most: int


def _standing() -> sa.Select[Any]:
    """A youth with how many applications are open."""
    open_now = (
        sa.select(sa.func.count())
        .select_from(ApplicationRow)
        .where(col(ApplicationRow.youth_id) == col(YouthRow.id), col(ApplicationRow.status).in_(OPEN))
        .scalar_subquery()
    )
    mine = col(YouthRow.id) == sa.bindparam("youth", type_=sa.Uuid)
    return YOUTHS.select().add_columns(open_now).where(mine)


_STANDING = _standing()


async def standing(db: Read, youth_id: UUID) -> Standing | None:
    """None when there is no such youth any more."""
    row = await db.first(_STANDING, {"youth": youth_id})
    if row is None:
        return None
    *fields, open_now = row
    youth = YOUTHS.make(*fields)
    return Standing(youth, open_now, await policy_value(db, OPEN_APPLICATIONS_MOST, youth.division_code))


def listing_faults(listing: Listing, today: date) -> Iterable[Refusal]:
    """What stands in anybody's way."""
    is_full, is_over = listing.remaining < 1, listing.apply_by is not None and listing.apply_by < today
    if is_full:
        yield PlacesGone("internship_id")
    if is_over:
        yield ApplyByOver("internship_id", apply_by=str(listing.apply_by))
    said = (is_full or is_over) and listing.closed_because is not ClosedBecause.BY_ORGANIZATION
    if listing.status is not ListingStatus.PUBLISHED and not said:
        yield ListingNotOpen("internship_id")


def faults(listing: Listing, who: Standing, before: Application | None, today: date) -> list[Refusal]:
    """Every reason; `before` is the youth's latest application to this listing."""
    found = list(listing_faults(listing, today))
    if listing.track is not Track.GENERAL and listing.track not in who.youth.tracks:
        found.append(TrackReserved("internship_id", track=listing.track.value))
    if who.youth.birth_date is not None and age_on(who.youth.birth_date, today) not in AGES:
        found.append(AgeOutOfRange(least=AGES.start, most=AGES.stop - 1))
    if before is not None and not before.may_apply_again:
        found.append(AppliedAlready("internship_id"))
    if who.open_applications >= who.open_most:
        found.append(TooManyOpen(most=who.open_most))
    return found


async def eligibilities(db: Read, actor: Actor, listings: Iterable[Listing]) -> dict[UUID, list[Refusal]]:
    """The reasons against applying to each listing: a statement for the youth, one for policies, one for all listings."""
    asked = list(listings)
    who = await standing(db, actor.id) if isinstance(actor, YouthActor) else None
    if who is None:
        reason = SignInNeeded if isinstance(actor, Anonymous | YouthActor) else NotAllowed
        return {listing.id: [*listing_faults(listing, db.today), reason()] for listing in asked}
    before = await latest_of_youth(db, who.youth.id, [listing.id for listing in asked])
    return {listing.id: faults(listing, who, before.get(listing.id), db.today) for listing in asked}
