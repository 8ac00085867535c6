"""Hours come in: once each, never two at a time, more than eight a day by a second person, also for nobody yet."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.asking import decided, inbox, told
from support.canaries import signed_in
from support.house import House, Partner, Person
from support.raw import everything
from support.texts import played
from support.volunteering import a_record, account, at, entries_of, recorded

from domain.core.actors import StaffRole
from domain.volunteering.policies import DAY_POSTS_MINUTES

DECIDED = "entry { id status balanceAfter hash memo }"


def outcome(result: dict) -> tuple:
    errors = [(error["code"], error["field"]) for error in result["userErrors"]]
    return result["outcome"], result["status"], result["minutes"], errors


async def waiting_of(who: Person) -> dict:
    return next(entry for entry in await entries_of(who) if entry["status"] == "PENDING")


async def test_hours_are_entered_and_counted(house: House, partner: Partner, youth: Person) -> None:
    assert await account(youth) == {
        "serviceMinutes": 0,
        "stars": 0,
        "minutesToNextStar": 6_000,
        "pointsBalance": 0,
    }

    results = await recorded(
        partner,
        a_record(house, youth, hours=1.5, start=6, ref="a"),
        a_record(house, youth, hours=1.5, start=8, ref="b"),
    )

    assert [outcome(one) for one in results] == [("CREATED", "POSTED", 90, [])] * 2
    assert await account(youth) == {
        "serviceMinutes": 180,
        "stars": 0,
        "minutesToNextStar": 5_820,
        "pointsBalance": 3,
    }
    second, first = await entries_of(youth)
    assert (first["points"], second["points"], second["balanceAfter"]) == (1, 2, 3)
    assert first["hash"] == second["previousHash"]
    assert (first["kind"], first["activity"], first["externalRef"]) == ("SERVICE", "社区图书整理", "a")
    assert first["organization"] == {"id": partner.id}


async def test_a_record_counts_once(house: House, partner: Partner, youth: Person) -> None:
    record = a_record(house, youth)
    await recorded(partner, record)
    before = await everything(house)

    [again] = await recorded(partner, record)

    assert outcome(again) == ("UNCHANGED", "POSTED", 120, [])
    assert await everything(house) == before


async def test_one_bad_record_does_not_hurt_the_rest(house: House, partner: Partner, youth: Person) -> None:
    results = await recorded(
        partner,
        a_record(house, youth, ref="good"),
        a_record(house, youth, ref="good", start=12),
        a_record(house, youth, start=12, hours=0),
        a_record(house, youth, days_ago=3, start=12, hours=25),
        a_record(house, youth, days_ago=-1),
        a_record(house, youth, start=12, activity=" "),
        a_record(house, youth, start=12, ref="x" * 101),
    )

    found = [outcome(one)[3] for one in results]
    assert found == [
        [],
        [("INVALID_INPUT", ["input", "records", "1", "externalRef"])],
        [("INVALID_INPUT", ["input", "records", "2", "endedAt"])],
        [("INVALID_INPUT", ["input", "records", "3", "endedAt"])],
        [("INVALID_INPUT", ["input", "records", "4", "endedAt"])],
        [("INVALID_INPUT", ["input", "records", "5", "activity"])],
        [("INVALID_INPUT", ["input", "records", "6", "externalRef"])],
    ]
    assert (await account(youth))["serviceMinutes"] == 120


async def test_nobody_serves_in_two_places_at_once(house: House, partner: Partner, youth: Person) -> None:
    other = await house.partner()
    await recorded(other, a_record(house, youth, ref="there", start=6, hours=2))

    results = await recorded(
        partner,
        a_record(house, youth, start=7, hours=2),
        a_record(house, youth, ref="after", start=8, hours=1),
        a_record(house, youth, start=8.5, hours=1),
    )

    assert [one["outcome"] for one in results] == ["REJECTED", "CREATED", "REJECTED"]
    assert results[0]["userErrors"][0]["code"] == "ALREADY_EXISTS"
    assert "there" in results[0]["userErrors"][0]["message"]
    assert "after" in results[2]["userErrors"][0]["message"]
    assert (await account(youth))["serviceMinutes"] == 180


async def test_the_database_itself_refuses_an_overlap(house: House, partner: Partner, youth: Person) -> None:
    await recorded(partner, a_record(house, youth))
    copy = sa.text(
        "INSERT INTO volunteering_record (id, organization_id, external_ref, person_id, volunteer_id, activity,"
        " started_at, ended_at, minutes, status, recorded_at)"
        " SELECT uuidv7(), organization_id, 'copy', person_id, volunteer_id, activity, started_at, ended_at,"
        " minutes, status, recorded_at FROM volunteering_record WHERE volunteer_id = :youth"
    ).bindparams(youth=youth.key)

    with pytest.raises(sa.exc.IntegrityError, match="volunteering_record_one_place_at_a_time"):
        async with house.database.engine.begin() as connection:
            await connection.execute(copy)


async def test_more_than_eight_hours_a_day_wait_for_a_second_person(
    house: House, partner: Partner, youth: Person
) -> None:
    beside = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440300")
    near = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    results = await recorded(
        partner,
        a_record(house, youth, start=1, hours=8),
        a_record(house, youth, start=10, hours=1),
        a_record(house, youth, start=12, hours=4),
    )
    assert [one["status"] for one in results] == ["POSTED", "PENDING", "PENDING"]
    assert (await account(youth))["serviceMinutes"] == 480

    entries = {entry["minutes"]: entry for entry in await entries_of(youth)}
    assert entries[60]["balanceAfter"] is None
    assert entries[60]["hash"] is None

    # those out of reach, the organization itself and the volunteer do not decide
    for who, code in ((beside, "NOT_FOUND"), (partner, "FORBIDDEN"), (youth, "FORBIDDEN")):
        refused = await who.refused("decideServiceRecord", DECIDED, entryId=entries[60]["id"], approve=True)
        assert refused[0][0] == code
    # beyond twelve hours the province decides
    refused = await near.refused("decideServiceRecord", DECIDED, entryId=entries[240]["id"], approve=True)
    assert refused == [("FORBIDDEN", ["input", "entryId"])]
    assert (await account(youth))["serviceMinutes"] == 480

    done = await near.done(
        "decideServiceRecord", DECIDED, entryId=entries[60]["id"], approve=True, note="已核对签到"
    )
    assert done["entry"]["status"] == "POSTED"
    assert (done["entry"]["id"], done["entry"]["memo"]) == (entries[60]["id"], "已核对签到")
    assert done["entry"]["balanceAfter"] == 9
    province = await house.staff(StaffRole.PROGRAMME_MANAGER)
    done = await province.done("decideServiceRecord", DECIDED, entryId=entries[240]["id"], approve=False)
    assert (done["entry"]["status"], done["entry"]["hash"]) == ("REJECTED", None)
    # the same again changes nothing, another decision is not possible
    await province.done("decideServiceRecord", DECIDED, entryId=entries[240]["id"], approve=False)
    refused = await province.refused("decideServiceRecord", DECIDED, entryId=entries[240]["id"], approve=True)
    assert refused == [("INVALID_STATE", ["input", "entryId"])]
    assert (await account(youth))["serviceMinutes"] == 540

    await house.work()
    assert await told(youth) == ["VOLUNTEERING_SERVICE_POSTED"]
    assert {"VOLUNTEERING_RECORD_POSTED", "VOLUNTEERING_RECORD_REJECTED"} <= set(await told(partner))


async def test_what_waits_is_in_the_queue_of_who_decides(
    house: House, partner: Partner, youth: Person
) -> None:
    near = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    await recorded(
        partner, a_record(house, youth, start=0, hours=9), a_record(house, youth, start=10, hours=5)
    )
    queue = "{ viewer { staff { reviewQueue(kinds: [SERVICE_RECORD], first: 100) { nodes { subject { id } } } } } }"

    async def subjects(who: Person) -> set[str]:
        data = await who.run(queue)
        return {one["subject"]["id"] for one in data["viewer"]["staff"]["reviewQueue"]["nodes"]}

    ids = {entry["minutes"]: entry["id"] for entry in await entries_of(youth)}
    province = await house.staff(StaffRole.PROGRAMME_MANAGER)
    assert ids[540] in await subjects(near)
    assert ids[300] not in await subjects(near)
    assert {ids[540], ids[300]} <= await subjects(province)


async def test_a_division_decides_otherwise(house: House, partner: Partner, youth: Person) -> None:
    async with decided(house, DAY_POSTS_MINUTES, 120, "440100"):
        [result] = await recorded(partner, a_record(house, youth, hours=2.5))

    assert result["status"] == "PENDING"


async def test_a_night_falls_on_two_days(house: House, partner: Partner, youth: Person) -> None:
    results = await recorded(
        partner,
        a_record(house, youth, days_ago=5, start=18, hours=14),  # six hours and eight
        a_record(house, youth, days_ago=5, start=8, hours=2),
        a_record(house, youth, days_ago=4, start=9, hours=1),
    )

    assert [one["status"] for one in results] == ["POSTED", "POSTED", "PENDING"]


async def test_a_number_that_nobody_has_answers_as_any_other(
    house: House, partner: Partner, youth: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = played(house, monkeypatch)
    nobody = "+8613755990001"
    given = [{"start": 1, "hours": 8}, {"start": 10, "hours": 1}, {"start": 8.5, "hours": 1}]
    known = await recorded(
        partner, *(a_record(house, youth, ref=f"k{n}", **one) for n, one in enumerate(given))
    )
    aside = await recorded(
        partner, *(a_record(house, nobody, ref=f"u{n}", **one) for n, one in enumerate(given))
    )
    words = [{**one, "externalRef": one["externalRef"].replace("u", "k")} for one in aside]
    assert str(words).replace("u0", "k0") == str(known)
    [again] = await recorded(partner, a_record(house, nobody, ref="u0", **given[0]))
    assert again["outcome"] == "UNCHANGED"

    # when they sign up, what was posted is theirs, and what waits stays so
    person, _ = await signed_in(house, texts, nobody)
    await house.work()

    assert (await account(person))["serviceMinutes"] == 480
    assert (await waiting_of(person))["minutes"] == 60
    assert "VOLUNTEERING_HOURS_CREDITED" in await told(person)
    near = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    waits = await waiting_of(person)
    await near.done("decideServiceRecord", DECIDED, entryId=waits["id"], approve=True)
    assert (await account(person))["serviceMinutes"] == 540
    [more] = await recorded(partner, a_record(house, nobody, start=12, hours=1))
    assert more["status"] == "PENDING"


async def test_what_nobody_comes_for_is_forgotten_after_ninety_days(
    house: House, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = played(house, monkeypatch)
    nobody = "+8613755990002"
    await recorded(partner, a_record(house, nobody))
    house.clock.move(days=89)
    await house.work()
    house.clock.move(days=2)
    await house.work()

    async with house.looking() as db:
        kept = await db.scalar(sa.text("SELECT count(*) FROM volunteering_record WHERE volunteer_id IS NULL"))
        numbers = await db.scalar(sa.text("SELECT count(*) FROM volunteering_unknown_phone"))
    assert (kept, numbers) == (0, 0)
    person, _ = await signed_in(house, texts, nobody)
    await house.work()
    assert (await account(person))["serviceMinutes"] == 0


async def test_a_record_written_while_somebody_signs_up_is_found_later(
    house: House, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = played(house, monkeypatch)
    nobody = "+8613755990003"
    await house.work()  # the sweep of this hour is over
    await recorded(partner, a_record(house, nobody))
    person, _ = await signed_in(house, texts, nobody)
    # given that the event was delivered before the record was there
    async with house.database.engine.begin() as connection:
        await connection.execute(
            sa.text("UPDATE core_outbox_event SET done_at = now() WHERE topic = 'accounts.phone_bound'")
        )
    await house.work()
    assert (await account(person))["serviceMinutes"] == 0

    house.clock.move(hours=1)
    await house.work()

    assert (await account(person))["serviceMinutes"] == 120


async def test_other_content_under_a_known_key_corrects_it(
    house: House, partner: Partner, youth: Person
) -> None:
    record = a_record(house, youth, hours=4)
    await recorded(partner, record)

    shorter = {**record, "endedAt": (at(house, 1, 6) + timedelta(hours=1)).isoformat()}
    [result] = await recorded(partner, shorter)

    assert outcome(result) == ("UPDATED", "POSTED", 60, [])
    latest, first = await entries_of(youth)
    assert (latest["kind"], latest["minutes"], latest["points"]) == ("CORRECTION", -180, -3)
    assert first["minutes"] == 240
    assert (await account(youth))["serviceMinutes"] == 60
    # more than eight hours are not reached by a correction
    longer = {**record, "endedAt": (at(house, 1, 6) + timedelta(hours=9)).isoformat()}
    [result] = await recorded(partner, longer)
    assert outcome(result)[3] == [("NOT_ELIGIBLE", ["input", "records", "0", "endedAt"])]
    # nor does a key pass to somebody else
    other = await house.youth()
    [result] = await recorded(partner, {**record, "volunteerPhone": other.phone})
    assert outcome(result)[3] == [("INVALID_INPUT", ["input", "records", "0", "volunteerPhone"])]


async def test_staff_correct_what_never_was(house: House, partner: Partner, youth: Person) -> None:
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER, unit="440106")
    await recorded(partner, a_record(house, youth, hours=3, ref="false"))
    [entry] = await entries_of(youth)

    given = {"entryId": entry["id"], "minutes": 0, "reason": "签到表造假"}
    await staff.done("correctServiceRecord", DECIDED, **given)
    await staff.done("correctServiceRecord", DECIDED, **given)

    assert [one["kind"] for one in await entries_of(youth)] == ["CORRECTION", "SERVICE"]
    assert (await account(youth))["serviceMinutes"] == 0
    # its time is free again
    [result] = await recorded(partner, a_record(house, youth, hours=3))
    assert result["status"] == "POSTED"


@pytest.mark.parametrize("verified", [True, False])
async def test_who_records(house: House, youth: Person, verified: bool) -> None:
    partner = await house.partner(
        verified=verified, scopes=("internships:write",) if verified else ("service:write",)
    )
    refused = await partner.refused(
        "recordServiceHours", "results { outcome }", records=[a_record(house, youth)]
    )
    assert [code for code, _ in refused] == ["FORBIDDEN" if verified else "NOT_ELIGIBLE"]
    assert (await account(youth))["serviceMinutes"] == 0


async def test_five_hundred_a_call(house: House, partner: Partner) -> None:
    crowd = await house.youths(100)
    records = [a_record(house, who, start=6 + n, hours=1) for who in crowd for n in range(5)]

    results = await recorded(partner, *records)
    assert {one["outcome"] for one in results} == {"CREATED"}
    assert {(await account(who))["pointsBalance"] for who in crowd[:3]} == {5}
    refused = await partner.refused(
        "recordServiceHours", "results { outcome }", records=[*records, a_record(house, crowd[0])]
    )
    assert refused == [("INVALID_INPUT", ["input", "records"])]


async def test_the_inbox_says_nothing_of_a_number(house: House, partner: Partner) -> None:
    assert all("+86" not in str(notice) for notice in await inbox(partner))
