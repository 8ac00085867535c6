"""Made-up organizations and listings, the same for the same seed."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from domain.accounts.models import EducationLevel, Track
from domain.core.divisions import DivisionLevel, reference
from domain.internships.models import InternshipKind, StipendPeriod
from domain.internships.rules import ListingContent, Stipend
from domain.partners.models import OrganizationKind
from domain.partners.organizations import OrganizationFields
from infra.demo.vocabulary import EXTRAS, ORGANIZATION_STEMS, ORGANIZATION_TRADES, TRADES

_FEN = 100
_EDUCATION = (
    EducationLevel.SECONDARY,
    EducationLevel.COLLEGE,
    EducationLevel.BACHELOR,
    EducationLevel.MASTER,
)
_TRACKS = (Track.GENERAL,) * 17 + (Track.HK_MACAO_TAIWAN, Track.RURAL, Track.TIBET_XINJIANG)


def places() -> Sequence[tuple[str, str]]:
    """Counties, and cities without any, as (code, name)."""
    parents = {row["parent_code"] for row in reference()}
    return [
        (row["id"], row["name"])
        for row in reference()
        if row["level"] is not DivisionLevel.PROVINCE and row["id"] not in parents
    ]


def organizations(count: int, chance: Random) -> Iterator[OrganizationFields]:
    where = places()
    for number in range(1, count + 1):
        code, place = chance.choice(where)
        stem, trade = chance.choice(ORGANIZATION_STEMS), chance.choice(ORGANIZATION_TRADES)
        yield OrganizationFields(
            name=f"{place}{stem}{trade}示例公司{number}",
            kind=chance.choice(list(OrganizationKind)),
            division_code=code,
            employee_count=chance.randrange(400, 5_000),
            industry_code=None,
        )


def listings(count: int, chance: Random, today: date) -> Iterator[ListingContent]:
    where = places()
    for number in range(1, count + 1):
        trade = chance.choice(TRADES)
        code, place = chance.choice(where)
        title = chance.choice(trade.titles)
        tasks = chance.sample(trade.tasks, 2)
        yuan = chance.choice(trade.yuan_a_day)
        days, weeks = chance.randrange(3, 6), chance.randrange(8, 27)
        extras = chance.sample(EXTRAS, 2)
        yield ListingContent(
            external_ref=f"demo-{number}",
            title=f"{title}（{place}）" if chance.random() < 0.3 else title,  # noqa: PLR2004  # a third name their place
            kind=InternshipKind.INTERNSHIP,
            track=chance.choice(_TRACKS),
            description=f"工作内容：{tasks[0]}；{tasks[1]}。\n我们提供：{extras[0]}、{extras[1]}。",
            requirements=f"每周到岗 {days} 天以上，能连续实习 {weeks} 周。",
            division_code=code,
            address=None,
            headcount=chance.randrange(1, 6),
            stipend=Stipend(yuan * _FEN, (yuan + 40) * _FEN, StipendPeriod.DAY),
            education=chance.choice(_EDUCATION),
            majors=tuple(chance.sample(trade.majors, 1)) if chance.randrange(2) else (),
            skills=tuple(chance.sample(trade.skills, 3)),
            days_per_week=days,
            duration_weeks=weeks,
            housing_provided="提供住宿" in extras,
            starts_on=today + timedelta(days=chance.randrange(14, 60)),
            apply_by=today + timedelta(days=chance.randrange(20, 120)) if chance.randrange(3) else None,
        )
