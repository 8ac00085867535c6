"""
Demo data through the domain's own actions, so that every rule holds in it. Nothing in production.

Scales: `small` to look around; `plan` the 100,000 posts that the plan promises; `town` and `province` the volunteers of a town
or of the whole province with their ledger (`infra.demo.bulk`), and beside them as much as in `small`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from random import Random
from typing import TypeVar
from uuid import UUID

from domain.core.actors import PartnerActor, Scope, YouthActor
from domain.core.db import Database
from domain.core.refusals import Refusal, Refused
from domain.core.sealing import Sealer
from domain.core.upserts import BATCH_MOST
from domain.hostels.rentals import posting as rental_posting
from domain.internships import applying, posting
from domain.internships.rules import ListingContent
from domain.partners import organizations
from infra.demo.bulk.shape import PROVINCE, TOWN
from infra.demo.events import load_events, load_signups
from infra.demo.hostels import load_hostels, load_stays
from infra.demo.listings import listings
from infra.demo.listings import organizations as demo_organizations
from infra.demo.mentorship import load_mentors, load_requests
from infra.demo.progress import Progress
from infra.demo.rentals import rentals
from infra.demo.volunteering import load_perks, load_redemptions, load_service
from infra.grants import GRANTS, YouthWish, grant_youths

SEED = 20_210_504
YOUTHS_AT_ONCE = 1_000

T = TypeVar("T")


class Scale(StrEnum):
    SMALL = "small"
    PLAN = "plan"
    TOWN = "town"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Sizes:
    organizations: int
    listings: int
    youths: int
    applications: int
    rentals: int
    hostels: int
    stays: int
    events: int
    signups: int
    mentors: int
    mentorships: int
    volunteers: int
    perks: int
    redemptions: int


SIZES = {
    Scale.SMALL: Sizes(
        organizations=8,
        listings=120,
        youths=20,
        applications=30,
        rentals=60,
        hostels=6,
        stays=40,
        events=4,
        signups=30,
        mentors=8,
        mentorships=20,
        volunteers=20,
        perks=6,
        redemptions=10,
    ),
    Scale.PLAN: Sizes(
        organizations=800,
        listings=33_500,
        youths=2_000,
        applications=4_000,
        rentals=10_000,
        hostels=60,
        stays=3_000,
        events=20,
        signups=1_500,
        mentors=200,
        mentorships=1_000,
        volunteers=2_000,
        perks=60,
        redemptions=1_000,
    ),
}
SIZES |= dict.fromkeys((Scale.TOWN, Scale.PROVINCE), SIZES[Scale.SMALL])

BULK = {Scale.TOWN: TOWN, Scale.PROVINCE: PROVINCE}
"""What is loaded by COPY first, into an empty database."""


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


async def load(database: Database, sealer: Sealer, scale: Scale, progress: Progress) -> None:
    """Load the demo data of a scale; meant for an empty database."""
    sizes, chance = SIZES[scale], Random(SEED)  # noqa: S311  # made-up data, the same each time
    owners = await _organizations(database, sizes, chance, progress)
    posts = await _listings(database, sizes, chance, owners, progress)
    youths = await _youths(database, sealer, sizes, progress)
    await _applications(database, sealer, sizes, chance, posts, youths, progress)
    await _rentals(database, sizes, chance, owners, progress)
    inns = await load_hostels(database, sealer, sizes.hostels, chance, progress)
    await load_stays(database, sealer, sizes.stays, chance, inns, youths, progress)
    events = await load_events(database, sealer, sizes.events, chance, progress)
    await load_signups(database, sealer, sizes.signups, chance, events, progress)
    mentors = await load_mentors(database, sealer, sizes.mentors, chance, progress)
    await load_requests(database, sealer, sizes.mentorships, chance, mentors, youths, progress)
    volunteers = await load_service(database, sealer, sizes.volunteers, chance, owners, progress)
    perks = await load_perks(database, sealer, sizes.perks, chance, owners, progress)
    await load_redemptions(database, sealer, sizes.redemptions, chance, perks, volunteers, progress)


async def _organizations(database: Database, sizes: Sizes, chance: Random, progress: Progress) -> list[UUID]:
    made = []
    for fields in demo_organizations(sizes.organizations, chance):
        async with database.write(GRANTS) as tx:
            key = await organizations.create(tx, fields)
            await organizations.verify(tx, key, verified=True, note=None)
        made.append(key)
        progress("organizations", len(made), sizes.organizations)
    return made


async def _listings(
    database: Database, sizes: Sizes, chance: Random, owners: Sequence[UUID], progress: Progress
) -> list[UUID]:
    async with database.read() as db:
        made: Iterable[ListingContent] = listings(sizes.listings, chance, db.today)
    posts: list[UUID] = []
    share = -(-sizes.listings // len(owners))
    done = 0
    for owner, batch in zip(owners, _batches(made, min(share, BATCH_MOST)), strict=False):
        actor = PartnerActor(owner, owner, frozenset({Scope.INTERNSHIPS_WRITE}))
        async with database.write(actor) as tx:
            results = await posting.upsert(tx, batch)
        posts += [result.record_id for result in results if result.record_id is not None]
        done += len(batch)
        progress("listings", done, sizes.listings)
    return posts


async def _rentals(
    database: Database, sizes: Sizes, chance: Random, owners: Sequence[UUID], progress: Progress
) -> None:
    async with database.read() as db:
        made = rentals(sizes.rentals, chance, db.today)
    done = 0
    for batch, owner in zip(
        _batches(made, min(-(-sizes.rentals // len(owners)), BATCH_MOST)), owners, strict=False
    ):
        actor = PartnerActor(owner, owner, frozenset({Scope.RENTALS_WRITE}))
        async with database.write(actor) as tx:
            await rental_posting.upsert(tx, batch)
        done += len(batch)
        progress("rentals", done, sizes.rentals)


async def _youths(database: Database, sealer: Sealer, sizes: Sizes, progress: Progress) -> list[UUID]:
    made: list[UUID] = []
    async with database.read() as db:
        wish = YouthWish(verified=True, graduation_year=db.today.year)
    while len(made) < sizes.youths:
        count = min(YOUTHS_AT_ONCE, sizes.youths - len(made))
        made += [key for key, _ in await grant_youths(database, sealer, wish, count)]
        progress("youths", len(made), sizes.youths)
    return made


async def _applications(
    database: Database,
    sealer: Sealer,
    sizes: Sizes,
    chance: Random,
    posts: Sequence[UUID],
    youths: Sequence[UUID],
    progress: Progress,
) -> None:
    for number in range(1, sizes.applications + 1):
        actor, post = YouthActor(chance.choice(youths)), chance.choice(posts)
        try:
            async with database.write(actor) as tx:
                await applying.apply(
                    tx, sealer, listing_id=post, cover_letter="您好，我对这个岗位很感兴趣。", resume_url=None
                )
        except (Refusal, Refused):
            pass  # a track that is not the youth's, or a second application: as in life
        progress("applications", number, sizes.applications)
