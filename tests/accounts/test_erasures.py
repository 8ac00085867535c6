"""A youth asks for the erasure of the account, repeats it, takes it back; seven days later it happens."""

import asyncio
from typing import Any

import jwt
import pytest
import sqlalchemy as sa
from support.asking import accept, application, inbox, instant, listing, told
from support.client import Client
from support.house import House, Person
from support.listings import a_listing, applied, offered, posted
from support.raw import everything
from support.texts import Texts, other, played
from support.watching import log_of_house

from api.auth import KEPT_SECONDS
from domain.accounts import erasing
from domain.accounts.models import YouthRow
from domain.core.actors import StaffRole, System

ERASURE = "erasesAt receiptCode"
DAYS = 7
WITHDRAWN = "INTERNSHIP_APPLICATION_WITHDRAWN"


@pytest.fixture
def texts(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    return played(house, monkeypatch)


async def asked(texts: Texts, youth: Person) -> Any:
    code = await texts.code(youth.phone, "DELETE_ACCOUNT")
    return await youth.done("deleteMyAccount", ERASURE, code=code)


async def erases_at(youth: Person) -> Any:
    return (await youth.run("{ viewer { youth { erasesAt } } }"))["viewer"]["youth"]["erasesAt"]


async def erased(house: House, texts: Texts, youth: Person) -> str:
    """The code of the receipt of an account that is gone."""
    payload = await asked(texts, youth)
    house.clock.move(days=DAYS)
    await house.work()
    return str(payload["receiptCode"])


async def receipt(house: House, code: str) -> Any:
    answer = await house.http.get(f"/erasure-receipts/{code}")
    assert answer.status_code == 200
    return answer.json()


async def gone(house: House, youth: Person) -> bool:
    async with house.looking() as db:
        erased = sa.select(YouthRow.erased_at).where(YouthRow.id == youth.key)  # type: ignore[arg-type]  # SQLModel's attributes are columns of the class
        return await db.scalar(erased) is not None


async def test_it_is_asked_for_by_a_code_and_answered_the_same_again(house: House, texts: Texts) -> None:
    youth = await house.youth()
    assert await erases_at(youth) is None

    payload = await asked(texts, youth)

    assert await erases_at(youth) == payload["erasesAt"]
    assert payload["receiptCode"].startswith("qye_")
    assert await receipt(house, payload["receiptCode"]) == {
        "status": "PENDING",
        "erasesAt": payload["erasesAt"].replace("Z", "+00:00"),
    }
    await house.work()
    assert await told(youth) == ["ACCOUNT_DELETION_ASKED"]
    before = await everything(house)
    again = await youth.done("deleteMyAccount", ERASURE, code="000000")  # its code is used up
    assert again == payload
    assert await everything(house) == before


async def test_a_wrong_code_changes_nothing(house: House, texts: Texts) -> None:
    youth = await house.youth()
    code = await texts.code(youth.phone, "DELETE_ACCOUNT")
    before = await everything(house)

    for wrong in (other(code), "", "x" * 1_000, await texts.code(youth.phone, "SIGN_IN")):
        refused = await youth.refused("deleteMyAccount", ERASURE, code=wrong)
        assert refused == [("INVALID_INPUT", ["input", "code"])]

    assert await everything(house) == before


async def test_without_a_number_one_is_bound_first(house: House, texts: Texts) -> None:
    youth = await house.youth()
    async with house.database.write(System("test")) as tx:
        await tx.execute(
            sa.update(YouthRow).where(YouthRow.id == youth.key).values(phone_sealed=None)  # type: ignore[arg-type]  # SQLModel's attributes are columns of the class
        )
    before = await everything(house)

    assert await youth.refused("deleteMyAccount", ERASURE, code="123456") == [("INVALID_STATE", None)]

    assert await everything(house) == before


async def test_nobody_else_has_an_account_to_erase(house: House) -> None:
    for who in (house.anyone, await house.partner(), await house.staff(StaffRole.ADMIN)):
        await who.run("{ viewer { scopes } }")  # whose last use is noted
        before = await everything(house)
        for name, given in (("deleteMyAccount", {"code": "1"}), ("cancelAccountDeletion", {})):
            [(code, _)] = await who.refused(name, ERASURE, **given)
            assert code in {"UNAUTHENTICATED", "FORBIDDEN"}
        assert await everything(house) == before


async def test_it_is_taken_back_until_it_happens(house: House, texts: Texts) -> None:
    youth = await house.youth()
    first = await asked(texts, youth)
    assert await youth.refused("cancelAccountDeletion", ERASURE, confirm=False) == [
        ("INVALID_INPUT", ["input", "confirm"])
    ]
    assert await erases_at(youth) == first["erasesAt"]
    house.clock.move(days=DAYS, seconds=1)  # due, but no worker has come yet

    for _ in range(2):
        payload = await youth.done("cancelAccountDeletion", ERASURE)
        assert payload["erasesAt"] is payload["receiptCode"] is None

    await house.work()
    assert not await gone(house, youth)
    assert await erases_at(youth) is None
    assert (await receipt(house, first["receiptCode"]))["status"] == "CANCELLED"
    assert (await told(youth))[0] == "ACCOUNT_DELETION_CANCELLED"
    assert (await asked(texts, youth))["receiptCode"] != first["receiptCode"]


async def test_until_then_the_account_works_and_after_it_is_gone_everywhere(
    house: House, texts: Texts
) -> None:
    youth = await house.youth(verified=True)
    code = await texts.code(youth.phone, "SIGN_IN")
    pair = await house.anyone.done(
        "signInWithPhone", "accessToken refreshToken", phone=youth.phone, code=code
    )
    payload = await asked(texts, youth)
    house.clock.move(days=DAYS, seconds=-60)
    await house.work()
    assert await erases_at(youth) == payload["erasesAt"]

    house.clock.move(seconds=61)
    await house.work()

    await asyncio.sleep(KEPT_SECONDS + 0.1)
    for token in (youth.token, pair["accessToken"]):
        answer = await Client(house.http, token).post("{ viewer { youth { id } } }")
        assert answer.status_code == 401
    refused = await house.anyone.refused("refreshSession", "accessToken", refreshToken=pair["refreshToken"])
    assert [code for code, _ in refused] == ["UNAUTHENTICATED"]


async def test_number_and_identity_may_sign_up_again(house: House, texts: Texts) -> None:
    youth = await house.youth(verified=True)
    await erased(house, texts, youth)

    code = await texts.code(youth.phone, "SIGN_IN")
    pair = await house.anyone.done(
        "signInWithPhone",
        "viewer { youth { id displayName realNameStatus consents { purpose } } }",
        phone=youth.phone,
        code=code,
    )

    found = pair["viewer"]["youth"]
    assert found["id"] != youth.id
    assert found["realNameStatus"] == "NONE"
    assert found["consents"] == [{"purpose": "TERMS"}]


async def test_what_is_under_way_ends_and_the_other_side_is_told(house: House, texts: Texts) -> None:
    # given a youth who holds the last place of a listing, and has an offer and an application elsewhere
    partner, youth = await house.partner(), await house.youth()
    full = await posted(partner, a_listing(headcount=1, startsOn="2030-01-01", durationWeeks=4))
    place = await offered(partner, youth, full)
    await accept(youth, place)
    open_one = await posted(partner, a_listing(headcount=3, startsOn="2031-01-01", durationWeeks=4))
    offer = await offered(partner, youth, open_one)
    waiting = await applied(youth, await posted(partner, a_listing(startsOn="2032-01-01")), "waiting")

    await erased(house, texts, youth)

    # then all of them are withdrawn, the place is free, and the organization was told of each
    for identity in (place, offer, waiting):
        record = await application(
            partner, identity, "status coverLetter applicant { maskedName legalName phone }"
        )
        assert record["status"] == "WITHDRAWN"
        assert record["applicant"] == {"maskedName": None, "legalName": None, "phone": None}
    assert await listing(house.anyone, full, "status remainingHeadcount") == {
        "status": "PUBLISHED",
        "remainingHeadcount": 1,
    }
    notices = [found for found in await inbox(partner) if found["kind"] == WITHDRAWN]
    assert {notice["subject"]["id"] for notice in notices} == {place, offer, waiting}
    async with house.looking() as db:
        left = "SELECT count(*) FROM core_outbox_event WHERE done_at IS NULL"
        assert await db.scalar(sa.text(left)) == 0


async def test_an_internship_that_has_begun_goes_on_without_the_person(house: House, texts: Texts) -> None:
    partner, youth = await house.partner(), await house.youth(verified=True)
    place = await offered(partner, youth, await posted(partner, a_listing()))
    await accept(youth, place)
    onboard = {"applicationId": place, "to": "ONBOARDED"}
    await partner.done("advanceInternshipApplication", "application { id }", **onboard)
    await erased(house, texts, youth)

    await partner.done(
        "advanceInternshipApplication", "application { id }", applicationId=place, to="COMPLETED"
    )
    await house.work()

    record = await application(partner, place, "status applicant { legalName }")
    assert record == {"status": "COMPLETED", "applicant": {"legalName": None}}
    async with house.looking() as db:
        notices = sa.text("SELECT count(*) FROM core_notification WHERE recipient_id = :youth")
        assert await db.scalar(notices.bindparams(youth=youth.key)) == 0


async def test_the_receipt_says_what_was_done_and_anybody_can_check_it(house: House, texts: Texts) -> None:
    partner, youth = await house.partner(), await house.youth(verified=True)
    await applied(youth, await posted(partner, a_listing()))
    code = await erased(house, texts, youth)

    found = await receipt(house, code)

    assert found["status"] == "ERASED"
    by_name = {part["holding"]: part for part in found["receipt"]["holdings"]}
    assert (by_name["profile"]["fate"], by_name["profile"]["rows"]) == ("ANONYMISED", 1)
    assert (by_name["consents"]["fate"], by_name["consents"]["rows"]) == ("DELETED", 2)
    assert by_name["internshipApplications"]["rows"] == 1
    assert by_name["accessLog"]["because"]["en"]
    published = (await house.http.get(found["keys"])).json()
    assert checked(found["signature"], published) == found["receipt"]
    tampered = found["signature"][:-8] + ("A" * 8 if found["signature"][-8:] != "A" * 8 else "B" * 8)
    with pytest.raises(jwt.InvalidSignatureError):
        checked(tampered, published)
    whole = str(found)
    for personal in (youth.phone, str(youth.key), youth.key.hex, youth.id):
        assert personal not in whole


def checked(signature: str, published: dict[str, Any]) -> Any:
    """What is signed, by the published keys; raises when it is not ours."""
    key_id = jwt.get_unverified_header(signature)["kid"]
    key = next(key for key in jwt.PyJWKSet.from_dict(published).keys if key.key_id == key_id)
    return jwt.decode(signature, key, algorithms=["EdDSA"], options={"verify_aud": False})


async def test_codes_that_are_none_are_not_found(house: House) -> None:
    for code in ("x", "qye_" + "a" * 32, "qye_" + "é" * 32, "x" * 5_000, "..%2F..%2Fx"):
        assert (await house.http.get(f"/erasure-receipts/{code}")).status_code == 404


async def test_what_was_written_meanwhile_is_found_when_the_worker_looks_again(
    house: House, texts: Texts
) -> None:
    youth = await house.youth()
    code = await erased(house, texts, youth)
    # a request that was let in before, and wrote after
    async with house.database.write(System("test")) as tx:
        await tx.execute(
            sa.text(
                "INSERT INTO internship_saved_search (id, youth_id, name, filter, created_at, watched_from)"
                " VALUES (gen_random_uuid(), :youth, 'late', '{}', now(), now())"
            ).bindparams(youth=youth.key)
        )
    assert (await receipt(house, code))["receipt"]["checkedAt"] is None

    house.clock.move(minutes=5)
    await house.work()

    found = (await receipt(house, code))["receipt"]
    assert found["checkedAt"] is not None
    assert found["rowsFoundLate"] == 1
    async with house.looking() as db:
        late = sa.text("SELECT count(*) FROM internship_saved_search WHERE youth_id = :youth")
        assert await db.scalar(late.bindparams(youth=youth.key)) == 0


async def test_an_erasure_that_fails_changes_nothing_and_comes_again(
    house: House, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    youth, neighbour = await house.youths(2)
    code = (await asked(texts, youth))["receiptCode"]
    await asked(texts, neighbour)
    house.clock.move(days=DAYS)

    sound = erasing._erase

    async def breaks(tx: Any, holdings: Any, signer: Any, erasure: Any) -> None:
        await sound(tx, holdings, signer, erasure)
        if erasure.youth_id == youth.key:
            raise RuntimeError(youth.phone)

    with monkeypatch.context() as breaking, log_of_house() as lines:
        breaking.setattr(erasing, "_erase", breaks)
        await house.work()
    assert youth.phone not in lines.getvalue()
    assert await gone(house, neighbour)
    assert not await gone(house, youth)
    assert (await youth.run("{ viewer { youth { phone } } }"))["viewer"]["youth"]["phone"] == youth.phone
    assert (await receipt(house, code))["status"] == "PENDING"

    house.clock.move(minutes=1)
    await house.work()

    assert (await receipt(house, code))["status"] == "ERASED"


async def test_what_is_still_to_be_delivered_loses_its_words_and_is_delivered(
    house: House, texts: Texts
) -> None:
    # given an invitation with words in it that no worker has delivered
    partner, youth = await house.partner(), await house.youth()
    waiting = await applied(youth, await posted(partner, a_listing()))
    await asked(texts, youth)
    await house.work()
    house.clock.move(days=DAYS)
    for state in ("SHORTLISTED", "INTERVIEW"):
        given = {"applicationId": waiting, "to": state, "note": "请张三携带身份证 OK"}
        given |= {"interviewAt": instant(house, days=2)} if state == "INTERVIEW" else {}
        await partner.done("advanceInternshipApplication", "application { id }", **given)

    await house.worker().run_pieces()

    # then states, ids and instants are left of them, and nobody fails over them
    async with house.looking() as db:
        left = sa.text("SELECT payload FROM core_outbox_event WHERE done_at IS NULL ORDER BY id")
        events = list(await db.scalars(left))
    assert [event["status"] for event in events] == ["SHORTLISTED", "INTERVIEW", "WITHDRAWN"]
    assert {event["note"] for event in events} == {""}
    assert {event["youth_id"] for event in events} == {str(youth.key)}
    assert events[1]["interview_at"].startswith("20")
    await house.work()
    assert (await told(partner))[0] == WITHDRAWN
    async with house.looking() as db:
        failed = sa.text("SELECT count(*) FROM core_outbox_event WHERE done_at IS NULL OR attempts > 0")
        assert await db.scalar(failed) == 0
