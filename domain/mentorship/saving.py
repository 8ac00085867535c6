"""Staff make somebody a mentor, or change what is said of one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlmodel import col

from domain.accounts.models import StaffRow, YouthRow
from domain.accounts.reach import in_reach, reaches
from domain.accounts.units import unit_of_division
from domain.accounts.youths import age_on
from domain.core import columns
from domain.core.actors import StaffActor
from domain.core.db import Write
from domain.core.divisions import require_known
from domain.core.faults import length_fault, range_fault
from domain.core.refusals import (
    ChangedMeanwhile,
    ErrorCode,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    refuse_all,
)
from domain.core.rights import Action, require_staff
from domain.mentorship.eligibility import ADULT_AGE
from domain.mentorship.mentor import MENTORS, Mentor
from domain.mentorship.models import MentorRow
from domain.mentorship.states import MentorField
from domain.mentorship.wording import mentor_document

NAME_MOST, HEADLINE_MOST, BIOGRAPHY_MOST, CAPACITY_MOST = 40, 80, 2_000, 100
LANGUAGES_MOST, LANGUAGE_MOST = 10, 20


class MentorsAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "此人已是导师。"
    en = "This person is a mentor already."


class PersonFixed(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "导师对应的人员不能更改。"
    en = "A mentor stays the same person."


class MentorUnderAge(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "导师须年满 {age} 岁。"
    en = "A mentor is {age} or older."


@dataclass(frozen=True, slots=True)
class MentorFields:
    """`person_id` is a youth's or, with `is_staff`, that of a member of staff. Absent, a mentor accepts requests."""

    person_id: UUID
    is_staff: bool
    name: str
    headline: str
    biography: str
    fields: tuple[MentorField, ...]
    division_code: str | None
    languages: tuple[str, ...]
    capacity: int
    accepts_requests: bool | None


def _faults(fields: MentorFields) -> Iterable[Refusal]:
    yield from length_fault("name", fields.name.strip(), 1, NAME_MOST)
    yield from length_fault("headline", fields.headline.strip(), 1, HEADLINE_MOST)
    yield from length_fault("biography", fields.biography.strip(), 1, BIOGRAPHY_MOST)
    yield from range_fault("capacity", fields.capacity, 1, CAPACITY_MOST)
    if not fields.fields:
        yield Invalid("fields", zh="至少选择一个领域。", en="At least one field.")
    if not 1 <= len(fields.languages) <= LANGUAGES_MOST or any(
        not 1 <= len(language.strip()) <= LANGUAGE_MOST for language in fields.languages
    ):
        yield Invalid(
            "languages",
            zh=f"1 至 {LANGUAGES_MOST} 种，每种 1 至 {LANGUAGE_MOST} 个字符。",
            en=f"1 to {LANGUAGES_MOST}, each of 1 to {LANGUAGE_MOST} characters.",
        )


def _as_before(fields: MentorFields, before: Mentor, given: frozenset[str]) -> MentorFields:
    """With the mentor's own values where none were given."""
    kept = {"division_code", "languages", "capacity", "accepts_requests"} - given
    return replace(fields, **{name: getattr(before, name) for name in kept})


async def _held(tx: Write, staff: StaffActor, mentor_id: UUID) -> Mentor:
    """The mentor, locked; NotFound out of the member's reach."""
    statement = MENTORS.select().where(
        col(MentorRow.id) == mentor_id,
        col(MentorRow.retired_at).is_(None),
        in_reach(staff, col(MentorRow.unit_id)),
    )
    found = await MENTORS.first(tx, statement.with_for_update(key_share=True, of=MentorRow))
    if found is None:
        raise NotFound("id")
    return found


async def _require_person(tx: Write, staff: StaffActor, fields: MentorFields) -> None:
    """A youth of age who is there, or an active member in reach."""
    known = (
        sa.select(col(StaffRow.id)).where(
            col(StaffRow.id) == fields.person_id,
            col(StaffRow.active),
            in_reach(staff, col(StaffRow.unit_id)),
        )
        if fields.is_staff
        else sa.select(col(YouthRow.id)).where(
            col(YouthRow.id) == fields.person_id, col(YouthRow.erased_at).is_(None)
        )
    )
    if not await tx.exists(known):
        raise NotFound("person_id")
    born = await tx.scalar(sa.select(col(YouthRow.birth_date)).where(col(YouthRow.id) == fields.person_id))
    if born is not None and age_on(born, tx.today) < ADULT_AGE:
        raise MentorUnderAge("person_id", age=ADULT_AGE)


async def _unit(tx: Write, staff: StaffActor, code: str | None, before: Mentor | None) -> UUID:
    """Which unit answers for the mentor: that of the division, else the one it was, else the member's own."""
    if code is None:
        return staff.unit_id if before is None else before.unit_id
    await require_known(tx, [code], "division_code")
    unit_id = await unit_of_division(tx, code)
    if not await reaches(tx, staff, unit_id):
        raise NotAllowed("division_code")
    return unit_id


async def save(
    tx: Write,
    mentor_id: UUID | None,
    fields: MentorFields,
    given: frozenset[str],
    expected_version: int | None,
) -> UUID:
    """Enter a mentor, or change one, keeping what is not `given`. The unit that answers for a mentor is in the member's reach."""
    staff = require_staff(tx.actor, Action.MANAGE_MENTORS)
    before = None
    if mentor_id is not None:
        before = await _held(tx, staff, mentor_id)
        if expected_version is not None and before.version != expected_version:
            raise ChangedMeanwhile("expected_version")
        if fields.person_id not in (before.youth_id, before.staff_id):
            raise PersonFixed("person_id")
        fields = _as_before(fields, before, given)
    unit_id = await _unit(tx, staff, fields.division_code, before)
    refuse_all(_faults(fields))
    values = _values(fields) | {"unit_id": unit_id, "updated_at": tx.now}
    if before is not None:
        changed = sa.update(MentorRow).where(col(MentorRow.id) == before.id)
        await tx.execute(changed.values(**values, version=col(MentorRow.version) + 1))
        return before.id
    await _require_person(tx, staff, fields)
    identity = columns.new_id()
    person = {"staff_id" if fields.is_staff else "youth_id": fields.person_id}
    row = {"id": identity, "version": 1, "created_at": tx.now, **values, **person}
    if not await tx.execute(pg_insert(MentorRow).values(row).on_conflict_do_nothing()):
        raise MentorsAlready("person_id")
    return identity


def _values(fields: MentorFields) -> dict[str, Any]:
    headline, biography = fields.headline.strip(), fields.biography.strip()
    languages = list(dict.fromkeys(language.strip().lower() for language in fields.languages))
    return {
        "name": fields.name.strip(),
        "headline": headline,
        "biography": biography,
        "fields": list(dict.fromkeys(fields.fields)),
        "division_code": fields.division_code,
        "languages": languages,
        "capacity": fields.capacity,
        "accepts_requests": fields.accepts_requests is not False,
        **mentor_document(fields.name, headline, fields.fields, biography),
    }
