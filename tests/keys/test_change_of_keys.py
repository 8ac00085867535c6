"""A change of keys from end to end: after it the newest key alone opens, finds and tells apart all that the old one did."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from support.asking import application
from support.client import Client
from support.house import House, Partner, Person
from support.listings import a_listing, applied, posted
from support.raw import everything, tables
from support.real_names import claimed, number, verified
from support.rings import APPENDED, IN_FRONT, NEW, house_with, quiet, sealer_of
from support.staffing import enrolled, signs_in
from support.texts import played

from domain.core.actors import StaffRole
from graph.core.ids import Tag, decode
from infra.embedded.services import Services
from infra.rotation.pruning import prune
from infra.rotation.resealing import rotate
from infra.rotation.usage import removable, usage
from infra.tokens import Bearer

PHONE, NAME, LETTER, RESUME = "+8613755505678", "司马金雀", "金丝雀的求职信", "https://cv.example/canary.pdf"
PAIR = "refreshToken viewer { youth { id phone } }"
READ = "coverLetter resumeUrl applicant { legalName phone }"


async def signed_in(house: House, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    code = await played(house, monkeypatch).code(PHONE, "SIGN_IN")
    return await house.anyone.done("signInWithPhone", PAIR, phone=PHONE, code=code)


async def asked(house: House, partner: Partner) -> int:
    return (await Client(house.http, partner.token).post("{ viewer { scopes } }")).status_code


def in_house(house: House, person: Person) -> Person:
    """The same youth, with an access token of that house's key."""
    token = house.runtime.tokens.issue(Bearer.YOUTH, person.key, datetime.now(UTC))
    return replace(person, http=house.http, token=token)


async def dumped(house: House) -> str:
    """Every row of every table as text, bytes in hex."""
    async with house.looking() as db:
        rows = [
            row
            for table in await tables(house)
            for row in await db.scalars(sa.text(f'SELECT row::text FROM "{table}" AS row'))
        ]
    return "\n".join(rows)


async def test_after_the_change_the_old_key_is_needed_by_nothing(
    house: House, database_url: str, servers: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an account with all that is sealed, one whose claim waits, two partners and a member, under the old key
    youth, waiting, third = await house.youth(phone=PHONE), await house.youth(), await house.youth()
    await verified(youth, NAME, number(11))
    await verified(waiting, "李断", number(12))
    used, unused = await house.partner(), await house.partner()
    made = await applied(youth, await posted(used, a_listing()), coverLetter=LETTER, resumeUrl=RESUME)
    admin = await house.staff(StaffRole.ADMIN)
    member = await enrolled(admin, admin.unit_id, "AUDITOR")
    before = await signed_in(house, monkeypatch)
    assert before["viewer"]["youth"] == {"id": youth.id, "phone": PHONE}

    # when the new key is in front, some of it is used, and all that can be is made anew
    async with house_with(IN_FRONT, database_url, servers) as both:
        assert await asked(both, used) == 200
        renewed = await both.anyone.done("refreshSession", PAIR, refreshToken=before["refreshToken"])
        done = await rotate(both.database, sealer_of(IN_FRONT), quiet)
    assert done.complete
    assert (done.resealed, done.indexed) == (3 + 3 + 1 + 2 + 2, 3 + 1 + 1), (
        "of a claim that waits nothing is indexed"
    )

    # then nothing needs the old key but the token that nobody has used, which is named, and codes kept for bad days
    async with house_with(NEW, database_url, servers) as new:
        _, old = await usage(new.database, sealer_of(IN_FRONT).key_ids)
        assert unused.token is not None
        tokens = {use.what: (use.count, use.named) for use in old.uses}
        assert tokens.pop("live API token") == (1, (unused.token[:10],))
        owner = str(decode(Tag.StaffMember, member.id, "id"))
        assert tokens.pop("live recovery code") == (10, (owner,))
        assert tokens.pop("live refresh token")[0] == 1, "the used one, by which a theft would be seen"
        assert not tokens

        # and the new key alone opens, finds and tells apart
        assert [await asked(new, used), await asked(new, unused)] == [200, 401]
        again = await signed_in(new, monkeypatch)
        assert again["viewer"] == before["viewer"]
        await new.anyone.done("refreshSession", PAIR, refreshToken=renewed["refreshToken"])
        assert await application(in_house(new, youth), made, READ) == {
            "coverLetter": LETTER,
            "resumeUrl": RESUME,
            "applicant": {"legalName": NAME, "phone": PHONE},
        }
        await signs_in(new, played(new, monkeypatch), member)
        payload = await claimed(in_house(new, third), "李梅", number(11))
        assert [reason["code"] for reason in payload["userErrors"]] == ["ALREADY_EXISTS"]
        await verified(in_house(new, third), "李梅", number(12))

        # and what the index held under the old key can go
        assert await prune(new.database, sealer_of(NEW).key_ids, quiet) == (5, 0)
        assert (await signed_in(new, monkeypatch))["viewer"] == before["viewer"]
        dump = await dumped(new)
    for canary in (PHONE, PHONE[3:], NAME, NAME[2:], number(11), LETTER, RESUME, member.phone[3:]):
        assert canary not in dump
        assert canary.encode().hex() not in dump


async def test_a_second_run_changes_nothing(house: House) -> None:
    await house.youths(3, verified=True)
    first = await rotate(house.database, sealer_of(IN_FRONT), quiet)
    assert first.resealed >= 6
    before = await everything(house)

    again = await rotate(house.database, sealer_of(IN_FRONT), quiet)

    assert (again.resealed, again.indexed, again.complete) == (0, 0, True)
    assert await everything(house) == before


async def test_a_code_is_taken_by_a_process_with_the_next_ring(
    database_url: str, servers: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        house_with(APPENDED, database_url, servers) as old,
        house_with(IN_FRONT, database_url, servers) as new,
    ):
        for giving, taking in ((old, new), (new, old)):
            code = await played(giving, monkeypatch).code("+8613755500001", "SIGN_IN")
            given = {"phone": "+8613755500001", "code": code}
            done = await taking.anyone.done("signInWithPhone", "refreshToken", **given)
            assert done["refreshToken"]
            refused = await giving.anyone.refused("signInWithPhone", "refreshToken", **given)
            assert refused == [("INVALID_INPUT", ["input", "code"])], "a code serves once"


async def test_a_token_of_which_nobody_knows_the_key_keeps_every_older_one(house: House) -> None:
    partner = await house.partner()
    async with house.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE partners_api_token SET key_id = NULL")
    ids = sealer_of(IN_FRONT).key_ids
    await rotate(house.database, sealer_of(IN_FRONT), quiet)
    found = await usage(house.database, ids)
    assert found[-1].key_id is None
    assert partner.token is not None
    assert partner.token[:10] in found[-1].uses[0].named
    assert removable(found) == {"test1": False}

    # when it is used, its key is known again
    assert await asked(house, partner) == 200
    again = await usage(house.database, ids)
    assert partner.token[:10] not in [name for key in again[2:] for use in key.uses for name in use.named]
    assert partner.token[:10] in [name for use in again[1].uses for name in use.named]
