"""Finding mentors: the filter as a WHERE, those who suit the viewer best first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import YouthRow
from domain.core.db import Read
from domain.core.divisions import reference, within
from domain.core.keyset import Key, Order, integer_value, uuid_value
from domain.core.projection import Projection
from domain.core.refusals import Invalid, refuse_all
from domain.core.search import SearchQuery, parse, place_names
from domain.core.search.declared import understood_otherwise
from domain.mentorship.matching import Parts, Viewer, parts, score
from domain.mentorship.mentor import MENTORS, VERIFIED, Mentor
from domain.mentorship.models import SEARCH, MentorRow, SlotRow
from domain.mentorship.slots import is_free
from domain.mentorship.states import MentorField

TEXT_MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorFilter:
    """Every part given must fit."""

    text: str | None = None
    fields: tuple[MentorField, ...] | None = None
    division_codes: tuple[str, ...] | None = None
    free_from: datetime | None = None
    free_to: datetime | None = None

    def check(self) -> None:
        found = []
        if self.text is not None and len(self.text) > TEXT_MOST:
            found.append(
                Invalid("text", zh=f"最多 {TEXT_MOST} 个字符。", en=f"{TEXT_MOST} characters at most.")
            )
        if self.free_from and self.free_to and self.free_to <= self.free_from:
            found.append(Invalid("free_to", zh="须晚于 freeFrom。", en="It must lie after `freeFrom`."))
        refuse_all(found)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: the statement, its order, and what its cursors carry."""

    statement: sa.Select[Any]
    order: Order
    state: dict[str, Any]


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    return place_names((row["id"], row["name"]) for row in reference())


def _has_time(asked: MentorFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    if asked.free_from is None and asked.free_to is None:
        return []
    times = sa.select(sa.literal(1)).where(col(SlotRow.mentor_id) == col(MentorRow.id), is_free(now))
    if asked.free_from is not None:
        times = times.where(col(SlotRow.starts_at) >= asked.free_from)
    if asked.free_to is not None:
        times = times.where(col(SlotRow.ends_at) <= asked.free_to)
    return [times.correlate(MentorRow).exists()]


def _where(asked: MentorFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    found = [col(MentorRow.retired_at).is_(None), *_has_time(asked, now)]
    if asked.fields is not None:
        fields: Any = col(MentorRow.fields)
        found.append(fields.overlap(list(asked.fields)))
    if asked.division_codes is not None:
        found.append(within(col(MentorRow.division_code), asked.division_codes))
    return found


async def find(
    db: Read,
    asked: MentorFilter,
    viewer: Viewer,
    state: object = None,
    columns: Projection[Mentor] = MENTORS,
) -> Found:
    """
    Mentors who fit, each with the parts of why: the best for the viewer first, and for a text the best match.

    `state` is what a cursor of an earlier page carried: its clock, and what its words weigh. ValueError for another's.
    """
    asked.check()
    earlier = state if isinstance(state, dict) else {}
    now = datetime.fromisoformat(earlier["now"]) if earlier else db.now
    found = parts(viewer, now)
    where, points = _where(asked, now), score(found, viewer.fields)
    carried: dict[str, Any] = {"now": now.isoformat()}
    name, tiers = "mentors", tuple[Key, ...]()
    if asked.text is not None and asked.text.strip():
        wanted = parse(asked.text, places=_places())
        query = (
            SearchQuery.from_state(wanted, earlier.get("words"), understood_otherwise(wanted))
            if earlier
            else await SEARCH.weigh(db, wanted)
        )
        carried["words"] = query.to_state()
        where.append(SEARCH.holds(query.match))
        tiers = (Key(SEARCH.tier(query), integer_value),)
        name = f"mentors_{sha256(wanted.text.encode()).hexdigest()[:16]}"
    order = Order(
        name, (*tiers, Key(points, integer_value, descending=True), Key(col(MentorRow.id), uuid_value))
    )
    labelled = [
        sa.type_coerce(part, _KINDS[key]).label(f"part_{key}") for key, part in found._asdict().items()
    ]
    return Found(columns.select().add_columns(*labelled).where(*where), order, carried)


_KINDS: dict[str, Any] = {
    **dict.fromkeys(("met", "language", "free"), sa.Boolean()),
    **dict.fromkeys(("fields", "division", "answers", "load"), sa.Integer()),
}


def made_of(columns: Projection[Mentor]) -> Callable[..., tuple[Mentor, Parts]]:
    """Makes a mentor, of whom these columns were read, with the parts of why."""
    width = len(columns.columns)
    return lambda *row: (columns.make(*row[:width]), Parts(*row[width:]))


async def viewer_of(
    db: Read, youth_id: UUID | None, language: str, fields: tuple[MentorField, ...]
) -> Viewer:
    """For whom mentors are sought: a youth by where they live, or nobody in particular."""
    if youth_id is None:
        return Viewer(language=language, fields=fields)
    division = await db.scalar(sa.select(col(YouthRow.division_code)).where(col(YouthRow.id) == youth_id))
    return Viewer(youth_id, division, language, fields)


async def next_best(db: Read, viewer: Viewer, but: UUID, *, minor: bool) -> Mentor | None:
    """The mentor who suits the viewer best after one, and takes requests now; a verified one for a minor."""
    fields: Any = col(MentorRow.fields)
    statement = MENTORS.select().where(
        col(MentorRow.id) != but,
        col(MentorRow.retired_at).is_(None),
        col(MentorRow.accepts_requests),
        col(MentorRow.mentees) < col(MentorRow.capacity),
        col(MentorRow.youth_id).is_distinct_from(viewer.youth_id),
        fields.overlap(list(viewer.fields)),
    )
    if minor:
        statement = statement.where(VERIFIED)
    best = score(parts(viewer, db.now), viewer.fields)
    return await MENTORS.first(db, statement.order_by(best.desc(), col(MentorRow.id)).limit(1))
