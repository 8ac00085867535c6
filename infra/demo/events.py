"""Made-up matchmaking events with sign-ups by singles of their own, by the domain's own actions."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from domain.accounts.models import ConsentPurpose, Gender
from domain.core import columns
from domain.core.actors import StaffActor, StaffRole, YouthActor
from domain.core.db import Database
from domain.core.gathering import Gatherings
from domain.core.sealing import Sealer
from domain.matchmaking import saving
from domain.matchmaking.saving import EventFields
from domain.matchmaking.signing_up import SIGNING_UP, Wish, prepared
from domain.matchmaking.states import Admission
from infra.demo.listings import places
from infra.demo.progress import Progress
from infra.grants import YouthWish, grant_staff, grant_youths

_TITLES = ("青春有约", "遇见你", "山海同行", "以书会友", "桌游之夜")
_VENUES = ("人民公园", "青年之家", "市图书馆", "绿道驿站", "文化馆")
_NICKNAMES = ("小满", "阿岚", "青禾", "木子", "星河", "橙子", "南风", "豆包")
_INTRODUCTIONS = ("喜欢爬山和摄影。", "周末爱看展。", "会做一手好菜。", "养了一只猫。", "爱打羽毛球。")
_SEATS = (5, 10, 20, 100)
_EACH_AT_ONCE = 1_000


def events(count: int, chance: Random, now: datetime) -> Iterator[tuple[EventFields, int]]:
    """Fields and the seats of each sex; every third event is a lottery. Sign-up is open."""
    where = places()
    for number in range(1, count + 1):
        code, place = chance.choice(where)
        starts = now + timedelta(days=chance.randrange(10, 60))
        fields = EventFields(
            title=f"{place}{chance.choice(_TITLES)}（示例{number}）",
            unit_id=columns.new_id(),
            division_code=code,
            venue=f"{place}{chance.choice(_VENUES)}",
            description="单身青年联谊活动，请准时到场。",
            starts_at=starts,
            ends_at=starts + timedelta(hours=4),
            signup_opens_at=now - timedelta(hours=1),
            signup_closes_at=starts - timedelta(days=3),
            admission=Admission.FIRST_COME if number % 3 else Admission.LOTTERY,
            min_age=18,
            max_age=45,
            max_choices=3,
            choices_close_at=None,
        )
        yield fields, chance.choice(_SEATS)


async def load_events(
    database: Database, sealer: Sealer, count: int, chance: Random, progress: Progress
) -> list[UUID]:
    """Enter events, each by the province's host."""
    [member] = await grant_staff(database, sealer, [StaffRole.EVENT_HOST], "440000", 1)
    actor = StaffActor(member.id, member.unit_id, frozenset({StaffRole.EVENT_HOST}))
    made: list[UUID] = []
    async with database.read() as db:
        planned = list(events(count, chance, db.now))
    for fields, seats in planned:
        named, wanted = replace(fields, unit_id=member.unit_id), dict.fromkeys(Gender, seats)
        async with database.write(actor) as tx:
            made.append(
                await saving.save(
                    tx, sealer, None, named, wanted, frozenset(), cancelled=None, expected_version=None
                )
            )
        progress("events", len(made), count)
    return made


async def load_signups(
    database: Database,
    sealer: Sealer,
    count: int,
    chance: Random,
    at: Sequence[UUID],
    progress: Progress,
) -> None:
    """Singles sign up, each for one event: some have seats, some wait, some are entered for a draw."""
    gatherings = Gatherings(database)
    done = 0
    while done < count:
        batch = min(_EACH_AT_ONCE, count - done)
        half = {Gender.FEMALE: batch // 2, Gender.MALE: batch - batch // 2}
        for gender, number in half.items():
            wish = YouthWish(verified=True, gender=gender, consents=(ConsentPurpose.MATCHMAKING,))
            for youth, _ in await grant_youths(database, sealer, wish, number):
                asked = prepared(sealer, YouthActor(youth), _wish(chance, chance.choice(at)), None)
                await gatherings.ask(SIGNING_UP, asked)
                done += 1
                progress("sign-ups", done, count)


def _wish(chance: Random, event_id: UUID) -> Wish:
    number = chance.randrange(100)
    return Wish(
        event_id=event_id,
        nickname=f"{chance.choice(_NICKNAMES)}{number}",
        introduction=chance.choice(_INTRODUCTIONS),
        contact="示例：请在活动现场联系",
        declares_single=True,
    )
