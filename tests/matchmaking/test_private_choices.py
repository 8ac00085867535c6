"""Two worlds that differ in one choice that is not returned are the same to everybody (threats.md, 9)."""

import re

import sqlalchemy as sa
from support.house import House
from support.matchmaking import arrived, choose, held, mine, singles, tonight
from support.raw import tables
from support.watching import log_of_house, statements

from domain.accounts.models import Gender
from domain.core.actors import StaffRole, System
from graph.core.ids import Tag, decode, encode

SEEN = """query ($at: ID!, $ids: [ID!]!) {
  nodes(ids: $ids) { __typename id }
  viewer { youth { notifications { totalCount nodes { kind body } } matchmakingSignups { totalCount nodes {
    id status choices { id } matches { contact participant { id nickname } } } } } }
  node(id: $at) { ... on MatchmakingEvent { version status seats { taken waitlisted } results { signedUp checkedIn matches }
    attendees { totalCount nodes { id status checkedInAt } } participants { id nickname introduction age }
    offlineDesk { codeHashes } lottery { entriesHash } viewerEligibility { eligible reasons { code message } }
    viewerSignup { id status choices { id } matches { contact participant { id } } } } }
}"""


async def test_nobody_can_tell_an_unreturned_choice(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), maleSeats=9, femaleSeats=9)
    anna, dora = await singles(house, 2)
    bert, carl = await singles(house, 2, Gender.MALE)
    a, d = [await arrived(host, youth, at) for youth in (anna, dora)]
    b, c = [await arrived(host, youth, at) for youth in (bert, carl)]
    await choose(anna, at, c)
    watchers = [
        house.anyone,
        anna,
        carl,
        dora,
        host,
        await house.youth(),
        await house.partner(),
        *[await house.staff(role) for role in StaffRole],
    ]
    row = decode(Tag.MatchmakingSignup, (await mine(bert, at, "id"))["id"])
    ids = [at, a, b, c, d, *(encode(tag, row) for tag in (Tag.MatchmakingSignup, Tag.Attendee))]

    async def world() -> tuple[list[bytes], list[str], dict[str, str]]:
        answers: list[bytes] = []
        for watcher in watchers:
            await watcher.post(SEEN, at=at, ids=ids)  # what is noted of looks and tokens is noted before
        with statements(house) as sent, log_of_house() as log:
            answers += [(await watcher.post(SEEN, at=at, ids=ids)).content for watcher in watchers]
        assert log.getvalue() == ""
        kept = {}
        async with house.looking() as db:
            for table in await tables(house):
                if table != "matchmaking_choices":
                    kept[table] = await db.scalar(
                        sa.text(f"SELECT md5(string_agg(r::text, ',' ORDER BY r::text)) FROM \"{table}\" r")
                    )
            sizes = await db.scalars(sa.text("SELECT octet_length(chosen) FROM matchmaking_choices"))
        assert len(set(sizes)) == 1
        return answers, sorted(one for one in sent.sent if "matchmaking_choices" in one), kept

    worlds = []
    for chosen in ((), (a,), (d,), (a, d)):
        with statements(house) as asked:
            payload = await bert.mutate(
                "chooseMatches", "signup { id }", eventId=at, participantIds=list(chosen)
            )
        assert payload["userErrors"] == []
        assert not any(re.search("outbox|state_event|notification", one) for one in asked.sent)
        before = await world()
        house.clock.move(hours=29)
        after = await world()
        house.clock.move(hours=-29)
        worlds.append((before, after))
    for other in worlds[1:]:
        for mine_, theirs in zip(worlds[0], other, strict=True):
            assert mine_[0] == theirs[0]  # byte for byte
            assert mine_[1] == theirs[1] != []  # choices are asked for alike
            assert mine_[2] == theirs[2]  # and nothing else is written anywhere
