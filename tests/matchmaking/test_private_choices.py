"""
A choice that was not returned is known to nobody but whoever made it (threats.md, 9).

Worlds that differ in such choices alone are the same to every principal: every answer byte for byte, what is asked of the
database, the log, what lies in every table, and everybody else's copy of their data.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from support.asking import inbox
from support.client import Client
from support.house import House, Person
from support.matchmaking import arrived, choose, event, held, mine, signed_up, singles, tonight
from support.raw import tables
from support.watching import log_of_house, statements

from domain.accounts.models import Gender
from domain.core.actors import StaffRole, System
from domain.core.holding import shown
from domain.core.sealing import SealBroken
from domain.holdings import HOLDINGS
from domain.matchmaking.choices import decrypted, event_key
from graph.core.ids import Tag, decode, encode

SEEN = """query ($at: ID!, $ids: [ID!]!) {
  nodes(ids: $ids) { __typename id }
  viewer { youth { notifications { totalCount nodes { kind body } } matchmakingSignups { totalCount nodes {
    id status choices { id } matches { contact participant { id nickname } } } } } }
  node(id: $at) { ... on MatchmakingEvent { version status seats { taken waitlisted } results { signedUp checkedIn matches }
    attendees { totalCount nodes { id status checkedInAt } pageInfo { endCursor } } participants { id nickname introduction age }
    offlineDesk { codeHashes } lottery { entriesHash } viewerEligibility { eligible reasons { code message } }
    viewerSignup { id status choices { id } matches { contact participant { id } } } } }
}"""
SEALED_BY_CHANCE = {"matchmaking_choices"}


@dataclass(frozen=True, slots=True)
class Evening:
    """Bert is the one whose choices differ; the others are there, too."""

    house: House
    at: str
    host: Person
    bert: Person
    guests: dict[str, Person]
    ids: dict[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """Everything that can be seen of it."""

    answers: list[bytes]
    asked_of_choices: list[str]
    logged: str
    kept: dict[str, Any]
    copies: list[Any]


@pytest.fixture
async def evening(house: House) -> Evening:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, **tonight(house), maleSeats=9, femaleSeats=9)
    anna, dora = await singles(house, 2)
    bert, carl = await singles(house, 2, Gender.MALE)
    guests = {"anna": anna, "bert": bert, "carl": carl, "dora": dora}
    ids = {name: await arrived(host, youth, at) for name, youth in guests.items()}
    await choose(anna, at, ids["carl"])
    return Evening(house, at, host, bert, guests, ids)


async def _kept(house: House) -> dict[str, Any]:
    """
    A hash of each table, and for the choices the sizes of their rows. When a token was last used is noted once a minute of
    the machine's own time, which tells of no choice.
    """
    kept: dict[str, Any] = {}
    async with house.looking() as db:
        for table in set(await tables(house)) - SEALED_BY_CHANCE:
            rows = f"SELECT (to_jsonb(r) - 'last_used_at')::text AS kept FROM \"{table}\" r"
            whole = f"SELECT md5(string_agg(kept, ',' ORDER BY kept)) FROM ({rows}) AS every"
            kept[table] = await db.scalar(sa.text(whole))
        kept["sizes"] = await db.scalars(
            sa.text("SELECT octet_length(chosen) FROM matchmaking_choices ORDER BY 1")
        )
    assert len(set(kept["sizes"])) == 1
    return kept


async def _copies(house: House, youths: list[Person]) -> list[Any]:
    """What the copies of their data would show to these youths."""
    found = []
    async with house.database.write(System()) as tx:
        for youth in youths:
            for holding in HOLDINGS.tables:
                found += [row async for row in shown(tx, house.runtime.ports.sealer, holding, youth.key)]
    return found


async def _seen(there: Evening, watchers: list[Client], ids: list[str]) -> World:
    for watcher in watchers:
        await watcher.post(SEEN, at=there.at, ids=ids)  # what is noted of looks and tokens is noted before
    with statements(there.house) as sent, log_of_house() as log:
        answers = [(await watcher.post(SEEN, at=there.at, ids=ids)).content for watcher in watchers]
    others = [youth for youth in there.guests.values() if youth is not there.bert]
    asked = sorted(one for one in sent.sent if "matchmaking_choices" in one)
    kept, copies = await _kept(there.house), await _copies(there.house, others)
    return World(answers, asked, log.getvalue(), kept, copies)


async def test_nobody_can_tell_an_unreturned_choice(evening: Evening) -> None:
    # given everybody who could look, and every id that could tell
    house, at, ids = evening.house, evening.at, evening.ids
    row = decode(Tag.MatchmakingSignup, (await mine(evening.bert, at, "id"))["id"])
    all_ids = [at, *ids.values(), *(encode(tag, row) for tag in (Tag.MatchmakingSignup, Tag.Attendee))]
    watchers: list[Client] = [
        *(house.anyone, evening.host, await house.youth(), await house.partner()),
        *(youth for youth in evening.guests.values() if youth is not evening.bert),
        *[await house.staff(role) for role in StaffRole],
    ]

    # when Bert chooses nobody, Anna, Dora, or both; none of whom chose him
    worlds = []
    for chosen in ((), ("anna",), ("dora",), ("anna", "dora")):
        with statements(house) as asked, log_of_house() as log:
            await choose(evening.bert, at, *(ids[name] for name in chosen))
        assert not any(re.search("outbox|state_event|notification", one) for one in asked.sent)
        assert log.getvalue() == ""
        before = await _seen(evening, watchers, all_ids)
        house.clock.move(hours=29)  # choosing has closed
        after = await _seen(evening, watchers, all_ids)
        house.clock.move(hours=-29)
        async with house.database.write(System()) as tx:  # the pairs are counted anew in the next world
            anew = sa.text("UPDATE matchmaking_event SET matches = NULL WHERE id = :at")
            await tx.execute(anew.bindparams(at=decode(Tag.MatchmakingEvent, at)))
        worlds.append((before, after))

    # then it is the same to all of them
    for other in worlds[1:]:
        for one, same in zip(worlds[0], other, strict=True):
            assert one.answers == same.answers
            assert one.asked_of_choices == same.asked_of_choices != []
            assert one.logged == same.logged == ""
            assert one.kept == same.kept
            assert one.copies == same.copies


async def test_a_returned_choice_is_seen_by_the_two_alone(evening: Evening) -> None:
    """The comparison above can fail: with Anna's answer there is something to see."""
    house, at, ids = evening.house, evening.at, evening.ids
    anna, dora = evening.guests["anna"], evening.guests["dora"]
    await choose(evening.bert, at, ids["anna"])
    watchers: list[Client] = [dora, evening.host, anna]
    alone = await _seen(evening, watchers, list(ids.values()))
    await choose(anna, at, ids["bert"])
    house.clock.move(hours=29)
    met = await _seen(evening, watchers, list(ids.values()))

    assert len((await mine(anna, at, "matches { contact }"))["matches"]) == 1
    assert (await mine(dora, at, "matches { contact }"))["matches"] == []
    assert alone.answers[2] != met.answers[2]


async def test_refusals_say_the_same_to_the_chosen_and_to_others(evening: Evening) -> None:
    """Anna is chosen by Bert, Dora by nobody: whatever they try, they are answered alike."""
    at, ids, house = evening.at, evening.ids, evening.house
    await choose(evening.bert, at, ids["anna"])

    async def told(name: str) -> list[Any]:
        youth, answers = evening.guests[name], []
        for wanted in ([ids[name]], [at], list(ids.values()), [ids["bert"]] * 30):
            payload = await youth.mutate(
                "chooseMatches", "signup { status }", eventId=at, participantIds=wanted
            )
            answers.append([(error["code"], error["message"]) for error in payload["userErrors"]])
        return [*answers, [notice["kind"] for notice in await inbox(youth)]]

    assert await told("anna") == await told("dora")
    house.clock.move(hours=29)
    await house.work()
    assert await told("anna") == await told("dora")


async def test_everybody_is_told_alike_that_choosing_has_closed(evening: Evening) -> None:
    at, house = evening.at, evening.house
    await choose(evening.bert, at, evening.ids["anna"])
    house.clock.move(hours=29)
    await house.work()
    inboxes = [await inbox(youth) for youth in evening.guests.values()]
    kinds = [[notice["kind"] for notice in one] for one in inboxes]
    assert kinds[0] == ["MATCHMAKING_CHOOSING_CLOSED"]
    assert all(one == kinds[0] for one in kinds)


async def test_the_ids_of_a_guest_are_good_at_one_event_alone(evening: Evening) -> None:
    house, host, anna = evening.house, evening.host, evening.guests["anna"]
    second = await held(host, house, **tonight(house), maleSeats=9, femaleSeats=9)
    there = await arrived(host, anna, second)
    stranger = (await singles(house, 1))[0]
    await arrived(host, stranger, second)

    assert decode(Tag.Participant, there) != decode(Tag.Participant, evening.ids["anna"])
    assert decode(Tag.Participant, there).bytes not in (
        anna.key.bytes,
        decode(Tag.Participant, evening.ids["anna"]).bytes,
    )
    found = await stranger.run(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[there, *evening.ids.values()]
    )
    assert [node and node["id"] for node in found["nodes"]] == [there, None, None, None, None]
    # and nobody chooses across events
    refused = await stranger.refused(
        "chooseMatches", "signup { id }", eventId=second, participantIds=[evening.ids["bert"]]
    )
    assert refused == [("NOT_FOUND", ["input", "participantIds", "0"])]


async def test_at_rest_choices_open_with_the_events_key_at_their_own_place_alone(evening: Evening) -> None:
    house, ids, at = evening.house, evening.ids, decode(Tag.MatchmakingEvent, evening.at)
    await choose(evening.bert, evening.at, ids["anna"], ids["dora"])
    sealer = house.runtime.ports.sealer
    async with house.looking() as db:
        rows = await db.rows(
            sa.text(
                "SELECT c.signup_id, c.chosen, s.youth_id FROM matchmaking_choices c"
                " JOIN matchmaking_signup s ON s.id = c.signup_id WHERE c.event_id = :at"
            ).bindparams(at=at)
        )
        key = await event_key(db, sealer, at)
    by_youth = {row.youth_id: row for row in rows}
    own = by_youth[evening.bert.key]
    assert set(decrypted(key, own.signup_id, own.chosen)) == {
        decode(Tag.Participant, ids[name]) for name in ("anna", "dora")
    }
    for name in ids:
        assert decode(Tag.Participant, ids[name]).bytes not in own.chosen
    with pytest.raises(SealBroken):
        decrypted(key, by_youth[evening.guests["anna"].key].signup_id, own.chosen)


async def test_a_line_of_the_list_tells_no_order_of_coming(evening: Evening) -> None:
    """Each viewer has an order of their own, which stays."""
    at, guests, ids = evening.at, evening.guests, evening.ids

    async def order(name: str) -> list[str]:
        found = (await event(guests[name], at, "participants { id }"))["participants"]
        return [one["id"] for one in found]

    assert sorted(await order("anna")) == sorted(ids[name] for name in ids if name != "anna")
    assert await order("anna") == await order("anna")


async def test_who_did_not_come_sees_nobody_and_chooses_nobody(evening: Evening) -> None:
    [late] = await singles(evening.house, 1)
    await signed_up(late, evening.at)
    assert (await event(late, evening.at, "participants { id }"))["participants"] == []
    refused = await late.refused("chooseMatches", "signup { id }", eventId=evening.at, participantIds=[])
    assert refused == [("INVALID_STATE", ["input", "eventId"])]
