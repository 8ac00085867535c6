"""Made-up service, perks and redemptions, by the domain's own actions."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

from domain.core.actors import PartnerActor, Scope, StaffActor, StaffRole, YouthActor
from domain.core.clock import start_of
from domain.core.db import Database
from domain.core.gathering import Gatherings
from domain.core.idempotency import Once
from domain.core.sealing import Sealer
from domain.core.upserts import BATCH_MOST
from domain.volunteering import recording
from domain.volunteering.perks import saving
from domain.volunteering.perks.models import PerkCategory
from domain.volunteering.perks.redeeming import REDEEMING, asked
from domain.volunteering.perks.saving import PerkFields
from domain.volunteering.rules import ServiceContent
from infra.demo.progress import Progress
from infra.grants import YouthWish, grant_staff, grant_youths

ACTIVITIES = ("社区图书整理", "赛事引导", "敬老探访", "河道清洁", "乡村支教", "文明交通劝导")
_PERKS = {
    PerkCategory.CULTURE: "博物馆门票",
    PerkCategory.TRANSPORT: "公交月卡",
    PerkCategory.DINING: "早餐券",
    PerkCategory.HEALTH: "体检优惠",
    PerkCategory.EDUCATION: "书店购书券",
}
_DAYS_EACH = 5
_AT_ONCE = BATCH_MOST // _DAYS_EACH
"""Volunteers of one call: each served on so many days."""


def _service(phones: Sequence[str], chance: Random, today: date) -> Iterator[ServiceContent]:
    """One to eight hours on each of the last days."""
    for phone in phones:
        for ago in range(1, _DAYS_EACH + 1):
            begins = start_of(today - timedelta(days=ago)) + timedelta(hours=8)
            yield ServiceContent(
                external_ref=f"demo-{phone[-8:]}-{ago}",
                phone=phone,
                activity=chance.choice(ACTIVITIES),
                started_at=begins,
                ended_at=begins + timedelta(minutes=30 * chance.randrange(2, 17)),
            )


async def load_service(
    database: Database,
    sealer: Sealer,
    count: int,
    chance: Random,
    owners: Sequence[UUID],
    progress: Progress,
) -> list[UUID]:
    """Volunteers with a week's service each, recorded by one organization."""
    made: list[UUID] = []
    while len(made) < count:
        wish = YouthWish(verified=True)
        people = await grant_youths(database, sealer, wish, min(_AT_ONCE, count - len(made)))
        owner = chance.choice(owners)
        async with database.write(PartnerActor(owner, owner, frozenset({Scope.SERVICE_WRITE}))) as tx:
            served = list(_service([phone for _, phone in people], chance, tx.today))
            await recording.record(tx, sealer, served)
        made += [key for key, _ in people]
        progress("volunteers", len(made), count)
    return made


async def load_perks(
    database: Database,
    sealer: Sealer,
    count: int,
    chance: Random,
    merchants: Sequence[UUID],
    progress: Progress,
) -> list[UUID]:
    """Enter perks by the province's manager."""
    [member] = await grant_staff(database, sealer, [StaffRole.PROGRAMME_MANAGER], "440000", 1)
    manager = StaffActor(member.id, member.unit_id, frozenset({StaffRole.PROGRAMME_MANAGER}))
    made = []
    for number in range(1, count + 1):
        category, title = chance.choice(list(_PERKS.items()))
        async with database.write(manager) as tx:
            fields = PerkFields(
                merchant_id=chance.choice(merchants),
                title=f"{title}（示例{number}）",
                description="凭兑换码到店使用一次。",
                category=category,
                division_codes=(),
                min_stars=0,
                points_cost=5 * (number % 4) or 2,
                stock=chance.choice((20, 200, None)),
                per_person_limit=2,
                starts_on=tx.today,
                ends_on=tx.today + timedelta(days=180),
                redeem_within_days=30,
            )
            made.append(await saving.save(tx, None, fields, frozenset(), None))
        progress("perks", number, count)
    return made


async def load_redemptions(
    database: Database,
    sealer: Sealer,
    count: int,
    chance: Random,
    perks: Sequence[UUID],
    volunteers: Sequence[UUID],
    progress: Progress,
) -> None:
    """Redeem; some are refused, as in life: a volunteer has too few points, a perk is gone."""
    gatherings = Gatherings(database)
    for number in range(1, count + 1):
        perk, actor = chance.choice(perks), YouthActor(chance.choice(volunteers))
        wish = asked(actor, Once(f"demo-{number}", b""), perk, sealer)
        await gatherings.ask(REDEEMING, wish)
        progress("redemptions", number, count)
