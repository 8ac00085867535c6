"""Made-up mentors with times and requests, by the domain's own actions."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from domain.accounts.consents import give
from domain.accounts.enrolling import TERMS_VERSION
from domain.accounts.models import ConsentPurpose
from domain.core.actors import StaffActor, StaffRole, YouthActor
from domain.core.clock import start_of
from domain.core.db import Database
from domain.core.refusals import Refusal, Refused
from domain.core.sealing import Sealer
from domain.mentorship import asking, opening, responding, saving
from domain.mentorship.entering import Wish
from domain.mentorship.opening import Times
from domain.mentorship.responding import MentorResponse
from domain.mentorship.saving import MentorFields
from domain.mentorship.states import MentorField
from domain.mentorship.weekly import Weekly
from infra.demo.listings import places
from infra.demo.progress import Progress
from infra.grants import YouthWish, chance_name, grant_staff, grant_youths

_HEADLINES = {
    MentorField.CAREER: ("十年招聘经验", "简历怎么写", "想请您看看我的简历。"),
    MentorField.ENTREPRENEURSHIP: ("连续创业者", "第一笔订单从哪里来", "我想开一家咖啡馆，不知道怎么起步。"),
    MentorField.LEGAL: ("执业律师", "劳动合同条款", "试用期的约定合理吗？"),
    MentorField.PSYCHOLOGY: ("心理咨询师", "考前紧张", "考试前总是睡不好。"),
    MentorField.ACADEMIC: ("高校辅导员", "选专业方向", "读研还是工作？"),
    MentorField.SKILLS: ("高级技师", "考哪个证书", "想学一门手艺。"),
    MentorField.RURAL: ("返乡创业带头人", "返乡种果树", "家里有十亩地。"),
    MentorField.LIFE: ("社区工作者", "一个人在城市生活", "刚到城市，认识的人不多。"),
}
_HOURS = (10, 14, 19)
_DAYS = range(2, 16, 2)


async def load_mentors(
    database: Database, sealer: Sealer, count: int, chance: Random, progress: Progress
) -> list[tuple[UUID, UUID]]:
    """Enter mentors with times in the next two weeks, every third also on Saturdays; each with the youth who mentors."""
    [member] = await grant_staff(database, sealer, [StaffRole.PROGRAMME_MANAGER], "440000", 1)
    manager = StaffActor(member.id, member.unit_id, frozenset({StaffRole.PROGRAMME_MANAGER}))
    people = await grant_youths(database, sealer, YouthWish(verified=True), count)
    where = places()
    made = []
    for number, (person, _) in enumerate(people, 1):
        field = list(MentorField)[number % len(MentorField)]
        code, _place = chance.choice(where)
        headline = _HEADLINES[field][0]
        fields = MentorFields(
            person_id=person,
            is_staff=False,
            name=f"{chance_name()[:1]}老师",
            headline=headline,
            biography=f"{headline}，愿意陪青年走一段路。",
            fields=(field,),
            division_code=code,
            languages=("zh", "en") if number % 3 == 0 else ("zh",),
            capacity=5,
            accepts_requests=True,
        )
        async with database.write(manager) as tx:
            mentor = await saving.save(tx, None, fields, frozenset(), None)
        async with database.write(YouthActor(person)) as tx:
            hours = [start_of(tx.today) + timedelta(days=day, hours=hour) for day in _DAYS for hour in _HOURS]
            saturdays = Weekly({6}, "10:00", "11:00", "Asia/Shanghai", tx.today) if number % 3 == 0 else None
            times = [Times(at, at + timedelta(hours=1)) for at in hours]
            await opening.open_slots(tx, mentor, times, saturdays)
        made.append((mentor, person))
        progress("mentors", number, count)
    return made


async def load_requests(
    database: Database,
    sealer: Sealer,
    count: int,
    chance: Random,
    mentors: Sequence[tuple[UUID, UUID]],
    youths: Sequence[UUID],
    progress: Progress,
) -> None:
    """Ask, and answer every second; some are refused, as in life: a mentor has no place left, three wait already."""
    for number in range(1, count + 1):
        (mentor, person), youth = chance.choice(mentors), chance.choice(youths)
        _, topic, message = chance.choice(list(_HEADLINES.values()))
        try:
            async with database.write(YouthActor(youth)) as tx:
                await give(tx, youth, ConsentPurpose.MENTORSHIP, TERMS_VERSION)
                wish = Wish(mentor, None, topic, message, reroute=True)
                request = await asking.ask(tx, sealer, wish)
            if number % 2:
                async with database.write(YouthActor(person)) as tx:
                    await responding.respond(
                        tx,
                        sealer,
                        request,
                        MentorResponse.ACCEPT,
                        slot_id=None,
                        note="好的，我们约个时间。",
                        meeting_url=None,
                    )
        except (Refusal, Refused):
            pass
        progress("requests for mentorship", number, count)
