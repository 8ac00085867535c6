"""The signed-in youth, and a youth as others may see them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import strawberry

from domain.accounts import consents as consents_domain
from domain.accounts import youths as domain
from domain.accounts.access_log import Purpose
from domain.core.actors import YouthActor
from domain.core.sealing import Sealer
from graph.accounts.access_log import shown
from graph.accounts.divisions import Division, division
from graph.accounts.enums import ConsentPurpose, EducationLevel, Gender, RealNameStatus, Track
from graph.core.context import Context, Info, Loader, keyed_loader
from graph.core.ids import Tag, encode
from graph.core.node import Node, loads


@strawberry.type(description="A consent given, and when it was withdrawn.")
class Consent:
    purpose: ConsentPurpose = strawberry.field(description="What it is for.")
    given_at: datetime = strawberry.field(description="When it was given.")
    withdrawn_at: datetime | None = strawberry.field(
        description="When it was withdrawn; null while in force."
    )
    version: str = strawberry.field(description="The version of the text that was agreed to.")


@strawberry.type(description="The signed-in youth; others meet a YouthCard.")
class Youth(Node):
    key: strawberry.Private[UUID]
    division_code: strawberry.Private[str | None]
    display_name: str | None = strawberry.field(description="The name the youth goes by.")
    phone: str | None = strawberry.field(description="The youth's own number, E.164.")
    real_name_status: RealNameStatus = strawberry.field(description="How far the real name is checked.")
    gender: Gender | None = strawberry.field(description="Sex; from the identity once verified.")
    birth_date: date | None = strawberry.field(description="Date of birth; from the identity once verified.")
    education: EducationLevel | None = strawberry.field(
        description="Highest education, finished or under way."
    )
    school: str | None = strawberry.field(description="School or university.")
    major: str | None = strawberry.field(description="Subject of study.")
    graduation_year: int | None = strawberry.field(description="Year of graduation, past or expected.")
    tracks: list[Track] = strawberry.field(description="Special tracks that staff have confirmed.")

    @strawberry.field(description="Where the youth lives or studies.")
    async def division(self, info: Info) -> Division | None:
        return await division(info.context, self.division_code)

    @strawberry.field(description="Every consent given, the oldest first.")
    async def consents(self, info: Info) -> list[Consent]:
        async with info.context.read() as db:
            found = await consents_domain.consents_of(db, [self.key])
        return [
            Consent(
                purpose=row.purpose, given_at=row.given_at, withdrawn_at=row.withdrawn_at, version=row.version
            )
            for row in found[self.key]
        ]


@strawberry.type(
    description="A young person as others may see them. `maskedName` is for every reader in reach; `legalName` and `phone`"
    " appear where the rules say so (an organization once an application is ACCEPTED, the hostel desk on the days of the"
    " stay, staff with a reason on record), else null."
)
class YouthCard:
    row: strawberry.Private[domain.Youth]
    unmasked: strawberry.Private["Unmasked | None"]
    id: strawberry.ID = strawberry.field(description="The youth's id.")
    display_name: str | None = strawberry.field(description="The name the youth goes by.")
    masked_name: str | None = strawberry.field(
        description="The legal name with all but its first character hidden."
    )
    gender: Gender | None = strawberry.field(description="Sex.")
    education: EducationLevel | None = strawberry.field(description="Highest education.")
    school: str | None = strawberry.field(description="School or university.")
    major: str | None = strawberry.field(description="Subject of study.")
    graduation_year: int | None = strawberry.field(description="Year of graduation, past or expected.")

    @strawberry.field(description="In full where the rules say so; else null.")
    async def legal_name(self, info: Info) -> str | None:
        return await self._shown(info, "legalName", self.row.legal_name)

    @strawberry.field(description="E.164 where the rules say so; else null.")
    async def phone(self, info: Info) -> str | None:
        if self.unmasked is None or not self.unmasked.phone:
            return None
        return await self._shown(info, "phone", self.row.phone)

    async def _shown(self, info: Info, field: str, opened: Callable[[Sealer], str | None]) -> str | None:
        """In clear, once the look is in the access log."""
        if self.unmasked is None:
            return None
        value = opened(info.context.ports.sealer)
        if value is not None and self.unmasked.noted_as is not None:
            await shown(info.context, self.row.id, field, self.unmasked.noted_as)
        return value


@dataclass(frozen=True, slots=True)
class Unmasked:
    """
    The reader may see name and number, or the name alone; each look is noted for this purpose, unless it is one's own or
    noted already.
    """

    noted_as: Purpose | None
    phone: bool = True


OWN_EYES = Unmasked(None)


def show(context: Context, row: domain.Youth) -> Youth:
    """The youth's own view: with the number in clear."""
    return Youth(
        id=encode(Tag.Youth, row.id),
        key=row.id,
        division_code=row.division_code,
        display_name=row.display_name,
        phone=row.phone(context.ports.sealer),
        real_name_status=row.real_name_status,
        gender=row.gender,
        birth_date=row.birth_date,
        education=row.education,
        school=row.school,
        major=row.major,
        graduation_year=row.graduation_year,
        tracks=list(row.tracks),
    )


def card(context: Context, row: domain.Youth, unmasked: Unmasked | None = None) -> YouthCard:
    """As others see a youth; `unmasked` where the rules give the name and number."""
    name = row.legal_name(context.ports.sealer)
    return YouthCard(
        row=row,
        unmasked=unmasked,
        id=encode(Tag.Youth, row.id),
        display_name=row.display_name,
        masked_name=None if name is None else domain.mask_name(name),
        gender=row.gender,
        education=row.education,
        school=row.school,
        major=row.major,
        graduation_year=row.graduation_year,
    )


@loads(Tag.Youth)
async def load_youths(context: Context, ids: list[UUID]) -> dict[UUID, Youth]:
    """A youth is found by id by that youth alone."""
    actor = context.actor
    if not isinstance(actor, YouthActor) or actor.id not in ids:
        return {}
    async with context.read() as db:
        found = await domain.youths(db, [actor.id])
    return {key: show(context, row) for key, row in found.items()}


def youth_rows(context: Context) -> Loader[UUID, domain.Youth | None]:
    """Rows by id, for cards: whoever shows one has decided that the reader may see it."""

    async def fetch(ids: list[UUID]) -> dict[UUID, domain.Youth]:
        async with context.read() as db:
            return await domain.youths(db, ids)

    return keyed_loader(fetch)


async def youth_card(context: Context, key: UUID, unmasked: Unmasked | None = None) -> YouthCard:
    row = await context.loader(youth_rows).load(key)
    assert row is not None  # the database's foreign key says so
    return card(context, row, unmasked)
