"""Made-up hostels near the seats of counties with stays in them, by the domain's own actions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

from domain.accounts.models import Gender
from domain.core.actors import StaffActor, StaffRole, YouthActor
from domain.core.db import Database
from domain.core.divisions import reference
from domain.core.gathering import Gatherings
from domain.core.geo import Point
from domain.core.sealing import Sealer
from domain.hostels import saving
from domain.hostels.booking import BOOKING, Wish, prepared
from domain.hostels.eligibility import Stay
from domain.hostels.saving import HostelFields, RoomFields
from infra.demo.listings import places
from infra.demo.progress import Progress
from infra.demo.vocabulary import STREETS
from infra.grants import grant_staff

AMENITIES = ("无线网络", "热水", "洗衣机", "自习室", "行李寄存", "求职指导", "女生楼层", "早餐")
_DEGREES_ASIDE = 0.03
_ROOMS = range(2, 8)
_BEDS = (2, 4, 4, 6, 8)
_SEXES = (Gender.MALE, Gender.FEMALE, Gender.MALE, Gender.FEMALE, None)
_DAYS_AHEAD = 60


def hostels(count: int, chance: Random) -> Iterator[HostelFields]:
    seats = {row["id"]: Point(row["latitude"], row["longitude"]) for row in reference()}
    where = places()
    for number in range(1, count + 1):
        code, place = chance.choice(where)
        aside = [chance.gauss(0, _DEGREES_ASIDE) for _ in range(2)]
        yield HostelFields(
            name=f"{place}青年驿站（示例{number}）",
            unit_id=None,
            division_code=code,
            address=f"{place}{chance.choice(STREETS)} {chance.randrange(1, 300)} 号",
            location=Point(seats[code].latitude + aside[0], seats[code].longitude + aside[1]),
            phone=None,
            amenities=tuple(chance.sample(AMENITIES, 3)),
            free_nights_per_year=7,
            max_nights_per_stay=7,
            graduate_within_years=2,
            bookable_days_ahead=90,
            rooms=tuple(
                RoomFields(None, f"{100 + room}", chance.choice(_SEXES), chance.choice(_BEDS))
                for room in range(1, chance.choice(_ROOMS) + 1)
            ),
        )


async def load_hostels(
    database: Database, sealer: Sealer, count: int, chance: Random, progress: Progress
) -> list[UUID]:
    """Enter hostels, each by its province's operator."""
    [member] = await grant_staff(database, sealer, [StaffRole.HOSTEL_OPERATOR], "440000", 1)
    actor = StaffActor(member.id, member.unit_id, frozenset({StaffRole.HOSTEL_OPERATOR}))
    made: list[UUID] = []
    for fields in hostels(count, chance):
        named = replace(fields, unit_id=member.unit_id)
        async with database.write(actor) as tx:
            made.append(await saving.save(tx, None, named, frozenset(), None))
        progress("hostels", len(made), count)
    return made


async def load_stays(
    database: Database,
    sealer: Sealer,
    count: int,
    chance: Random,
    inns: Sequence[UUID],
    youths: Sequence[UUID],
    progress: Progress,
) -> None:
    """Book stays; some are refused, as in life: no bed for that sex, nights used up."""
    gatherings = Gatherings(database)
    async with database.read() as db:
        today = db.today
    for number in range(1, count + 1):
        check_in = today + timedelta(days=chance.randrange(_DAYS_AHEAD))
        stay = Stay(check_in, chance.randrange(1, 5))
        wish = Wish(chance.choice(inns), stay, None, "面试求职", None)
        asked = await prepared(database, sealer, YouthActor(chance.choice(youths)), wish, None)
        await gatherings.ask(BOOKING, asked)
        progress("stays", number, count)
